"""Whether a network is as often right as it says: calibration, and how much it can answer at a wanted precision."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from train.data.encoding import Floats, Ints
from train.evaluation.thresholds import at_temperature, least_confidence

BINS = 15
SIMULATIONS = 500
PRECISION = 0.95  # of what is answered
LEAST = 1e-7  # a probability below counts as this one in the log loss

Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Trust:
    """How far probabilities are to be trusted."""

    ece: float  # expected calibration error, 15 bins
    brier: float  # 0-2, summed over the classes
    log_loss: float  # nats


@dataclass(frozen=True, slots=True)
class Calibration(Trust):
    """The same over the validated examples of all folds, and what can be answered."""

    ece_if_calibrated: tuple[float, float]  # 95 of 100 perfectly calibrated networks of these confidences lie between
    answered: float  # share of examples above the confidence from which 95 % of the other folds' are named rightly
    answered_precision: float  # share of these that is named rightly
    uncalibrated: Trust | None  # before each fold's probabilities got a temperature; None: they have none


def calibration(truth: Ints, probabilities: Floats, folds: Ints, temperatures: Doubles | None = None) -> Calibration:
    """Judge probabilities, (examples, classes), by the true classes.

    Args:
        truth: Class numbers, (examples,).
        probabilities: Of each class, 0-1.
        folds: In which fold each example was validated.
        temperatures: By which the scores of each example were divided.
    """
    confidence, hits = probabilities.max(axis=1).astype(np.float64), probabilities.argmax(axis=1) == truth
    rng = np.random.default_rng(0)
    simulated = [expected_error(confidence, rng.random(len(truth)) < confidence) for _ in range(SIMULATIONS)]
    low, high = np.quantile(simulated, (0.025, 0.975))
    answered = answered_by_others(confidence, hits, folds, PRECISION)
    before = None if temperatures is None else trust(truth, at_temperature(probabilities, 1 / temperatures[:, None]))
    after = trust(truth, probabilities)
    return Calibration(
        ece=after.ece,
        brier=after.brier,
        log_loss=after.log_loss,
        ece_if_calibrated=(float(low), float(high)),
        answered=float(answered.mean()),
        answered_precision=float(hits[answered].mean()) if answered.any() else 0.0,
        uncalibrated=before,
    )


def trust(truth: Ints, probabilities: Floats | Doubles) -> Trust:
    """Return how far probabilities are from what is seen."""
    shares = probabilities.astype(np.float64)
    of_truth = shares[np.arange(len(truth)), truth]
    return Trust(
        expected_error(shares.max(axis=1), shares.argmax(axis=1) == truth),
        float(((shares**2).sum(axis=1) - 2 * of_truth + 1).mean()),
        float(-np.log(np.maximum(of_truth, LEAST)).mean()),
    )


def expected_error(confidence: Doubles, hits: NDArray[np.bool_]) -> float:
    """Return the distance of confidence and accuracy in each bin of confidence, weighed by its examples."""
    places = np.minimum((confidence * BINS).astype(int), BINS - 1)
    return float(np.abs(np.bincount(places, weights=confidence - hits, minlength=BINS)).sum() / len(hits))


def answered_by_others(
    confidence: Doubles, hits: NDArray[np.bool_], folds: Ints, precision: float
) -> NDArray[np.bool_]:
    """Return which examples are answered, by the threshold that gives this precision on all folds but their own.

    With one fold, the threshold is that fold's own.
    """
    answered = np.zeros(len(hits), bool)
    numbers = np.unique(folds)
    for number in numbers:
        own = folds == number
        others = ~own if len(numbers) > 1 else own
        least = least_confidence(confidence[others], hits[others], precision)
        answered[own] = least is not None and confidence[own] >= least
    return answered
