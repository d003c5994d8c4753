"""From an image file to the square that the network sees: the centre, or a crop, flipped or distorted by chance."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from harvest.pictures import SIDE, PixelBudget, Unreadable, read
from train.config import TrainError

MAX_ASPECT = 4  # times as long as wide, what is kept of a picture; of a longer one the middle
ZOOM, TURN = 0.2, 20.0  # at most, to both sides; degrees
CONTRAST, BRIGHTNESS = 0.4, 0.2 * 255  # at most, to both sides; brightness in steps of 0-255
LIGHTING = 0.2  # at most, to both sides, times what the colours of ImageNet vary along their principal axes
COLOUR_AXES = np.array(  # red, green and blue of each axis, times its deviation; Krizhevsky et al. (2012), as fb.resnet
    [[-0.5675, 0.7192, 0.4009], [-0.5808, -0.0045, -0.8140], [-0.5836, -0.6948, 0.4203]]
) * np.array([0.2175, 0.0188, 0.0045])
WHITE_MEAN, WHITE_DEVIATION = 127.5, 64.0  # of a whitened picture's channels

Pixels = NDArray[np.uint8]  # (height, width, 3), RGB, 0-255
Chance = NDArray[np.float64]  # of one picture: random numbers, 0 to 1


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


def ready(picture: Image.Image, side: int) -> Pixels:
    """Return the pixels that squares of this side are cut from: the middle of a strip, enlarged until one fits in."""
    longest = MAX_ASPECT * min(picture.size)
    width, height = (min(length, longest) for length in picture.size)
    left, top = (picture.width - width) // 2, (picture.height - height) // 2
    middle = picture.crop((left, top, left + width, top + height))
    scale = side / min(width, height)
    if scale > 1:
        middle = middle.resize((round(width * scale), round(height * scale)), Image.Resampling.BICUBIC)
    return np.asarray(middle)


def centre_crop(pixels: Pixels, side: int) -> Pixels:
    """Cut out the middle: the view for validation and for frozen features."""
    top, left = ((length - side) // 2 for length in pixels.shape[:2])
    return pixels[top : top + side, left : left + side]


def centre_box(width: int, height: int, side: int) -> tuple[float, float, float, float]:
    """Return where `centre_crop` cuts `ready` pixels from a picture of this size: left, top, right, bottom."""
    length = side / max(1.0, side / min(width, height))
    left, top = (width - length) / 2, (height - length) / 2
    return left, top, left + length, top + length


def random_crop(pixels: Pixels, side: int, chance: Chance) -> Pixels:
    """Cut out a square anywhere and mirror every second one, on average: the paper's augmentation."""
    top, left = (int(share * (length - side + 1)) for share, length in zip(chance, pixels.shape[:2], strict=False))
    crop = pixels[top : top + side, left : left + side]
    return np.asarray(cv2.flip(crop, 1), np.uint8) if chance[2] < 0.5 else crop  # five times as fast as numpy's


def distorted_crop(pixels: Pixels, side: int, chance: Chance) -> Pixels:
    """Cut out, flip, zoom, turn, whiten, and change contrast and lighting: more than the paper found good."""
    signed = 2 * chance - 1  # -1 to 1
    height, width = pixels.shape[:2]
    zoom, turn = 1 + ZOOM * signed[3], TURN * signed[4]
    across, down = ((length - side) * share + side / 2 for length, share in ((width, chance[1]), (height, chance[0])))
    matrix = cv2.getRotationMatrix2D((across, down), turn, zoom)
    matrix[:, 2] += (side / 2 - across, side / 2 - down)
    crop = cv2.warpAffine(pixels, matrix, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    if chance[2] < 0.5:
        crop = cv2.flip(crop, 1)
    values = crop.astype(np.float32)
    if chance[5] < 0.5:
        deviations = np.maximum(values.std(axis=(0, 1)), 1)
        values = (values - values.mean(axis=(0, 1))) / deviations * WHITE_DEVIATION + WHITE_MEAN
    values = (values - values.mean()) * (1 + CONTRAST * signed[6]) + values.mean() + BRIGHTNESS * signed[7]
    values += 255 * LIGHTING * (COLOUR_AXES @ signed[8:11]).astype(np.float32)
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def centre_batches(images: Iterable[Path], side: int, size: int) -> Iterator[Pixels]:
    """Yield the centre crops, `size` at a time: (size, side, side, 3)."""
    paths, budget = list(images), PixelBudget()
    for start in range(0, len(paths), size):
        pictures = (ready(read_picture(path, budget), side) for path in paths[start : start + size])
        yield np.stack([centre_crop(pixels, side) for pixels in pictures])
