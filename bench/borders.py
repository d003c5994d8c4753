"""How often frames, walls and bars in pictures are found: `python -m bench.borders [--shared ../shared] [--step 4]`.

Borders are drawn around real paintings, and all is compressed as JPEG again. Thresholds were chosen on each fourth
painting from the first; those from the third on (`--first 2`, the default) are what to go by.
"""

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from curate.images.measures import border, is_frame
from tests.paintings import real_paintings

Pixels = NDArray[np.uint8]
WOODS = ((110, 70, 35), (190, 150, 70), (60, 40, 25), (30, 28, 26), (200, 170, 100), (225, 220, 210))
WALLS = ((235, 232, 225), (200, 200, 200), (150, 40, 40), (90, 110, 100), (250, 250, 250))


def main() -> None:
    """Print which share of each kind is found, and of the paintings as they are."""
    parser = argparse.ArgumentParser(prog="python -m bench.borders", description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"), help="holds paintings/ (../shared)")
    parser.add_argument("--step", type=int, default=4, help="of so many paintings one")
    parser.add_argument("--first", type=int, default=2, help="the first of them")
    options = parser.parse_args()
    folder = options.shared / "paintings"
    named = list(real_paintings(folder))[options.first :: options.step]
    rng, paintings = Random(0), [pixels for _, pixels in named]
    numbers = dict[str, int]()
    for name, draw in KINDS.items():
        drawn = [_encoded(draw(pixels, rng), rng) for pixels in paintings]
        bordered = [(pixels, width) for pixels in drawn if (width := border(pixels))]
        numbers[name] = len(bordered)
        framed = sum(is_frame(pixels, width) for pixels, width in bordered) / len(bordered)
        print(f"{name:<44}{len(bordered) / len(drawn):.3f} of {len(drawn)} found, {framed:.3f} of these called a frame")
    false = _found(paintings, rng)
    barred = [np.asarray(Image.open(folder / "images" / name).convert("RGB")) for name, _ in named]
    real = [file for file, (_, pixels) in zip(barred, named, strict=True) if _is_barred(file, pixels)]
    print(f"{'the black bars that the files have':<44}{_found(real, rng) / len(real):.3f} of {len(real)} found")
    recall = sum(numbers.values()) / len(numbers) / len(paintings)
    share = false / len(paintings)
    print(f"paintings as they are: {share:.3f} of {len(paintings)} are said to have a border")
    print(f"recall {recall:.3f}, precision {recall / (recall + share):.3f} where half of all pictures have a border")


def plain(pixels: Pixels, rng: Random) -> Pixels:
    """Draw a mat of one colour."""
    width = round(rng.uniform(0.03, 0.12) * min(pixels.shape[:2]))
    colour = [rng.randrange(256) for _ in range(3)]
    return np.asarray(cv2.copyMakeBorder(pixels, *[width] * 4, cv2.BORDER_CONSTANT, value=colour), np.uint8)


def moulding(pixels: Pixels, rng: Random, *, is_ornate: bool = False) -> Pixels:
    """Draw a frame with a profile, lit from one side, with a grain or an ornament along it."""
    height, width = pixels.shape[:2]
    depth = max(4, round(rng.uniform(0.05, 0.15) * min(height, width)))
    shape = height + 2 * depth, width + 2 * depth
    row, column = np.mgrid[: shape[0], : shape[1]]
    from_sides = np.stack([row, shape[0] - 1 - row, column, shape[1] - 1 - column])
    distance, side = from_sides.min(axis=0), from_sides.argmin(axis=0)
    knots = [rng.uniform(0.5, 1.25) for _ in range(rng.randint(3, 6))]
    profile = np.interp(np.linspace(0, 1, depth), np.linspace(0, 1, len(knots)), knots)
    shade = profile[distance.clip(0, depth - 1)] * np.array([1.1, 0.8, 1.05, 0.85])[side]
    texture = 1 + _noise(rng, shape, 0.06, 1)
    if is_ornate:
        along = np.sin(2 * np.pi * np.where(side < 2, column, row) / rng.uniform(6, 16))
        texture += 0.18 * along * np.sin(np.pi * (distance / depth).clip(0, 1)) + _noise(rng, shape, 0.12, 1.5)
    framed = np.array(rng.choice(WOODS)) * (shade * texture)[..., None]
    framed[depth : depth + height, depth : depth + width] = pixels
    return framed.clip(0, 255).astype(np.uint8)


def wall(pixels: Pixels, rng: Random) -> Pixels:
    """Hang a picture on a wall, unevenly lit, with a shadow."""
    height, width = pixels.shape[:2]
    top, bottom, left, right = (round(rng.uniform(0.05, 0.2) * min(height, width)) for _ in range(4))
    shape = height + top + bottom, width + left + right
    light = np.linspace(rng.uniform(0.85, 1), rng.uniform(0.85, 1.05), shape[0])[:, None]
    light = light * np.linspace(rng.uniform(0.9, 1), rng.uniform(0.9, 1.05), shape[1])[None]
    shadow, throw = np.zeros(shape, np.float32), max(2, min(height, width) // 40)
    shadow[top + throw : top + throw + height, left + throw : left + throw + width] = 0.35
    shade = (light + _noise(rng, shape, 0.012, 2)) * (1 - cv2.GaussianBlur(shadow, (0, 0), throw))
    hung = np.array(rng.choice(WALLS)) * shade[..., None]
    hung[top : top + height, left : left + width] = pixels
    return hung.clip(0, 255).astype(np.uint8)


def bars(pixels: Pixels, rng: Random) -> Pixels:
    """Draw black or white bars at two sides that face each other."""
    width, is_flat = round(rng.uniform(0.04, 0.15) * min(pixels.shape[:2])), rng.random() < 0.5
    sides = (width, width, 0, 0) if is_flat else (0, 0, width, width)
    colour = rng.choice([(0, 0, 0), (255, 255, 255)])
    return np.asarray(cv2.copyMakeBorder(pixels, *sides, cv2.BORDER_CONSTANT, value=colour), np.uint8)


KINDS: Mapping[str, Callable[[Pixels, Random], Pixels]] = {
    "a mat of one colour, 3 to 12 %": plain,
    "a wooden frame, 5 to 15 %": moulding,
    "a gilt frame with ornament": lambda pixels, rng: moulding(pixels, rng, is_ornate=True),
    "on a wall, 5 to 20 % of it": wall,
    "framed, on a wall": lambda pixels, rng: wall(moulding(pixels, rng, is_ornate=rng.random() < 0.5), rng),
    "bars at two sides, 4 to 15 %": bars,
}


def _found(pictures: list[Pixels], rng: Random) -> int:
    """Count the pictures in which a border is found once they are JPEGs."""
    return sum(border(_encoded(pixels, rng)) > 0 for pixels in pictures)


def _encoded(pixels: Pixels, rng: Random) -> Pixels:
    _, content = cv2.imencode(".jpg", pixels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, rng.randint(75, 95)])
    return np.ascontiguousarray(cv2.imdecode(content, cv2.IMREAD_COLOR)[..., ::-1])


def _is_barred(file: Pixels, pixels: Pixels, least: float = 0.04) -> bool:
    """Return whether a file has bars of some width around its painting, at both sides."""
    return max(whole - part for whole, part in zip(file.shape[:2], pixels.shape[:2], strict=True)) / 2 >= least * min(
        file.shape[:2]
    )


def _noise(rng: Random, shape: tuple[int, int], strength: float, blur: float) -> NDArray[np.float64]:
    noise = np.random.default_rng(rng.randrange(2**31)).normal(0, 1, shape)
    smooth = cv2.GaussianBlur(noise, (0, 0), blur)
    return np.asarray(smooth / smooth.std() * strength, np.float64)


if __name__ == "__main__":
    main()
