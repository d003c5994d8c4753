import io

import cv2
import numpy as np
import pytest
from PIL import Image

from curate.images.measures import border, greyness, is_frame, jpeg_quality
from tests.curate.images.pictures import Pixels, grey, painted


def framed(pixels: Pixels, top: int, bottom: int, left: int, right: int, colour: tuple[int, int, int]) -> Pixels:
    sides = (top, bottom, left, right)
    return np.asarray(cv2.copyMakeBorder(pixels, *sides, cv2.BORDER_CONSTANT, value=colour), np.uint8)


def moulding(pixels: Pixels, width: int) -> Pixels:
    """Frame a picture by wood: lighter and darker rims, with a grain."""
    for step in range(width):
        shade = 60 + 40 * (step % 6)
        pixels = framed(pixels, 1, 1, 1, 1, (shade, shade // 2, shade // 4))
    grain = np.random.default_rng(0).normal(0, 6, pixels.shape)
    grain[width:-width, width:-width] = 0
    return np.clip(pixels + grain, 0, 255).astype(np.uint8)


def test_a_picture_in_full_colour_is_not_grey_and_one_without_colour_is() -> None:
    assert greyness(np.full((4, 5, 3), (255, 0, 0), np.uint8)) == 0
    assert greyness(np.full((4, 5, 3), 77, np.uint8)) == greyness(grey(painted(1))) == 1
    assert 0.2 < greyness(painted(1)) < 0.9


@pytest.mark.parametrize("number", range(4))
def test_frames_walls_and_bars_are_borders_and_their_width_is_measured(number: int) -> None:
    pixels = painted(number)  # 320 x 260
    assert border(pixels) == 0
    assert border(framed(pixels, 26, 26, 26, 26, (240, 240, 235))) == pytest.approx(26 / 312, abs=0.02)  # a wall
    assert border(framed(pixels, 30, 30, 0, 0, (0, 0, 0))) == pytest.approx(30 / 320, abs=0.02)  # bars
    assert border(framed(pixels, 0, 0, 30, 30, (0, 0, 0))) == pytest.approx(30 / 260, abs=0.02)
    assert border(moulding(pixels, 24)) > 0


@pytest.mark.parametrize("number", range(4))
def test_a_frame_has_relief_and_a_wall_a_mat_or_bars_have_none(number: int) -> None:
    pixels = painted(number)
    kinds = {
        "frame": moulding(pixels, 24),
        "wall": framed(pixels, 26, 30, 26, 40, (240, 240, 235)),
        "bars": framed(pixels, 30, 30, 0, 0, (0, 0, 0)),
    }
    assert {kind: is_frame(whole, border(whole)) for kind, whole in kinds.items()} == {
        "frame": True, "wall": False, "bars": False
    }  # fmt: skip


def test_a_line_along_one_side_is_no_border() -> None:
    pixels = painted(5)
    assert border(framed(pixels, 40, 0, 0, 0, (0, 0, 0))) == 0
    assert border(framed(pixels, 40, 0, 40, 0, (0, 0, 0))) == 0  # two that do not face each other


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (9000, 200), (7, 3)])
def test_a_picture_of_one_colour_has_no_border_whatever_its_size(size: tuple[int, int]) -> None:
    assert border(np.full((*size, 3), 128, np.uint8)) == 0


@pytest.mark.parametrize("quality", [30, 50, 60, 75, 90, 95])
def test_the_quality_of_a_jpeg_is_read_from_its_quantization(quality: int) -> None:
    target = io.BytesIO()
    Image.fromarray(painted(1)).save(target, "JPEG", quality=quality)
    assert jpeg_quality(target.getvalue()) == pytest.approx(quality, abs=1)


def test_what_is_no_jpeg_has_no_quality() -> None:
    target = io.BytesIO()
    Image.fromarray(painted(1)).save(target, "PNG")
    assert jpeg_quality(target.getvalue()) is None
