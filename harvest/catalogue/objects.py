"""Writing what a source says of its objects and artists; what is unchanged is not rewritten."""

import enum
import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, delete, func, insert, select, update

from harvest.catalogue.images import save_images
from harvest.catalogue.schema import artists, insert_row, object_artists, objects, terms
from harvest.records import FROM_KEYED_API, FROM_WIKIDATA, Artist, Attribution, Dating, ObjectRecord, Supplement, Term

# What a record replaces when it changes; the others outlive it, but in the fields that it names itself.
IS_OWN_TERM = terms.c.origin.is_(None) | (terms.c.origin != FROM_WIKIDATA) & ~terms.c.origin.startswith(FROM_KEYED_API)


class Change(enum.StrEnum):
    """How an object differs from what the catalogue held of it."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


def content_hash(record: ObjectRecord) -> str:
    """Return the SHA-256 of all that a record says."""
    return hashlib.sha256(json.dumps(asdict(record), sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def save(
    connection: Connection,
    source_name: str,
    record: ObjectRecord,
    *,
    response_id: int,
    task_id: int,
    now: datetime,
    again: bool = False,
    by_absence: bool = True,
) -> tuple[int, Change, list[int]]:
    """Write an object with its artists, terms and images.

    Args:
        connection: In the transaction of the answer.
        source_name: The source's name.
        record: What the answer says.
        response_id: The answer's id.
        task_id: Of the task whose answer it is.
        now: Now.
        again: The answer is an old one, read again: write what it says even where nothing seems to differ.
        by_absence: An object that is not in the last answer of its task is deleted: of an old answer, leave it to the
            later ones whether it is.

    Returns:
        The object's id, how it differs, and the positions of the images that are to be fetched.
    """
    digest = content_hash(record)
    identity = (objects.c.source == source_name) & (objects.c.source_id == record.source_id)
    columns = (objects.c.id, objects.c.content_hash, objects.c.deleted_at)
    known = connection.execute(select(*columns).where(identity)).one_or_none()
    is_same = known is not None and known.content_hash == digest
    told = {"answer_id": response_id, "task_id": task_id, "retrieved_at": now}
    if known is not None and is_same and not again:
        if known.deleted_at is None:
            return known.id, Change.UNCHANGED, []
        # It comes again as it was: what further answers added to it stays.
        connection.execute(update(objects).where(objects.c.id == known.id).values(deleted_at=None, **told))
        return known.id, Change.CHANGED, []
    row = {"source": source_name, **row_of(record), "content_hash": digest, **told}
    if known is None:
        object_id = insert_row(connection, objects, row)
    else:
        object_id = known.id
        kept = {"retrieved_at", "task_id"} if again and is_same else set()
        kept |= {"deleted_at"} if again and by_absence else set()
        change = {name: value for name, value in row.items() if name not in kept}
        connection.execute(update(objects).where(objects.c.id == object_id).values(change))
        connection.execute(delete(object_artists).where(object_artists.c.object_id == object_id))
        connection.execute(delete(terms).where((terms.c.object_id == object_id) & _is_replaced(record.terms)))
    _save_attributions(connection, source_name, object_id, record.attributions)
    _save_terms(connection, object_id, record.terms)
    wanted = save_images(connection, object_id, record.images, is_new=known is None)
    change_of = Change.NEW if known is None else Change.UNCHANGED if again and is_same else Change.CHANGED
    return object_id, change_of, wanted


def supplement(connection: Connection, source_name: str, extra: Supplement) -> tuple[int, list[int]] | None:
    """Write what a further answer says of an object.

    Returns:
        The object's id and the positions of the images that are to be fetched; None: there is no such object.
    """
    identity = (objects.c.source == source_name) & (objects.c.source_id == extra.source_id)
    known = connection.execute(select(objects).where(identity)).one_or_none()
    if known is None:
        return None
    change: dict[str, Any] = _dated(extra.dating) if extra.dating else {}
    change |= {"rights": extra.rights} if extra.rights else {}
    change |= {"identifiers": {**(known.identifiers or {}), **extra.identifiers}} if extra.identifiers else {}
    change |= {"fields": {**known.fields, **extra.fields}} if extra.fields else {}
    if change:
        connection.execute(update(objects).where(objects.c.id == known.id).values(change))
    if extra.attributions is not None:
        connection.execute(delete(object_artists).where(object_artists.c.object_id == known.id))
        _save_attributions(connection, source_name, known.id, extra.attributions)
    said = [*extra.terms, *_unnamed(connection, known.id, extra.gaps)]
    replaced = terms.c.field.in_({term.field for term in said})
    connection.execute(delete(terms).where((terms.c.object_id == known.id) & replaced))
    _save_terms(connection, known.id, said)
    return known.id, save_images(connection, known.id, extra.images, is_new=False)


def delete_one(connection: Connection, source_name: str, source_id: str, now: datetime) -> int:
    """Note that the source says it has deleted an object. Returns how many are newly marked: 1 or 0."""
    there = (objects.c.source == source_name) & (objects.c.source_id == source_id) & objects.c.deleted_at.is_(None)
    return connection.execute(update(objects).where(there).values(deleted_at=now)).rowcount


def save_artist(connection: Connection, source_name: str, artist: Artist) -> int:
    """Write an artist; what this answer does not say of them stays as it was. Returns the artist's id."""
    identity = (artists.c.source == source_name) & (artists.c.source_id == artist.source_id)
    known = connection.execute(select(artists).where(identity)).one_or_none()
    if known is None:
        named = {"name": artist.name or artist.source_id}
        return insert_row(connection, artists, {"source": source_name, **asdict(artist), **named})
    told = asdict(artist) | {"authorities": {**known.authorities, **artist.authorities}}
    said = {name: value for name, value in told.items() if value not in (None, {}) and value != getattr(known, name)}
    if said:
        connection.execute(update(artists).where(artists.c.id == known.id).values(said))
    return known.id


def count_of(connection: Connection, task_id: int) -> int:
    """Count the objects that a task's answers tell of."""
    return connection.execute(select(func.count()).where(objects.c.task_id == task_id)).scalar_one()


def mark_deleted(connection: Connection, task_id: int, now: datetime, *, but: Collection[str] = ()) -> int:
    """Note that the source has deleted what a task's answers told of, but for what its last one still does.

    Returns:
        How many objects are newly marked.
    """
    told = select(objects.c.id, objects.c.source_id).where(
        (objects.c.task_id == task_id) & objects.c.deleted_at.is_(None)
    )
    vanished = [row.id for row in connection.execute(told) if row.source_id not in but]
    if vanished:
        rows = [{"vanished": object_id} for object_id in vanished]
        change = update(objects).where(objects.c.id == bindparam("vanished")).values(deleted_at=now)
        connection.execute(change, rows)
    return len(vanished)


def row_of(record: ObjectRecord) -> dict[str, Any]:
    """Return what a record says in the columns of its own row."""
    return {
        "source_id": record.source_id,
        "url": record.url,
        "title": record.title,
        "object_type": record.object_type,
        **_dated(record.dating),
        "rights": record.rights,
        "identifiers": record.identifiers,
        "fields": record.fields,
        "deleted_at": None,
    }


def _dated(dating: Dating | None) -> dict[str, Any]:
    return {
        "dating_text": dating and dating.text,
        "earliest": dating and dating.earliest,
        "latest": dating and dating.latest,
        "is_circa": dating and dating.is_circa,
        "dating_precision": dating and dating.precision,
        "dating_origin": dating and dating.origin,
    }


def _is_replaced(said: Collection[Term]) -> ColumnElement[bool]:
    """Say which terms give way to a record's own: all of the source's, and others' in the fields that it names."""
    return IS_OWN_TERM | terms.c.field.in_({term.field for term in said})


def _unnamed(connection: Connection, object_id: int, gaps: Sequence[Term]) -> list[Term]:
    """Return the terms of those fields of which an object has none of another origin."""
    others = terms.c.origin.is_(None) | terms.c.origin.not_in({term.origin for term in gaps})
    named = select(terms.c.field).where((terms.c.object_id == object_id) & others)
    taken = set(connection.execute(named).scalars()) if gaps else set()
    return [term for term in gaps if term.field not in taken]


def _save_attributions(
    connection: Connection, source_name: str, object_id: int, attributions: Sequence[Attribution]
) -> None:
    for position, attribution in enumerate(attributions):
        row = {
            "object_id": object_id,
            "position": position,
            "artist_id": save_artist(connection, source_name, attribution.artist),
            "role": attribution.role,
            "qualifier": attribution.qualifier,
        }
        connection.execute(insert(object_artists).values(row))


def _save_terms(connection: Connection, object_id: int, said: Sequence[Term]) -> None:
    places: dict[str, int] = {}
    rows = []
    for term in said:
        position = places.get(term.field, 0)
        places[term.field] = position + 1
        rows.append({"object_id": object_id, "position": position, **asdict(term)})
    if rows:
        connection.execute(insert(terms), rows)
