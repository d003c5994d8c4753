"""Colour charts and grey scales drawn into pictures, and what has rows of boxes but is none."""

from random import Random

import cv2
import numpy as np
import pytest

from bench.charts import CHARTS, scan, small
from curate.images.charts import MAX_PATCHES, has_chart
from tests.curate.images.pictures import Pixels, grey, painted


def tiles(colours: list[tuple[int, int, int]], extent: int = 16) -> Pixels:
    """Draw a row of tiles into a picture, one below the other."""
    pixels = painted(1).copy()
    for place, colour in enumerate(colours):
        top = 20 + place * (extent + 3)
        cv2.rectangle(pixels, (60, top), (60 + extent, top + extent), colour, -1)
    return pixels


COLOURS = [(200, 40, 40), (40, 160, 60), (40, 60, 190), (230, 210, 40), (190, 50, 140)]
GREYS = [(value, value, value) for value in (240, 200, 160, 120, 80)]


@pytest.mark.parametrize("draw", CHARTS.values(), ids=CHARTS)
@pytest.mark.parametrize("number", range(4))
def test_a_chart_is_found_in_the_small_picture_of_a_scan(draw: object, number: int) -> None:
    rng, pixels = Random(number), painted(number)
    assert not has_chart(small(pixels, rng))
    assert has_chart(small(scan(pixels, CHARTS["24 patches"](rng), 0.4, rng), rng))
    assert has_chart(small(scan(pixels, draw(rng), 0.7, rng), rng))  # type: ignore[operator]


@pytest.mark.parametrize("colours", [COLOURS, GREYS, GREYS[::-1]], ids=["colours", "greys", "from dark to light"])
def test_five_neighbours_that_all_differ_are_a_chart_upright_and_lying(colours: list[tuple[int, int, int]]) -> None:
    assert has_chart(tiles(colours))
    assert has_chart(np.ascontiguousarray(np.rot90(tiles(colours))))


@pytest.mark.parametrize(
    "colours",
    [
        COLOURS[:4],
        [COLOURS[0]] * 8,
        COLOURS[:2] * 4,
        [*COLOURS[:4], COLOURS[0]],
        [(value, value, value) for value in (130, 127, 124, 121, 118)],
    ],
    ids=["four", "windows", "tiles of two colours", "one colour twice", "greys that are all but one"],
)
def test_other_rows_of_boxes_are_no_chart(colours: list[tuple[int, int, int]]) -> None:
    assert not has_chart(tiles(colours))


def test_a_chart_of_colours_in_a_grey_photograph_is_one() -> None:
    rng = Random(0)
    assert has_chart(grey(small(scan(painted(1), CHARTS["24 patches"](rng), 0.5, rng), rng)))


def test_boxes_at_odd_distances_or_of_odd_sizes_are_no_chart() -> None:
    pixels = grey(painted(2))
    for place, (x, extent) in enumerate([(10, 12), (40, 12), (60, 12), (110, 12), (130, 12)]):
        cv2.rectangle(pixels, (x, 50), (x + extent, 50 + extent), COLOURS[place], -1)
    for place, (x, extent) in enumerate([(10, 30), (45, 12), (60, 33), (100, 10), (115, 36)]):
        cv2.rectangle(pixels, (x, 120), (x + extent, 120 + extent), COLOURS[place], -1)
    assert not has_chart(pixels)


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (9000, 200), (7, 3)])
def test_a_picture_of_one_colour_has_no_chart_whatever_its_size(size: tuple[int, int]) -> None:
    assert not has_chart(np.full((*size, 3), 128, np.uint8))


def test_a_picture_of_nothing_but_small_boxes_is_looked_at_in_bounds() -> None:
    rng = np.random.default_rng(0)
    screen = rng.integers(0, 2, (100, 134)).astype(np.uint8) * 120
    pixels = np.repeat(np.repeat(screen, 3, axis=0), 3, axis=1)[..., None].repeat(3, axis=2)
    pixels[::3], pixels[:, ::3] = 255, 255
    assert screen.size > 5 * MAX_PATCHES
    assert not has_chart(pixels)
