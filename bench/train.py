"""What training costs beside its limits, and beside the notebook that one would write in its place.

`python -m bench.train [--part loader|features|head|notebook] [--rounds 3] [--step 1] [--shared ../shared] [--json]`.
Rates are per CPU second; what is compared takes turns, and medians count. Nothing of ours is copied here: loader,
features and head are the product's own.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from harvest.console.tables import plain
from tests.paintings import real_paintings
from train.config import IMAGE, PRESETS, Config
from train.data.encoding import Floats, one_hot
from train.data.examples import Examples
from train.data.loader import Pictures
from train.experiments.cross_validation import cross_validate
from train.experiments.features import BATCH_SIZE, frozen_features
from train.experiments.learner import FrozenHead
from train.models.multimodal import image_features, image_input
from train.models.weights import load_backbone

SIDE = 224
UNITS = 1280  # of MobileNetV2's pooled features
CLASSES = 14
BACKBONES = {"mobilenetv2_0.35": 32, "resnet50": 4}  # and how many batches
SMALL_BACKBONES = {"mobilenetv2_0.35": 1}
WEIGHTS = "weights/mobilenet_v2_0.35_224_no_top.weights.h5"

Row = dict[str, Any]
Way = Callable[[], int]  # does something so many times, and says how many


def rates(ways: dict[str, Way], rounds: int) -> dict[str, float]:
    """Return how many each way does in a CPU second, the median of rounds in which they take turns."""
    measured: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            begun = time.process_time()
            number = way()
            measured[name].append(number / (time.process_time() - begun))
    return {name: statistics.median(values) for name, values in measured.items()}


def told(part: str, measured: dict[str, float], limit: str) -> list[Row]:
    """Return a row for each way: its rate, and its share of the limit."""
    return [
        {"part": part, "": name, "per CPU second": round(rate), "% of limit": round(100 * rate / measured[limit])}
        for name, rate in measured.items()
    ]


def drawn(folder: Path, number: int) -> list[Path]:
    """Draw pictures as a build holds them: 300 pixels on the shorter side."""
    paths = []
    for place in range(number):
        grid = np.random.default_rng(place).integers(0, 256, (6, 8, 3), dtype=np.uint8)
        paths.append(folder / f"{place}.jpg")
        Image.fromarray(grid).resize((400, 300), Image.Resampling.BICUBIC).save(paths[-1], quality=95)
    return paths


def loader(folder: Path, rounds: int, number: int) -> list[Row]:
    """Random crops and flips from the memory map, by one thread, beside a bare copy of as many bytes."""
    pictures = Pictures(drawn(folder, 64), SIDE, cache=folder)
    rows = np.arange(64)
    chances = np.random.default_rng(0).random((64, 16))
    batch, source = (np.empty((64, SIDE, SIDE, 3), np.uint8) for _ in range(2))

    def crops() -> int:
        for _ in range(number):
            pictures.crops(rows, "paper", chances)
        return 64 * number

    def copies() -> int:
        for _ in range(number):
            np.copyto(batch, source)
        return 64 * number

    return told(
        "loader, images",
        rates({"ours": crops, "limit: a copy of the bytes": copies}, rounds),
        "limit: a copy of the bytes",
    )


def features(folder: Path, rounds: int, number: int, backbone_name: str) -> list[Row]:
    """Features of pictures from their files, beside the same network on pixels that lie ready."""
    config = Config(inputs=(IMAGE,), backbone=backbone_name, weights="none", tune="frozen")
    backbone = load_backbone(config)
    paths = drawn(folder, number)
    image = image_input(config)
    extractor = keras.Model(image, image_features(image, config, backbone))
    pixels = np.zeros((BATCH_SIZE, SIDE, SIDE, 3), np.uint8)
    extractor.predict_on_batch(pixels)

    def ours() -> int:
        with tempfile.TemporaryDirectory() as cache:
            frozen_features(paths, backbone, config, cache=Path(cache))
        return number

    def forward() -> int:
        for _ in range(number // BATCH_SIZE):
            extractor.predict_on_batch(pixels)
        return number // BATCH_SIZE * BATCH_SIZE

    limit = "limit: the bare network"
    return told(f"features of {backbone_name}, images", rates({"ours": ours, limit: forward}, rounds), limit)


class Head(FrozenHead):
    """The product's dense head, on features that were never a picture's."""

    def __init__(self, examples: Examples, config: Config, values: Floats) -> None:
        self.examples, self.config, self.features = examples, config, {IMAGE: values}


def head(rounds: int, number: int, epochs: int) -> list[Row]:
    """The paper's dense head in training, beside scikit-learn's, one by hand in JAX, and its matrix products alone."""
    chance = np.random.default_rng(0)
    values = chance.random((number, UNITS), np.float32)
    truth = chance.integers(0, CLASSES, number).astype(np.int32)
    folds = np.zeros(number, np.int8)
    examples = Examples(
        [str(row) for row in range(number)], [], {}, {"artist": truth}, {"artist": [*range(CLASSES)]}, folds, folds, []
    )
    config = Config(inputs=(IMAGE,), targets=("artist",), tune="frozen", epochs=epochs)
    ours = Head(examples, config, values)
    by_scikit = MLPClassifier(
        (config.global_units,), solver="sgd", batch_size=config.batch_size, learning_rate_init=config.learning_rate,
        max_iter=epochs, n_iter_no_change=epochs + 1, alpha=0,
    )  # fmt: skip
    by_jax = head_by_hand(config)
    products = [chance.random((config.batch_size, units), np.float32) for units in (UNITS, config.global_units)]
    weights = chance.random((UNITS, config.global_units), np.float32)

    def fitted() -> int:
        ours.fit(np.arange(number), seed=0, callbacks=[])
        return number * epochs

    def scikit() -> int:
        import warnings

        with warnings.catch_warnings(action="ignore"):  # that it has not converged
            by_scikit.fit(values, truth)
        return number * epochs

    def jax() -> int:
        by_jax(values, truth)
        return number * epochs

    def multiplied() -> int:  # forward, and the gradients of the weights; those of the features are not needed
        for _ in range(number // config.batch_size * epochs):
            products[0] @ weights
            products[0].T @ products[1]
        return number // config.batch_size * config.batch_size * epochs

    limit = "limit: the matrix products"
    ways: dict[str, Way] = {"ours": fitted, "scikit-learn's MLP": scikit, "by hand in JAX": jax, limit: multiplied}
    for way in (fitted, jax):
        way()  # compiles
    return told("dense head, examples", rates(ways, rounds), limit)


def head_by_hand(config: Config) -> Callable[[Floats, np.ndarray], None]:
    """Return a training of the same head in plain JAX: Nesterov's momentum, dropout, batches in one compiled loop."""
    import jax
    import jax.numpy as jnp

    keys = jax.random.split(jax.random.key(0), 3)
    shapes = ((UNITS, config.global_units), (config.global_units, CLASSES))
    weights = [jax.random.normal(key, shape) * shape[0] ** -0.5 for key, shape in zip(keys, shapes, strict=False)]
    biases = [jnp.zeros(config.global_units), jnp.zeros(CLASSES)]
    start = ((*weights, *biases), jax.tree.map(jnp.zeros_like, (*weights, *biases)), keys[2])

    def loss(parameters: Any, shown: Any, truth: Any, key: Any) -> Any:
        kept = jax.random.bernoulli(key, 1 - config.dropout, shown.shape)
        hidden = jax.nn.relu(shown * kept / (1 - config.dropout) @ parameters[0] + parameters[2])
        scores = jax.nn.log_softmax(hidden @ parameters[1] + parameters[3])
        return -jnp.take_along_axis(scores, truth[:, None], 1).mean()

    def step(state: Any, batch: Any) -> Any:
        parameters, velocities, key = state
        key, used = jax.random.split(key)
        gradients = jax.grad(loss)(parameters, *batch, used)
        rate, momentum = config.learning_rate, config.momentum
        velocities = jax.tree.map(lambda v, g: momentum * v - rate * g, velocities, gradients)
        moved = jax.tree.map(lambda p, v, g: p + momentum * v - rate * g, parameters, velocities, gradients)
        return (moved, velocities, key), None

    epoch = jax.jit(lambda state, batches: jax.lax.scan(step, state, batches)[0])

    def train(values: Floats, truth: np.ndarray) -> None:
        steps = len(values) // config.batch_size
        state = start
        for number in range(config.epochs):
            order = np.random.default_rng(number).permutation(len(values))[: steps * config.batch_size]
            shaped = order.reshape(steps, config.batch_size)
            state = epoch(state, (values[shaped], truth[shaped]))
        jax.block_until_ready(state)

    return train


def real_examples(shared: Path, folder: Path, step: int) -> tuple[Examples, list[dict[str, str]]]:
    """Return the real paintings as examples, in five folds stratified by artist, and their rows of metadata.csv."""
    import csv

    with (shared / "paintings" / "metadata.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))[::step]
    images = []
    for name, pixels in real_paintings(shared / "paintings", step):
        images.append(folder / f"{name}.png")
        Image.fromarray(pixels).save(images[-1], compress_level=1)
    numbers = {
        name: np.unique([row[name] for row in table], return_inverse=True) for name in ("artist", "genre", "style")
    }
    artists, truth = numbers["artist"]
    folds = np.empty(len(table), np.int8)
    for fold, (_, validated) in enumerate(StratifiedKFold(5, shuffle=True, random_state=0).split(truth, truth)):
        folds[validated] = fold
    fields = {
        name: one_hot(numbers[name][1].astype(np.int32), len(numbers[name][0]), with_unknown=True)
        for name in ("genre", "style")
    }
    examples = Examples(
        [row["file"] for row in table], images, fields, {"artist": truth.astype(np.int32)}, {"artist": [*artists]},
        folds, folds, ["wikiart"] * len(table),
    )  # fmt: skip
    return examples, table


def by_notebook(
    examples: Examples, table: Sequence[dict[str, str]], weights: Path, *, with_labels: bool
) -> list[float]:
    """Do what a user would write in twenty lines, and return the accuracies of the folds."""
    network = keras.applications.MobileNetV2(
        alpha=0.35, include_top=False, weights=str(weights), input_shape=(SIDE, SIDE, 3), pooling="avg"
    )
    values = []
    for start in range(0, len(table), 32):
        paths = examples.images[start : start + 32]
        pixels = [keras.utils.img_to_array(keras.utils.load_img(path, target_size=(SIDE, SIDE))) for path in paths]
        shown = keras.applications.mobilenet_v2.preprocess_input(np.stack(pixels))
        values.append(network.predict(shown, verbose=0))
    known = np.concatenate(values)
    labels = [[row["genre"], row["style"]] for row in table]
    artists = np.array([row["artist"] for row in table])
    accuracies = []
    for fold in range(5):
        training, validated = examples.training_rows(fold), examples.validated_rows(fold)
        inputs = known
        if with_labels:
            encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False).fit([labels[row] for row in training])
            inputs = np.hstack([known, encoder.transform(labels)])
        classifier = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
        classifier.fit(inputs[training], artists[training])
        accuracies.append(float(classifier.score(inputs[validated], artists[validated])))
    return accuracies


def by_us(examples: Examples, config: Config, folder: Path) -> list[float]:
    """Do it by the product, from nothing, and return the accuracies of the folds."""
    with tempfile.TemporaryDirectory(dir=folder) as run:
        folds = cross_validate(examples, config, folder=Path(run), cache=Path(run))
    truth = examples.truths["artist"]
    return [float((fold.probabilities["artist"].argmax(axis=1) == truth[fold.rows]).mean()) for fold in folds]


def notebook(folder: Path, shared: Path, step: int) -> list[Row]:
    """Accuracy and time of the notebook and of ours, on the same folds of real paintings, each from the files on."""
    weights = shared / WEIGHTS
    examples, table = real_examples(shared, folder, step)
    one_view = Config(
        inputs=(IMAGE,), targets=("artist",), backbone="mobilenetv2_0.35", weights=str(weights), tune="frozen",
        head="linear", vocabulary="fold",
    )  # fmt: skip
    both = (IMAGE, "genre", "style")
    alone = replace(examples, fields={})
    ways: dict[str, Callable[[], list[float]]] = {
        "notebook, image": lambda: by_notebook(examples, table, weights, with_labels=False),
        "notebook, image and labels": lambda: by_notebook(examples, table, weights, with_labels=True),
        "ours, one view, image": lambda: by_us(alone, one_view, folder),
        "ours, one view, image and labels": lambda: by_us(examples, replace(one_view, inputs=both), folder),
        "ours, --preset best, image": lambda: by_us(alone, replace(one_view, **PRESETS["best"]), folder),
        "ours, --preset best, image and labels": lambda: by_us(
            examples, replace(one_view, inputs=both, **PRESETS["best"]), folder
        ),
    }
    rows = []
    for name, way in ways.items():
        begun = time.process_time()
        accuracies = way()
        rows.append(
            {"part": f"{len(table)} real paintings", "": name, "accuracy": round(statistics.mean(accuracies), 3),
             "sd": round(statistics.stdev(accuracies), 3), "CPU seconds": round(time.process_time() - begun)}
        )  # fmt: skip
    return rows


def main() -> None:
    """Print a table of each part."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--part", choices=["loader", "features", "head", "notebook"], action="append")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--step", type=int, default=1, help="of the real paintings")
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--quick", action="store_true", help="everything small, once")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rounds, small = (1, True) if options.quick else (options.rounds, False)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        parts: dict[str, Callable[[], list[Row]]] = {
            "loader": lambda: loader(folder, rounds, 2 if small else 30),
            "features": lambda: [
                row
                for backbone, batches in (SMALL_BACKBONES if small else BACKBONES).items()
                for row in features(folder, rounds, BATCH_SIZE * batches, backbone)
            ],
            "head": lambda: head(rounds, *((256, 1) if small else (2048, 10))),
            "notebook": lambda: notebook(folder, options.shared, options.step),
        }
        measured = [parts[part]() for part in options.part or parts]
    if options.json:
        print(json.dumps([row for rows in measured for row in rows]))
        return
    print(
        f"Keras {keras.__version__} on {keras.config.backend()}, {os.cpu_count()} processors, "
        f"load {os.getloadavg()[0]:.1f}"
    )
    for rows in measured:
        print()
        print(plain([[*rows[0]], *([str(value) for value in row.values()] for row in rows)]))


if __name__ == "__main__":
    main()
