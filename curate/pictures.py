"""The pictures: from the image as the museum gave it to the small RGB JPEG that a network reads."""

import hashlib
import os
import warnings
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from harvest.pictures import PixelBudget, Unreadable, shrink

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


def store_all(data: Path, images: Sequence[str], build: Path, progress: Progress) -> list[Picture | Unusable]:
    """Store the pictures of many images, on all processors.

    Args:
        data: The data folder.
        images: Paths relative to it, each named by the content's SHA-256.
        build: The folder to write `images/` into.
        progress: Shown the outcomes as they come.
    """
    budget = PixelBudget()
    with warnings.catch_warnings(), ThreadPoolExecutor(os.cpu_count()) as pool:
        # Pillow warns of odd metadata; such images are read all the same.
        warnings.simplefilter("ignore")
        try:
            return list(progress(pool.map(partial(store, data, build=build, budget=budget), images), len(images)))
        finally:
            pool.shutdown(wait=False, cancel_futures=True)  # stopped half-way, what has not begun is let be


def store(data: Path, image: str, build: Path, budget: PixelBudget) -> Picture | Unusable:
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
        small, (width, height) = shrink(content, budget)
    except Unreadable as error:
        return Unusable("image unreadable", f"{image}: {error}")
    path = f"images/{sha256[:2]}/{sha256[2:4]}/{sha256}.jpg"
    (build / path).parent.mkdir(parents=True, exist_ok=True)
    (build / path).write_bytes(small)
    return Picture(path, sha256, width, height)
