"""A class activation map on its picture: orange speaks for the value, blue against it."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageOps
from scipy.ndimage import gaussian_filter

from train.data.crops import centre_box
from train.data.encoding import Floats
from train.data.views import Box, boxes_of

FOR, AGAINST = (255, 140, 0), (0, 90, 255)  # RGB, that colour-blind people can tell apart
STRONGEST = 0.65  # how much of the picture the colour hides where the map is strongest


def overlay(picture: Image.Image, maps: Floats, side: int) -> Image.Image:
    """Return a picture with the maps of its views where these were cut from it.

    Args:
        picture: As a build holds it.
        maps: Of each view, (views, height, width).
        side: Pixels, of the square that the network sees.
    """
    boxes = [(centre_box(*picture.size, side), False)] if len(maps) == 1 else boxes_of(*picture.size)[: len(maps)]
    heat = heat_of(maps, boxes, picture.size)
    if len(maps) > 1:  # where views end there would be edges of no meaning: blur by half a place, of the smallest view
        place = min(min(right - left, bottom - top) for (left, top, right, bottom), _ in boxes) / max(maps.shape[1:])
        heat = gaussian_filter(heat, place / 2)
    strength = heat[..., None] / (float(np.abs(heat).max()) or 1.0)
    colours = np.where(strength > 0, np.array(FOR), np.array(AGAINST))
    share = STRONGEST * np.abs(strength)
    return Image.fromarray(np.rint(np.asarray(picture) * (1 - share) + colours * share).astype(np.uint8))


def heat_of(maps: Floats, boxes: Sequence[tuple[Box, bool]], size: tuple[int, int]) -> Floats:
    """Return for each pixel of a picture of this size what it adds to the score: (height, width).

    Each view's map is spread over its box, so that all pixels together add what all maps add.
    """
    heat = np.zeros(size[::-1], np.float32)
    for values, ((left, top, right, bottom), is_mirrored) in zip(maps, boxes, strict=True):
        area = heat[round(top) : max(round(bottom), round(top) + 1), round(left) : max(round(right), round(left) + 1)]
        patch = Image.fromarray(values.astype(np.float32))
        patch = (ImageOps.mirror(patch) if is_mirrored else patch).resize(area.shape[::-1], Image.Resampling.BILINEAR)
        spread = np.asarray(patch)
        area += spread * (values.size / spread.size)  # the same sum on more places
    return heat
