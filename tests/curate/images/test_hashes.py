import hashlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from curate.executor import Processes
from curate.images import hashes
from harvest import files
from tests.curate.images.pictures import cropped, painted


def saved(path: Path, number: int) -> tuple[str, Path]:
    Image.fromarray(painted(number)).save(path)
    return hashlib.sha256(path.read_bytes()).hexdigest(), path


def test_the_frequencies_of_the_whole_are_those_of_a_cosine_transform() -> None:
    grid = cv2.resize(cv2.cvtColor(painted(1), cv2.COLOR_RGB2GRAY), (hashes.GRID, hashes.GRID))
    ours = hashes.coefficients(grid)[0].reshape(8, 8)
    scale = np.sqrt(np.array([1, *[2] * 7]) / hashes.GRID)  # of an orthonormal transform
    theirs = cv2.dct(grid.astype(np.float64))[:8, :8] / np.outer(scale, scale) / hashes.GRID**2
    smoothed = np.sinc(np.arange(8) / 2 / hashes.GRID)  # ours is over the areas of pixels, theirs at their middles
    np.testing.assert_allclose(ours, theirs * np.outer(smoothed, smoothed), atol=1e-2)


@pytest.mark.parametrize("window", range(len(hashes.WINDOWS)))
def test_a_windows_hash_is_that_of_the_picture_cropped_to_it(window: int) -> None:
    pixels = painted(2, (800, 600))
    (top, bottom), (left, right) = hashes.WINDOWS[window]
    part = hashes.of_picture(cropped(pixels, top, 1 - bottom, left, 1 - right))["hashes"][0]
    assert np.bitwise_count(part ^ hashes.of_picture(pixels)["hashes"][window]) <= 2


def test_other_pictures_have_other_hashes() -> None:
    wholes = [hashes.of_picture(painted(number))["hashes"][0] for number in range(20)]
    assert min(np.bitwise_count(a ^ b) for i, a in enumerate(wholes) for b in wholes[:i]) > 10


def test_a_picture_of_pillows_an_array_and_a_file_have_one_fingerprint(tmp_path: Path) -> None:
    pixels = painted(3)
    _, path = saved(tmp_path / "3.png", 3)
    assert hashes.of_picture(pixels) == hashes.of_picture(Image.fromarray(pixels)) == hashes.of_file(path)


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (7, 3), (96, 96)])
def test_pictures_of_any_size_and_greys_have_a_fingerprint(size: tuple[int, int]) -> None:
    pixels = np.full(size, 128, np.uint8)
    assert hashes.of_picture(pixels) == hashes.of_picture(np.repeat(pixels[:, :, None], 3, axis=2))
    assert (hashes.of_picture(pixels)["thumbnail"] == 128).all()


def test_only_the_same_pixels_have_the_same_digest() -> None:
    pixels = np.zeros((4, 6, 3), np.uint8)
    other = pixels.copy()
    other[0, 0, 0] = 1
    digests = [hashes.of_picture(picture)["pixels"].tobytes() for picture in (pixels, other, pixels.reshape(6, 4, 3))]
    assert len(set(digests)) == 3


def test_workers_change_nothing(tmp_path: Path) -> None:
    paths = dict(saved(tmp_path / f"{number}.png", number) for number in range(40))
    assert (hashes.of_files(paths, executor=Processes(2)) == hashes.of_files(paths)).all()
    assert len(hashes.of_files({})) == 0


def test_what_is_cached_is_not_read_again(tmp_path: Path) -> None:
    cache = tmp_path / "cache" / "fingerprints.npz"
    first, second = (saved(tmp_path / f"{number}.png", number) for number in range(2))
    made = hashes.of_files(dict([first]), cache=cache)
    first[1].unlink()
    both = hashes.of_files(dict([second, first]), cache=cache)
    assert both[1] == made[0]
    assert both[0] == hashes.of_file(second[1])


def test_what_killed_processes_left_of_the_cache_is_removed_but_not_under_anothers_hands(tmp_path: Path) -> None:
    cache = tmp_path / "fingerprints.npz"
    stale = tmp_path / "fingerprints.npz.17-17.part"
    stale.write_bytes(b"half")
    path = tmp_path / "1.png"
    Image.new("RGB", (50, 40)).save(path)
    with files.lock(tmp_path):
        made = hashes.of_files({"1": path}, cache=cache)
    assert [path.name for path in tmp_path.glob("finger*")] == [stale.name]
    assert (hashes.of_files({"1": path}, cache=cache) == made).all()
    assert [path.name for path in tmp_path.glob("finger*")] == [cache.name]


@pytest.mark.parametrize("damage", [b"", b"no archive", None])
def test_a_damaged_or_foreign_cache_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: bytes | None
) -> None:
    cache = tmp_path / "fingerprints.npz"
    paths = dict([saved(tmp_path / "1.png", 1)])
    made = hashes.of_files(paths, cache=cache)
    if damage is None:
        monkeypatch.setattr(hashes, "VERSION", hashes.VERSION + 1)
    else:
        cache.write_bytes(damage)
    next(iter(paths.values())).write_bytes((tmp_path / "1.png").read_bytes())
    assert (hashes.of_files(paths, cache=cache) == made).all()
    next(iter(paths.values())).unlink()
    assert (hashes.of_files(paths, cache=cache) == made).all()


@pytest.mark.parametrize("content", [b"", b"no picture"])
def test_a_file_that_is_no_picture_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "1.jpg"
    path.write_bytes(content)
    with pytest.raises(OSError, match=r"1\.jpg: expected a picture"):
        hashes.of_files({"a": path})
