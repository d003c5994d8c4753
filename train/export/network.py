"""The network that travels: from a picture of any size and the numbers of known labels to calibrated probabilities.

image (uint8, pictures of one size) ── squares ──────────┐
                                                         ├─ the run's network ─ temperature ─ probabilities
genre, … (int32, a value's number) ── places, UNKNOWN ───┘
"""

import keras
import numpy as np
from keras import layers, ops

from train.config import IMAGE
from train.evaluation.decades import conditional, counts_of
from train.evaluation.thresholds import LEAST
from train.export.labels import ABSENT
from train.export.squares import centre_within, views_within
from train.models.info import InputInfo, ModelInfo


def portable(network: keras.Model, info: ModelInfo) -> keras.Model:
    """Return the run's network with all inside that a prediction needs.

    Args:
        network: As the run saved it.
        info: What belongs to it.

    Returns:
        A network from a dict of `image`, uint8, (batch, height, width, 3), where it sees pictures, and a number for
        each label, int32, (batch,), to a dict of each target's probabilities, (batch, classes). Where it needs a label
        and gets none, they are no numbers (NaN).
    """
    inputs: dict[str, keras.KerasTensor] = {name: keras.Input((), dtype="int32", name=name) for name in info.inputs}
    shown = {name: places_of(inputs[name], label) for name, label in info.inputs.items()}
    if info.views:
        image = inputs[IMAGE] = keras.Input((None, None, 3), dtype="uint8", name=IMAGE)
        squares = views_within(image, info.side, info.views) if info.views > 1 else centre_within(image, info.side)
        shown[IMAGE] = ops.cast(squares, "uint8")
    answers = _decoded(network(shown, training=False), info)
    is_enough = _is_known(shown, info)
    outputs = {}
    for name, target in info.targets.items():
        scores = ops.log(ops.maximum(answers[name], LEAST)) / target.confidence.temperature
        if is_enough is not None:
            scores = scores + ops.sqrt(is_enough - 1)
        outputs[name] = layers.Softmax(name=name)(scores)
    return keras.Model(inputs, outputs, name="portable")


def _decoded(answers: dict[str, keras.KerasTensor], info: ModelInfo) -> dict[str, keras.KerasTensor]:
    """Return the answers with the decade as `train predict` says it: read together with the artist."""
    if not info.works:
        return answers
    counts = counts_of(info.works, info.targets["artist"].values, info.targets["decade"].values)
    joint = answers["decade"] * ops.matmul(answers["artist"], conditional(counts).astype(np.float32))
    return {**answers, "decade": joint / ops.sum(joint, axis=1, keepdims=True)}


def places_of(number: keras.KerasTensor, label: InputInfo) -> keras.KerasTensor:
    """Return a label's places from its value's number, as `inference.vocabulary` encodes it: (batch, places)."""
    trained = np.array([[value in label.trained for value in label.values]], np.float32)
    # Neither one_hot, where ONNX counts -1 from the end, nor equal, of which LiteRT makes a lookup that fails at -1.
    apart = ops.cast(ops.expand_dims(number, 1) - np.arange(len(label.values), dtype=np.int32)[None], "float32")
    value = ops.relu(1 - ops.abs(apart)) * trained
    if not label.may_be_absent:
        return value
    unknown = 1 - ops.sum(value, axis=1, keepdims=True)
    is_there = ops.cast(ops.not_equal(ops.expand_dims(number, 1), ABSENT), "float32")
    return ops.concatenate([value, unknown, is_there], axis=1)


def _is_known(shown: dict[str, keras.KerasTensor], info: ModelInfo) -> keras.KerasTensor | None:
    """Return 1 for examples with all labels that the network needs, else 0: (batch, 1); None where it needs none."""
    needed = [
        ops.sum(shown[name], axis=1, keepdims=True) for name, label in info.inputs.items() if not label.may_be_absent
    ]
    return ops.min(ops.concatenate(needed, axis=1), axis=1, keepdims=True) if needed else None
