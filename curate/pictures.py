"""The pictures: from the image as the museum gave it to the small RGB JPEG that a network reads."""

import hashlib
import io
import os
import struct
import warnings
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

SIDE = 300  # pixels of the shorter side; the paper, section 2.1.2
QUALITY = 95  # of the JPEG
QUARTER_TURNS = (5, 6, 7, 8)  # values of EXIF's orientation that swap width and height

Progress = Callable[[Iterable[Any], int], Iterable[Any]]  # steps and how many → the same steps


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture in the build."""

    image: str  # its path, relative to the build folder
    sha256: str  # of the original
    width: int  # pixels
    height: int


@dataclass(frozen=True, slots=True)
class Unusable:
    """Why an image gave no picture."""

    reason: str
    detail: str


class Unreadable(Exception):
    """Bytes that are no whole image."""


def store_all(data: Path, images: Sequence[str], build: Path, progress: Progress) -> list[Picture | Unusable]:
    """Store the pictures of many images, on all processors.

    Args:
        data: The data folder.
        images: Paths relative to it, each named by the content's SHA-256.
        build: The folder to write `images/` into.
        progress: Shown the outcomes as they come.
    """
    with warnings.catch_warnings(), ThreadPoolExecutor(os.cpu_count()) as pool:
        # Pillow warns of large scans and odd metadata; such images are read all the same.
        warnings.simplefilter("ignore")
        try:
            return list(progress(pool.map(partial(store, data, build=build), images), len(images)))
        finally:
            pool.shutdown(wait=False, cancel_futures=True)  # stopped half-way, what has not begun is let be


def store(data: Path, image: str, build: Path) -> Picture | Unusable:
    """Store the picture of one image, if it is there, is what was harvested and can be read."""
    try:
        content = (data / image).read_bytes()
    except FileNotFoundError:
        return Unusable("image missing from the data folder", image)
    except OSError as error:
        return Unusable("image unreadable", f"{image}: {error.strerror}")
    sha256 = hashlib.sha256(content).hexdigest()
    if sha256 != Path(image).stem:
        return Unusable("image unreadable", f"{image}: its content has another SHA-256, {sha256}")
    try:
        small, (width, height) = shrink(content)
    except Unreadable as error:
        return Unusable("image unreadable", f"{image}: {error}")
    path = f"images/{sha256[:2]}/{sha256[2:4]}/{sha256}.jpg"
    (build / path).parent.mkdir(parents=True, exist_ok=True)
    (build / path).write_bytes(small)
    return Picture(path, sha256, width, height)


def shrink(content: bytes) -> tuple[bytes, tuple[int, int]]:
    """Turn an image upright and into an RGB JPEG without metadata, its shorter side at most SIDE pixels.

    Returns:
        The JPEG, and its width and height.

    Raises:
        Unreadable: Pillow cannot read it to the end.
    """
    try:
        with Image.open(io.BytesIO(content)) as image:
            width, height = _shrunk(*image.size)
            image.draft(None, (2 * width, 2 * height))  # a JPEG need not be decoded larger than this
            turned = image.getexif().get(ExifTags.Base.Orientation, 1) in QUARTER_TURNS
            upright = _rgb(ImageOps.exif_transpose(image))
        size = (height, width) if turned else (width, height)
        return _jpeg(upright.resize(size, Image.Resampling.LANCZOS)), size
    except UnidentifiedImageError:
        raise Unreadable("it is of no known image format") from None
    except (OSError, SyntaxError, ValueError, EOFError, struct.error, Image.DecompressionBombError) as error:
        raise Unreadable(str(error) or type(error).__name__) from error


def _shrunk(width: int, height: int) -> tuple[int, int]:
    scale = min(1.0, SIDE / min(width, height))
    return round(width * scale), round(height * scale)


def _rgb(image: Image.Image) -> Image.Image:
    """Return any mode as RGB: 16-bit greys scaled, what is transparent on white."""
    if image.mode.startswith("I"):  # a plain conversion would cut off all above 255
        return Image.fromarray((np.asarray(image) / 257).clip(0, 255).astype("uint8")).convert("RGB")
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")
    return image.convert("RGB")


def _jpeg(image: Image.Image) -> bytes:
    image.info = {}  # Pillow would write the original's comment again
    target = io.BytesIO()
    image.save(target, "JPEG", quality=QUALITY)
    return target.getvalue()
