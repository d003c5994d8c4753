"""Images as rows: where each object shows them, and what became of their files."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Text, bindparam, cast, delete, select, update

from harvest.catalogue import upsert
from harvest.catalogue.schema import images, objects
from harvest.records import Image, StoredImage

ImageKey = tuple[int, int]  # an object's id, and the image's position among its images

WITH_FILE = ("stored", "truncated")  # states of an image whose file lies in the data folder
PURGED = "purged"  # removed on request, for good: nothing of its object is asked for again

_FILE = ("sha256", "path", "bytes", "width", "height")
_OF_OBJECTS = images.c.object_id.in_(bindparam("objects", expanding=True))
_CANDIDATES = select(images.c.object_id, images.c.position, images.c.candidates, images.c.opt_out).where(_OF_OBJECTS)
_KNOWN = _CANDIDATES.add_columns(images.c.url, images.c.state)
_THIS = (images.c.object_id == bindparam("this_object")) & (images.c.position == bindparam("this_position"))
_REMOVE = delete(images).where(_THIS)
# Of an image that its source gives: an answer that was under way when that withdrew it changes nothing.
_GIVEN = _THIS & (images.c.state != PURGED) & (cast(images.c.candidates, Text) != "[]")
_MARK = update(images).where(_GIVEN).values(state=bindparam("new_state"))
_STORE = (
    update(images)
    .where(_GIVEN)
    .values(state=bindparam("new_state"), **{name: bindparam(f"new_{name}") for name in _FILE})
)
_FORGET = update(images).where(_THIS).values(state="waiting", **dict.fromkeys(_FILE))


class Offered(NamedTuple):
    """The images that a source shows of an object."""

    object_id: int
    source_id: str
    images: Sequence[Image]
    is_new: bool  # is the object new?


class Whereabouts(NamedTuple):
    """Where an image may be, and what is said against its use."""

    candidates: Sequence[str] = ()  # addresses, the best first; none where the source shows it no longer
    opt_out: str | None = None


def whereabouts(connection: Connection, wanted: Collection[ImageKey]) -> dict[ImageKey, Whereabouts]:
    """Return where images may be."""
    if not wanted:
        return {}
    rows = connection.execute(_CANDIDATES, {"objects": sorted({object_id for object_id, _ in wanted})})
    known = {(row.object_id, row.position): Whereabouts(row.candidates, row.opt_out) for row in rows}
    return {key: known.get(key, Whereabouts()) for key in wanted}


def save_files(connection: Connection, stored: Mapping[ImageKey, StoredImage]) -> None:
    """Note that images' files lie in the data folder."""
    if stored:
        names = ("state", *_FILE)
        rows = [_this(key) | {f"new_{name}": getattr(file, name) for name in names} for key, file in stored.items()]
        connection.execute(_STORE, rows)


def mark_image(connection: Connection, key: ImageKey, state: str) -> None:
    """Note why there is no image: "gone", "withheld" or "failed"."""
    connection.execute(_MARK, _this(key) | {"new_state": state})


def forget_image(connection: Connection, key: ImageKey) -> None:
    """Note that an image's file is lost."""
    connection.execute(_FORGET, _this(key))


def is_given(row: Row[Any]) -> bool:
    """Return whether an image's source gives it: it names an address, there is something there, and it may be had."""
    is_opted_out = row.state == "withheld" and row.opt_out is not None
    return bool(row.candidates) and row.state not in (PURGED, "gone") and not is_opted_out


def purge_images(connection: Connection, object_ids: Collection[int]) -> None:
    """Note that the images of objects are removed for good."""
    change: dict[str, Any] = {"state": PURGED, "candidates": [], **dict.fromkeys(_FILE)}
    connection.execute(update(images).where(images.c.object_id.in_(object_ids)).values(change))


def forget_images(connection: Connection, object_ids: Collection[int]) -> None:
    """Take out the images of deleted objects; one that its source shows again is read, changed or not."""
    connection.execute(delete(images).where(images.c.object_id.in_(object_ids)))
    connection.execute(update(objects).where(objects.c.id.in_(object_ids)).values(content_hash=""))


def image_name(source_id: str, position: int) -> str:
    """Say by which key an image's task is found."""
    return f"{source_id}#{position}"


def images_of(connection: Connection, source_name: str, names: Collection[str]) -> dict[str, Row[Any]]:
    """Return the rows of images that have these names, by name."""
    whose = {name.rpartition("#")[0] for name in names}
    joined = select(images, objects.c.source_id).join(objects)
    rows = connection.execute(joined.where((objects.c.source == source_name) & objects.c.source_id.in_(whose)))
    return {image_name(row.source_id, row.position): row for row in rows}


def save_images(connection: Connection, offered: Sequence[Offered]) -> list[tuple[Offered, list[int]]]:
    """Write the images that are new or have moved, of each object as its source shows them.

    Returns:
        The objects of which images are to be fetched, and at which positions.
    """
    known: dict[int, dict[int, object]] = {}
    purged = set()
    there = [item.object_id for item in offered if not item.is_new]
    for row in connection.execute(_KNOWN, {"objects": there}) if there else ():
        purged |= {row.object_id} if row.state == PURGED else set()
        known.setdefault(row.object_id, {})[row.position] = _identity(row.url, row.candidates, row.state, row.opt_out)
    gone, new, wanted = [], [], []
    for item in offered:
        if item.object_id in purged:
            continue
        before, positions = known.get(item.object_id, {}), []
        for position, image in enumerate(item.images):
            if item.is_new or before.get(position) != _identity(
                image.url, image.candidates, image.state, image.opt_out
            ):
                new.append({"object_id": item.object_id, "position": position, **upsert.columns_of(image)})
                positions += [position] if image.candidates else []
                gone += [(item.object_id, position)] if position in before else []
        gone += [(item.object_id, position) for position in before if position >= len(item.images)]
        wanted += [(item, positions)] if positions else []
    if gone:
        connection.execute(_REMOVE, [_this(key) for key in gone])
    upsert.insert_all(connection, images, new)
    return wanted


def _this(key: ImageKey) -> dict[str, Any]:
    return dict(zip(("this_object", "this_position"), key, strict=True))


def _identity(url: str, candidates: Sequence[str], state: str, opt_out: str | None) -> tuple[object, ...]:
    """Say by what an image is known again; the state is the source's word only where it gives no address."""
    return url, tuple(candidates), None if candidates else state, opt_out
