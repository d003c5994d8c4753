"""Colour charts and grey scales that were photographed with a painting: rows of flat patches, each of another colour.

Paintings have rows of flat boxes too: windows, tiles, keys. But five neighbours of one size, at equal distances, of
which each is of another colour, or each lighter than the one before, are rare.
"""

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

MIN_PATCHES = 5  # neighbours in a row
FLAT = (4, 8)  # of 255 in CIELAB, from a pixel of a patch to the next one at most: near greys, and small patches
MIN_EXTENT, MAX_EXTENT = 2, 70  # pixels of a patch's sides
MAX_PATCHES = 2000  # that are compared, the largest: each with each
MAX_ASPECT, MIN_FILLED = 2.6, 0.75  # of a patch's sides to each other; of its box that it fills
MAX_GAP = 0.6  # of a patch's extent, between it and the next one
ALIKE = 0.25  # by which extents and distances in a row may differ
MAX_SLOPE = 0.07  # of a row: four degrees
MIN_DIFFERENCE, MIN_MEAN = 9.0, 40.0  # of 255 in CIELAB, between any two neighbours of a row, and on average
MAX_CHROMA, MIN_RANGE = 12.0, 35.0  # of 255 in CIELAB: a scale's colour, and its range of lightness in five patches

Patches = NDArray[np.float32]  # shape (n, 7): the centre's x and y, width, height, colour in CIELAB


def has_chart(pixels: NDArray[np.uint8]) -> bool:
    """Return whether a colour chart or a grey scale lies along a side of a picture, turned by four degrees at most.

    Args:
        pixels: RGB, shape (height, width, 3), of some 300 pixels on the shorter side.
    """
    if min(pixels.shape[:2]) < MIN_EXTENT:
        return False
    colours = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB), np.uint8)
    across, down = _steps(colours[:, 1:], colours[:, :-1]), _steps(colours[1:], colours[:-1])
    for most in FLAT:
        flat = np.ones(colours.shape[:2], np.uint8)
        flat[:, :-1] &= across <= most
        flat[:-1] &= down <= most
        lying = _patches(flat, colours)
        standing = lying[:, [1, 0, 3, 2, 4, 5, 6]]
        if any(_is_chart(row[:, 4:]) for patches in (lying, standing) for row in _rows(patches)):
            return True
    return False


def _steps(pixels: NDArray[np.uint8], others: NDArray[np.uint8]) -> NDArray[np.uint8]:
    lightness, red, blue = cv2.split(cv2.absdiff(pixels, others))
    return np.asarray(cv2.max(cv2.max(lightness, red), blue), np.uint8)


def _patches(flat: NDArray[np.uint8], colours: NDArray[np.uint8]) -> Patches:
    """Return the flat areas that are boxes, with the colour of the pixel in their middle."""
    _, _, areas, centres = cv2.connectedComponentsWithStats(flat, connectivity=4)
    width, height, size = (areas[:, place] for place in (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT, cv2.CC_STAT_AREA))
    shorter, longer = np.minimum(width, height), np.maximum(width, height)
    is_box = (shorter >= MIN_EXTENT) & (longer <= MAX_EXTENT) & (longer <= MAX_ASPECT * shorter)
    is_box &= size >= MIN_FILLED * width * height
    is_box[0] = False  # all that is not flat
    boxes = np.flatnonzero(is_box)
    if len(boxes) > MAX_PATCHES:
        boxes = boxes[np.argsort(-size[boxes], kind="stable")[:MAX_PATCHES]]
    x, y = centres[boxes].T
    middle = colours[np.rint(y).astype(int), np.rint(x).astype(int)]
    # The last pixel of a patch is not flat: the next one is of another colour.
    return np.column_stack([x, y, width[boxes] + 1, height[boxes] + 1, middle]).astype(np.float32)


def _rows(patches: Patches) -> Iterator[Patches]:
    """Yield rows of patches of one size at equal distances, from left to right."""
    patches = patches[np.argsort(patches[:, 0], kind="stable")]
    x, y, width, height = patches[:, :4].T
    distance = x[None] - x[:, None]
    is_next = (distance >= 0.8 * width[:, None]) & (distance <= (1 + MAX_GAP) * width[:, None] + 2)
    is_next &= np.abs(y[None] - y[:, None]) <= MAX_SLOPE * distance + 0.7
    for extent in (width, height):
        is_next &= np.abs(extent[None] - extent[:, None]) <= ALIKE * extent[:, None] + 1
    longest: dict[int, list[list[int]]] = {}  # rows by their last patch
    for first, second in np.argwhere(is_next).tolist():  # by the first one's place, so all that end there are complete
        row = [first]
        for before in longest.get(first, ()):
            change = distance[first, second] - distance[before[-2], first]
            if len(before) > len(row) and abs(change) <= ALIKE * distance[first, second] + 0.7:
                row = before
        longest.setdefault(second, []).append([*row, second])
    yield from (patches[row] for rows in longest.values() for row in rows if len(row) >= MIN_PATCHES)


def _is_chart(colours: NDArray[np.float32]) -> bool:
    """Return whether some neighbours of a row, its colours of shape (n, 3), are each of another colour, or a scale."""
    parts = np.lib.stride_tricks.sliding_window_view(colours, MIN_PATCHES, axis=0).swapaxes(1, 2)
    first, second = np.triu_indices(MIN_PATCHES, 1)
    differences = np.linalg.norm(parts[:, first] - parts[:, second], axis=2)
    is_diverse = (differences.min(axis=1) >= MIN_DIFFERENCE) & (differences.mean(axis=1) >= MIN_MEAN)
    rise = np.diff(parts[..., 0], axis=1)
    is_scale = np.abs(parts[..., 1:] - 128).max(axis=(1, 2)) <= MAX_CHROMA
    is_scale &= (np.abs(rise.sum(axis=1)) >= MIN_RANGE) & ((rise > 0).all(axis=1) | (rise < 0).all(axis=1))
    return bool((is_diverse | is_scale).any())
