"""Writing what became of an object's images."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from harvest.catalogue.schema import images, objects
from harvest.records import Image
from harvest.storage.images import StoredImage


def candidates(connection: Connection, object_id: int, position: int) -> list[str]:
    """Return the addresses at which an image may be, the best first."""
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


def images_of(connection: Connection, source_name: str, names: Collection[str]) -> dict[str, Row[Any]]:
    """Return the rows of images that have these names, by name."""
    whose = {name.rpartition("#")[0] for name in names}
    joined = select(images, objects.c.source_id).join(objects)
    rows = connection.execute(joined.where((objects.c.source == source_name) & objects.c.source_id.in_(whose)))
    return {image_name(row.source_id, row.position): row for row in rows}


def _change_image(connection: Connection, object_id: int, position: int, change: dict[str, Any]) -> None:
    row = (images.c.object_id == object_id) & (images.c.position == position)
    connection.execute(update(images).where(row).values(change))


def save_images(connection: Connection, object_id: int, found: Sequence[Image] | None, *, is_new: bool) -> list[int]:
    """Write the images that are new or have moved; return the positions of those that are to be fetched."""
    if found is None:  # nothing is said of them
        return []
    rows = () if is_new else connection.execute(select(images).where(images.c.object_id == object_id)).all()
    known = {row.position: identity_of(row.url, row.candidates, row.state) for row in rows}
    wanted = []
    for position, image in enumerate(found):
        before = known.pop(position, None)
        if before == identity_of(image.url, image.candidates, image.state):
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


def identity_of(url: str, candidates: Sequence[str], state: str) -> tuple[object, ...]:
    """Say by what an image is known again; the state is the source's word only where it gives no address."""
    return url, tuple(candidates), None if candidates else state
