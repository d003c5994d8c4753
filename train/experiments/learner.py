"""The learners: what is trained in each fold, behind one protocol, so that cross-validation need not know which."""

import logging
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

import keras
import numpy as np

from harvest.console.progress import counter
from train.config import IMAGE, Config, TrainError
from train.data.examples import Examples, Floats, Ints, Rows
from train.experiments.features import frozen_features
from train.models.multimodal import compiled, head, multimodal, put_head
from train.models.weights import load_backbone
from train.pictures import Batches, centre_batches

log = logging.getLogger(__name__)

TOLERANCE = 1e-3  # probabilities of the whole network and of its head on cached features differ by rounding only
BATCH_SIZE = 4096  # examples validated in one batch where the images are features already
STEPS_PER_EXECUTION = 20  # a third less time for small networks on TensorFlow; JAX loops in Python and gains nothing

Validation = Callable[[], Iterable[tuple[Any, Any]]]  # batches of inputs and truths, from the first one at each call


class Learner(Protocol):
    """Learns from some of the examples and predicts others; `fit` begins anew, the rest uses what it came to."""

    def fit(self, rows: Rows, *, seed: int, callbacks: Sequence[keras.callbacks.Callback]) -> None:
        """Train on these examples; the same seed, the same result."""

    def validation(self, rows: Rows) -> Validation:
        """Return a way to go through these examples, as often as needed."""

    def predict(self, rows: Rows) -> dict[str, Floats]:
        """Return each target's probabilities for these examples: (rows, classes), 0-1."""

    def save(self, path: Path) -> None:
        """Save the whole network, from image and labels to probabilities, without the optimizer's momenta."""


def learner_for(examples: Examples, config: Config, *, cache: Path) -> Learner:
    """Return the learner that the configuration asks for."""
    if config.is_fine_tuned:
        return FineTunedNetwork(examples, config)
    if config.has_image:
        return FrozenHead(examples, config, cache=cache)
    return LabelsHead(examples, config)


class FineTunedNetwork:
    """The whole network, its backbone trained too: on random crops and flips, validated on the centre crop."""

    def __init__(self, examples: Examples, config: Config) -> None:
        self.examples, self.config = examples, config

    def fit(self, rows: Rows, *, seed: int, callbacks: Sequence[keras.callbacks.Callback]) -> None:
        """Train every layer."""
        examples, config = self.examples, self.config
        keras.utils.set_random_seed(seed)
        backbone = load_backbone(config)
        self.network = compiled(multimodal(config, examples.input_sizes, examples.target_sizes, backbone), config)
        batches = Batches(examples, rows, side=config.side, batch_size=config.batch_size, seed=seed)
        self.network.fit(batches, epochs=config.epochs, shuffle=False, verbose=0, callbacks=[*callbacks])

    def validation(self, rows: Rows) -> Validation:
        """Return a way to go through these examples, read from the build each time."""
        batches = self._centred(rows)
        return lambda: (batches[index] for index in range(len(batches)))

    def predict(self, rows: Rows) -> dict[str, Floats]:
        """Return each target's probabilities for the centre crops of these examples."""
        probabilities: dict[str, Floats] = self.network.predict(self._centred(rows), verbose=0)
        return probabilities

    def save(self, path: Path) -> None:
        """Save the network as it is."""
        _uncompiled(self.network).save(path)

    def _centred(self, rows: Rows) -> Batches:
        return Batches(self.examples, rows, side=self.config.side, batch_size=self.config.batch_size)


class LabelsHead:
    """The layers that classify, on inputs that are known before: here the labels, and no image."""

    def __init__(self, examples: Examples, config: Config) -> None:
        self.examples, self.config = examples, config
        self.inputs: dict[str, Floats] = examples.fields  # (examples, units)

    def fit(self, rows: Rows, *, seed: int, callbacks: Sequence[keras.callbacks.Callback]) -> None:
        """Train the layers, from arrays in memory."""
        config = self.config
        keras.utils.set_random_seed(seed)
        steps = -(-len(rows) // config.batch_size)
        on_tensorflow = keras.config.backend() == "tensorflow"
        steps_at_once = min(STEPS_PER_EXECUTION, steps) if on_tensorflow else 1
        self.network = compiled(self.build(), config, steps_at_once=steps_at_once)
        inputs, truths = self._arrays(rows)
        self.network.fit(
            inputs, truths, batch_size=config.batch_size, epochs=config.epochs, verbose=0, callbacks=[*callbacks]
        )

    def build(self) -> keras.Model:
        """Return the layers, untrained."""
        return multimodal(self.config, self.examples.input_sizes, self.examples.target_sizes)

    def validation(self, rows: Rows) -> Validation:
        """Return a way to go through these examples, gathered once."""
        parts = [self._arrays(rows[start : start + BATCH_SIZE]) for start in range(0, len(rows), BATCH_SIZE)]
        return lambda: parts

    def predict(self, rows: Rows) -> dict[str, Floats]:
        """Return each target's probabilities; without Keras' `predict`, which compiles a graph each time."""
        parts = [self.network(inputs, training=False) for inputs, _ in self.validation(rows)()]
        return {name: np.concatenate([keras.ops.convert_to_numpy(part[name]) for part in parts]) for name in parts[0]}

    def save(self, path: Path) -> None:
        """Save the network: with labels alone, the head is the whole of it."""
        _uncompiled(self.network).save(path)

    def _arrays(self, rows: Rows) -> tuple[dict[str, Floats], dict[str, Ints]]:
        return (
            {name: values[rows] for name, values in self.inputs.items()},
            {name: numbers[rows] for name, numbers in self.examples.truths.items()},
        )


class FrozenHead(LabelsHead):
    """The same layers behind a frozen backbone, whose features are computed once for all folds."""

    def __init__(self, examples: Examples, config: Config, *, cache: Path) -> None:
        super().__init__(examples, config)
        keras.utils.set_random_seed(config.seed)  # for --weights none
        self.backbone = load_backbone(config)
        self.backbone.trainable = False
        with counter("features", " images", total=len(examples.images)) as bar:
            features = frozen_features(examples.images, self.backbone, config, cache=cache, bar=bar)
        self.inputs = {IMAGE: features, **examples.fields}

    def build(self) -> keras.Model:
        """Return the layers behind the features, untrained."""
        units = self.inputs[IMAGE].shape[1]
        return head(self.config, self.examples.input_sizes, self.examples.target_sizes, units)

    def save(self, path: Path) -> None:
        """Save backbone and head as one network, once it is sure that it predicts what the head predicts.

        Raises:
            TrainError: It does not: the cached features are of other images or weights.
        """
        examples, config = self.examples, self.config
        network = multimodal(config, examples.input_sizes, examples.target_sizes, self.backbone)
        put_head(network, self.network)
        rows = np.arange(min(16, len(examples.ids)))
        pixels = next(centre_batches([examples.images[row] for row in rows], config.side, len(rows)))
        fields = {name: values[rows] for name, values in examples.fields.items()}
        whole, expected = network.predict_on_batch({IMAGE: pixels, **fields}), self.predict(rows)
        apart = max(float(np.abs(np.asarray(whole[name]) - expected[name]).max()) for name in expected)
        log.debug("the whole network and its head differ by %.1e at most", apart)
        if not apart < TOLERANCE:
            raise TrainError(
                f"the cached features do not belong to these images (probabilities differ by {apart:.2g}): "
                "delete cache/features in the data folder and run again"
            )
        network.save(path)


def _uncompiled(network: keras.Model) -> keras.Model:
    return keras.Model(network.input, network.output)
