"""A finished run as its folder keeps it: all that a report is made of, read without a network or its libraries."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet
from numpy.typing import NDArray

from train.config import TrainError

Summary = dict[str, Any]  # report.json

AGAIN = "restore it from a copy, or delete the run's folder and train again with 'train run'"

KEYS = ("run", "title", "dataset", "config", "versions", "targets", "seconds")  # without which it is no summary
COLUMNS = ("content_id", "fold", "target", "truth", "predicted", "probability")  # of predictions.parquet


@dataclass(frozen=True, slots=True)
class Predictions:
    """What the networks said of one target, of the validated examples whose value is known."""

    classes: list[Any]  # in the order of their class numbers
    ids: list[str]  # content_id
    folds: NDArray[np.int64]
    truth: NDArray[np.int64]  # class numbers
    predicted: NDArray[np.int64]
    confidence: NDArray[np.float64]  # the probability of the predicted class

    @property
    def hits(self) -> NDArray[np.bool_]:
        """Whether each answer is correct."""
        return self.truth == self.predicted

    def counts(self, among: Collection[str] | None = None) -> NDArray[np.int64]:
        """Count answers: (classes, classes), rows true, columns predicted.

        Args:
            among: Only these examples, by content_id; None: all.
        """
        size = len(self.classes)
        places = self.truth * size + self.predicted
        if among is not None:
            places = places[np.array([content_id in among for content_id in self.ids], bool)]
        return np.bincount(places, minlength=size * size).reshape(size, size)


@dataclass(frozen=True, slots=True)
class Curve:
    """A metric over the epochs: each (folds, epochs)."""

    training: NDArray[np.float64]
    validation: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RunFiles:
    """A finished run."""

    folder: Path
    summary: Summary
    predictions: dict[str, Predictions]  # by target
    curves: dict[str, Curve]  # by name of the metric in metrics.jsonl


def read_summary(folder: Path) -> Summary:
    """Return what a run came to.

    Raises:
        TrainError: It is not there, or damaged.
    """
    path = folder / "report.json"
    summary = _json(path, _read(path))
    lacking = [key for key in KEYS if not isinstance(summary, dict) or not summary.get(key)]
    if lacking:
        raise TrainError(f"{path} is damaged (it lacks {', '.join(lacking)}): {AGAIN}")
    return summary


def read_run(folder: Path) -> RunFiles:
    """Read what a report is made of.

    Raises:
        TrainError: A file is absent or damaged.
    """
    summary = read_summary(folder)
    table = _predictions(folder)
    predictions = {
        target: _of_target(table, target, results["classes"], folder) for target, results in summary["targets"].items()
    }
    return RunFiles(folder, summary, predictions, _curves(folder, summary))


def _predictions(folder: Path) -> pa.Table:
    path = folder / "predictions.parquet"
    try:
        return pyarrow.parquet.read_table(
            pa.BufferReader(_read(path)), columns=[*COLUMNS], use_threads=False, pre_buffer=False
        )
    except pa.ArrowException as error:
        raise TrainError(f"{path} is damaged ({error}): {AGAIN}") from None


def _of_target(table: pa.Table, target: str, classes: list[Any], folder: Path) -> Predictions:
    rows = [row for row in table.to_pylist() if row["target"] == target and row["truth"] is not None]
    numbers = {str(value): number for number, value in enumerate(classes)}
    try:
        truth, predicted = ([numbers[row[column]] for row in rows] for column in ("truth", "predicted"))
    except KeyError as error:
        raise TrainError(
            f"{folder / 'predictions.parquet'} names the {target} {error}, which report.json does not know: {AGAIN}"
        ) from None
    return Predictions(
        classes,
        [row["content_id"] for row in rows],
        np.array([row["fold"] for row in rows], np.int64),
        np.array(truth, np.int64),
        np.array(predicted, np.int64),
        np.array([row["probability"] for row in rows], np.float64),
    )


def _curves(folder: Path, summary: Summary) -> dict[str, Curve]:
    """Return loss and accuracies over the epochs; none where a head was fitted at once."""
    path = folder / "metrics.jsonl"
    lines = [_json(path, line) for line in _read(path).splitlines()]
    folds = sorted({line["fold"] for line in lines})
    by_fold = [[line for line in lines if line["fold"] == fold] for fold in folds]
    epochs = min(map(len, by_fold), default=0)
    metrics = ("loss", *(f"{target}_accuracy" for target in summary["targets"]))

    def values(key: str) -> NDArray[np.float64]:
        return np.array([[line[key] for line in of_fold[:epochs]] for of_fold in by_fold], np.float64)

    return {name: Curve(values(name), values(f"val_{name}")) for name in metrics} if epochs > 1 else {}


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise TrainError(f"{path.parent} is no finished run (no {path.name} in it): {AGAIN}") from None


def _json(path: Path, content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError as error:
        raise TrainError(f"{path} is damaged ({error}): {AGAIN}") from None
