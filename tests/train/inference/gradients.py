"""Class activation maps by automatic differentiation, beside those in closed form.

`python -m tests.train.inference.gradients OPTIONS…` reads options of networks, each as JSON, and prints for each the
largest difference, and the largest value of a map. The backend is the environment's.
"""

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import keras
import numpy as np

from train.config import IMAGE, Config
from train.inference.maps import ActivationMaps
from train.models.multimodal import backbone_of, multimodal

SIDE = 24
LABELS, TARGETS = {"genre": 5, "style": 4}, {"artist": 3, "decade": 4}


def network_of(options: dict[str, Any]) -> keras.Model:
    """Return a network from chance, saved and loaded, its weights other than they begin."""
    keras.utils.set_random_seed(1)
    pixels = keras.Input((SIDE, SIDE, 3))
    maps = keras.layers.Conv2D(6, 3, strides=2, activation="relu")(keras.layers.Rescaling(1 / 127.5, -1)(pixels))
    maps = keras.layers.Conv2D(8, 3, strides=2, activation="relu")(keras.layers.BatchNormalization()(maps))
    backbone = keras.Model(pixels, keras.layers.GlobalAveragePooling2D()(maps))
    settings = {"inputs": (IMAGE, *LABELS), "targets": tuple(TARGETS), "side": SIDE, "vocabulary": "fold"} | options
    config = Config(**{name: tuple(value) if isinstance(value, list) else value for name, value in settings.items()})
    network = multimodal(config, {name: LABELS[name] for name in config.label_inputs}, TARGETS, backbone)
    rng = np.random.default_rng(0)
    network.set_weights([values + rng.normal(0, 0.3, values.shape) for values in network.get_weights()])
    with TemporaryDirectory() as folder:
        network.save(Path(folder) / "model.keras")
        return keras.models.load_model(Path(folder) / "model.keras", compile=False)


def inputs_of(network: keras.Model) -> dict[str, Any]:
    """Return three examples: with all labels, with none, and with the first one."""
    rng = np.random.default_rng(2)
    inputs = {
        name: np.zeros((3, value.shape[-1]), np.float32) for name, value in network.input.items() if name != IMAGE
    }
    for place, values in enumerate(inputs.values()):
        for row, is_known in enumerate((True, False, place == 0)):
            values[row, [0, -1] if is_known else [-2]] = 1
    return inputs | {IMAGE: rng.integers(0, 256, (3, *network.input[IMAGE].shape[1:]), np.uint8)}


def differentiated(network: keras.Model, inputs: dict[str, Any], target: str, number: int, shape: Any) -> Any:
    """Return activations times the derivative of a class's score by them, for all examples: (maps, height, width)."""
    if isinstance(network.get_layer(target), keras.layers.Softmax):
        scores_of = keras.Model(network.input, network.get_layer(target).input)
    else:
        network.get_layer(target).activation = keras.activations.linear
        scores_of = keras.Model(network.input, network.get_layer(target).output)
    backbone = backbone_of(network)
    pooling = next(layer for layer in backbone.layers if layer.output is backbone.outputs[0])
    pool, activations = pooling.call, []

    def score(probe: Any) -> Any:
        def call(values: Any) -> Any:
            activations.append(values)
            return pool(values + probe)

        pooling.call = call
        return keras.ops.sum(scores_of(inputs, training=False)[:, number])

    probe = keras.ops.zeros(shape)
    if keras.backend.backend() == "jax":
        import jax

        slopes = jax.grad(score)(probe)
        score(probe)
    else:
        import tensorflow as tf

        with tf.GradientTape() as tape:
            tape.watch(probe)
            value = score(probe)
        slopes = tape.gradient(value, probe)
    pooling.call = pool
    return (np.asarray(activations[-1]) * np.asarray(slopes)).sum(axis=-1)


def main(lines: list[str]) -> None:
    """Compare, and print what came of it as JSON."""
    results = []
    for line in lines:
        network = network_of(json.loads(line))
        inputs = inputs_of(network)
        labels = tuple(name for name in network.input if name != IMAGE)
        views = 1 if inputs[IMAGE].ndim == 4 else inputs[IMAGE].shape[1]
        closed = ActivationMaps(network, labels=labels, views=views)
        found = closed.activations(inputs)
        for target, classes in TARGETS.items():
            for number in range(classes):
                maps = closed.maps(found, inputs, target, np.full(3, number, np.int32))
                shape = (-1, *found.maps.shape[2:])
                expected = differentiated(network, inputs, target, number, found.maps.reshape(shape).shape)
                apart = np.abs(maps - expected.reshape(maps.shape))
                results.append({"backend": keras.config.backend(), "apart": float(apart.max()),
                                "largest": float(np.abs(maps).max())})  # fmt: skip
    print(json.dumps(results))


if __name__ == "__main__":
    main(sys.argv[1:])
