"""One network on two backends, in a process that is let to no network at all."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from tests.conftest import ROOT, need
from tests.train.conftest import call
from train.data.crops import centre_batches

OFFLINE = """
import socket, sys
def refuse(*_, **__):
    raise AssertionError("the network was asked")
socket.socket.connect = socket.socket.connect_ex = socket.create_connection = socket.getaddrinfo = refuse
from train.cli import main
model, inputs, outputs, *options = sys.argv[1:]
try:
    main(options)
except SystemExit as ended:
    assert not ended.code
import keras
import numpy as np
network = keras.models.load_model(model)
predicted = network.predict_on_batch(dict(np.load(inputs)))
np.savez(outputs, backend=keras.config.backend(), **{name: np.asarray(values) for name, values in predicted.items()})
"""


@pytest.mark.slow
def test_a_network_says_the_same_on_the_other_backend_and_nothing_asks_for_the_network(
    data: Path, tmp_path: Path
) -> None:
    need(importlib.util.find_spec("jax") is not None, "jax")
    pixels = keras.Input((None, None, 3))
    maps = keras.layers.BatchNormalization()(keras.layers.Conv2D(6, 3, strides=2)(pixels))
    keras.Model(pixels, keras.layers.Conv2D(8, 3, activation="relu")(maps)).save(tmp_path / "own.keras")
    own = ("--backbone", tmp_path / "own.keras", "--side", "16", "--preset", "paper", "--inputs", "image,genre,style")
    assert call("run", "--data", data, "-q", *own, "--epochs", 2, "--folds", 1, "--name", "here") == 0
    model = data / "runs" / "here" / "model.keras"
    network = keras.models.load_model(model)
    pictures = sorted((data / "builds" / "tiny" / "images").iterdir())[:8]
    inputs = {"image": next(centre_batches(pictures, 16, 8))}
    for name, value in network.input.items():
        if name != "image":
            inputs[name] = np.eye(value.shape[1], dtype=np.float32)[np.arange(8) % value.shape[1]]
    np.savez(tmp_path / "inputs.npz", **inputs)
    files = [model, tmp_path / "inputs.npz", tmp_path / "outputs.npz"]
    options = [
        "run",
        "--data",
        data,
        "-q",
        "--inputs",
        "genre",
        "--epochs",
        "1",
        "--folds",
        "1",
        "--name",
        "offline",
    ]
    subprocess.run(
        [sys.executable, "-c", OFFLINE, *map(str, [*files, *options])],
        cwd=ROOT, env={**os.environ, "KERAS_BACKEND": "jax"}, check=True,
    )  # fmt: skip
    assert (data / "runs" / "offline" / "report.html").is_file()
    there = dict(np.load(tmp_path / "outputs.npz"))
    assert (str(there.pop("backend")), keras.config.backend()) == ("jax", "tensorflow")
    for name, values in network.predict_on_batch(inputs).items():
        np.testing.assert_allclose(there[name], values, atol=1e-5)
