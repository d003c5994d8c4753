"""How well the predictions fit: pure functions of class numbers and probabilities.

Averages over classes are scikit-learn's: "macro" counts each class alike (the paper's Table 5: its recalls differ from
its accuracies), "weighted" by how often it occurs (weighted recall is accuracy, by definition). Both run over the
classes that occur among the true or the predicted ones; a class never predicted has precision 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import accuracy_score, confusion_matrix, precision_recall_fscore_support

from train.data.encoding import ABSENT, Floats, Ints

AVERAGES = ("macro", "weighted")
MEASURES = ("precision", "recall", "f1")
TOP = 5  # how many of the likeliest classes are kept of each prediction


@dataclass(frozen=True, slots=True)
class Spread:
    """The mean over the folds and their standard deviation, which a single fold has not."""

    mean: float
    sd: float | None  # of a sample (n - 1)


def scores(truth: Ints, probabilities: Floats) -> dict[str, float]:
    """Return top-1 and top-5 accuracy, and precision, recall and F1 in both averages, for one fold and target.

    Args:
        truth: Class numbers, (examples,).
        probabilities: Of each class, (examples, classes), 0-1.
    """
    predicted = probabilities.argmax(axis=1)
    values = {
        "top1": float(accuracy_score(truth, predicted)),
        "top5": float((likeliest(probabilities) == truth[:, None]).any(axis=1).mean()),
    }
    for average in AVERAGES:
        averaged = precision_recall_fscore_support(truth, predicted, average=average, zero_division=0)
        values |= {f"{measure}_{average}": float(value) for measure, value in zip(MEASURES, averaged[:3], strict=True)}
    return values


def accuracy(truth: Ints, probabilities: Floats) -> float:
    """Return top-1 accuracy over the examples whose class is known."""
    known = truth != ABSENT
    return float((probabilities.argmax(axis=1) == truth)[known].mean())


def likeliest(probabilities: Floats) -> Ints:
    """Return the class numbers of the five highest probabilities, the highest first; equals in class order."""
    return np.argsort(-probabilities, axis=1, kind="stable")[:, :TOP].astype(np.int32)


def year_scores(truth: Ints, predicted: Ints, decades: Sequence[int], bin_years: int) -> dict[str, float]:
    """Return how far predicted decades lie from the true ones: mean years, share of the same or the next."""
    years = np.asarray(decades)
    distance = np.abs(years[truth] - years[predicted])
    return {"mean_years_off": float(distance.mean()), "same_or_next_decade": float((distance <= bin_years).mean())}


def confusions(truth: Ints, predicted: Ints, classes: int) -> Ints:
    """Count predictions: (classes, classes), rows true, columns predicted."""
    return confusion_matrix(truth, predicted, labels=np.arange(classes)).astype(np.int32)


def class_scores(counts: Ints) -> list[tuple[float, float, float, int]]:
    """Return precision, recall, F1 and number of examples of each class, from the counts of `confusions`."""
    right = counts.diagonal()
    precision = right / np.maximum(counts.sum(axis=0), 1)
    recall = right / np.maximum(counts.sum(axis=1), 1)
    f1 = 2 * right / np.maximum(counts.sum(axis=0) + counts.sum(axis=1), 1)
    return list(zip(precision.tolist(), recall.tolist(), f1.tolist(), counts.sum(axis=1).tolist(), strict=True))


def most_confused(counts: Ints, number: int = 10) -> list[tuple[int, int, int]]:
    """Return the commonest errors as (true class, predicted class, examples), the commonest first."""
    errors = counts - np.diag(counts.diagonal())
    order = np.argsort(-errors, axis=None, kind="stable")[:number]
    pairs = (np.unravel_index(place, errors.shape) for place in order)
    return [(int(row), int(column), int(errors[row, column])) for row, column in pairs if errors[row, column]]


def commonest(truth: Ints) -> tuple[int, float]:
    """Return the commonest class and its share: what always naming it would reach."""
    counts = np.bincount(truth)
    return int(counts.argmax()), float(counts.max() / len(truth))


def ceiling(training: Ints, validated: Ints) -> float:
    """Return the share of validated examples whose class occurs in training: no network can name the others."""
    return float(np.isin(validated, training).mean())


def spread(values: Sequence[float]) -> Spread:
    """Sum up one value for each fold."""
    return Spread(float(np.mean(values)), float(np.std(values, ddof=1)) if len(values) > 1 else None)
