"""The one writer of what sources say: objects with their artists, terms and images, any number in few statements."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, delete, or_, select, update

from harvest.catalogue import upsert
from harvest.catalogue.artists import ArtistWriter
from harvest.catalogue.images import Offered, save_images
from harvest.catalogue.objects import Change, Origin
from harvest.catalogue.schema import object_artists, objects, terms
from harvest.records import Artist, Attribution, Dating, ObjectRecord, Supplement, Term

_KEY = ("source", "source_id")
_WRITTEN = tuple(column.name for column in objects.c if column.name not in ("id", *_KEY))
_SUPPLEMENTED = (
    *("dating_text", "earliest", "latest", "is_circa", "dating_precision", "dating_origin"),
    *("rights", "identifiers", "fields"),
)
_SUPPLEMENT = (
    update(objects)
    .where(objects.c.id == bindparam("this"))
    .values({name: bindparam(f"new_{name}", type_=objects.c[name].type) for name in _SUPPLEMENTED})
)
_OF_OBJECTS: Any = bindparam("objects", expanding=True)
_LASTING: Any = bindparam("lasting", expanding=True)
_FORGET_ARTISTS = delete(object_artists).where(object_artists.c.object_id.in_(_OF_OBJECTS))
_FORGET_OWN_TERMS = delete(terms).where(
    terms.c.object_id.in_(_OF_OBJECTS) & or_(terms.c.origin.is_(None), terms.c.origin.not_in(_LASTING))
)
_FORGET_FIELD = delete(terms).where(
    (terms.c.object_id == bindparam("this")) & (terms.c.field == bindparam("this_field"))
)
_FIELDS = select(terms.c.object_id, terms.c.field, terms.c.origin).where(terms.c.object_id.in_(_OF_OBJECTS)).distinct()


class Entry(NamedTuple):
    """An object to be written whole."""

    record: ObjectRecord
    digest: str  # by which it is known to have changed
    known: Row[Any] | None  # what the catalogue holds of it
    change: Change  # how it differs
    origin: Origin
    kept: tuple[str, ...] = ()  # columns of its row that stay as they are


class Addition(NamedTuple):
    """What is to be added to an object."""

    extra: Supplement
    known: Row[Any]  # all that the catalogue holds of the object


class _Part(NamedTuple):
    """What is to be written beside an object's own row."""

    object_id: int
    item: Entry | Addition
    said: ObjectRecord | Supplement
    attributions: Sequence[Attribution] | None  # None: they stay
    terms: Sequence[Term]
    gaps: Sequence[Term]  # terms for the fields of which the object has none

    @classmethod
    def of(cls, object_id: int, item: Entry | Addition) -> "_Part":
        """Return the part of an object that is written whole, or added to."""
        if isinstance(item, Entry):
            return cls(object_id, item, item.record, item.record.attributions, item.record.terms, ())
        return cls(object_id, item, item.extra, item.extra.attributions, item.extra.terms, item.extra.gaps)


class ObjectWriter:
    """Writes one source's objects.

    Args:
        source_name: The source's name.
        lasting: Origins of the terms that outlive a change of their object's record, except where it names their field.
    """

    def __init__(self, source_name: str, lasting: Collection[str] = ()) -> None:
        self._source_name = source_name
        self._lasting = sorted(lasting)
        self._artists = ArtistWriter(source_name)

    def write(
        self, connection: Connection, items: Iterable[Entry | Addition | Artist]
    ) -> list[tuple[Offered, list[int]]]:
        """Write all in the caller's transaction, as if one after another.

        Args:
            connection: In a transaction.
            items: Each object once. They are taken while the first are on their way: whatever makes them must leave
                the connection alone.

        Returns:
            Which images are to be fetched: the objects that offer them, and their positions.
        """
        written: list[Entry | Addition | Artist] = []
        ids = iter(upsert.insert_numbered(connection, objects, self._new_rows(items, written), self._source_name))
        self._update_rows(connection, written)
        parts = [
            _Part.of(next(ids) if item.known is None else item.known.id, item)
            for item in written
            if not isinstance(item, Artist)
        ]
        parts = self._forget(connection, parts)
        self._write_artists(connection, written, parts)
        upsert.insert_all(connection, terms, chain.from_iterable(map(_term_rows, parts)))
        offered = [
            Offered(part.object_id, part.said.source_id, part.said.images, part.item.known is None)
            for part in parts
            if part.said.images is not None
        ]
        return save_images(connection, offered)

    def _new_rows(
        self, items: Iterable[Entry | Addition | Artist], written: list[Entry | Addition | Artist]
    ) -> Iterator[dict[str, Any]]:
        for item in items:
            written.append(item)
            if type(item) is Entry and item.known is None:
                yield self._row(item)

    def _update_rows(self, connection: Connection, written: Iterable[Entry | Addition | Artist]) -> None:
        """Write the rows of objects that are there already."""
        entries: dict[tuple[str, ...], list[Entry]] = {}
        additions = []
        for item in written:
            if type(item) is Entry and item.known is not None:
                entries.setdefault(item.kept, []).append(item)
            elif type(item) is Addition and (change := _added(item)):
                values = {name: change.get(name, getattr(item.known, name)) for name in _SUPPLEMENTED}
                additions.append({"this": item.known.id, **{f"new_{name}": value for name, value in values.items()}})
        for kept, same in entries.items():
            update_of = [name for name in _WRITTEN if name not in kept]
            upsert.upsert(connection, objects, map(self._row, same), key=_KEY, update=update_of)
        if additions:
            connection.execute(_SUPPLEMENT, additions)

    def _row(self, entry: Entry) -> dict[str, Any]:
        record, origin = entry.record, entry.origin
        return {
            "source": self._source_name,
            "source_id": record.source_id,
            "url": record.url,
            "title": record.title,
            "object_type": record.object_type,
            **_dated(record.dating),
            "rights": record.rights,
            "identifiers": record.identifiers,
            "fields": record.fields,
            "deleted_at": None,
            "content_hash": entry.digest,
            "answer_id": origin.response_id,
            "task_id": origin.task_id,
            "retrieved_at": origin.retrieved_at,
        }

    def _forget(self, connection: Connection, parts: Sequence[_Part]) -> list[_Part]:
        """Take out what gives way to what is said now; return the parts with the gaps that are to be filled.

        To a record: the source's own terms, and others' in the fields that it names. To a supplement: the terms of the
        fields that it names; it fills a gap where nothing of another origin names the field.
        """
        known = [part for part in parts if part.item.known is not None]
        if attributed := [part.object_id for part in known if part.attributions is not None]:
            connection.execute(_FORGET_ARTISTS, {"objects": attributed})
        rewritten = [part.object_id for part in known if type(part.item) is Entry]
        if rewritten:
            connection.execute(_FORGET_OWN_TERMS, {"objects": rewritten, "lasting": self._lasting})
        looked_at = [*rewritten, *(part.object_id for part in known if part.gaps)]
        fields: dict[int, set[tuple[str, str | None]]] = {}
        for row in connection.execute(_FIELDS, {"objects": looked_at}) if looked_at else ():
            fields.setdefault(row.object_id, set()).add((row.field, row.origin))
        parts = [_filled(part, fields.get(part.object_id, ())) for part in parts]
        replaced = [
            {"this": part.object_id, "this_field": field}
            for part in parts
            if part.item.known is not None
            for field in {term.field: None for term in part.terms}
            if type(part.item) is Addition or any(field == name for name, _ in fields.get(part.object_id, ()))
        ]
        if replaced:
            connection.execute(_FORGET_FIELD, replaced)
        return parts

    def _write_artists(
        self, connection: Connection, written: Iterable[Entry | Addition | Artist], parts: Sequence[_Part]
    ) -> None:
        """Write who is spoken of, each once, and who made what."""
        of_parts, said = iter(parts), list[Artist]()
        for item in written:
            if isinstance(item, Artist):
                said.append(item)
            else:
                said += [attribution.artist for attribution in next(of_parts).attributions or ()]
        ids = self._artists.write(connection, said)
        rows = (
            {
                "object_id": part.object_id,
                "position": position,
                "artist_id": ids[attribution.artist.source_id],
                "role": attribution.role,
                "qualifier": attribution.qualifier,
            }
            for part in parts
            for position, attribution in enumerate(part.attributions or ())
        )
        upsert.insert_all(connection, object_artists, rows)


def _filled(part: _Part, fields: Collection[tuple[str, str | None]]) -> _Part:
    """Add the terms of those fields of which an object has none of another origin."""
    if not part.gaps:
        return part
    origins = {term.origin for term in part.gaps}
    taken = {field for field, origin in fields if origin is None or origin not in origins}
    return part._replace(terms=[*part.terms, *(term for term in part.gaps if term.field not in taken)])


def _added(addition: Addition) -> dict[str, Any]:
    """Return the columns of an object's own row that a supplement changes."""
    extra, known = addition
    change: dict[str, Any] = _dated(extra.dating) if extra.dating else {}
    change |= {"rights": extra.rights} if extra.rights else {}
    change |= {"identifiers": {**(known.identifiers or {}), **extra.identifiers}} if extra.identifiers else {}
    change |= {"fields": {**known.fields, **extra.fields}} if extra.fields else {}
    return change


def _dated(dating: Dating | None) -> dict[str, Any]:
    return {
        "dating_text": dating and dating.text,
        "earliest": dating and dating.earliest,
        "latest": dating and dating.latest,
        "is_circa": dating and dating.is_circa,
        "dating_precision": dating and dating.precision,
        "dating_origin": dating and dating.origin,
    }


def _term_rows(part: _Part) -> list[dict[str, Any]]:
    places: dict[str, int] = {}
    rows = []
    for term in part.terms:
        position = places.get(term.field, 0)
        places[term.field] = position + 1
        rows.append(
            {
                "object_id": part.object_id,
                "field": term.field,
                "position": position,
                "slug": term.slug,
                "text": term.text,
                "origin": term.origin,
            }
        )
    return rows
