"""The loader of training: each picture is decoded once, into a file that is mapped into memory; crops are cut from it.

    cache/pictures/KEY.u8     the pixels of all pictures, one behind the other, as `crops.ready` returns them
    cache/pictures/KEY.npz    height and width of each, and the checksum of the file; written when the pixels are there

KEY stands for the pictures' content, the side of the crops and the way of making them.
"""

import hashlib
import logging
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harvest.files import atomic_write
from harvest.pictures import PixelBudget
from train.data.batches import Chances
from train.data.crops import Chance, Pixels, centre_crop, distorted_crop, random_crop, read_picture, ready
from train.data.examples import Rows

log = logging.getLogger(__name__)

METHOD = 1  # to be raised with any change of `crops.ready`
CROPS: dict[str, Callable[[Pixels, int, Chance], Pixels]] = {"paper": random_crop, "strong": distorted_crop}


class Pictures:
    """The decoded pictures.

    Args:
        images: The files.
        side: Of the crops.
        cache: The data folder's cache.
        bar: Is told how many more pictures were decoded.

    Raises:
        TrainError: One is no image, or cut short.
    """

    def __init__(
        self, images: Sequence[Path], side: int, *, cache: Path, bar: Callable[[int], None] = lambda _count: None
    ) -> None:
        self.side = side
        path = cache / "pictures" / f"{_key(images, side)}.u8"
        known = _known_shapes(path)
        self.shapes = _decode(path, images, side, bar) if known is None else known
        self.ends = np.cumsum(self.shapes.astype(np.int64).prod(axis=1) * 3)
        self.pixels = np.memmap(path, np.uint8, mode="r")

    def __getitem__(self, row: int) -> Pixels:
        height, width = self.shapes[row]
        end = self.ends[row]
        return self.pixels[end - height * width * 3 : end].reshape(height, width, 3)

    def crops(self, rows: Rows, augment: str = "none", chances: Chances | None = None) -> Pixels:
        """Return what the network sees of some pictures: (rows, side, side, 3).

        Crops and flips are drawn for each picture by itself: the RandomCrop of Keras cuts a whole batch at one place.

        Args:
            rows: Which pictures.
            augment: How they are changed by chance.
            chances: For each picture, random numbers; without them it is its centre.
        """
        crops = np.empty((len(rows), self.side, self.side, 3), np.uint8)
        for place, row in enumerate(rows):
            if chances is None or augment == "none":
                crops[place] = centre_crop(self[row], self.side)
            else:
                crops[place] = CROPS[augment](self[row], self.side, chances[place])
        return crops


def _key(images: Sequence[Path], side: int) -> str:
    digest = hashlib.sha256(f"{METHOD} {side}".encode())
    for path in images:
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:32]


def _known_shapes(path: Path) -> NDArray[np.int32] | None:
    """Return height and width of each picture, or None where the pixels are not there, or not as they were written."""
    try:
        with path.with_suffix(".npz").open("rb") as file, np.load(file, allow_pickle=False) as index:
            shapes, checksum = index["shapes"], int(index["checksum"])
        if _checksum(path) == checksum:
            return np.asarray(shapes, np.int32)
    except FileNotFoundError:
        return None
    except (zipfile.BadZipFile, ValueError, EOFError, KeyError):
        pass
    log.warning("%s is damaged: its pictures are decoded anew", path)
    return None


def _checksum(path: Path) -> int:
    checksum = 0
    with path.open("rb") as file:
        while part := file.read(1 << 22):
            checksum = zlib.crc32(part, checksum)
    return checksum


def _decode(path: Path, images: Sequence[Path], side: int, bar: Callable[[int], None]) -> NDArray[np.int32]:
    """Write the pixels of all pictures and return their heights and widths."""
    shapes, checksum = [], 0
    log.info("%d pictures are decoded once, into %s", len(images), path)
    with atomic_write(path) as file:
        for pixels in _decoded(images, side):
            file.write(pixels.data)
            checksum = zlib.crc32(pixels.data, checksum)
            shapes.append(pixels.shape[:2])
            bar(1)
    index = np.array(shapes, np.int32)
    with atomic_write(path.with_suffix(".npz")) as file:
        np.savez(file, shapes=index, checksum=np.array(checksum))
    return index


def _decoded(images: Sequence[Path], side: int, *, part_size: int = 256) -> Iterator[Pixels]:
    """Yield the pictures in order, decoded on all processors, no more than a part ahead."""
    budget = PixelBudget()
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        for start in range(0, len(images), part_size):
            part = images[start : start + part_size]
            yield from threads.map(lambda path: np.ascontiguousarray(ready(read_picture(path, budget), side)), part)
