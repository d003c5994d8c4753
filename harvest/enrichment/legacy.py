"""Files that were saved from a museum's former interface, joined with what was harvested of it since.

They only add what an object lacks, and never an object: it would be there twice once it is harvested. Where the
museum changes an object, its own word replaces all; importing the files again adds what is then still lacking.
"""

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Row, select, update

from harvest.catalogue import objects as writing
from harvest.catalogue.schema import artists, object_artists, objects, terms
from harvest.engine.parse import parse
from harvest.errors import BadInput, TaskFailed
from harvest.records import Artist, ObjectRecord, Supplement
from harvest.request import Request
from harvest.response import Response
from harvest.source import Source, name_of

KIND = "legacy"  # the source's parser is parse_legacy; its records are named by `identifiers`
JOINS = ("handle", "object_number")  # by which a record finds its object, the surest first
MAX_FILE = 2 * 1024**3  # bytes of a file; it is read whole
SHOWN = 5  # of those that join nothing, in the log
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Known:
    """The objects there are, by each name that they may be joined by, and the artists by theirs."""

    by_name: Mapping[tuple[str, str], Sequence[Row[Any]]]
    artists: Mapping[str, str] = field(default_factory=dict)  # the source's key of an artist


def read(source: Source, path: Path) -> list[ObjectRecord]:
    """Read the objects of a file.

    Raises:
        BadInput: The file cannot be read, or is no such file.
    """
    try:
        if path.stat().st_size > MAX_FILE:
            raise BadInput(f"--legacy {path}: expected a file of at most {MAX_FILE} bytes")
        response = Response(Request(KIND, path.name), str(path), 200, {}, path.read_bytes())
    except OSError as error:
        raise BadInput(f"--legacy {path}: cannot be read ({error.strerror})") from None
    try:
        found = parse(source, response)
    except TaskFailed as error:
        raise BadInput(f"--legacy {error}") from None
    return [each for each in found if isinstance(each, ObjectRecord)]


def join(catalogue: Engine, source: Source, paths: Iterable[Path]) -> Counter[str]:
    """Add what the objects of some files tell beyond the catalogue, each file in one transaction.

    Returns:
        How many objects of the files were added to, how many lacked nothing, and how many join none, by reason.
    """
    tally: Counter[str] = Counter()
    for path in paths:
        records = read(source, path)
        with catalogue.begin() as connection:
            outcome = _join_all(connection, name_of(source), records)
        strangers = [name for name, reason in outcome if reason not in ("added to", "complete already")]
        if strangers:
            log.warning("%s: %d join no object, such as %s", path, len(strangers), ", ".join(strangers[:SHOWN]))
        tally.update(reason for _, reason in outcome)
    return tally


def _join_all(connection: Connection, source_name: str, records: Sequence[ObjectRecord]) -> list[tuple[str, str]]:
    known = _known(connection, source_name)
    return [(record.source_id, _join(connection, source_name, known, record)) for record in records]


def _known(connection: Connection, source_name: str) -> _Known:
    by_name: defaultdict[tuple[str, str], list[Any]] = defaultdict(list)
    columns = (objects.c.id, objects.c.source_id, objects.c.identifiers)
    living = (objects.c.source == source_name) & objects.c.deleted_at.is_(None)
    for row in connection.execute(select(*columns).where(living)):
        for way in JOINS:
            if name := (row.identifiers or {}).get(way):
                by_name[way, name].append(row)
    named = connection.execute(select(artists.c.name, artists.c.source_id).where(artists.c.source == source_name))
    return _Known(by_name, {row.name: row.source_id for row in named})


def _join(connection: Connection, source_name: str, known: _Known, record: ObjectRecord) -> str:
    """Join one record, and say what became of it."""
    for way in JOINS:
        found = known.by_name.get((way, record.identifiers.get(way, "")), ())
        if len(found) > 1:
            return f"several objects have its {way}"
        if found:
            return "added to" if _add(connection, source_name, known, found[0], record) else "complete already"
    return "no object was harvested"


def _add(connection: Connection, source_name: str, known: _Known, found: Row[Any], record: ObjectRecord) -> bool:
    row = connection.execute(select(objects).where(objects.c.id == found.id)).one()
    is_made = object_artists.c.object_id == row.id
    has_maker = connection.execute(select(object_artists.c.position).where(is_made).limit(1)).first() is not None
    said = set(connection.execute(select(terms.c.field).where(terms.c.object_id == row.id)).scalars())
    lacks_years = record.dating is not None and row.earliest is None and record.dating.earliest is not None
    lacks_date = record.dating is not None and row.dating_text is None
    extra = Supplement(
        row.source_id,
        dating=record.dating if lacks_years or lacks_date else None,
        attributions=None if has_maker else _by(known.artists.get, record) or None,
        terms=tuple(term for term in record.terms if term.field not in said),
        identifiers={way: name for way, name in record.identifiers.items() if way not in (row.identifiers or {})},
        fields={name: value for name, value in record.fields.items() if row.fields.get(name) != value},
    )
    lacks_title = row.title is None and record.title is not None
    if lacks_title:
        connection.execute(update(objects).where(objects.c.id == row.id).values(title=record.title))
    if extra == Supplement(row.source_id):
        return lacks_title
    writing.supplement(connection, source_name, extra)
    return True


def _by(key_of: Callable[[str], str | None], record: ObjectRecord) -> tuple[Any, ...]:
    """Return the makers, under the source's own keys where it names them alike."""

    def known(artist: Artist) -> Artist:
        return replace(artist, source_id=key_of(artist.name or "") or artist.source_id)

    return tuple(replace(each, artist=known(each.artist)) for each in record.attributions)
