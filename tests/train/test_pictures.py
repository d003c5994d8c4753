"""From files to crops and batches."""

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from harvest.pictures import PixelBudget, read, shrink
from train.config import TrainError
from train.data.examples import Examples
from train.pictures import Batches, centre_crop, random_crop, read_picture


def examples(folder: Path, count: int = 6) -> Examples:
    """Return examples whose images are one and the same noise, so that only the crops differ."""
    pixels = np.random.default_rng(0).integers(0, 256, (64, 80, 3)).astype(np.uint8)
    Image.fromarray(pixels).save(folder / "noise.png")
    return Examples(
        ids=[str(number) for number in range(count)],
        images=[folder / "noise.png"] * count,
        fields={"style": np.eye(count, dtype=np.float32)},
        truths={"artist": np.arange(count, dtype=np.int32)},
        classes={"artist": list(range(count))},
        folds=np.zeros(count, np.int8),
    )


@pytest.mark.parametrize("size", [(30, 61), (61, 30), (31, 31), (3, 90), (64, 80)])
def test_a_small_picture_is_enlarged_to_the_crop_and_keeps_its_shape(size: tuple[int, int]) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (*size[::-1], 3)).astype(np.uint8)
    picture = Image.fromarray(noise)
    scale = max(1, 32 / min(size))
    whole = picture.resize((round(size[0] * scale), round(size[1] * scale)), Image.Resampling.BICUBIC)
    left, top = (whole.width - 32) // 2, (whole.height - 32) // 2
    expected = np.asarray(whole.crop((left, top, left + 32, top + 32))).astype(int)
    assert np.abs(centre_crop(picture, 32) - expected).mean() < 1  # noise moved by one pixel differs by 80
    assert random_crop(picture, 32, np.random.default_rng(0)).shape == (32, 32, 3)


def test_of_a_strip_only_the_crop_is_enlarged() -> None:
    strip = Image.linear_gradient("L").resize((1, 5000)).convert("RGB")
    tracemalloc.start()  # which sees what numpy makes
    crops = [centre_crop(strip, 224), random_crop(strip, 224, np.random.default_rng(0))]
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [crop.shape for crop in crops] == [(224, 224, 3)] * 2
    assert most < 5_000_000


def test_a_strip_in_a_build_is_named_with_the_reason(tmp_path: Path) -> None:
    Image.new("L", (1, 5000)).save(tmp_path / "strip.png")
    with pytest.raises(TrainError, match=r"strip\.png is no image \(1 x 5000 pixels, longer than 50 times its width\)"):
        read_picture(tmp_path / "strip.png", PixelBudget())


def test_the_centre_crop_is_the_centre() -> None:
    picture = np.arange(6 * 8 * 3, dtype=np.uint8).reshape(6, 8, 3)
    np.testing.assert_array_equal(centre_crop(Image.fromarray(picture), 4), picture[1:5, 2:6])


def test_random_crops_reach_every_place_and_half_are_mirrored() -> None:
    picture = Image.fromarray(np.arange(5 * 6, dtype=np.uint8).reshape(5, 6, 1).repeat(3, axis=2))
    chance = np.random.default_rng(0)
    crops = [random_crop(picture, 4, chance)[:, :, 0] for _ in range(600)]
    corners = {(int(min(crop[0, 0], crop[0, -1])), bool(crop[0, 0] > crop[0, -1])) for crop in crops}
    assert corners == {(top * 6 + left, flip) for top in (0, 1) for left in (0, 1, 2) for flip in (False, True)}
    assert 240 < sum(crop[0, 0] > crop[0, -1] for crop in crops) < 360


def test_crops_differ_within_a_batch(tmp_path: Path) -> None:
    inputs, _ = Batches(examples(tmp_path), np.arange(6), side=32, batch_size=6, seed=1)[0]
    assert inputs["image"].shape == (6, 32, 32, 3)
    assert inputs["image"].dtype == np.uint8
    assert len({image.tobytes() for image in inputs["image"]}) == 6


def test_the_same_seed_gives_the_same_batches_and_each_epoch_others(tmp_path: Path) -> None:
    first, second = (Batches(examples(tmp_path), np.arange(6), side=32, batch_size=4, seed=1) for _ in range(2))
    np.testing.assert_array_equal(first[1][0]["image"], second[1][0]["image"])
    second.on_epoch_end()
    assert not np.array_equal(first[0][0]["image"], second[0][0]["image"])


def test_each_example_comes_once_an_epoch_with_its_own_labels(tmp_path: Path) -> None:
    batches = Batches(examples(tmp_path), np.array([5, 1, 2, 3]), side=32, batch_size=3, seed=3)
    assert len(batches) == 2
    rows = np.concatenate([batches[place][1]["artist"] for place in range(2)])
    assert sorted(rows) == [1, 2, 3, 5]
    for place in range(2):
        inputs, truths = batches[place]
        np.testing.assert_array_equal(inputs["style"].argmax(axis=1), truths["artist"])


def test_validation_takes_the_rows_in_order_and_the_same_crop(tmp_path: Path) -> None:
    batches = Batches(examples(tmp_path), np.array([5, 1, 2]), side=32, batch_size=3)
    inputs, truths = batches[0]
    assert truths["artist"].tolist() == [5, 1, 2]
    assert len({image.tobytes() for image in inputs["image"]}) == 1


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
