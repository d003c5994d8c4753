"""Ten views of a picture: where each is cut, and in which order."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from train.config import MAX_VIEWS, TrainError
from train.data.views import view_batches, views_of

RED, GREEN, BLUE, WHITE = (200, 0, 0), (0, 200, 0), (0, 0, 200), (255, 255, 255)


@pytest.fixture(scope="module")
def picture() -> Image.Image:
    """Twice as wide as high: its quarters red, green, blue and white."""
    pixels = np.zeros((40, 80, 3), np.uint8)
    for top, left, colour in ((0, 0, RED), (0, 40, GREEN), (20, 0, BLUE), (20, 40, WHITE)):
        pixels[top : top + 20, left : left + 40] = colour
    return Image.fromarray(pixels)


def corners(view: np.ndarray) -> list[tuple[int, ...]]:
    """The colours near the corners: top left, top right, bottom left, bottom right."""
    return [tuple(view[row, column].tolist()) for row in (2, -3) for column in (2, -3)]


def test_the_views_are_centre_whole_mirrored_ends_and_quadrants(picture: Image.Image) -> None:
    views = views_of(picture, 16, MAX_VIEWS)
    assert views.shape == (10, 16, 16, 3)
    assert views.dtype == np.uint8
    assert corners(views[0]) == corners(views[1]) == [RED, GREEN, BLUE, WHITE]
    assert corners(views[2]) == corners(views[3]) == [GREEN, RED, WHITE, BLUE]
    np.testing.assert_array_equal(views[2], views[0][:, ::-1])
    np.testing.assert_array_equal(views[3], views[1][:, ::-1])
    assert corners(views[4]) == [RED, RED, BLUE, BLUE]
    assert corners(views[5]) == [GREEN, GREEN, WHITE, WHITE]
    assert [set(corners(view)) for view in views[6:]] == [{RED}, {GREEN}, {BLUE}, {WHITE}]


def test_fewer_views_are_the_first_ones(picture: Image.Image) -> None:
    np.testing.assert_array_equal(views_of(picture, 16, 3), views_of(picture, 16, 10)[:3])


def bicubic(pixels: int, start: float, end: float, side: int) -> np.ndarray:
    """How much each pixel of a line counts for each of a part's new ones: (side, pixels)."""
    step = (end - start) / side
    middles = start + (np.arange(side)[:, None] + 0.5) * step
    x = np.abs((np.arange(pixels) + 0.5 - middles) / max(step, 1))
    weights = np.where(x < 1, (1.5 * x - 2.5) * x * x + 1, np.where(x < 2, ((-0.5 * x + 2.5) * x - 4) * x + 2, 0))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


@pytest.mark.parametrize(("width", "height"), [(30, 80), (80, 30), (50, 50)], ids=["tall", "wide", "square"])
def test_pictures_of_every_shape_are_resampled_across_and_then_down(width: int, height: int) -> None:
    pixels = np.random.default_rng(0).integers(0, 2, (height, width, 3), np.uint8) * 255
    across = np.einsum("sw,hwc->hsc", bicubic(width, 0, width, 24), pixels)
    whole = np.einsum("sh,hwc->swc", bicubic(height, 0, height, 24), np.clip(np.floor(across + 0.5), 0, 255))
    expected = np.clip(np.floor(whole + 0.5), 0, 255)
    assert np.abs(views_of(Image.fromarray(pixels), 24, 2)[1] - expected).max() <= 1


@pytest.mark.parametrize("size", [(1, 1), (3, 500), (500, 3)])
def test_a_sliver_has_views_too(size: tuple[int, int]) -> None:
    assert (views_of(Image.new("RGB", size, RED), 8, 10) == RED).all()


def test_batches_hold_the_views_of_each_picture(data: Path) -> None:
    images = sorted((data / "builds" / "tiny" / "images").iterdir())[:3]
    assert [batch.shape for batch in view_batches(images, 8, 2, 2)] == [(2, 2, 8, 8, 3), (1, 2, 8, 8, 3)]
    images[1].write_bytes(b"no image")
    with pytest.raises(TrainError, match=r"01\.png is no image .*build again"):
        list(view_batches(images, 8, 2, 2))
