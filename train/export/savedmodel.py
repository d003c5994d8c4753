"""TensorFlow's SavedModel, for its servers: a folder, with the labels among what its makers may add."""

from pathlib import Path

import keras

from train.export.formats import Arrays, Ask
from train.export.labels import LABELS, Labels

FILE = "saved_model"
EXTRA = "assets.extra"  # which TensorFlow leaves alone
SIGNATURE = "serving_default"


def write(network: keras.Model, path: Path, labels: Labels) -> None:
    """Write the network."""
    network.export(path, format="tf_saved_model", verbose=False)
    (path / EXTRA).mkdir()
    (path / EXTRA / LABELS).write_text(labels.as_json(), encoding="utf-8")


def opened(path: Path) -> Ask:
    """Return the network as TensorFlow serves it."""
    import tensorflow as tf

    loaded = tf.saved_model.load(path)
    ask = loaded.signatures[SIGNATURE]

    def answers(inputs: Arrays) -> Arrays:
        given = {name: tf.constant(values) for name, values in inputs.items()}
        return {name: values.numpy() for name, values in ask(**given).items()}

    return answers
