"""The learners: what is trained in each fold, behind one protocol, so that cross-validation need not know which."""

import logging
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

import keras
import numpy as np

from harvest.console.progress import counter
from train.config import FROM, IMAGE, Config, TrainError
from train.data.batches import Arrays, Batches, Chances, ShuffledBatches
from train.data.encoding import ABSENT, hidden, subsets
from train.data.examples import Examples, Floats, Ints, Rows
from train.data.loader import Pictures
from train.experiments.features import frozen_features, input_batches
from train.experiments.linear import Layer, Target, fit_linear
from train.models.devices import evened, shared
from train.models.multimodal import compiled, head, multimodal, put_head, scores_layer
from train.models.weights import load_backbone

log = logging.getLogger(__name__)

TOLERANCE = 1e-3  # probabilities of the whole network and of its head on cached features differ by rounding only
BATCH_SIZE = 4096  # examples validated in one batch where the images are features already
MOST_STEPS_AT_ONCE = 64  # a third less time for small networks on TensorFlow; JAX loops in Python and gains nothing

Callbacks = Sequence[keras.callbacks.Callback]
Validation = Callable[[], Iterable[tuple[Any, Any]]]  # batches of inputs and truths, from the first one at each call


class Learner(Protocol):
    """Learns from some of the examples and predicts others; `fit` begins anew, the rest uses what it came to."""

    def use(self, examples: Examples) -> None:
        """Take labels and targets from these examples from now on: the same ones, with labels encoded otherwise."""

    def fit(self, rows: Rows, *, seed: int, callbacks: Callbacks, first_epoch: int = 0) -> None:
        """Train on these examples; the same seed, the same result.

        With a first epoch, those before it are passed over: a callback puts the network back as it was behind them.
        """

    def validation(self, rows: Rows) -> Validation:
        """Return a way to go through these examples, as often as needed."""

    def predict(self, rows: Rows) -> dict[str, Floats]:
        """Return each target's probabilities for these examples: (rows, classes), 0-1."""

    def save(self, path: Path) -> None:
        """Save the whole network, from image and labels to probabilities, without the optimizer's momenta."""


def learner_for(examples: Examples, config: Config, *, cache: Path) -> Learner:
    """Return the learner that the configuration asks for."""
    if config.is_fine_tuned:
        return FineTunedNetwork(examples, config, cache=cache)
    inputs = FrozenHead(examples, config, cache=cache) if config.has_image else LabelsHead(examples, config)
    return LinearHead(inputs) if config.is_fitted else inputs


def freeze(backbone: keras.Model, tune: str) -> None:
    """Keep the layers of the backbone as they are that `--tune` does not name; frozen, they normalise as published.

    Raises:
        TrainError: It has no layer of that name.
    """
    if tune == "head":
        backbone.trainable = False
    elif tune.startswith(FROM):
        names = [layer.name for layer in backbone.layers]
        first = tune.removeprefix(FROM)
        if first not in names:
            raise TrainError(
                f"--tune {tune}: the backbone has no layer {first!r}; its layers are {', '.join(names[:3])}, …, "
                f"{', '.join(names[-3:])}"
            )
        for layer in backbone.layers[: names.index(first)]:
            layer.trainable = False


def class_weights(examples: Examples, rows: Rows, config: Config) -> dict[str, Floats] | None:
    """Return how much an example of each class counts: the less the commoner it is among these rows, 1 on average."""
    if config.class_weights == "none":
        return None
    weights = {}
    for name, numbers in examples.truths.items():
        known = numbers[rows][numbers[rows] != ABSENT]
        counts = np.bincount(known, minlength=len(examples.classes[name]))
        weights[name] = (len(known) / (np.count_nonzero(counts) * np.maximum(counts, 1))).astype(np.float32)
    return weights


def train(network: keras.Model, batches: ShuffledBatches, callbacks: Callbacks, *, epochs: int) -> None:
    """Train to the last epoch; whenever an epoch is begun, it brings the same batches."""
    network.fit(
        batches, initial_epoch=batches.first_epoch, epochs=epochs, steps_per_epoch=len(batches), shuffle=False,
        verbose=0, callbacks=[*callbacks],
    )  # fmt: skip


def steps_at_once(steps: int, most: int = MOST_STEPS_AT_ONCE) -> int:
    """Return how many steps TensorFlow takes without a look at the callbacks: a divisor of an epoch's steps."""
    return max(number for number in range(1, most + 1) if steps % number == 0)


class FineTunedNetwork:
    """The whole network, its backbone trained too: on random crops and flips, validated on the centre crop."""

    def __init__(self, examples: Examples, config: Config, *, cache: Path) -> None:
        self.examples, self.config = examples, config
        with counter("decoded", " pictures", total=len(examples.images)) as bar:
            self.pictures = Pictures(examples.images, config.side, cache=cache, bar=bar)

    def use(self, examples: Examples) -> None:
        """Take labels and targets from these examples."""
        self.examples = examples

    def fit(self, rows: Rows, *, seed: int, callbacks: Callbacks, first_epoch: int = 0) -> None:
        """Train the layers that `--tune` names, and the head."""
        examples, config = self.examples, self.config
        keras.utils.set_random_seed(seed)
        with shared(config.devices):
            backbone = load_backbone(config)
            freeze(backbone, config.tune)
            network = multimodal(config, examples.input_sizes, examples.target_sizes, backbone)
            self.network = compiled(network, config, class_weights=class_weights(examples, rows, config))
            batches = ShuffledBatches(
                evened(rows, config.devices, seed=seed), self._inputs, examples.truths,
                batch_size=config.batch_size, seed=seed, first_epoch=first_epoch,
            )  # fmt: skip
            train(self.network, batches, callbacks, epochs=config.epochs)

    def validation(self, rows: Rows) -> Validation:
        """Return a way to go through these examples, read from the build each time."""
        batches = self._batches(rows)
        return lambda: (batches[index] for index in range(len(batches)))

    def predict(self, rows: Rows) -> dict[str, Floats]:
        """Return each target's probabilities for the centre crops of these examples."""
        probabilities: dict[str, Floats] = self.network.predict(self._batches(rows), verbose=0)
        return probabilities

    def save(self, path: Path) -> None:
        """Save the network as it is."""
        _uncompiled(self.network).save(path)

    def _batches(self, rows: Rows) -> Batches:
        return Batches(rows, self._inputs, self.examples.truths, batch_size=self.config.batch_size)

    def _inputs(self, rows: Rows, chances: Chances | None) -> Arrays:
        pixels = self.pictures.crops(rows, self.config.augment, chances)
        return {IMAGE: pixels, **{name: values[rows] for name, values in self.examples.fields.items()}}


class LabelsHead:
    """The layers that classify, on inputs that are known before: here the labels, and no image."""

    def __init__(self, examples: Examples, config: Config) -> None:
        self.examples, self.config = examples, config
        self.features: dict[str, Floats] = {}  # of the image, (examples, units)

    def use(self, examples: Examples) -> None:
        """Take labels and targets from these examples; the features stay."""
        self.examples = examples

    @property
    def inputs(self) -> dict[str, Floats]:
        """What the layers are shown: (examples, units) each."""
        return {**self.features, **self.examples.fields}

    def fit(self, rows: Rows, *, seed: int, callbacks: Callbacks, first_epoch: int = 0) -> None:
        """Train the layers, from arrays in memory."""
        config = self.config
        keras.utils.set_random_seed(seed)
        batches = ShuffledBatches(
            rows, lambda some, _: self._arrays(some)[0], self.examples.truths,
            batch_size=config.batch_size, seed=seed, first_epoch=first_epoch,
        )  # fmt: skip
        self.network = compiled(
            self.build(), config,
            steps_at_once=steps_at_once(len(batches)) if keras.config.backend() == "tensorflow" else 1,
            class_weights=class_weights(self.examples, rows, config),
        )  # fmt: skip
        train(self.network, batches, callbacks, epochs=config.epochs)

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
        with shared(config.devices), counter("features", " pictures", total=len(examples.images)) as bar:
            self.backbone = load_backbone(config)
            self.backbone.trainable = False
            features = frozen_features(examples.images, self.backbone, config, cache=cache, bar=bar)
        self.features = {IMAGE: features}

    def build(self) -> keras.Model:
        """Return the layers behind the features, untrained."""
        units = self.features[IMAGE].shape[1]
        return head(self.config, self.examples.input_sizes, self.examples.target_sizes, units)

    def save(self, path: Path) -> None:
        """Save backbone and head as one network, once it is sure that it predicts what the head predicts.

        Raises:
            TrainError: It does not: the cached features are of other images or weights.
        """
        examples, config = self.examples, self.config
        network = multimodal(config, examples.input_sizes, examples.target_sizes, self.backbone)
        put_head(network, self.network)
        paths = [examples.images[row] for row in range(min(16, len(examples.ids)))]
        pixels = next(input_batches(paths, config, len(paths)))
        rows = np.arange(len(pixels))
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


class LinearHead:
    """One softmax for each target on the features and labels as they are, fitted at once, not in epochs.

    Args:
        inputs: Whose inputs it is fitted to, and how its network is built and saved.
    """

    def __init__(self, inputs: LabelsHead) -> None:
        self.inputs = inputs
        self.use, self.validation, self.predict, self.save = inputs.use, inputs.validation, inputs.predict, inputs.save

    def fit(self, rows: Rows, *, seed: int, callbacks: Callbacks, first_epoch: int = 0) -> None:
        """Fit each target's softmax; the folds among the rows choose its penalty. The callbacks see one epoch."""
        learner, config = self.inputs, self.inputs.config
        keras.utils.set_random_seed(seed)
        network = learner.network = compiled(learner.build(), config)
        temperatures = {}
        for name, fitted in self._fitted(rows).items():
            layer = network.get_layer(scores_layer(name) if config.has_head_for_each_subset else name)
            kernels, biases = [one.kernel for one in fitted], [one.bias for one in fitted]
            layer.set_weights([np.concatenate(kernels, axis=1), np.concatenate(biases)])
            temperatures[f"{name}_temperature"] = fitted[-1].temperature  # where all labels are known
        report = keras.callbacks.CallbackList([*callbacks], model=network)
        report.on_train_begin()
        report.on_epoch_end(0, self._training_metrics(rows) | temperatures)
        report.on_train_end()

    def _fitted(self, rows: Rows) -> dict[str, list[Layer]]:
        """Return each target's kernel and bias for each set of labels that may be known."""
        examples, config = self.inputs.examples, self.inputs.config
        image = next((values[rows] for values in self.inputs.features.values()), None)
        sets = subsets(config.label_inputs) if config.has_head_for_each_subset else [config.label_inputs]
        labels = [self._labels(rows, known) for known in sets]
        return {
            name: fit_linear(
                image, labels, Target(numbers[rows], examples.inner_folds[rows], len(examples.classes[name])), config
            )
            for name, numbers in examples.truths.items()
        }

    def _labels(self, rows: Rows, known: tuple[str, ...]) -> Floats:
        """Return the labels side by side, those hidden that are not known."""
        fields = self.inputs.examples.fields.items()
        columns = [values[rows] if name in known else hidden(values[rows]) for name, values in fields]
        return np.concatenate(columns, axis=1) if columns else np.zeros((len(rows), 0), np.float32)

    def _training_metrics(self, rows: Rows) -> dict[str, float]:
        examples, logs = self.inputs.examples, {"loss": 0.0}
        for name, probabilities in self.predict(rows).items():
            truth = examples.truths[name][rows]
            known = truth != ABSENT
            right = probabilities[np.flatnonzero(known), truth[known]]
            logs["loss"] -= float(np.log(np.maximum(right, np.finfo(np.float32).tiny)).sum() / len(rows))
            logs[f"{name}_accuracy"] = float((probabilities.argmax(axis=1) == truth)[known].mean())
        return logs


def _uncompiled(network: keras.Model) -> keras.Model:
    return keras.Model(network.input, network.output)
