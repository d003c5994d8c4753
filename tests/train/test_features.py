"""Frozen features are computed once for each image, backbone, weights and side."""

from pathlib import Path

import keras
import numpy as np
import pytest

from train.config import Config, TrainError
from train.features import frozen_features
from train.weights import load_backbone


def test_another_side_and_other_weights_have_a_cache_of_their_own(data: Path) -> None:
    images = sorted((data / "builds" / "tiny" / "images").iterdir())[:3]
    for side, seed in ((32, 0), (48, 0), (32, 1), (32, 0)):
        config = Config(backbone="mobilenetv2_0.35", weights="none", side=side)
        keras.utils.set_random_seed(seed)
        assert frozen_features(images, load_backbone(config), config, cache=data / "cache").shape == (3, 1280)
    assert len(list((data / "cache" / "features").iterdir())) == 3


def test_only_a_changed_image_is_computed_anew_and_a_damaged_part_is_named(data: Path) -> None:
    config = Config(backbone="mobilenetv2_0.35", weights="none", side=32)
    backbone = load_backbone(config)
    images = sorted((data / "builds" / "tiny" / "images").iterdir())[:4]
    computed: list[int] = []
    for _ in range(2):
        before = frozen_features(images, backbone, config, cache=data / "cache", bar=computed.append)
    images[0].write_bytes(images[1].read_bytes())  # known under another name
    images[2].write_bytes((data / "builds" / "tiny" / "images" / "09.png").read_bytes())
    after = frozen_features(images, backbone, config, cache=data / "cache", bar=computed.append)
    assert computed == [4, 1]
    np.testing.assert_array_equal(after[[0, 1, 3]], before[[1, 1, 3]])
    assert not np.array_equal(after[2], before[2])
    damaged = next((data / "cache" / "features").glob("*/*.npz"))
    damaged.write_bytes(damaged.read_bytes()[:100])
    with pytest.raises(TrainError, match=r"damaged .*delete it and run again"):
        frozen_features(images, backbone, config, cache=data / "cache")


def test_parts_and_batches_change_nothing_but_the_files(data: Path) -> None:
    config = Config(backbone="mobilenetv2_0.35", weights="none", side=32)
    backbone = load_backbone(config)
    images = sorted((data / "builds" / "tiny" / "images").iterdir())[:5]
    whole = frozen_features(images, backbone, config, cache=data / "whole")
    parts = frozen_features(images, backbone, config, cache=data / "parts", batch_size=1, part_size=2)
    np.testing.assert_allclose(parts, whole, atol=1e-5)
    assert len(list((data / "parts" / "features").glob("*/*.npz"))) == 3
