import numpy as np
import pytest

from curate.images import alignment, hashes
from tests.curate.images.pictures import VARIANTS, cropped, painted, recoloured


def best_fit(first: np.ndarray, second: np.ndarray) -> float:
    """The best fit over all windows of the second."""
    thumbnails = np.stack([hashes.of_picture(pixels)["thumbnail"] for pixels in (first, second)])
    count = len(hashes.WINDOWS)
    rows = np.zeros(count, np.int64)
    return float(alignment.fit(thumbnails, rows, rows + 1, np.arange(count)).max())


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_variant_is_explained_by_its_picture(variant: str) -> None:
    pixels = painted(1)
    varied = VARIANTS[variant](pixels)
    assert max(best_fit(varied, pixels), best_fit(pixels, varied)) > 0.9


def test_another_picture_explains_little() -> None:
    assert max(best_fit(painted(number), painted(number + 1)) for number in range(0, 40, 2)) < 0.8


def test_a_crop_between_two_windows_is_moved_into_place() -> None:
    pixels = painted(2)
    crop = recoloured(cropped(pixels, 0.06, 0.02, 0.0, 0.04))
    thumbnails = np.stack([hashes.of_picture(picture)["thumbnail"] for picture in (crop, pixels)])
    middle = np.array([hashes.WINDOWS.index(((0.05, 0.95), (0.05, 0.95)))])
    assert alignment.fit(thumbnails, np.array([0]), np.array([1]), middle)[0] > 0.9


def test_a_blank_picture_and_no_pairs_are_no_error() -> None:
    blank = np.full((2, 32, 32), 7, np.uint8)
    assert np.isfinite(alignment.fit(blank, np.array([0]), np.array([1]), np.array([0]))).all()
    assert alignment.fit(blank, *[np.zeros(0, np.int64)] * 3).shape == (0,)
