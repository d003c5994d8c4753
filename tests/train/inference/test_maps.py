"""Class activation maps: in closed form what automatic differentiation gives, on both backends."""

import importlib.util
import json
import os
import subprocess
import sys

import keras
import numpy as np
import pytest

from tests.conftest import ROOT, need
from tests.train.inference.gradients import SIDE, TARGETS, inputs_of, network_of
from train.config import Config, TrainError
from train.inference.maps import ActivationMaps
from train.models.multimodal import multimodal

NETWORKS = {
    "the paper's": {},
    "the paper's, image alone": {"inputs": ["image"]},
    "fine-tuned, linear": {"head": "linear", "inputs": ["image"]},
    "linear, all labels needed": {"tune": "frozen", "head": "linear", "vocabulary": "all"},
    "best": {"tune": "frozen", "head": "linear", "views": 10, "features": "multi"},
    "dense, four views": {"tune": "frozen", "views": 4, "features": "multi"},
}


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_a_map_is_what_automatic_differentiation_gives(backend: str) -> None:
    need(importlib.util.find_spec(backend) is not None, backend)
    command = [sys.executable, "-m", "tests.train.inference.gradients", *map(json.dumps, NETWORKS.values())]
    environment = {**os.environ, "KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"}
    ran = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    results = json.loads(ran.stdout)
    assert len(results) == len(NETWORKS) * sum(TARGETS.values())
    assert {result["backend"] for result in results} == {backend}
    assert max(result["apart"] for result in results) <= 1e-5
    assert min(result["largest"] for result in results) > 1e-2


def test_a_map_adds_up_to_what_the_last_layer_says() -> None:
    network = network_of(NETWORKS["best"] | {"inputs": ["image"]})
    inputs = inputs_of(network)
    maps = ActivationMaps(network, labels=(), views=10)
    seen = maps.activations(inputs)
    found = maps.maps(seen, inputs, "artist", np.zeros(3, np.int32)).sum(axis=(1, 2, 3))
    channels = seen.maps.shape[-1]
    kernel = network.get_layer("artist").get_weights()[0][: 2 * channels, 0]  # of all views, and of the quadrants
    np.testing.assert_allclose(found, maps.features(seen)[:, : 2 * channels] @ kernel, rtol=1e-4)


def test_a_network_whose_features_are_no_means_is_refused() -> None:
    pixels = keras.Input((SIDE, SIDE, 3))
    backbone = keras.Model(pixels, keras.layers.Flatten()(keras.layers.Conv2D(2, 9, strides=8)(pixels)), name="flat")
    network = multimodal(Config(inputs=("image",), side=SIDE), {}, TARGETS, backbone)
    with pytest.raises(TrainError, match="needs features that are means over a map, and flat ends otherwise: leave it"):
        ActivationMaps(network, labels=(), views=1)
