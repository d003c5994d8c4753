"""The `.keras` file: one network with all inside, for Keras on any backend; it needs no code of this project."""

from pathlib import Path

import keras
import numpy as np

from train.export.formats import Ask
from train.export.labels import Labels, attach

FILE = "model.keras"


def write(network: keras.Model, path: Path, labels: Labels) -> None:
    """Write the network, a zip archive, with labels.json among its members."""
    network.save(path)
    attach(path, labels)


def opened(path: Path) -> Ask:
    """Return the network, loaded without any code but Keras'."""
    return asked_by_keras(keras.saving.load_model(path, compile=False))


def asked_by_keras(network: keras.Model) -> Ask:
    """Return a network as Keras computes it."""
    return lambda inputs: {name: np.asarray(values) for name, values in network.predict_on_batch(dict(inputs)).items()}
