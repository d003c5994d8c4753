"""From files to crops."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from harvest.pictures import PixelBudget, read, shrink
from train.config import TrainError
from train.data.crops import centre_crop, distorted_crop, random_crop, read_picture, ready


@pytest.mark.parametrize("size", [(30, 61), (61, 30), (31, 31), (3, 90), (64, 80), (20, 200)])
def test_a_small_picture_is_enlarged_to_the_crop_and_keeps_its_shape(size: tuple[int, int]) -> None:
    picture = Image.fromarray(np.random.default_rng(0).integers(0, 256, (*size[::-1], 3)).astype(np.uint8))
    pixels = ready(picture, 32)
    scale = max(1, 32 / min(size))
    assert sorted(pixels.shape[:2]) == sorted(round(scale * min(length, 4 * min(size))) for length in size)
    assert (pixels.shape[0] > pixels.shape[1]) == (size[1] > size[0])
    assert centre_crop(pixels, 32).shape == random_crop(pixels, 32, np.full(16, 0.999)).shape == (32, 32, 3)


def test_of_a_strip_the_middle_is_kept() -> None:
    strip = Image.linear_gradient("L").resize((5000, 1)).convert("RGB")
    strip.putpixel((2500, 0), (255, 0, 0))
    pixels = ready(strip, 224)
    assert pixels.shape == (224, 896, 3)
    assert (centre_crop(pixels, 224)[:, :, 0] > centre_crop(pixels, 224)[:, :, 1] + 50).any()


def test_a_strip_in_a_build_is_named_with_the_reason(tmp_path: Path) -> None:
    Image.new("L", (1, 5000)).save(tmp_path / "strip.png")
    with pytest.raises(TrainError, match=r"strip\.png is no image \(1 x 5000 pixels, longer than 50 times its width\)"):
        read_picture(tmp_path / "strip.png", PixelBudget())


def test_the_centre_crop_is_the_centre() -> None:
    picture = np.arange(6 * 8 * 3, dtype=np.uint8).reshape(6, 8, 3)
    np.testing.assert_array_equal(centre_crop(ready(Image.fromarray(picture), 4), 4), picture[1:5, 2:6])


def test_random_crops_reach_every_place_and_half_are_mirrored() -> None:
    picture = np.arange(5 * 6, dtype=np.uint8).reshape(5, 6, 1).repeat(3, axis=2)
    crops = [random_crop(picture, 4, chance)[:, :, 0] for chance in np.random.default_rng(0).random((600, 16))]
    corners = {(int(min(crop[0, 0], crop[0, -1])), bool(crop[0, 0] > crop[0, -1])) for crop in crops}
    assert corners == {(top * 6 + left, flip) for top in (0, 1) for left in (0, 1, 2) for flip in (False, True)}
    assert 240 < sum(crop[0, 0] > crop[0, -1] for crop in crops) < 360


def test_a_distorted_crop_without_distortion_is_a_random_crop() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (40, 60, 3)).astype(np.uint8)
    chance = np.full(16, 0.5)  # the middle, not mirrored, nothing zoomed, turned, whitened or lit
    np.testing.assert_array_equal(distorted_crop(picture, 32, chance), random_crop(picture, 32, chance))


@pytest.mark.parametrize("column", range(3, 10), ids=["zoom", "turn", "white", "contrast", "light", "axis 1", "axis 2"])
def test_each_distortion_changes_the_picture_by_itself(column: int) -> None:
    picture = np.random.default_rng(0).integers(60, 180, (40, 60, 3)).astype(np.uint8)
    chance = np.full(16, 0.5)
    plain = distorted_crop(picture, 32, chance).astype(int)
    chance[column] = 0.0
    assert np.abs(distorted_crop(picture, 32, chance) - plain).mean() > 0.5


def test_whitening_and_light_do_what_they_say() -> None:
    picture = np.random.default_rng(0).integers(60, 120, (40, 40, 3)).astype(np.uint8)
    chance = np.full(16, 0.5)
    plain = distorted_crop(picture, 40, chance)
    chance[5] = 0.0
    white = distorted_crop(picture, 40, chance)
    np.testing.assert_allclose(white.mean(axis=(0, 1)), 127.5, atol=1)
    np.testing.assert_allclose(white.std(axis=(0, 1)), 64, atol=2)
    chance[5:8] = 0.5, 0.5, 1.0
    assert distorted_crop(picture, 40, chance).mean() - plain.mean() == pytest.approx(51, abs=1)


def test_what_is_no_image_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff nothing")
    with pytest.raises(TrainError, match=r"broken\.jpg is no image"):
        read_picture(tmp_path / "broken.jpg", PixelBudget())


def test_a_file_is_prepared_as_a_builds_picture(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.linear_gradient("L").resize((1600, 1200)).save(tmp_path / "original.jpg", exif=exif)
    content = (tmp_path / "original.jpg").read_bytes()
    (tmp_path / "built.jpg").write_bytes(shrink(content, PixelBudget())[0])
    original, built = (
        np.asarray(read_picture(tmp_path / f"{name}.jpg", PixelBudget())) for name in ("original", "built")
    )
    assert original.shape == built.shape == (400, 300, 3)
    assert np.abs(original.astype(int) - built).max() <= 3  # one more JPEG
    np.testing.assert_array_equal(built, np.asarray(read((tmp_path / "built.jpg").read_bytes(), PixelBudget())))
    np.testing.assert_array_equal(built, np.asarray(Image.open(tmp_path / "built.jpg")))
