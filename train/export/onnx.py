"""ONNX, for onnxruntime and all that reads it: the labels are the file's metadata, under the name `labels`."""

import logging
from pathlib import Path

import keras
import numpy as np

from train.export.formats import Ask
from train.export.labels import Labels

FILE = "model.onnx"


def write(network: keras.Model, path: Path, labels: Labels) -> None:
    """Write the network, by tf2onnx."""
    import onnx

    logging.getLogger("tf2onnx").setLevel(logging.ERROR)  # it tells of each pass
    tiny = {
        name: np.zeros([size or 1 for size in tensor.shape], tensor.dtype) for name, tensor in network.input.items()
    }
    network(tiny)  # Keras writes only what has been called
    network.export(path, format="onnx", verbose=False)
    model = onnx.load(path)
    onnx.helper.set_model_props(model, {"labels": labels.as_json()})
    onnx.save(model, path)


def opened(path: Path) -> Ask:
    """Return the network as onnxruntime computes it, on the processor."""
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return lambda inputs: dict(zip(names, map(np.asarray, session.run(names, dict(inputs))), strict=True))
