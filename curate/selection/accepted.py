"""What people accepted of suggestions, or chose instead; and what sources have taken over of it since.

A value that a network suggested and a person accepted stays a network's where the source then says it itself, as once
the table that was filled with it comes back: nothing is measured on it.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import Connection

from curate.review.agreement import same_value
from harvest.catalogue.paintings import Painting
from harvest.catalogue.review.settling import ended_fillings
from harvest.catalogue.suggestions import Wanted, find

ORIGINS = {"accepted": "suggestion", "other": "person"}  # by status, in the words of the view paintings_completed


class Accepted(NamedTuple):
    """A value by which a person has filled a gap."""

    content_id: str
    field: str
    value: str
    origin: str  # suggestion: a network's, accepted; person: chosen in place of the network's
    run: str  # of the network
    model_sha256: str
    probability: float  # of what the network suggested
    bin_years: int | None = None  # of a decade


COLUMNS = Accepted._fields[:-1]  # of a build's suggestions.csv


def read_accepted(connection: Connection) -> list[Accepted]:
    """Return what people have accepted, or chosen instead, by object and field; also what its source has answered."""
    standing = ((row, row.status) for row in find(connection, Wanted(statuses=tuple(ORIGINS))))
    entries: dict[tuple[str, str], Accepted] = {}
    for row, status in (*ended_fillings(connection), *standing):  # of one gap the last one counts
        content_id = f"{row.source}:{row.source_id}"
        entries[content_id, row.field] = Accepted(
            content_id, row.field, row.decided_value, ORIGINS[status],
            row.run, row.model_sha256, row.probability, row.bin_years,
        )  # fmt: skip
    return sorted(entries.values())


def by_painting(accepted: Iterable[Accepted]) -> dict[str, list[Accepted]]:
    """Return what may have been taken over: networks' values that people accepted, by content id."""
    entries: dict[str, list[Accepted]] = {}
    for entry in accepted:
        if entry.origin == ORIGINS["accepted"]:
            entries.setdefault(entry.content_id, []).append(entry)
    return entries


def without_taken_over(
    painting: Painting, accepted: Mapping[str, Iterable[Accepted]]
) -> tuple[Painting, dict[str, str | None]]:
    """Return a painting without what its source says as a network did, and that, by field.

    Args:
        painting: As the source describes it.
        accepted: By `by_painting`.
    """
    taken: dict[str, str | None] = {}
    for entry in accepted.get(f"{painting.source}:{painting.source_id}", ()):
        if entry.field == "decade":
            first, last = int(entry.value), int(entry.value) + (entry.bin_years or 10) - 1
            if (painting.earliest, painting.latest) == (first, last):
                taken["decade"] = f"{painting.dating_text or ''} ({first} to {last})".strip()
                painting = painting._replace(earliest=None, latest=None, dating_text=None)
        elif entry.field == "artist":
            maker = painting.maker
            if maker and not painting.qualifier and same_value("artist", entry.value, maker.name):
                taken["artist"] = maker.name
                painting = painting._replace(maker=None)
        elif (texts := painting.texts(entry.field)) and same_value(
            entry.field, entry.value, _value(entry.field, texts)
        ):
            taken[entry.field] = _value(entry.field, texts)
            others = tuple(term for term in painting.terms if term.field != entry.field)
            painting = painting._replace(terms=others)
    return painting, taken


def _value(field: str, texts: list[str]) -> str:
    """Return what a source says of a field in several terms: all media, of the others the first."""
    return ", ".join(texts) if field == "medium" else texts[0]
