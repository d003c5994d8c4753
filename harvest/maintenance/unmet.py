"""What was asked for by name and could not be had, with names that are like it: an artist's name misspelt, say."""

import contextlib
import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from harvest.catalogue.schema import artists, objects, terms
from harvest.engine.scheduler import starting_requests
from harvest.errors import BadInput
from harvest.queue import counts, runs
from harvest.queue.tasks import State
from harvest.source import Selection, Source, name_of

ARTIST = "artist"  # the kind of requests for one artist


@dataclass(frozen=True, slots=True)
class Unmet:
    """One request that a run was started with."""

    source: str
    kind: str
    key: str
    state: State  # gone or failed
    message: str
    url: str
    attempts: int
    last_at: datetime | None
    near: Sequence[str]  # names that the catalogue knows and that are like this one

    @property
    def is_artist(self) -> bool:
        """Whether it is an artist's name."""
        return self.kind == ARTIST


def unmet(connection: Connection, source: Source, selections: Iterable[Selection]) -> list[Unmet]:
    """Return what runs of a source with these selections were started with and could not have.

    It goes by what is asked for, not by which run asked: another run may have asked for the same since.
    """
    rows: dict[int, Row[Any]] = {}
    for selection in selections:
        with contextlib.suppress(BadInput):  # a selection of an earlier version that this one refuses
            starting, _ = starting_requests(connection, source, selection)
            rows |= {row.id: row for row in counts.lost(connection, name_of(source), starting)}
    return [
        Unmet(
            row.source,
            row.kind,
            row.key,
            State(row.state),
            row.message or "",
            row.url,
            row.attempts,
            row.last_at,
            _near(connection, row),
        )
        for row in rows.values()
    ]


def recorded_selections(connection: Connection, source: Source) -> list[Selection]:
    """Return what the harvests of a source selected, each once."""
    selections: list[Selection] = []
    for options in runs.harvests(connection, name_of(source)):
        defaults = {option.name: () if option.multiple else None for option in source.OPTIONS}
        selection = Selection({name: options.get(name, default) for name, default in defaults.items()})
        if selection not in selections:
            selections.append(selection)
    return selections


def _near(connection: Connection, task: Row[Any]) -> list[str]:
    """Return the names nearest to an artist's, or to a term's whose scope is its field and its name."""
    field, _, name = (task.scope or "").rpartition(":")
    known = select(artists.c.source_id).where(artists.c.source == task.source)
    if task.kind != ARTIST:
        of_field = (objects.c.source == task.source) & (terms.c.field == field) & terms.c.slug.is_not(None)
        known = select(terms.c.slug).join(objects).where(of_field).distinct()
    return difflib.get_close_matches(name, connection.execute(known).scalars().all(), 3)
