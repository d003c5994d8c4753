"""From an image file to the square that the network sees: random crops and flips to train on, the centre otherwise."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from harvest.pictures import SIDE, PixelBudget, Unreadable, read
from train.config import IMAGE, TrainError
from train.data.examples import Examples

Pixels = NDArray[np.uint8]  # (height, width, 3), RGB, 0-255
Arrays = dict[str, NDArray[Any]]


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


def random_crop(picture: Image.Image, side: int, chance: np.random.Generator) -> Pixels:
    """Cut out a square anywhere and mirror every second one, on average: the paper's augmentation."""
    width, height = _enlarged(picture, side)
    top, left = chance.integers(height - side + 1), chance.integers(width - side + 1)
    crop = _cut(picture, int(left), int(top), side)
    return crop[:, ::-1] if chance.random() < 0.5 else crop


def centre_batches(images: Iterable[Path], side: int, size: int) -> Iterator[Pixels]:
    """Yield the centre crops, `size` at a time: (size, side, side, 3)."""
    paths, budget = list(images), PixelBudget()
    for start in range(0, len(paths), size):
        yield np.stack([centre_crop(read_picture(path, budget), side) for path in paths[start : start + size]])


class Batches(keras.utils.PyDataset):  # type: ignore[misc]  # keras has no types
    """Batches with images, read from the build as they are needed.

    Crops and flips are drawn for each image by itself (the RandomCrop of Keras cuts a whole batch at one place), from
    seed, epoch and place: the same seed gives the same pictures, whatever runs beside it.
    """

    def __init__(
        self, examples: Examples, rows: NDArray[np.intp], *, side: int, batch_size: int, seed: int | None = None
    ) -> None:
        """Take the rows in order and cropped at the centre; with a seed shuffled, cropped and flipped by chance."""
        super().__init__()
        self.examples, self.rows, self.side, self.batch_size, self.seed = examples, rows, side, batch_size, seed
        self.budget = PixelBudget()
        self.epoch = 0
        self.order = self._shuffled()

    def __len__(self) -> int:
        return -(-len(self.rows) // self.batch_size)

    def __getitem__(self, index: int) -> tuple[Arrays, Arrays]:
        start = index * self.batch_size
        rows = self.order[start : start + self.batch_size]
        paths = (self.examples.images[row] for row in rows)
        images = [self._crop(read_picture(path, self.budget), start + place) for place, path in enumerate(paths)]
        fields = {name: values[rows] for name, values in self.examples.fields.items()}
        truths = {name: numbers[rows] for name, numbers in self.examples.truths.items()}
        return {IMAGE: np.stack(images), **fields}, truths

    def on_epoch_end(self) -> None:
        """Shuffle anew."""
        self.epoch += 1
        self.order = self._shuffled()

    def _crop(self, picture: Image.Image, place: int) -> Pixels:
        if self.seed is None:
            return centre_crop(picture, self.side)
        return random_crop(picture, self.side, np.random.default_rng((self.seed, self.epoch, 1, place)))

    def _shuffled(self) -> NDArray[np.intp]:
        if self.seed is None:
            return self.rows
        return np.random.default_rng((self.seed, self.epoch, 0)).permutation(self.rows)


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
