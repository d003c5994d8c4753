"""The real paintings beside the checkout, without the black bars of their files."""

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def real_paintings(folder: Path, step: int = 1) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    """Yield names and pixels, RGB, of each painting, or of each `step`-th."""
    with (folder / "metadata.csv").open(encoding="utf-8", newline="") as file:
        for row in list(csv.DictReader(file))[::step]:
            box = tuple(int(row[name]) for name in ("x0", "y0", "x1", "y1"))
            with Image.open(folder / "images" / row["file"]) as image:
                yield row["file"], np.asarray(image.convert("RGB").crop(box))
