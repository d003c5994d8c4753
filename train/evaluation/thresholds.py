"""How confident a network must be for its answers to have a wanted precision, chosen on examples it was not trained on.

Confidence is calibrated first: one temperature for each target, as Guo et al. (2017), "On calibration of modern neural
networks".
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

from train.data.encoding import ABSENT, Floats, Ints
from train.models.info import Confidence

LEAST = 1e-12  # a probability below counts as this one
TEMPERATURES = (0.25, 4.0)  # between which one is looked for: of few examples, all right, the coldest would be chosen
PRECISIONS = tuple(f"0.{percent}" for percent in range(50, 100))

Doubles = NDArray[np.float64]


def confidence_of(truth: Ints, probabilities: Floats, *, folds: int) -> Confidence:
    """Choose temperature and thresholds on validated examples.

    Args:
        truth: (examples,), true classes.
        probabilities: (examples, classes), of networks that were not trained on the example.
        folds: How many took turns; for the record.
    """
    if not len(truth):
        return Confidence(1.0, {}, "no validated example has a value")
    temperature = best_temperature([(_logarithms(probabilities), truth)])
    calibrated = at_temperature(probabilities, temperature)
    confidence, hits = calibrated.max(axis=1), calibrated.argmax(axis=1) == truth
    chosen_on = f"{len(truth)} examples of {folds} fold{'s' if folds > 1 else ''}, each by a network not trained on it"
    thresholds = {text: least_confidence(confidence, hits, float(text)) for text in PRECISIONS}
    return Confidence(temperature, {text: least for text, least in thresholds.items() if least is not None}, chosen_on)


def best_temperature(predictions: Sequence[tuple[Doubles, Ints]], between: tuple[float, float] = TEMPERATURES) -> float:
    """Return the temperature at which the truths are the likeliest.

    Args:
        predictions: Scores, (examples, values), and the column of the truth, or ABSENT.
        between: Temperatures that it lies between.
    """

    def loss(logarithm: float) -> float:
        scaled = [(log_softmax(scores / math.exp(logarithm), axis=1), truth) for scores, truth in predictions]
        return -sum(float(of_truth(values, truth).sum()) for values, truth in scaled)

    bounds = [math.log(end) for end in between]
    return math.exp(minimize_scalar(loss, bounds=bounds, method="bounded").x)


def of_truth(values: Doubles, truth: Ints) -> Doubles:
    """Return the values in the truth's column, 0 where it is ABSENT."""
    return np.where(truth == ABSENT, 0.0, values[np.arange(len(truth)), np.maximum(truth, 0)])


def at_temperature(probabilities: Floats, temperature: float | Doubles) -> Doubles:
    """Return probabilities whose logarithms are divided by the temperature, summing to 1: (examples, classes)."""
    return np.asarray(softmax(_logarithms(probabilities) / temperature, axis=1), np.float64)


def _logarithms(probabilities: Floats) -> Doubles:
    return np.asarray(np.log(np.maximum(probabilities.astype(np.float64), LEAST)), np.float64)


def least_confidence(confidence: Doubles, hits: NDArray[np.bool_], precision: float) -> float | None:
    """Return the least confidence from which on answers have this precision; None where none has."""
    order = np.argsort(-confidence, kind="stable")
    right, ranked = np.cumsum(hits[order]), confidence[order]
    is_last = np.append(ranked[1:] < ranked[:-1], True)  # of those that are as confident: they are answered together
    enough = np.flatnonzero((right >= precision * np.arange(1, len(hits) + 1)) & is_last)
    return float(ranked[enough[-1]]) if len(enough) else None
