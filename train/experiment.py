"""Five-fold cross-validation as in the paper: train on four folds, validate on the fifth, five times over."""

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import keras
import numpy as np
from numpy.typing import NDArray

from train.config import IMAGE, Config, TrainError
from train.examples import Examples, Floats
from train.features import frozen_features
from train.journal import Journal, Metrics, image_bar
from train.network import compiled, head, multimodal, put_head
from train.pictures import Batches, centre_batches
from train.weights import load_backbone

log = logging.getLogger(__name__)

ALIKE = 1e-3  # probabilities of the whole network and of its head on cached features differ by rounding only
BATCH_SIZE = 4096  # examples validated in one batch where the images are features already
STEPS_PER_EXECUTION = 20  # a third less time for small networks on TensorFlow; JAX loops in Python and gains nothing

Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Fold:
    """What one fold came to, by its network at the last epoch."""

    number: int
    rows: Rows  # the validated examples
    probabilities: dict[str, Floats]  # for each target (validated examples, classes), 0-1
    epochs: list[Metrics]  # the lines of metrics.jsonl
    seconds: float


@dataclass(frozen=True, slots=True)
class Material:
    """What a fold needs besides its rows."""

    examples: Examples
    config: Config
    backbone: keras.Model | None = None  # a frozen one: loaded once for all folds
    features: Floats | None = None  # of the frozen backbone: (examples, units)


def cross_validate(examples: Examples, config: Config, *, folder: Path, cache: Path) -> list[Fold]:
    """Train and validate fold by fold; write metrics.jsonl, and model.keras, which is fold 0's at its last epoch."""
    material = _gather(examples, config, cache)
    with (folder / "metrics.jsonl").open("w", encoding="utf-8") as journal:
        return [_run_fold(number, material, folder=folder, journal=journal) for number in range(config.folds)]


def fold_seed(seed: int, fold: int) -> int:
    """Derive a seed for each fold, the same in every run with this seed."""
    return int(np.random.SeedSequence((seed, fold)).generate_state(1)[0])


def _gather(examples: Examples, config: Config, cache: Path) -> Material:
    """Load the frozen backbone and compute its features, once for all folds."""
    if not config.has_image or config.is_fine_tuned:
        return Material(examples, config)
    keras.utils.set_random_seed(config.seed)  # for --weights none
    backbone = load_backbone(config)
    backbone.trainable = False
    with image_bar(len(examples.images)) as bar:
        features = frozen_features(examples.images, backbone, config, cache=cache, bar=bar)
    return Material(examples, config, backbone, features)


def _run_fold(number: int, material: Material, *, folder: Path, journal: IO[str]) -> Fold:
    started = time.monotonic()
    examples, config = material.examples, material.config
    seed = fold_seed(config.seed, number)
    keras.utils.set_random_seed(seed)
    learner = _learner(material)
    rows = examples.validated_rows(number)
    lines = _train(learner, material, number=number, seed=seed, journal=journal)
    found = _predict(learner, material, rows)
    if number == 0:
        _whole(learner, material, rows, found).save(folder / "model.keras")
    return Fold(number, rows, found, lines, time.monotonic() - started)


def _learner(material: Material) -> keras.Model:
    """Build what is trained: the whole network, or only the head behind features that are known."""
    config, sizes = material.config, (material.examples.input_sizes, material.examples.target_sizes)
    if material.features is not None:
        return head(config, *sizes, material.features.shape[1])
    return multimodal(config, *sizes, load_backbone(config) if config.is_fine_tuned else None)


def _train(learner: keras.Model, material: Material, *, number: int, seed: int, journal: IO[str]) -> list[Metrics]:
    """Fit for the asked number of epochs, validating after each."""
    config, examples = material.config, material.examples
    rows = examples.training_rows(number)
    watch = Journal(_validation(material, examples.validated_rows(number)), config, fold=number, file=journal)
    if config.is_fine_tuned:
        batches = Batches(examples, rows, side=config.side, batch_size=config.batch_size, seed=seed)
        compiled(learner, config)
        learner.fit(batches, epochs=config.epochs, shuffle=False, verbose=0, callbacks=[watch])
    else:
        steps = -(-len(rows) // config.batch_size)
        on_tensorflow = keras.config.backend() == "tensorflow"
        compiled(learner, config, steps_at_once=min(STEPS_PER_EXECUTION, steps) if on_tensorflow else 1)
        inputs, truths = _arrays(material, rows)
        learner.fit(inputs, truths, batch_size=config.batch_size, epochs=config.epochs, verbose=0, callbacks=[watch])
    return watch.lines


def _validation(material: Material, rows: Rows) -> Callable[[], Iterable[Any]]:
    """Return a way to go through the validated examples, as often as needed."""
    if material.config.is_fine_tuned:
        batches = _centred(material, rows)
        return lambda: (batches[index] for index in range(len(batches)))
    parts = [_arrays(material, rows[start : start + BATCH_SIZE]) for start in range(0, len(rows), BATCH_SIZE)]
    return lambda: parts


def _predict(learner: keras.Model, material: Material, rows: Rows) -> dict[str, Floats]:
    if material.config.is_fine_tuned:
        return learner.predict(_centred(material, rows), verbose=0)
    parts = [_arrays(material, rows[start : start + BATCH_SIZE])[0] for start in range(0, len(rows), BATCH_SIZE)]
    said = [learner(inputs, training=False) for inputs in parts]  # without `predict`, which compiles a graph each time
    return {name: np.concatenate([keras.ops.convert_to_numpy(part[name]) for part in said]) for name in said[0]}


def _centred(material: Material, rows: Rows) -> Batches:
    return Batches(material.examples, rows, side=material.config.side, batch_size=material.config.batch_size)


def _arrays(material: Material, rows: Rows) -> tuple[dict[str, Floats], dict[str, NDArray[np.int32]]]:
    examples = material.examples
    image = {} if material.features is None else {IMAGE: material.features[rows]}
    fields = {name: values[rows] for name, values in examples.fields.items()}
    return {**image, **fields}, {name: numbers[rows] for name, numbers in examples.truths.items()}


def _whole(learner: keras.Model, material: Material, rows: Rows, found: dict[str, Floats]) -> keras.Model:
    """Return the network from image to probabilities, and make sure that it says what its head said."""
    if material.features is None:
        return keras.Model(learner.input, learner.output)  # not compiled: saved without the optimizer's momenta
    examples, config = material.examples, material.config
    network = multimodal(config, examples.input_sizes, examples.target_sizes, material.backbone)
    put_head(network, learner)
    few = rows[:16]
    pixels = next(centre_batches([examples.images[row] for row in few], config.side, len(few)))
    fields = {name: values[few] for name, values in examples.fields.items()}
    said = network.predict_on_batch({IMAGE: pixels, **fields})
    apart = max(float(np.abs(np.asarray(said[name]) - found[name][: len(few)]).max()) for name in found)
    log.debug("the whole network and its head differ by %.1e at most", apart)
    if not apart < ALIKE:
        raise TrainError(
            f"the cached features do not belong to these images (probabilities differ by {apart:.2g}): "
            "delete cache/features in the data folder and run again"
        )
    return network
