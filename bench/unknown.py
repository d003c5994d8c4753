"""Are artists whom a network never saw told from those that it knows? Three scores, artists left out at random.

`python -m bench.unknown BUILD --data DIR --weights FILE [--backbone mobilenetv2_0.35] [--left-out 4] [--choices 10]
[--json]`. Features of the best frozen recipe come from the data folder's cache, or go there. For each choice the
artists that are left are fitted on all folds but the first and judged on that one; all works of those left out are
unknown. The image alone, and image, genre and style. AUROC, and how many of the unknown are taken for known where 95 of
100 known ones are; mean and standard deviation over the choices.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from scipy.special import logsumexp, softmax

from curate.manifest import read_dataset
from harvest.console.tables import table
from train.config import PRESETS, Config
from train.data.encoding import Floats, hidden
from train.data.examples import Examples, examples_of
from train.evaluation.novelty import Split, auroc, left_out, missed
from train.experiments.features import frozen_features
from train.experiments.linear import Layer, Target, fit_linear
from train.models.weights import load_backbone

LABELS = ("genre", "style")
SHOWN = ("image", f"image, {', '.join(LABELS)}")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print what came of it."""
    parser = argparse.ArgumentParser(prog="python -m bench.unknown", description=__doc__)
    parser.add_argument("build")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--weights", default="imagenet")
    parser.add_argument("--backbone", default="mobilenetv2_0.35")
    parser.add_argument("--side", type=int, default=224)
    parser.add_argument("--left-out", type=int, default=4, help="artists (4)")
    parser.add_argument("--choices", type=int, default=10, help="of these artists, at random (10)")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    config = Config(**PRESETS["best"], inputs=("image", *LABELS), targets=("artist",), backbone=options.backbone,
                    weights=options.weights, side=options.side, vocabulary="fold", protocol="random")  # fmt: skip
    examples = examples_of(read_dataset(options.data / "builds", options.build), config)
    keras.utils.set_random_seed(0)
    features = frozen_features(examples.images, load_backbone(config), config, cache=options.data / "cache")
    rng = np.random.default_rng(0)
    artists = len(examples.classes["artist"])
    choices = [rng.choice(artists, options.left_out, replace=False) for _ in range(options.choices)]
    measured = [dict(scores_of(examples, features, choice.tolist(), config)) for choice in choices]
    rows = [row(score, [splits[score] for splits in measured]) for score in measured[0]]
    print(json.dumps(rows, indent=2) if options.json else table([*rows[0]], [[*one.values()] for one in rows]))


def scores_of(
    examples: Examples, features: Floats, choice: list[int], config: Config
) -> Iterator[tuple[tuple[str, str], Split]]:
    """Yield, by score and what is shown, the novelties of known and of unknown artists' works."""
    truth = examples.truths["artist"]
    is_out = np.isin(truth, choice)
    training, validated = examples.training_rows(0), examples.validated_rows(0)
    yield ("distance", SHOWN[0]), left_out(features, truth, training, validated, choice)
    training, validated = training[~is_out[training]], validated[~is_out[validated]]
    known = examples.in_vocabulary_of(training).fields.values()
    labels = [np.concatenate([hidden(values) for values in known], axis=1), np.concatenate([*known], axis=1)]
    numbers = np.unique(truth[training], return_inverse=True)[1].astype(np.int32)
    target = Target(numbers, examples.inner_folds[training], int(numbers.max()) + 1)
    layers = fit_linear(features[training], [values[training] for values in labels], target, config)
    for shown, values, layer in zip(SHOWN, labels, layers, strict=True):
        logits = scores(layer, features, values)
        for name, novelty in (
            ("max softmax", -softmax(logits, axis=1).max(axis=1)),
            ("energy", -logsumexp(logits, axis=1)),
        ):
            yield (name, shown), Split(novelty[validated], novelty[is_out])


def scores(layer: Layer, features: Floats, labels: Floats) -> Floats:
    """Return the logits of all examples: (examples, artists)."""
    return np.concatenate([features, labels], axis=1) @ layer.kernel + layer.bias


def row(score: tuple[str, str], splits: Sequence[Split]) -> dict[str, Any]:
    """Return what is told of one score."""
    figures = {
        "AUROC": [auroc(split) for split in splits],
        "unknown taken for known": [missed(split) for split in splits],
    }
    spread = {name: f"{np.mean(values):.3f} ± {np.std(values, ddof=1):.3f}" for name, values in figures.items()}
    return {"score": score[0], "shown": score[1], **spread}


if __name__ == "__main__":
    main()
