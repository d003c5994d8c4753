import cv2
import numpy as np
import pytest

from curate.images.geometry import Features, matched
from tests.curate.images.pictures import VARIANTS, cropped, painted


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_variant_has_its_details_in_the_same_places(variant: str) -> None:
    pixels = painted(1)
    assert matched(Features(pixels), Features(VARIANTS[variant](pixels))) >= 20


def test_other_pictures_share_no_places() -> None:
    known = [Features(painted(number)) for number in range(6)]
    assert max(matched(first, second) for i, first in enumerate(known) for second in known[:i]) < 8


@pytest.mark.parametrize(
    "other",
    [
        lambda pixels: cropped(pixels, 0.0, 0.5, 0.0, 0.5),  # a quarter
        lambda pixels: np.ascontiguousarray(np.rot90(pixels)),
        lambda pixels: np.ascontiguousarray(pixels[:, ::-1]),
    ],
    ids=["a quarter of it", "turned", "mirrored"],
)
def test_what_is_no_crop_of_it_does_not_match(other) -> None:  # type: ignore[no-untyped-def]
    pixels = painted(1)
    assert matched(Features(pixels), Features(other(pixels))) == 0


def test_pictures_without_details_do_not_match() -> None:
    blank = Features(np.full((50, 50, 3), 200, np.uint8))
    assert matched(blank, blank) == 0
    assert matched(blank, Features(painted(1))) == 0


def test_a_large_picture_is_compared_small() -> None:
    pixels = painted(1)
    large = np.asarray(cv2.resize(pixels, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC), np.uint8)
    assert matched(Features(large), Features(pixels)) >= 20
