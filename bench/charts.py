"""How often colour charts beside paintings are found: `python -m bench.charts [--shared ../shared] [--step 4]`.

Charts are drawn into scans of real paintings, lit unevenly, turned a little, and compressed as JPEG; what is looked at
is the small picture that a build makes of the scan. Thresholds were chosen on each 32nd painting from the first; those
from the third on (`--first 2`, the default) are what to go by. The paintings as they are, are all looked at.
"""

import argparse
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random

import cv2
import numpy as np
from numpy.typing import NDArray

from curate.images.charts import has_chart
from curate.images.hashes import decoded
from harvest.pictures import PixelBudget, shrink
from tests.paintings import real_paintings

Pixels = NDArray[np.uint8]
Draw = Callable[[Random], Pixels]

SCAN = 900  # pixels of a scan's shorter side, without the margin that the chart lies on
SIZES = ((0.12, 0.25), (0.25, 0.4), (0.4, 0.6), (0.6, 0.95))  # of the side that a chart lies along
CARDS = ((20, 20, 20), (128, 128, 126), (235, 233, 228))  # that charts are printed on
GROUNDS = ((240, 240, 238), (120, 120, 120), (35, 35, 36), (10, 10, 10), (180, 170, 150))  # behind painting and chart

# The 24 patches as published for sRGB, row by row.
CHECKER = (
    (115, 82, 68), (194, 150, 130), (98, 122, 157), (87, 108, 67), (133, 128, 177), (103, 189, 170),
    (214, 126, 44), (80, 91, 166), (193, 90, 99), (94, 60, 108), (157, 188, 64), (224, 163, 46),
    (56, 61, 150), (70, 148, 73), (175, 54, 60), (231, 199, 31), (187, 86, 149), (8, 133, 161),
    (243, 243, 242), (200, 200, 200), (160, 160, 160), (122, 122, 121), (85, 85, 85), (52, 52, 52),
)  # fmt: skip
# Blue, cyan, green, yellow, red, magenta, white, three-colour black, black.
CONTROL = (
    (35, 60, 140), (0, 135, 185), (0, 125, 75), (245, 220, 40), (210, 40, 45), (195, 45, 120), (245, 245, 243),
    (85, 58, 48), (28, 27, 28),
)  # fmt: skip
STEPS = 20  # of the grey scale, of .1 in density each


def checker(rng: Random) -> Pixels:
    """Draw the chart of 24 patches: black between them."""
    return _laid_out([CHECKER[row * 6 : row * 6 + 6] for row in range(4)], 40, rng.choice((4, 6, 8)), (22, 22, 22))


def control_strip(rng: Random) -> Pixels:
    """Draw a strip of nine colours that touch each other, on many such strips with lighter ones below."""
    rows: list[Sequence[Sequence[int]]] = [CONTROL]
    if rng.random() < 0.5:
        rows.append([tuple((value + 255) // 2 for value in colour) for colour in CONTROL])
    return _laid_out(rows, 40, rng.choice((0, 0, 3)), (250, 250, 250))


def grey_scale(rng: Random) -> Pixels:
    """Draw a grey scale of twenty steps that touch each other."""
    greys = [round(255 * _srgb(10 ** -(0.05 + 0.1 * step))) for step in range(STEPS)]
    return _laid_out([[(grey, grey, grey) for grey in greys]], 40, 0, rng.choice(CARDS), tall=70)


CHARTS: Mapping[str, Draw] = {
    "24 patches": checker, "a strip of nine colours": control_strip, "a grey scale of 20 steps": grey_scale
}  # fmt: skip


def main() -> None:
    """Print which share of each chart is found by its size, and of the paintings as they are."""
    parser = argparse.ArgumentParser(prog="python -m bench.charts", description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"), help="holds paintings/ (../shared)")
    parser.add_argument("--step", type=int, default=16, help="of so many paintings one")
    parser.add_argument("--first", type=int, default=2, help="the first of them")
    options = parser.parse_args()
    named = list(real_paintings(options.shared / "paintings"))
    planted = [pixels for _, pixels in named[options.first :: options.step]]
    rng, recall = Random(0), Counter[bool]()
    for name, draw in CHARTS.items():
        for size in SIZES:
            found = [has_chart(small(scan(pixels, draw(rng), rng.uniform(*size), rng), rng)) for pixels in planted]
            recall.update(found)
            print(
                f"{name}, {size[0]} to {size[1]} of a side".ljust(52), f"{sum(found) / len(found):.3f} of {len(found)}"
            )
    for name, scale in (("as they are", 1), ("enlarged twice", 2)):
        enlarged = [cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC) for _, pixels in named]
        began = time.process_time()
        false = [
            file for (file, _), pixels in zip(named, enlarged, strict=True) if has_chart(np.asarray(pixels, np.uint8))
        ]
        cost = (time.process_time() - began) / len(named)
        share = len(false) / len(named)
        print(
            f"paintings {name}: {len(false)} of {len(named)}, {share:.4f}, said to hold a chart; {1000 * cost:.1f} ms"
        )
        print("\n".join(f"  {file}" for file in false))
    print(f"recall {recall[True] / recall.total():.3f} of {recall.total()}")


def scan(pixels: Pixels, drawn: Pixels, share: float, rng: Random) -> Pixels:
    """Photograph a painting with a chart: beside it, or lying on its edge."""
    turns = rng.randrange(4)  # the side that it lies at
    painting = np.rot90(pixels, turns)
    scale = SCAN / min(painting.shape[:2])
    painting = cv2.resize(painting, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    height, width = painting.shape[:2]
    scale = min(share * width / drawn.shape[1], 0.5 * height / drawn.shape[0])
    drawn = np.asarray(cv2.resize(drawn, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    tall, wide = drawn.shape[:2]
    gap = round(rng.uniform(0.05, 0.5) * tall)
    room = 0 if rng.random() < 0.3 else tall + 2 * gap  # without: it lies on the painting
    scene = np.full((height + room, width, 3), rng.choice(GROUNDS), np.uint8)
    scene[:height] = painting
    top, left = height + room - gap - tall, round(rng.uniform(0.02, 0.98) * (width - wide))
    chart_on = np.zeros_like(scene)
    chart_on[top : top + tall, left : left + wide] = drawn
    mask = np.zeros(scene.shape[:2], np.float32)
    mask[top : top + tall, left : left + wide] = 1
    turn = cv2.getRotationMatrix2D((left + wide / 2, top + tall / 2), rng.uniform(-2, 2), 1)
    size = scene.shape[1::-1]
    layer = cv2.warpAffine(chart_on, turn, size, flags=cv2.INTER_LINEAR).astype(np.float32)
    alpha = cv2.warpAffine(mask, turn, size, flags=cv2.INTER_LINEAR)[..., None]
    lit = np.linspace(rng.uniform(0.85, 1), rng.uniform(0.85, 1), size[0], dtype=np.float32)[None, :, None]
    noise = np.random.default_rng(rng.randrange(2**31)).standard_normal(scene.shape, np.float32)
    whole = (scene * (1 - alpha) + layer) * lit + np.float32(rng.uniform(1, 4)) * noise
    return np.ascontiguousarray(np.rot90(whole.clip(0, 255).astype(np.uint8), -turns))


def small(pixels: Pixels, rng: Random) -> Pixels:
    """Return the picture that a build makes of a scan, once that is a JPEG."""
    _, content = cv2.imencode(".jpg", pixels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, rng.randint(60, 95)])
    return decoded(shrink(content.tobytes(), PixelBudget())[0], "scan.jpg")


def _laid_out(
    rows: Sequence[Sequence[Sequence[int]]], patch: int, gap: int, card: Sequence[int], *, tall: int | None = None
) -> Pixels:
    """Lay patches out on a card, with a margin and as much between them as the gap."""
    high = tall or patch
    height, width = len(rows) * (high + gap) + gap, len(rows[0]) * (patch + gap) + gap
    drawn = np.full((height, width, 3), card, np.uint8)
    for row, colours in enumerate(rows):
        for column, colour in enumerate(colours):
            top, left = gap + row * (high + gap), gap + column * (patch + gap)
            drawn[top : top + high, left : left + patch] = colour
    return np.asarray(cv2.copyMakeBorder(drawn, *[patch // 4] * 4, cv2.BORDER_CONSTANT, value=list(card)), np.uint8)


def _srgb(linear: float) -> float:
    return 12.92 * linear if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055


if __name__ == "__main__":
    main()
