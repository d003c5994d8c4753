"""The view `paintings`, read row by row."""

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import Connection, text


class Painting(NamedTuple):
    """One row of the view `paintings`, or a painting that its source has deleted, with nothing but its identity."""

    source: str
    source_id: str
    url: str
    title: str | None = None
    artist: str | None = None
    year: int | None = None
    earliest: int | None = None
    latest: int | None = None
    dating_text: str | None = None
    genre: str | None = None
    style: str | None = None
    medium: str | None = None
    rights: str | None = None
    image_path: str | None = None  # relative to the data folder; None: no image is stored
    is_deleted: bool = False


def paintings(connection: Connection) -> Iterator[Painting]:
    """Yield every painting of the catalogue, first those that their sources still have."""
    columns = ", ".join(name for name in Painting._fields if name != "is_deleted")
    for row in connection.execute(text(f"SELECT {columns} FROM paintings")):  # noqa: S608 - constants
        yield Painting(*row)
    deleted = "SELECT source, source_id, url FROM objects WHERE object_type = 'painting' AND deleted_at IS NOT NULL"
    for row in connection.execute(text(deleted)):
        yield Painting(row.source, row.source_id, row.url, is_deleted=True)
