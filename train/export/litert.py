"""LiteRT (`.tflite`), for phones and small machines: a zip archive with the labels follows the network in its file."""

from pathlib import Path

import keras

from train.export.formats import Ask
from train.export.labels import Labels, attach

FILE = "model.tflite"
SIGNATURE = "serve"


def write(network: keras.Model, path: Path, labels: Labels) -> None:
    """Write the network in LiteRT's own operations alone, so that every interpreter of it will do."""
    import tensorflow as tf

    own = {"supported_ops": [tf.lite.OpsSet.TFLITE_BUILTINS]}
    network.export(path, format="litert", verbose=False, target_spec=own)
    attach(path, labels)


def opened(path: Path) -> Ask:
    """Return the network as LiteRT's interpreter computes it; it brings its tensors to the sizes of what comes."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(path))
    ask = interpreter.get_signature_runner(next(iter(interpreter.get_signature_list())))
    return lambda inputs: dict(ask(**inputs))
