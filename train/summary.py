"""A run summed up: everything that the report says, as plain values. report.json is this and nothing else."""

import os
import platform
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import keras
import numpy as np

from curate.manifest import LABELS, BuildInfo, Dataset
from train import metrics
from train.config import Config
from train.examples import Examples, Ints
from train.experiment import Fold
from train.notes import listed, notes_on

Summary = dict[str, Any]

PACKAGES = ("raisonne", "keras", "tensorflow", "jax", "torch", "numpy", "scikit-learn", "pillow", "pyarrow")


def summarise(
    name: str, *, dataset: Dataset, build_info: BuildInfo, config: Config, examples: Examples, folds: list[Fold]
) -> Summary:
    """Sum a run up.

    Args:
        name: The run's.
        dataset: What was trained on.
        build_info: Its build.
        config: What was asked for.
        examples: The dataset as it was trained on.
        folds: What came of it.
    """
    bin_years = build_info.options.bin_years
    return {
        "run": name,
        "title": title_of(config),
        "dataset": about_dataset(dataset, build_info),
        "config": _used(config),
        "versions": versions(),
        "targets": {target: _target(target, examples, folds, bin_years) for target in config.targets},
        "notes": notes_on(config),
        "seconds": {"folds": [round(fold.seconds, 1) for fold in folds]},
    }


def _used(config: Config) -> Summary:
    """Return the configuration; what only a network that sees images uses is null where it sees none."""
    unused = () if config.has_image else ("backbone", "weights", "tune", "side")
    return asdict(config) | dict.fromkeys(unused)


def title_of(config: Config) -> str:
    """Say in a line what is told from what: "artist and decade from image, genre and style"."""
    return f"{listed(config.targets)} from {listed(config.inputs)}"


def about_dataset(dataset: Dataset, build_info: BuildInfo) -> Summary:
    """Describe a dataset as the paper's Table 1 does, and a little more."""
    years = dataset.rows["year"].drop_null().to_pylist()
    return {
        "build": dataset.build.name,
        "name": dataset.name,
        "sha256": dataset.digest,
        "paintings": dataset.rows.num_rows,
        "classes": {label: len(dataset.labels[label]) for label in LABELS},
        "years": [min(years), max(years)] if years else None,
        "sources": sorted(dataset.rows["source"].drop_null().unique().to_pylist()),
        "notes": build_info.notes,
    }


def versions() -> dict[str, str]:
    """Return the versions of what computed the run, and which backend Keras ran on."""
    found = {"python": platform.python_version(), "backend": keras.config.backend(), "machine": _machine()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def confusions_of(target: str, examples: Examples, folds: list[Fold]) -> Ints:
    """Count what was taken for what, over all folds: (classes, classes), rows true, columns predicted."""
    truth = np.concatenate([examples.truths[target][fold.rows] for fold in folds])
    predicted = np.concatenate([fold.probabilities[target].argmax(axis=1) for fold in folds])
    return metrics.confusions(truth, predicted, len(examples.classes[target]))


def _target(target: str, examples: Examples, folds: list[Fold], bin_years: int) -> Summary:
    truth, classes = examples.truths[target], examples.classes[target]
    common, share = metrics.commonest(truth)
    counts = confusions_of(target, examples, folds)
    by_fold = [_scores(target, examples, fold, bin_years) for fold in folds]
    return {
        "classes": classes,
        "commonest": {"value": classes[common], "share": share},
        "ceiling": asdict(metrics.spread([_ceiling(truth, examples, fold) for fold in folds])),
        "metrics": {name: asdict(metrics.spread([fold[name] for fold in by_fold])) for name in by_fold[0]},
        "folds": by_fold,
        "best_on_validation": _best(target, next(iter(examples.truths)), folds),
        "confused": _confused(counts, classes),
        "by_class": _by_class(counts, classes),
    }


def _best(target: str, judge: str, folds: list[Fold]) -> Summary:
    """Return the accuracy at the epoch that was best on the validation fold, judged by the first target."""
    places = [int(np.argmax([line[f"val_{judge}_accuracy"] for line in fold.epochs])) for fold in folds]
    reached = [fold.epochs[place][f"val_{target}_accuracy"] for fold, place in zip(folds, places, strict=True)]
    return {"epochs": [place + 1 for place in places], "top1": asdict(metrics.spread(reached))}


def _confused(counts: Ints, classes: list[Any]) -> list[Summary]:
    support = counts.sum(axis=1)
    return [
        {"true": classes[row], "predicted": classes[column], "examples": number, "share": number / int(support[row])}
        for row, column, number in metrics.most_confused(counts)
    ]


def _by_class(counts: Ints, classes: list[Any]) -> list[Summary]:
    names = ("precision", "recall", "f1", "examples")
    lines = zip(classes, metrics.class_scores(counts), strict=True)
    return [{"value": value, **dict(zip(names, scores, strict=True))} for value, scores in lines if scores[-1]]


def _scores(target: str, examples: Examples, fold: Fold, bin_years: int) -> dict[str, float]:
    truth, probabilities = examples.truths[target][fold.rows], fold.probabilities[target]
    found = metrics.scores(truth, probabilities)
    if target == "decade":
        found |= metrics.year_scores(truth, probabilities.argmax(axis=1), examples.classes[target], bin_years)
    return found


def _ceiling(truth: Ints, examples: Examples, fold: Fold) -> float:
    return metrics.ceiling(truth[examples.training_rows(fold.number)], truth[fold.rows])


def _machine() -> str:
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors"
