"""What a picture tells beside what it shows: how grey it is, whether a frame or a wall is in it, its file's quality."""

import io

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import JpegImagePlugin

SIDE, MAX_SIDE = 150, 600  # pixels of the shorter side at which borders are looked for, and of a strip's longer one
MIN_DEPTH, MAX_DEPTH = 0.02, 0.34  # of a side, at which a border ends
MARGIN = 0.2  # of a side, at both its ends, that is not looked at: there the other sides' borders lie
SHARE = 0.75  # of a side that its border's end runs along
MIN_EDGE = 16.0  # of 255 in CIELAB, at three sides
MIN_PLAIN_EDGE, MAX_PLAIN = 12.0, 6.0  # at two sides that face each other; what lies beyond varies so much at most
MIN_RELIEF = 2.0  # of 255 in CIELAB, from a pixel to the next across a frame; walls, mats and bars have less
_QUANTIZED = 3688  # the sum of the standard table of luminance, which stands for quality 50


def greyness(pixels: NDArray[np.uint8]) -> float:
    """Return how grey a picture is: 1 where red, green and blue are the same everywhere, 0 where all is in full colour.

    Args:
        pixels: Shape (height, width, 3).
    """
    red, green, blue = cv2.split(pixels)
    largest, least = cv2.max(cv2.max(red, green), blue), cv2.min(cv2.min(red, green), blue)
    return 1 - float(cv2.mean(cv2.subtract(largest, least))[0]) / 255


def border(pixels: NDArray[np.uint8]) -> float:
    """Return how wide a frame, a wall, a mat or bars around a painting are, as a share of the shorter side; 0: none.

    A border ends in a straight edge along a side. Paintings, too, have some; so three sides are asked for, or two that
    face each other and are plain beyond it.

    Args:
        pixels: RGB, shape (height, width, 3).
    """
    colours = _small(pixels)
    sides = [_edge(np.rot90(colours, turn)) for turn in range(4)]
    found = [depth for edge, depth, _ in sides if edge > MIN_EDGE]
    if len(found) < 3:
        plain = [is_plain for _, _, is_plain in sides]
        pairs = [place for place in (0, 1) if plain[place] and plain[place + 2]]
        found = [sides[side][1] for place in pairs for side in (place, place + 2)]
    return sum(found) / len(found) / SIDE if found else 0.0


def is_frame(pixels: NDArray[np.uint8], width: float) -> bool:
    """Return whether a border has the relief of a frame, and is no wall, mat or bar: at three sides at least.

    Args:
        pixels: RGB, shape (height, width, 3).
        width: The border's, as `border` returns it.
    """
    colours, depth = _small(pixels), max(3, round(width * SIDE) - 2)  # without the edge in which it ends
    sides = []
    for turn in range(4):
        side = np.rot90(colours, turn)
        margin = round(MARGIN * side.shape[1])
        part = np.ascontiguousarray(side[1:depth, margin : side.shape[1] - margin])
        sides.append(float(cv2.absdiff(part[1:], part[:-1]).max(axis=2).mean()))
    return sorted(sides)[1] > MIN_RELIEF


def jpeg_quality(content: bytes) -> int | None:
    """Return the quality that a JPEG was written with, 1 to 100, by its quantization; None: it is no JPEG."""
    if not content.startswith(b"\xff\xd8"):
        return None
    tables = JpegImagePlugin.JpegImageFile(io.BytesIO(content)).quantization
    if not tables:
        return None
    scale = 100 * sum(tables[min(tables)]) / _QUANTIZED
    return max(1, min(100, round(100 - scale / 2 if scale <= 100 else 5000 / scale)))


def _small(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a picture as borders are looked for, in CIELAB."""
    scale = SIDE / min(pixels.shape[:2])
    size = min(MAX_SIDE, round(pixels.shape[1] * scale)), min(MAX_SIDE, round(pixels.shape[0] * scale))
    # Half of a build's picture: the mean of four pixels, which is faster to have so than by INTER_AREA.
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR if scale >= 0.5 else cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2LAB), np.uint8)


def _edge(colours: NDArray[np.uint8]) -> tuple[float, int, bool]:
    """Return the strongest straight edge along the top: its strength, its row, and whether it ends a plain border."""
    height, width = colours.shape[:2]
    first, last, margin = max(2, round(MIN_DEPTH * height)), round(MAX_DEPTH * height), round(MARGIN * width)
    part = np.ascontiguousarray(colours[: last + 2, margin : width - margin])
    first_band, second_band, third_band = cv2.split(cv2.absdiff(part[2:], part[:-2]))
    steps = cv2.max(cv2.max(first_band, second_band), third_band)
    place = int((1 - SHARE) * steps.shape[1])
    strengths = np.partition(steps, place, axis=1)[:, place]
    row = first + int(strengths[first:last].argmax())
    strength = float(strengths[row])
    is_plain = strength > MIN_PLAIN_EDGE and bool(part[1 : max(2, row - 1)].std(axis=1).max() < MAX_PLAIN)
    return strength, row, is_plain
