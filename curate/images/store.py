"""The pictures: from the image as the museum gave it to the small RGB JPEG that a network reads.

Each is made once: `cache/pictures/METHOD/` in the data folder keeps it under the SHA-256 of its image. What is made
does not depend on how many processes make it, nor on which machine.
"""

import hashlib
import struct
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from curate.executor import Executor, budget
from curate.images.measures import jpeg_quality
from harvest.pictures import PixelBudget, Sliver, Truncated, Unreadable, method, shrink

CACHE = "cache/pictures"
MISSING, UNREADABLE = "image missing from the data folder", "image unreadable"
TRUNCATED, TOO_NARROW = "image truncated", "image too narrow"

Progress = Callable[[Iterable[Any], int], Iterable[Any]]  # steps and how many → the same steps

_SIZE = struct.Struct(">II")  # stands before a picture in the cache, and before both the digest of both
_DIGEST = hashlib.sha256().digest_size


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture in the build."""

    image: str  # its path, relative to the build folder
    sha256: str  # of the original
    picture_sha256: str
    width: int  # pixels
    height: int
    jpeg_quality: int | None = None  # of the original; None: it is no JPEG


@dataclass(frozen=True, slots=True)
class Unusable:
    """Why an image gave no picture."""

    reason: str
    detail: str


def store_all(
    data: Path,
    images: Sequence[str],
    build: Path,
    progress: Progress,
    *,
    executor: Executor,
    with_truncated: bool = False,
) -> list[Picture | Unusable]:
    """Store the pictures of many images.

    Args:
        data: The data folder.
        images: Paths relative to it, each named by the content's SHA-256.
        build: The folder to write `images/` into.
        progress: Shown the outcomes as they come.
        executor: Which makes them.
        with_truncated: Make pictures also of images of which a part is missing.
    """
    (build / "images").mkdir(parents=True, exist_ok=True)
    one = partial(_store, data, build=build, with_truncated=with_truncated)
    return list(progress(executor.map(one, images), len(images)))


def uncached(data: Path, images: Sequence[str], *, with_truncated: bool = False) -> set[str]:
    """Return the images of which the cache has no picture yet."""
    folder = _cache_of(data, with_truncated=with_truncated)
    return {image for image in images if not (folder / _name(Path(image).stem)).exists()}


def store(
    data: Path, image: str, build: Path, budget: PixelBudget, *, with_truncated: bool = False
) -> Picture | Unusable:
    """Store one image's picture in the build's `images/`, if it is there, is what was harvested and can be read."""
    made = make(data, image, budget, with_truncated=with_truncated)
    if isinstance(made, Unusable):
        return made
    picture, content = made
    path = build / picture.image
    for folder in (path.parent.parent, path.parent):  # but not the build's own: where that is gone, nobody waits for it
        folder.mkdir(exist_ok=True)
    path.write_bytes(content)
    return picture


def make(
    data: Path, image: str, budget: PixelBudget, *, with_truncated: bool = False
) -> tuple[Picture, bytes] | Unusable:
    """Return the picture of one image and its file's content, made or from the cache."""
    try:
        content = (data / image).read_bytes()
    except FileNotFoundError:
        return Unusable(MISSING, image)
    except OSError as error:
        return Unusable(UNREADABLE, f"{image}: {error.strerror}")
    sha256 = hashlib.sha256(content).hexdigest()
    if sha256 != Path(image).stem:
        return Unusable(UNREADABLE, f"{image}: its content has another SHA-256, {sha256}")
    name = _name(sha256)
    try:
        cached = _cache_of(data, with_truncated=with_truncated) / name
        small, size = _made(cached, content, budget, with_truncated=with_truncated)
    except Unreadable as error:
        reason = {Truncated: TRUNCATED, Sliver: TOO_NARROW}.get(type(error), UNREADABLE)
        return Unusable(reason, f"{image}: {error}")
    digest = hashlib.sha256(small).hexdigest()
    return Picture(f"images/{name}", sha256, digest, *size, jpeg_quality(content)), small


def _cache_of(data: Path, *, with_truncated: bool) -> Path:
    return data / CACHE / (f"{method()}-with-truncated" if with_truncated else method())


def _name(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}.jpg"


def _made(cached: Path, content: bytes, budget: PixelBudget, *, with_truncated: bool) -> tuple[bytes, tuple[int, int]]:
    """Return an image's picture and its size, from the cache if it is there and undamaged.

    Raises:
        Unreadable: As `shrink` says.
    """
    known = cached.read_bytes() if cached.is_file() else b""
    digest, entry = known[:_DIGEST], known[_DIGEST:]
    if entry and hashlib.sha256(entry).digest() == digest:
        width, height = _SIZE.unpack_from(entry)
        return entry[_SIZE.size :], (width, height)
    small, size = shrink(content, budget, with_truncated=with_truncated)
    entry = _SIZE.pack(*size) + small
    cached.parent.mkdir(parents=True, exist_ok=True)
    cached.write_bytes(hashlib.sha256(entry).digest() + entry)  # a half one is known by its digest and made anew
    return small, size


def _store(data: Path, image: str, *, build: Path, with_truncated: bool) -> Picture | Unusable:
    return store(data, image, build, budget(), with_truncated=with_truncated)
