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
    network = keras.saving.load_model(path, compile=False)
    return lambda inputs: {name: np.asarray(values) for name, values in network.predict_on_batch(dict(inputs)).items()}
