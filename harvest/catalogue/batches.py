"""Writing many objects at once: what `objects.save` does for one, for thousands in a few statements."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from itertools import chain
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, delete, func, select

from harvest.catalogue import objects, upsert
from harvest.catalogue.images import identity_of, save_images
from harvest.catalogue.objects import Change
from harvest.catalogue.pagination import of_source
from harvest.catalogue.schema import artists, images, object_artists, terms
from harvest.catalogue.schema import objects as table
from harvest.records import Artist, Image, ObjectRecord

REMEMBERED = 20_000  # artists; in a museum's table, those of one department stand together

_NAMES = {kind: tuple(field.name for field in fields(kind)) for kind in (Artist, Image)}

_KEY = ("source", "source_id")
_KEPT = ("retrieved_at", "deleted_at", "task_id")  # of an object that is written anew and says the same


class BatchRow(NamedTuple):
    """An object to be written."""

    record: ObjectRecord
    digest: str  # by which it is known to have changed
    known: Row[Any] | None  # what the catalogue holds of it
    change: Change  # how it differs


@dataclass(frozen=True, slots=True)
class BatchSource:
    """What the objects are written from."""

    source: str  # its name
    answer: int
    task: int
    retrieved_at: datetime


class BatchWriter:
    """Writes objects with their artists and terms.

    Args:
        origin: What they are written from.
    """

    def __init__(self, origin: BatchSource) -> None:
        self._origin = origin
        self._artists: dict[str, tuple[int, Artist]] = {}  # as they were said last

    def write(self, connection: Connection, entries: Iterable[BatchRow]) -> tuple[list[BatchRow], dict[str, int]]:
        """Write objects, each of which is new, has changed, or is to be written all the same.

        Args:
            connection: In a transaction.
            entries: Each object once; whatever makes them must leave the connection alone.

        Returns:
            What was written, in its order, and the objects' ids by key.
        """
        last = connection.execute(select(func.max(table.c.id))).scalar_one() or 0
        written = self._write_objects(connection, entries)
        ids = {each.record.source_id: each.known.id for each in written if each.known is not None}
        _forget_parts(connection, ids, [each.record for each in written if each.known is not None])
        ids |= self._numbers(connection, last, [each.record.source_id for each in written if each.known is None])
        self._write_artists(connection, [each.record for each in written], ids)
        upsert.insert_all(connection, terms, chain.from_iterable(_terms(each.record, ids) for each in written))
        return written, ids

    def write_images(
        self, connection: Connection, entries: Iterable[BatchRow], ids: Mapping[str, int]
    ) -> Iterator[tuple[ObjectRecord, list[int]]]:
        """Write the images that records tell of; give those that are to be fetched, by their positions."""
        told = [each for each in entries if each.record.images is not None]
        new = [(ids[each.record.source_id], each.record) for each in told if each.known is None]
        upsert.insert_all(connection, images, _images(new))
        for _, record in new:
            yield record, [position for position, image in enumerate(record.images or ()) if image.candidates]
        before = _identities(connection, [each.known.id for each in told if each.known is not None])
        for record, number in ((each.record, each.known.id) for each in told if each.known is not None):
            found = record.images or ()
            if before.get(number, []) != [identity_of(each.url, each.candidates, each.state) for each in found]:
                yield record, save_images(connection, number, found, is_new=False)

    def _write_objects(self, connection: Connection, entries: Iterable[BatchRow]) -> list[BatchRow]:
        """Write the objects, the new ones as they come; yield all in their order.

        One that was the same before keeps when it was read and whether it is deleted.
        """
        written: list[BatchRow] = []

        def new_rows() -> Iterator[dict[str, Any]]:
            for each in entries:
                written.append(each)
                if each.change is Change.NEW:
                    yield self._row(each)

        upsert.insert_all(connection, table, new_rows())
        for change, kept in ((Change.CHANGED, _KEY), (Change.UNCHANGED, (*_KEY, *_KEPT))):
            updated = [column.name for column in table.c if column.name not in ("id", *kept)]
            rows = (self._row(each) for each in written if each.change is change)
            upsert.upsert(connection, table, rows, key=_KEY, update=updated)
        return written

    def _numbers(self, connection: Connection, last: int, keys: Sequence[str]) -> dict[str, int]:
        """Return the ids of new objects, just written in this order; the engine numbers them upwards from the last."""
        if not keys:
            return {}
        new = (table.c.id > last) & of_source(table, self._origin.source)
        ends = select(func.min(table.c.id), func.max(table.c.id), func.count()).where(new)
        first, end, number = connection.execute(ends).one()
        if number == len(keys) and end - first + 1 == number:  # none is another's, so that they are told by their order
            return dict(zip(keys, range(first, end + 1), strict=True))
        return {row.source_id: row.id for row in connection.execute(select(table.c.source_id, table.c.id).where(new))}

    def _row(self, entry: BatchRow) -> dict[str, Any]:
        origin = self._origin
        return {
            "source": origin.source,
            **objects.row_of(entry.record),
            "content_hash": entry.digest,
            "answer_id": origin.answer,
            "task_id": origin.task,
            "retrieved_at": origin.retrieved_at,
        }

    def _write_artists(self, connection: Connection, records: Iterable[ObjectRecord], ids: Mapping[str, int]) -> None:
        """Write who made what, each artist once."""
        rows, said = [], []
        for record in records:
            for position, attribution in enumerate(record.attributions):
                said.append(attribution.artist)
                rows.append((ids[record.source_id], position, attribution))
        known = self._artist_ids(connection, said)
        links = (
            {
                "object_id": object_id,
                "position": position,
                "artist_id": known[attribution.artist.source_id],
                "role": attribution.role,
                "qualifier": attribution.qualifier,
            }
            for object_id, position, attribution in rows
        )
        upsert.insert_all(connection, object_artists, links)

    def _artist_ids(self, connection: Connection, said: Iterable[Artist]) -> dict[str, int]:
        """Write the artists of whom something new is said; return the ids of all."""
        ids: dict[str, int] = {}
        unknown: dict[str, Artist] = {}
        for artist in said:
            number, last = self._artists.get(artist.source_id, (0, None))
            before = unknown.get(artist.source_id)
            if before is not None:
                unknown[artist.source_id] = _merged(before, artist)
            elif artist is last or artist == last:
                ids[artist.source_id] = number
            else:
                unknown[artist.source_id] = artist
        ids |= _save_artists(connection, self._origin.source, unknown)
        if len(self._artists) + len(unknown) > REMEMBERED:
            self._artists.clear()
        self._artists |= {name: (ids[name], artist) for name, artist in unknown.items()}
        return ids


def find(connection: Connection, source_name: str, keys: Collection[str]) -> Sequence[Any]:
    """Return what tells whether objects have changed: id, source_id, content_hash, deleted_at."""
    columns = (table.c.id, table.c.source_id, table.c.content_hash, table.c.deleted_at)
    wanted = (table.c.source == source_name) & table.c.source_id.in_(keys)
    return connection.execute(select(*columns).where(wanted)).all() if keys else ()


def _forget_parts(connection: Connection, ids: Mapping[str, int], records: Iterable[ObjectRecord]) -> None:
    """Take out what the records say anew of objects that are there, as `objects.save` does."""
    if not ids:
        return
    connection.execute(delete(object_artists).where(object_artists.c.object_id.in_(ids.values())))
    of_these = terms.c.object_id.in_(ids.values())
    connection.execute(delete(terms).where(of_these & objects.IS_OWN_TERM))
    fields = {ids[record.source_id]: {term.field for term in record.terms} for record in records}
    others = connection.execute(select(terms.c.object_id, terms.c.field).where(of_these).distinct()).all()
    for object_id, field in others:  # those of another origin, where the record speaks of the field itself
        if field in fields[object_id]:
            gone = (terms.c.object_id == object_id) & (terms.c.field == field)
            connection.execute(delete(terms).where(gone))


def _save_artists(connection: Connection, source_name: str, said: Mapping[str, Artist]) -> dict[str, int]:
    """Write artists as `objects.save_artist` does; return their ids."""
    known = _find_artists(connection, source_name, said)
    changed = []
    for name, row in known.items():
        before, values = row._mapping, _said(said[name])  # noqa: SLF001 - SQLAlchemy's public name
        values["authorities"] = row.authorities | said[name].authorities
        if any(value != before[column] for column, value in values.items()):
            changed.append({column: values.get(column, value) for column, value in before.items() if column != "id"})
    upsert.upsert(connection, artists, changed, key=_KEY, update=_NAMES[Artist][1:])
    new = {name: artist for name, artist in said.items() if name not in known}
    rows = ({"source": source_name, **_columns(artist), "name": artist.name or name} for name, artist in new.items())
    upsert.insert_all(connection, artists, rows)
    known |= _find_artists(connection, source_name, new)
    return {name: row.id for name, row in known.items()}


def _find_artists(connection: Connection, source_name: str, names: Collection[str]) -> dict[str, Row[Any]]:
    wanted = (artists.c.source == source_name) & artists.c.source_id.in_(names)
    return {row.source_id: row for row in connection.execute(select(artists).where(wanted))} if names else {}


def _columns(record: Artist | Image) -> dict[str, Any]:
    """Return a flat record's values by name; `asdict` would copy each of them."""
    return {name: getattr(record, name) for name in _NAMES[type(record)]}


def _said(artist: Artist) -> dict[str, Any]:
    return {name: value for name, value in _columns(artist).items() if value not in (None, {})}


def _merged(before: Artist, after: Artist) -> Artist:
    """Return an artist as one saying after another leaves them."""
    return replace(before, **{**_said(after), "authorities": before.authorities | after.authorities})


def _identities(connection: Connection, ids: Collection[int]) -> dict[int, list[object]]:
    """Return what the images of objects are known by, in their order."""
    found: dict[int, list[object]] = {}
    columns = (images.c.object_id, images.c.position, images.c.url, images.c.candidates, images.c.state)
    question = select(*columns).where(images.c.object_id.in_(ids)).order_by(images.c.object_id, images.c.position)
    for row in connection.execute(question) if ids else ():
        found.setdefault(row.object_id, []).append(identity_of(row.url, row.candidates, row.state))
    return found


def _images(told: Iterable[tuple[int, ObjectRecord]]) -> Iterator[dict[str, Any]]:
    for number, record in told:
        for position, image in enumerate(record.images or ()):
            yield {"object_id": number, "position": position, **_columns(image)}


def _terms(record: ObjectRecord, ids: Mapping[str, int]) -> list[dict[str, Any]]:
    number, places, rows = ids[record.source_id], dict[str, int](), []
    for term in record.terms:
        position = places.get(term.field, 0)
        places[term.field] = position + 1
        rows.append(
            {
                "object_id": number,
                "field": term.field,
                "position": position,
                "slug": term.slug,
                "text": term.text,
                "origin": term.origin,
            }
        )
    return rows
