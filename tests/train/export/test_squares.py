"""The squares cut within the network are those that Pillow cuts, whatever the shape of the picture."""

import keras
import numpy as np
import pytest
from PIL import Image

from train.data.crops import Pixels, centre_crop, ready
from train.data.views import views_of
from train.export.squares import centre_within, views_within

SIDE = 24
SHAPES = [(24, 24), (40, 30), (30, 40), (30, 90), (200, 20), (11, 70), (13, 12), (75, 75), (1, 1), (3, 50)]
ROUNDED = 2e-3  # share of levels that may fall on the other side of a half: Pillow counts in fixed point


def noise(width: int, height: int) -> Pixels:
    return np.random.default_rng(width * height).integers(0, 256, (height, width, 3)).astype(np.uint8)


def expect_alike(found: np.ndarray, expected: Pixels) -> None:
    apart = np.abs(found - expected.astype(np.float32))
    assert apart.max() <= 1
    assert (apart > 0).mean() < ROUNDED


@pytest.fixture(scope="module")
def views() -> keras.Model:
    image = keras.Input((None, None, 3), dtype="uint8")
    return keras.Model(image, views_within(image, SIDE, 10))


@pytest.fixture(scope="module")
def centre() -> keras.Model:
    image = keras.Input((None, None, 3), dtype="uint8")
    return keras.Model(image, centre_within(image, SIDE))


@pytest.mark.parametrize(("width", "height"), SHAPES)
def test_views_are_those_of_training(views: keras.Model, width: int, height: int) -> None:
    pixels = noise(width, height)
    found = np.asarray(views(pixels[None]))[0]
    expect_alike(found, views_of(Image.fromarray(pixels), SIDE, 10))


@pytest.mark.parametrize(("width", "height"), SHAPES)
def test_the_centre_is_that_of_training(centre: keras.Model, width: int, height: int) -> None:
    pixels = noise(width, height)
    found = np.asarray(centre(pixels[None]))[0]
    expect_alike(found, centre_crop(ready(Image.fromarray(pixels), SIDE), SIDE))


def test_pictures_of_one_size_are_cut_together(views: keras.Model) -> None:
    both = np.stack([noise(40, 30), noise(40, 30)[::-1]])
    found = np.asarray(views(both))
    expect_alike(found[1], views_of(Image.fromarray(both[1]), SIDE, 10))


def test_a_network_that_cuts_is_read_without_our_code(
    tmp_path_factory: pytest.TempPathFactory, views: keras.Model
) -> None:
    path = tmp_path_factory.mktemp("views") / "views.keras"
    views.save(path)
    again = keras.saving.load_model(path, compile=False)
    np.testing.assert_array_equal(again(noise(40, 30)[None]), views(noise(40, 30)[None]))
