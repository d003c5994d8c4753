"""Pictures are decoded once, into a file that is mapped into memory."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from harvest.pictures import PixelBudget
from train.config import TrainError
from train.data import loader
from train.data.crops import centre_crop, read_picture, ready
from train.data.loader import Pictures

SIZES = ((40, 33), (33, 47), (20, 90), (64, 64))


@pytest.fixture
def images(tmp_path: Path) -> list[Path]:
    chance = np.random.default_rng(0)
    paths = []
    for place, (width, height) in enumerate(SIZES):
        paths.append(tmp_path / f"{place}.png")
        Image.fromarray(chance.integers(0, 256, (height, width, 3)).astype(np.uint8)).save(paths[-1])
    return paths


def test_each_picture_is_as_its_file_has_it(images: list[Path], tmp_path: Path) -> None:
    decoded: list[int] = []
    pictures = Pictures(images, 32, cache=tmp_path, bar=decoded.append)
    assert sum(decoded) == len(images)
    crops = pictures.crops(np.arange(4))
    for row, path in enumerate(images):
        expected = ready(read_picture(path, PixelBudget()), 32)
        np.testing.assert_array_equal(pictures[row], expected)
        np.testing.assert_array_equal(crops[row], centre_crop(expected, 32))


def test_they_are_decoded_once_for_each_side_and_content(
    images: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Pictures(images, 32, cache=tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(loader, "read_picture", lambda *_: pytest.fail("decoded again"))
        Pictures(images, 32, cache=tmp_path)
    decoded: list[int] = []
    Pictures(images, 40, cache=tmp_path, bar=decoded.append)
    images[0].write_bytes(images[1].read_bytes())
    changed = Pictures(images, 32, cache=tmp_path, bar=decoded.append)
    assert sum(decoded) == 2 * len(images)
    np.testing.assert_array_equal(changed[0], changed[1])


@pytest.mark.parametrize("name", ["*.u8", "*.npz"])
@pytest.mark.parametrize("damage", [lambda content: content[:-1], lambda content: b"?" + content[1:], lambda _: b""])
def test_a_damaged_file_is_told_and_made_anew(
    name: str, damage: object, images: list[Path], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = [Pictures(images, 32, cache=tmp_path)[row].copy() for row in range(4)]
    path = next((tmp_path / "pictures").glob(name))
    path.write_bytes(damage(path.read_bytes()))  # type: ignore[operator]
    after = Pictures(images, 32, cache=tmp_path)
    for row, pixels in enumerate(before):
        np.testing.assert_array_equal(after[row], pixels)
    assert "is damaged: its pictures are decoded anew" in caplog.text


def test_a_picture_that_cannot_be_decoded_leaves_nothing(images: list[Path], tmp_path: Path) -> None:
    images[2].write_bytes(b"no picture")
    with pytest.raises(TrainError, match=r"2\.png is no image"):
        Pictures(images, 32, cache=tmp_path)
    assert not list((tmp_path / "pictures").iterdir())


@pytest.mark.parametrize("augment", ["paper", "strong"])
def test_each_picture_of_a_batch_is_changed_by_its_own_chances(
    augment: str, images: list[Path], tmp_path: Path
) -> None:
    pictures = Pictures([images[3]], 32, cache=tmp_path)
    chances = np.random.default_rng(0).random((6, 16))
    crops = pictures.crops(np.zeros(6, int), augment, chances)
    assert len({crop.tobytes() for crop in crops}) == 6
    np.testing.assert_array_equal(pictures.crops(np.zeros(6, int), augment, chances), crops)
    same = pictures.crops(np.zeros(6, int), "none", chances)
    assert len({crop.tobytes() for crop in same}) == 1
