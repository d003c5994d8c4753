"""Several views of one picture, whose features are averaged: parts and mirror images, each squeezed into the square."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from harvest.pictures import PixelBudget, Unreadable, read
from train.config import TrainError

WHOLE_VIEWS = 6  # the first ones show most of the picture; the other four are its quadrants

Pixels = NDArray[np.uint8]
Box = tuple[float, float, float, float]  # left, top, right, bottom, in pixels


def views_of(picture: Image.Image, side: int, number: int) -> Pixels:
    """Return the first views: (number, side, side, 3).

    They are the centre square, the picture squeezed whole, both mirrored, the squares at both ends, and the quadrants.
    Each is resampled across and then down, with whole levels between: Pillow 13 would choose the order by the picture's
    shape, older versions do not, and a network would see other pixels with another Pillow.
    """
    boxes = [box for box, is_mirrored in boxes_of(*picture.size)[:number] if not is_mirrored]
    across = {
        (left, right): picture.resize(
            (side, picture.height), Image.Resampling.BICUBIC, box=(left, 0, right, picture.height)
        )
        for left, _, right, _ in boxes
    }
    cut = [
        across[left, right].resize((side, side), Image.Resampling.BICUBIC, box=(0, top, side, bottom))
        for left, top, right, bottom in boxes
    ]
    cut[2:2] = [ImageOps.mirror(view) for view in cut[:2]]
    return np.stack([np.asarray(view) for view in cut[:number]])


def boxes_of(width: int, height: int) -> list[tuple[Box, bool]]:
    """Return where each view is cut from a picture of this size, and whether it is mirrored then."""
    centre, first, last = _squares(width, height)
    whole = (0.0, 0.0, float(width), float(height))
    half_width, half_height = width / 2, height / 2
    corners = [(left, top) for top in (0, half_height) for left in (0, half_width)]
    quadrants = [(left, top, left + half_width, top + half_height) for left, top in corners]
    mirrored = [(centre, True), (whole, True)]
    return [(centre, False), (whole, False), *mirrored, *((box, False) for box in (first, last, *quadrants))]


def view_batches(images: Iterable[Path], side: int, number: int, size: int) -> Iterator[Pixels]:
    """Yield the views of `size` pictures at a time: (size, number, side, side, 3).

    Raises:
        TrainError: One is no image, or cut short.
    """
    paths, budget = list(images), PixelBudget()
    for start in range(0, len(paths), size):
        yield np.stack([views_of(_read(path, budget), side, number) for path in paths[start : start + size]])


def _squares(width: int, height: int) -> tuple[Box, Box, Box]:
    """Return the largest squares in the middle and at both ends."""
    shorter = min(width, height)
    offsets = [((width - shorter) * place, (height - shorter) * place) for place in (0.5, 0, 1)]
    centre, first, last = ((left, top, left + shorter, top + shorter) for left, top in offsets)
    return centre, first, last


def _read(path: Path, budget: PixelBudget) -> Image.Image:
    try:
        return read(path.read_bytes(), budget)
    except (OSError, Unreadable) as error:
        raise TrainError(
            f"{path} is no image ({error}): delete the build's folder and build again with 'curate build'"
        ) from error
