"""Frozen features are computed once for each image, backbone, weights and side."""

from pathlib import Path

import keras
import numpy as np
import pytest

from train.config import Config
from train.experiments import features
from train.experiments.features import frozen_features
from train.models.weights import load_backbone


def test_another_side_and_other_weights_have_a_cache_of_their_own(data: Path) -> None:
    images = sorted((data / "builds" / "tiny" / "images").iterdir())[:3]
    for side, seed in ((32, 0), (48, 0), (32, 1), (32, 0)):
        config = Config(backbone="mobilenetv2_0.35", weights="none", side=side)
        keras.utils.set_random_seed(seed)
        assert frozen_features(images, load_backbone(config), config, cache=data / "cache").shape == (3, 1280)
    assert len(list((data / "cache" / "features").iterdir())) == 3


def test_only_a_changed_image_is_computed_anew(data: Path) -> None:
    config = Config(backbone="mobilenetv2_0.35", weights="none", side=32)
    backbone = load_backbone(config)
    images = sorted((data / "builds" / "tiny" / "images").iterdir())[:4]
    computed: list[int] = []
    for _ in range(2):
        before = frozen_features(images, backbone, config, cache=data / "cache", bar=computed.append)
    images[0].write_bytes(images[1].read_bytes())  # known under another name
    images[2].write_bytes((data / "builds" / "tiny" / "images" / "09.png").read_bytes())
    after = frozen_features(images, backbone, config, cache=data / "cache", bar=computed.append)
    assert computed == [4, 4, 3, 1], "those from the cache count first"
    np.testing.assert_array_equal(after[[0, 1, 3]], before[[1, 1, 3]])
    assert not np.array_equal(after[2], before[2])


def test_a_part_that_is_damaged_anywhere_is_computed_anew(data: Path, caplog: pytest.LogCaptureFixture) -> None:
    config = Config(backbone="mobilenetv2_0.35", weights="none", side=32)
    backbone = load_backbone(config)
    images = sorted((data / "builds" / "tiny" / "images").iterdir())[:2]
    whole = frozen_features(images, backbone, config, cache=data / "cache")
    part = next((data / "cache" / "features").glob("*/*.npz"))
    content = part.read_bytes()
    chance = np.random.default_rng(0)
    damages = [content[:100], b"", b"<html>no features</html>"]
    places = [*range(60), *chance.integers(len(content), size=20), len(content) - 30]
    damages += [content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :] for place in places]
    for damage in damages:
        part.write_bytes(damage)
        assert features._read(part.parent) == {}
        assert not part.exists()
    part.write_bytes(damages[-1])
    computed: list[int] = []
    np.testing.assert_array_equal(
        frozen_features(images, backbone, config, cache=data / "cache", bar=computed.append), whole
    )
    assert computed == [2]
    assert part.read_bytes() == content
    assert "is damaged: its features are computed anew" in caplog.text


def test_parts_and_batches_change_nothing_but_the_files(data: Path) -> None:
    config = Config(backbone="mobilenetv2_0.35", weights="none", side=32)
    backbone = load_backbone(config)
    images = sorted((data / "builds" / "tiny" / "images").iterdir())[:5]
    whole = frozen_features(images, backbone, config, cache=data / "whole")
    parts = frozen_features(images, backbone, config, cache=data / "parts", batch_size=1, part_size=2)
    np.testing.assert_allclose(parts, whole, atol=1e-5)
    assert len(list((data / "parts" / "features").glob("*/*.npz"))) == 3
