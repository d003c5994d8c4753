"""Writing what a source says of its objects and artists; what is unchanged is not rewritten."""

import enum
import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update

from harvest.images import StoredImage
from harvest.records import Artist, Image, ObjectRecord
from harvest.tables import artists, images, insert_row, object_artists, objects, terms


class Change(enum.StrEnum):
    """How an object differs from what the catalogue held of it."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


def content_hash(record: ObjectRecord) -> str:
    """Give the SHA-256 of all that a record says."""
    return hashlib.sha256(json.dumps(asdict(record), sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def save(
    connection: Connection,
    source: str,
    record: ObjectRecord,
    *,
    answer: int,
    task: int,
    moment: datetime,
    again: bool = False,
) -> tuple[int, Change, list[int]]:
    """Write an object with its artists, terms and images.

    Args:
        connection: In the transaction of the answer.
        source: The source's name.
        record: What the answer says.
        answer: The answer's id.
        task: Of the task whose answer it is.
        moment: Now.
        again: The answer is an old one, read again: write what it says even where nothing seems to differ, and leave
            it to the later ones whether the source has deleted the object.

    Returns:
        The object's id, how it differs, and the positions of the images that are to be fetched.
    """
    digest = content_hash(record)
    identity = (objects.c.source == source) & (objects.c.source_id == record.source_id)
    columns = (objects.c.id, objects.c.content_hash, objects.c.deleted_at)
    known = connection.execute(select(*columns).where(identity)).one_or_none()
    is_same = known is not None and known.content_hash == digest
    if known is not None and is_same and known.deleted_at is None and not again:
        return known.id, Change.UNCHANGED, []
    row = {"source": source, **_row(record), "content_hash": digest, "retrieved_at": moment}
    row |= {"answer_id": answer, "task_id": task}
    if known is None:
        object_id = insert_row(connection, objects, row)
    else:
        object_id = known.id
        kept = {"deleted_at", *(("retrieved_at", "task_id") if is_same else ())} if again else set()
        change = {name: value for name, value in row.items() if name not in kept}
        connection.execute(update(objects).where(objects.c.id == object_id).values(change))
        for table in (object_artists, terms):
            connection.execute(delete(table).where(table.c.object_id == object_id))
    _save_attributions(connection, source, object_id, record)
    _save_terms(connection, object_id, record)
    wanted = _save_images(connection, object_id, record.images, is_new=known is None)
    change_of = Change.NEW if known is None else Change.UNCHANGED if again and is_same else Change.CHANGED
    return object_id, change_of, wanted


def save_artist(connection: Connection, source: str, artist: Artist) -> int:
    """Write an artist; what this answer does not say of them stays as it was. Returns the artist's id."""
    identity = (artists.c.source == source) & (artists.c.source_id == artist.source_id)
    known = connection.execute(select(artists).where(identity)).one_or_none()
    if known is None:
        return insert_row(connection, artists, {"source": source, **asdict(artist)})
    said = {
        name: value
        for name, value in asdict(artist).items()
        if value not in (None, {}) and value != getattr(known, name)
    }
    if said:
        connection.execute(update(artists).where(artists.c.id == known.id).values(said))
    return known.id


def count_of(connection: Connection, task: int) -> int:
    """Count the objects that a task's answers tell of."""
    return connection.execute(select(func.count()).where(objects.c.task_id == task)).scalar_one()


def mark_deleted(connection: Connection, task: int, moment: datetime, *, but: Collection[str] = ()) -> int:
    """Note that the source has deleted what a task's answers told of, but for what its last one still does.

    Returns:
        How many objects are newly marked.
    """
    told = select(objects.c.id, objects.c.source_id).where((objects.c.task_id == task) & objects.c.deleted_at.is_(None))
    vanished = [row.id for row in connection.execute(told) if row.source_id not in but]
    if vanished:
        rows = [{"vanished": object_id} for object_id in vanished]
        change = update(objects).where(objects.c.id == bindparam("vanished")).values(deleted_at=moment)
        connection.execute(change, rows)
    return len(vanished)


def candidates(connection: Connection, object_id: int, position: int) -> list[str]:
    """Give the addresses at which an image may be, the best first."""
    row = (images.c.object_id == object_id) & (images.c.position == position)
    return connection.execute(select(images.c.candidates).where(row)).scalar_one()


def save_image(connection: Connection, object_id: int, position: int, stored: StoredImage) -> None:
    """Note that an image's file lies in the data folder."""
    _change_image(connection, object_id, position, {"state": "stored", **asdict(stored)})


def mark_image(connection: Connection, object_id: int, position: int, state: str) -> None:
    """Note why there is no image: "gone" or "failed"."""
    _change_image(connection, object_id, position, {"state": state})


def forget_image(connection: Connection, object_id: int, position: int) -> None:
    """Note that an image's file is lost."""
    nothing = dict.fromkeys(("sha256", "path", "bytes", "width", "height"))
    _change_image(connection, object_id, position, {"state": "waiting", **nothing})


def image_name(source_id: str, position: int) -> str:
    """Say by which key an image's task is found."""
    return f"{source_id}#{position}"


def images_of(connection: Connection, source: str, names: Collection[str]) -> dict[str, Row[Any]]:
    """Give the rows of images that have these names, by name."""
    whose = {name.rpartition("#")[0] for name in names}
    joined = select(images, objects.c.source_id).join(objects)
    rows = connection.execute(joined.where((objects.c.source == source) & objects.c.source_id.in_(whose)))
    return {image_name(row.source_id, row.position): row for row in rows}


def _change_image(connection: Connection, object_id: int, position: int, change: dict[str, Any]) -> None:
    row = (images.c.object_id == object_id) & (images.c.position == position)
    connection.execute(update(images).where(row).values(change))


def _row(record: ObjectRecord) -> dict[str, Any]:
    dating = record.dating
    return {
        "source_id": record.source_id,
        "url": record.url,
        "title": record.title,
        "object_type": record.object_type,
        "dating_text": dating and dating.text,
        "earliest": dating and dating.earliest,
        "latest": dating and dating.latest,
        "rights": record.rights,
        "fields": record.fields,
        "deleted_at": None,
    }


def _save_attributions(connection: Connection, source: str, object_id: int, record: ObjectRecord) -> None:
    for position, attribution in enumerate(record.attributions):
        row = {
            "object_id": object_id,
            "position": position,
            "artist_id": save_artist(connection, source, attribution.artist),
            "role": attribution.role,
            "qualifier": attribution.qualifier,
        }
        connection.execute(insert(object_artists).values(row))


def _save_terms(connection: Connection, object_id: int, record: ObjectRecord) -> None:
    places: dict[str, int] = {}
    rows = []
    for term in record.terms:
        position = places.get(term.field, 0)
        places[term.field] = position + 1
        rows.append({"object_id": object_id, "position": position, **asdict(term)})
    if rows:
        connection.execute(insert(terms), rows)


def _save_images(connection: Connection, object_id: int, found: Sequence[Image], *, is_new: bool) -> list[int]:
    """Write the images that are new or have moved; give the positions of those that are to be fetched."""
    rows = () if is_new else connection.execute(select(images).where(images.c.object_id == object_id)).all()
    known = {row.position: _identity(row.url, row.candidates, row.state) for row in rows}
    wanted = []
    for position, image in enumerate(found):
        before = known.pop(position, None)
        if before == _identity(image.url, image.candidates, image.state):
            continue
        if before is not None:
            row = (images.c.object_id == object_id) & (images.c.position == position)
            connection.execute(delete(images).where(row))
        connection.execute(insert(images).values(object_id=object_id, position=position, **asdict(image)))
        if image.candidates:
            wanted.append(position)
    if known:
        vanished = (images.c.object_id == object_id) & images.c.position.in_(known)
        connection.execute(delete(images).where(vanished))
    return wanted


def _identity(url: str, candidates: Sequence[str], state: str) -> tuple[object, ...]:
    """Say by what an image is known again; the state is the source's word only where it gives no address."""
    return url, tuple(candidates), None if candidates else state
