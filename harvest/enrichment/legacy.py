"""Files that were saved from a museum's former interface, joined with what was harvested of it since.

They only add what an object lacks, and never an object: it would be there twice once it is harvested. Where the
museum changes an object, its own word replaces all; importing the files again adds what is then still lacking.
"""

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Row, select, update

from harvest.catalogue.schema import artists, object_artists, objects, terms
from harvest.catalogue.writer import Addition, ObjectWriter
from harvest.engine.ingest import failure_in
from harvest.engine.parse import parse
from harvest.errors import BadInput, TaskFailed
from harvest.records import Attribution, ObjectRecord, Supplement
from harvest.request import Request
from harvest.response import Response
from harvest.source import Source, name_of

KIND = "legacy"  # the source's parser is parse_legacy; its records are named by `identifiers`
JOINS = ("handle", "object_number")  # identifiers by which a record finds its object, the surest first
log = logging.getLogger(__name__)


def prepare(source: Source, paths: Sequence[Path]) -> Callable[[Engine], Mapping[str, int]]:
    """Check files; return what joins them with a catalogue, and counts their objects by what became of them.

    Raises:
        BadInput: A file cannot be read, or is no such file.
    """
    for path in paths:
        read(source, path)  # not kept: the files may be large, and are read again one by one
    return partial(join, source=source, paths=paths)


def read(source: Source, path: Path, *, max_bytes: int = 2 * 1024**3) -> list[ObjectRecord]:
    """Read the objects of a file, whole.

    Raises:
        BadInput: The file cannot be read, or is no such file.
    """
    try:
        if path.stat().st_size > max_bytes:
            raise BadInput(f"--legacy {path}: expected a file of at most {max_bytes} bytes")
        response = Response(Request(KIND, path.name), str(path), 200, {}, path.read_bytes())
    except OSError as error:
        raise BadInput(f"--legacy {path}: cannot be read ({error.strerror})") from None
    try:
        records = parse(source, response)
    except TaskFailed as error:
        raise BadInput(f"--legacy {error}") from None
    if (failure := failure_in(records)) is not None:
        raise BadInput(f"--legacy {failure}")
    return [record for record in records if isinstance(record, ObjectRecord)]


def join(catalogue: Engine, source: Source, paths: Sequence[Path], *, examples: int = 5) -> Counter[str]:
    """Add what the objects of some files have beyond the catalogue, each file in one transaction.

    Args:
        catalogue: The catalogue.
        source: The source's module.
        paths: The files.
        examples: How many of the objects that join nothing are named in the log.

    Returns:
        How many objects of the files were added to, how many lacked nothing, and how many join none, by reason.
    """
    tally: Counter[str] = Counter()
    for path in paths:
        records = read(source, path)
        with catalogue.begin() as connection:
            known = _Known.of(connection, name_of(source))
            results = [(record.source_id, _join(connection, known, record)) for record in records]
        strangers = [name for name, result in results if result not in ("added to", "complete already")]
        if strangers:
            log.warning("%s: %d join no object, such as %s", path, len(strangers), ", ".join(strangers[:examples]))
        tally.update(result for _, result in results)
    return tally


@dataclass(frozen=True, slots=True)
class _Known:
    """A source's objects by each identifier that they may be joined by, and its artists' keys by their names."""

    writer: ObjectWriter
    by_identifier: Mapping[tuple[str, str], Sequence[Row[Any]]]
    artists: Mapping[str, str]

    @classmethod
    def of(cls, connection: Connection, source_name: str) -> "_Known":
        """Read them from the catalogue."""
        by_identifier: defaultdict[tuple[str, str], list[Any]] = defaultdict(list)
        columns = (objects.c.id, objects.c.source_id, objects.c.identifiers)
        living = (objects.c.source == source_name) & objects.c.deleted_at.is_(None)
        for row in connection.execute(select(*columns).where(living)):
            for kind in JOINS:
                if identifier := (row.identifiers or {}).get(kind):
                    by_identifier[kind, identifier].append(row)
        keys = connection.execute(select(artists.c.name, artists.c.source_id).where(artists.c.source == source_name))
        return cls(ObjectWriter(source_name), by_identifier, {row.name: row.source_id for row in keys})

    def attributions(self, record: ObjectRecord) -> tuple[Attribution, ...]:
        """Return a record's attributions, under the source's own keys where it names the artists alike."""
        makers = ((maker, self.artists.get(maker.artist.name or "")) for maker in record.attributions)
        return tuple(
            replace(maker, artist=replace(maker.artist, source_id=key)) if key else maker for maker, key in makers
        )


def _join(connection: Connection, known: _Known, record: ObjectRecord) -> str:
    """Join one record; return what became of it."""
    for kind in JOINS:
        rows = known.by_identifier.get((kind, record.identifiers.get(kind, "")), ())
        if len(rows) > 1:
            return f"several objects have its {kind}"
        if rows:
            return "added to" if _add(connection, known, rows[0].id, record) else "complete already"
    return "no object was harvested"


def _add(connection: Connection, known: _Known, object_id: int, record: ObjectRecord) -> bool:
    """Add to an object what it lacks; return whether it lacked anything."""
    row = connection.execute(select(objects).where(objects.c.id == object_id)).one()
    makers = select(object_artists.c.position).where(object_artists.c.object_id == row.id)
    has_maker = connection.execute(makers.limit(1)).first() is not None
    fields = set(connection.execute(select(terms.c.field).where(terms.c.object_id == row.id)).scalars())
    is_dated = record.dating is not None and None not in (record.dating.earliest, record.dating.latest)
    lacks_years = is_dated and None in (row.earliest, row.latest)
    lacks_date = record.dating is not None and row.dating_text is None
    extra = Supplement(
        row.source_id,
        dating=record.dating if lacks_years or lacks_date else None,
        attributions=None if has_maker else known.attributions(record) or None,
        terms=tuple(term for term in record.terms if term.field not in fields),
        identifiers={kind: name for kind, name in record.identifiers.items() if kind not in (row.identifiers or {})},
        fields={name: value for name, value in record.fields.items() if row.fields.get(name) != value},
    )
    lacks_title = row.title is None and record.title is not None
    if lacks_title:
        connection.execute(update(objects).where(objects.c.id == row.id).values(title=record.title))
    if extra == Supplement(row.source_id):
        return lacks_title
    known.writer.write(connection, [Addition(extra, row)])
    return True
