"""How many images a CPU second makes into a build's pictures, beside img2dataset's resizer, and how like they are.

The images are invented: structure of all sizes and grain, as JPEGs of quality 90. What they are compared with is a full
decode, shrunk with Lanczos. Ours is all that `curate build` does to an image: what is missing is looked for, it is
turned upright and brought to sRGB. img2dataset's is not imported but loaded from its file: the package needs pandas 2.
"""

import importlib.util
import io
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import cv2
import numpy as np
from PIL import Image, ImageCms

from harvest.pictures import QUALITY, SIDE, PixelBudget, read, shrink

SIZES = {"0.3 MP": (640, 480), "1 MP": (1152, 896), "3 MP": (2000, 1500), "12 MP": (4000, 3000)}
IMAGES = 3
BUDGET = PixelBudget()


def invented(size: tuple[int, int], seed: int) -> Image.Image:
    """Return a picture with structure of all sizes and a grain of 8 of 255."""
    chance = np.random.default_rng(seed)
    width, height = size
    values = np.zeros((height, width, 3), np.float32)
    cells = 3
    while cells < max(size) / 8:
        grid = chance.integers(0, 256, (cells, cells, 3), dtype=np.uint8)
        layer = Image.fromarray(grid).resize(size, Image.Resampling.BICUBIC)
        values += (np.asarray(layer, np.float32) - 127) / cells**0.5
        cells *= 2
    values = values / values.std() * 55 + 120 + chance.normal(0, 8, (height, width, 1))
    return Image.fromarray(values.clip(0, 255).astype(np.uint8))


def encoded(image: Image.Image, profile: str | None = None, orientation: int | None = None) -> bytes:
    """Return a JPEG of quality 90, with a profile and an orientation where they are named."""
    exif = Image.Exif()
    options: dict[str, Any] = {}
    if orientation:
        exif[0x0112] = orientation
        options["exif"] = exif
    if profile:
        options["icc_profile"] = ImageCms.ImageCmsProfile(ImageCms.createProfile(profile)).tobytes()
    target = io.BytesIO()
    image.save(target, "JPEG", quality=90, **options)
    return target.getvalue()


def shrunk(image: Image.Image) -> Image.Image:
    """Return a picture shrunk with Lanczos: what all are compared with."""
    scale = min(1.0, SIDE / min(image.size))
    return image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.LANCZOS)


def plain(content: bytes) -> bytes:
    """Make a picture by a full decode and Lanczos: how like a JPEG can be, and how slow."""
    target = io.BytesIO()
    shrunk(Image.open(io.BytesIO(content)).convert("RGB")).save(target, "JPEG", quality=QUALITY)
    return target.getvalue()


def img2dataset() -> Callable[[bytes], bytes]:
    """Return img2dataset's own resizer, as it comes: OpenCV, INTER_AREA, JPEG of quality 95."""
    os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"  # its library asks the network for news
    package = importlib.util.find_spec("img2dataset")
    if package is None or not package.submodule_search_locations:
        raise SystemExit("bench.images: img2dataset is absent: pip install --no-deps img2dataset, then albumentations")
    path = Path(package.submodule_search_locations[0], "resizer.py")
    spec = importlib.util.spec_from_file_location("resizer", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    resizer = module.Resizer(SIDE, "keep_ratio", resize_only_if_bigger=True)
    return lambda content: resizer(io.BytesIO(content))[0]


def _lossless(image: Image.Image) -> bytes:
    target = io.BytesIO()
    image.save(target, "PNG")
    return target.getvalue()


def by_area(content: bytes) -> bytes:
    """Return img2dataset's pixels, before they become a JPEG."""
    whole = cv2.cvtColor(cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
    size = shrunk(Image.fromarray(whole)).size
    return _lossless(Image.fromarray(cv2.resize(whole, size, interpolation=cv2.INTER_AREA)))


PIXELS: dict[str, Callable[[bytes], bytes]] = {
    "img2dataset": by_area,
    "ours": lambda content: _lossless(read(content, BUDGET, side=SIDE)),
}


def likeness(content: bytes, expected: Image.Image) -> float:
    """Return the mean SSIM of the greys, by Wang and others' window of 11 with a deviation of 1.5."""
    first, second = (
        np.asarray(image.convert("L"), np.float64) for image in (Image.open(io.BytesIO(content)), expected)
    )

    def mean(values: np.ndarray) -> np.ndarray:
        return cv2.GaussianBlur(values, (11, 11), 1.5)

    a, b = mean(first), mean(second)
    variances = mean(first * first) - a * a + mean(second * second) - b * b
    covariance = mean(first * second) - a * b
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    return float(((2 * a * b + c1) * (2 * covariance + c2) / ((a * a + b * b + c1) * (variances + c2))).mean())


def rate(make: Callable[[bytes], object], contents: list[bytes]) -> float:
    """Return how many pictures a CPU second makes."""
    begun = time.process_time()
    for content in contents:
        make(content)
    return len(contents) / (time.process_time() - begun)


@click.command()
@click.option("--rounds", default=5, show_default=True, help="Of which the median counts; the ways take turns.")
def main(rounds: int) -> None:
    """Print the rates and likenesses."""
    ways = {"img2dataset": img2dataset(), "ours": lambda content: shrink(content, BUDGET)[0], "plain": plain}
    print(f"Python {sys.version.split()[0]}, OpenCV {cv2.__version__}, {SIDE} px out; pictures per CPU second, SSIM")
    for name, size in SIZES.items():
        images = [invented(size, seed) for seed in range(IMAGES)]
        contents = [encoded(image) for image in images]
        expected = [shrunk(Image.open(io.BytesIO(content)).convert("RGB")) for content in contents]
        repeated = contents * max(1, 4_000_000 // (size[0] * size[1]))
        odd = [encoded(image, "sRGB", 6) for image in images] * (len(repeated) // IMAGES)
        rates: dict[str, list[float]] = {way: [] for way in (*ways, "ours, turned, with a profile")}
        for _ in range(rounds):
            for way, make in ways.items():
                rates[way].append(rate(make, repeated))
            rates["ours, turned, with a profile"].append(rate(ways["ours"], odd))
        medians = {way: statistics.median(measured) for way, measured in rates.items()}
        for way, median in medians.items():
            like = (
                [likeness(ways[way](content), image) for content, image in zip(contents, expected, strict=True)]
                if way in ways
                else []
            )
            ssim = f"  SSIM {statistics.mean(like):.4f}" if like else ""
            if way in PIXELS:
                pixels = [
                    likeness(PIXELS[way](content), image) for content, image in zip(contents, expected, strict=True)
                ]
                ssim += f", of its pixels {statistics.mean(pixels):.4f}"
            print(f"{name:7} {way:29} {median:7.1f}  {median / medians['img2dataset']:5.2f} x{ssim}")


if __name__ == "__main__":
    main()
