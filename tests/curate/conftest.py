"""A small museum: an SQLite catalogue and the images that it names."""

import hashlib
import io
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import Engine, insert, select, update

from curate.build.build import Build, build
from curate.selection.criteria import Rules
from harvest.catalogue import schema
from harvest.catalogue.database import open_catalogue
from harvest.catalogue.paintings import Painting, paintings

# Options of build that Rules has not.
OWN = ("name", "progress", "version", "room", "figures", "accepted", "executor", "address")


def encoded(image: Image.Image, **options: Any) -> bytes:
    """Return an image as JPEG."""
    target = io.BytesIO()
    image.save(target, "JPEG", **options)
    return target.getvalue()


def jpeg(size: tuple[int, int] = (40, 30), colour: object = "red", **options: Any) -> bytes:
    """Make a real JPEG."""
    target = io.BytesIO()
    Image.new("RGB", size, colour).save(target, "JPEG", **options)  # type: ignore[arg-type]
    return target.getvalue()


class Museum:
    """A data folder with a catalogue, filled painting by painting."""

    def __init__(self, data: Path, engine: Engine) -> None:
        self.data = data
        self.engine = engine
        self.numbers = count(1)

    def add(
        self,
        artist: str | None = "Anker Albert",
        *,
        source: str = "wikiart",
        source_id: str | None = None,
        dating: tuple[str | None, int | None, int | None] = ("1874", 1874, 1874),
        is_circa: bool = False,
        genre: str | None = "portrait",
        style: str | None = "Realism",
        medium: tuple[str, ...] = ("oil", "canvas"),
        image: bytes | None = b"",
        title: str | None = "A painting",
        rights: str | None = "Public domain",
        qualifier: str | None = None,
        authorities: dict[str, str] | None = None,
        life: tuple[int | None, int | None] = (None, None),
        object_type: str = "painting",
        size: tuple[int, int] | None = None,
    ) -> str:
        """Add one painting; an empty `image` stands for one of its own.

        Returns:
            Its content id.
        """
        number = next(self.numbers)
        source_id = source_id or str(number)
        terms = [("genre", 0, genre), ("style", 0, style), *(("medium", i, part) for i, part in enumerate(medium))]
        with self.engine.begin() as connection:
            row = {
                "source": source,
                "source_id": source_id,
                "url": f"https://{source}.test/{source_id}",
                "title": title,
                "object_type": object_type,
                "dating_text": dating[0],
                "earliest": dating[1],
                "latest": dating[2],
                "is_circa": is_circa,
                "rights": rights,
                "fields": {},
                "content_hash": "0" * 64,
                "retrieved_at": datetime(2026, 11, 23, tzinfo=UTC),
            }
            key = connection.execute(insert(schema.objects).values(row)).inserted_primary_key[0]
            if artist:
                who = {"source": source, "source_id": str(number), "name": artist, "authorities": authorities or {}}
                who |= {"birth_year": life[0], "death_year": life[1]}
                maker = connection.execute(insert(schema.artists).values(who)).inserted_primary_key[0]
                part = {"object_id": key, "position": 0, "artist_id": maker, "role": "artist", "qualifier": qualifier}
                connection.execute(insert(schema.object_artists).values(part))
            for field, position, text in terms:
                if text:
                    term = {"object_id": key, "field": field, "position": position, "text": text}
                    connection.execute(insert(schema.terms).values(term))
            if image is not None:
                content = image or jpeg(colour=(number % 256, number // 256, 0))
                self._hang(connection, key, content, size)
        return f"{source}:{source_id}"

    def show(self, content_id: str, file: Path) -> None:
        """Let a painting have the image of another one from now on."""
        source, _, source_id = content_id.partition(":")
        key = select(schema.objects.c.id).where(
            schema.objects.c.source == source, schema.objects.c.source_id == source_id
        )
        path = str(file.relative_to(self.data))
        with self.engine.begin() as connection:
            connection.execute(
                update(schema.images)
                .where(schema.images.c.object_id.in_(key))
                .values(path=path, sha256=file.stem, bytes=file.stat().st_size)
            )

    def file(self, content_id: str) -> Path:
        """Return a painting's image file."""
        image = next(p.image for p in self.paintings() if f"{p.source}:{p.source_id}" == content_id)
        assert image
        return self.data / image.path

    def paintings(self) -> list[Painting]:
        """Read the catalogue."""
        with self.engine.connect() as connection:
            return list(paintings(connection))

    def build(self, **options: Any) -> Build:
        """Build with these fields of Rules, and with build's own options."""
        own = {key: options.pop(key) for key in OWN if key in options}
        return build(self.paintings(), Rules(**options), data=self.data, **{"version": "1", "figures": False, **own})

    def _hang(self, connection: Any, key: int, content: bytes, size: tuple[int, int] | None) -> None:
        sha256 = hashlib.sha256(content).hexdigest()
        path = f"images/{sha256[:2]}/{sha256[2:4]}/{sha256}.jpg"
        (self.data / path).parent.mkdir(parents=True, exist_ok=True)
        (self.data / path).write_bytes(content)
        url = f"https://images.test/{sha256}"
        row = {"object_id": key, "position": 0, "url": url, "candidates": [url], "state": "stored"}
        row |= dict(zip(("width", "height"), size or (None, None), strict=True))
        connection.execute(insert(schema.images).values(**row, sha256=sha256, path=path, bytes=len(content)))


@contextmanager
def empty_museum(data: Path) -> Iterator[Museum]:
    """Open an empty museum in this data folder, the one place that makes a catalogue."""
    engine = open_catalogue(f"sqlite:///{data / 'catalogue.sqlite'}", create=True)
    try:
        yield Museum(data, engine)
    finally:
        engine.dispose()


@pytest.fixture
def make_museum(tmp_path: Path) -> Iterator[Callable[[str], Museum]]:
    """Return a way to make an empty museum in a data folder of this name."""
    with ExitStack() as museums:
        yield lambda name: museums.enter_context(empty_museum(tmp_path / name))


@pytest.fixture
def museum(make_museum: Callable[[str], Museum]) -> Museum:
    return make_museum("data")
