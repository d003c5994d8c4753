"""What a run would be: its network, and the time and memory that it takes, measured on a few steps of it."""

import resource
import sys
from dataclasses import asdict, dataclass, replace
from typing import Any

import keras
import numpy as np

from harvest.console.tables import plain
from harvest.console.text import duration
from train.config import IMAGE, Config
from train.data.examples import Examples
from train.experiments.features import BATCH_SIZE
from train.experiments.learner import freeze
from train.experiments.pace import Pace
from train.models.multimodal import compiled, head, image_features, image_input, multimodal
from train.models.weights import load_backbone

STEPS = 3  # measured
FEATURES = "the features of"  # how the name begins of the part that is computed once


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer of the network; the backbone is one."""

    name: str
    kind: str
    output: str  # its shape, without the batch
    parameters: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """What `--dry-run` says."""

    layers: list[Layer]
    parameters: int
    trained: int  # parameters, that training changes
    seconds: dict[str, float]  # by part of the run; of cached features, none are taken off
    peak_memory: int  # bytes, of the whole process while it was measured

    def as_json(self) -> dict[str, Any]:
        """Return the values by name."""
        return asdict(self)

    def as_text(self) -> str:
        """Return network, time and memory for a terminal."""
        rows = [["layer", "kind", "output", "parameters"]]
        rows += [[layer.name, layer.kind, layer.output, f"{layer.parameters:,}"] for layer in self.layers]
        parts = "\n".join(f"{duration(seconds)} for {part}" for part, seconds in self.seconds.items())
        return (
            f"{plain(rows)}\n\n{self.parameters:,} parameters, {self.trained:,} of them trained\n\n"
            f"About, on this machine:\n{parts}\n{self.peak_memory / 2**30:.1f} GiB of memory"
        )


def estimate(examples: Examples, config: Config) -> Estimate:
    """Build the network, take a few steps with it, and reckon; nothing is written."""
    keras.utils.set_random_seed(config.seed)
    sizes = examples.input_sizes, examples.target_sizes
    backbone = load_backbone(config) if config.has_image else None
    if backbone is not None:
        freeze(backbone, "head" if config.tune == "frozen" else config.tune)
    network = multimodal(config, *sizes, backbone)
    seconds = {}
    learnt = network
    if backbone is not None and not config.is_fine_tuned:
        image = image_input(config)
        extractor = keras.Model(image, image_features(image, config, backbone))
        images = max(1, BATCH_SIZE // config.views)
        pixels = np.zeros((images, *image.shape[1:]), np.uint8)
        pace = _measured(lambda: extractor.predict_on_batch(pixels))
        views = f" in {config.views} views" if config.views > 1 else ""
        seconds[f"{FEATURES} {len(examples.ids)} pictures{views}"] = len(examples.ids) / images / pace.rate
        learnt = head(config, *sizes, extractor.output.shape[-1])
    if not config.is_fitted:
        rows = np.resize(examples.training_rows(0), config.batch_size)
        inputs = {name: values[rows] for name, values in examples.fields.items()}
        if config.has_image:
            inputs[IMAGE] = np.zeros((len(rows), *learnt.input[IMAGE].shape[1:]), learnt.input[IMAGE].dtype)
        truths = {name: numbers[rows] for name, numbers in examples.truths.items()}
        compiled(learnt, replace(config, learning_rate=1e-9))
        pace = _measured(lambda: learnt.train_on_batch(inputs, truths))
        steps = sum(-(-len(examples.training_rows(fold)) // config.batch_size) for fold in range(config.folds))
        seconds[f"{config.folds} folds of {config.epochs} epochs"] = config.epochs * steps / pace.rate
    return Estimate(
        layers=[_described(layer) for layer in network.layers],
        parameters=network.count_params(),
        trained=sum(int(np.prod(weight.shape)) for weight in network.trainable_weights),
        seconds=seconds,
        peak_memory=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024),
    )


def _measured(step: Any) -> Pace:
    """Take a step that compiles, and a few that count."""
    pace = Pace()
    for number in range(STEPS + 1):
        step()
        pace.reach(number)
    return pace


def _described(layer: keras.Layer) -> Layer:
    output = layer.output[0] if isinstance(layer.output, list) else layer.output
    shape = " x ".join(str(length) for length in output.shape[1:])
    return Layer(layer.name, type(layer).__name__, shape, layer.count_params())
