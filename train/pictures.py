"""From an image file to the square that the network sees: random crops and flips to train on, the centre otherwise."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from harvest.pictures import SIDE, PixelBudget, Unreadable, read
from train.config import TrainError
from train.data.batches import Chances

Pixels = NDArray[np.uint8]  # (height, width, 3), RGB, 0-255


def read_picture(path: Path, budget: PixelBudget) -> Image.Image:
    """Return a picture as a build holds it, whether it is a build's or any other file: upright, in sRGB, shrunk.

    Raises:
        TrainError: It is no image, or cut short.
    """
    try:
        return read(path.read_bytes(), budget, side=SIDE)
    except (OSError, Unreadable) as error:
        raise TrainError(
            f"{path} is no image ({error}): delete the build's folder and build again with 'curate build'"
        ) from error


def centre_crop(picture: Image.Image, side: int) -> Pixels:
    """Cut out the middle: the view for validation and for frozen features."""
    width, height = _enlarged(picture, side)
    return _cut(picture, (width - side) // 2, (height - side) // 2, side)


def random_crop(picture: Image.Image, side: int, chances: Chances) -> Pixels:
    """Cut out a square anywhere and mirror every second one, on average: the paper's augmentation.

    Args:
        picture: Any.
        side: Of the square, in pixels.
        chances: Random numbers, 0 to 1.
    """
    width, height = _enlarged(picture, side)
    top, left = int(chances[0] * (height - side + 1)), int(chances[1] * (width - side + 1))
    crop = _cut(picture, left, top, side)
    return crop[:, ::-1] if chances[2] < 0.5 else crop


def centre_batches(images: Iterable[Path], side: int, size: int) -> Iterator[Pixels]:
    """Yield the centre crops, `size` at a time: (size, side, side, 3)."""
    paths, budget = list(images), PixelBudget()
    for start in range(0, len(paths), size):
        yield np.stack([centre_crop(read_picture(path, budget), side) for path in paths[start : start + size]])


def crops(images: Sequence[Path], side: int, chances: Chances | None, budget: PixelBudget) -> Pixels:
    """Return what a network sees of some images in training, (images, side, side, 3), or without chances in validation.

    Crops and flips are drawn for each image by itself: the RandomCrop of Keras cuts a whole batch at one place.
    """
    pictures = (read_picture(path, budget) for path in images)
    if chances is None:
        return np.stack([centre_crop(picture, side) for picture in pictures])
    return np.stack([random_crop(picture, side, chance) for picture, chance in zip(pictures, chances, strict=True)])


def _enlarged(picture: Image.Image, side: int) -> tuple[int, int]:
    """Return the width and height of a picture that is enlarged until a crop fits into it, if it has to be."""
    scale = max(1.0, side / min(picture.size))
    return round(picture.width * scale), round(picture.height * scale)


def _cut(picture: Image.Image, left: int, top: int, side: int) -> Pixels:
    """Cut a square out of the enlarged picture; of that, nothing else is made."""
    width, height = _enlarged(picture, side)
    if (width, height) == picture.size:
        return np.asarray(picture.crop((left, top, left + side, top + side)))
    across, down = picture.width / width, picture.height / height
    box = (left * across, top * down, (left + side) * across, (top + side) * down)
    return np.asarray(picture.resize((side, side), Image.Resampling.BICUBIC, box=box))
