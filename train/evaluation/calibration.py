"""Whether a network is as often right as it says: calibration, and how much it can answer at a wanted precision."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from train.data.encoding import Floats, Ints

BINS = 15
SIMULATIONS = 500
PRECISION = 0.95  # of what is answered
LEAST = 1e-7  # a probability below counts as this one in the log loss

Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Calibration:
    """How far confidence is to be trusted, over the validated examples of all folds."""

    ece: float  # expected calibration error, 15 bins
    ece_if_calibrated: tuple[float, float]  # 95 of 100 perfectly calibrated networks of these confidences lie between
    brier: float  # 0-2, summed over the classes
    log_loss: float  # nats
    answered: float  # share of examples, the most confident first, of which 95 % are named rightly


def calibration(truth: Ints, probabilities: Floats) -> Calibration:
    """Judge probabilities, (examples, classes), by the true classes."""
    confidence, hits = probabilities.max(axis=1).astype(np.float64), probabilities.argmax(axis=1) == truth
    rng = np.random.default_rng(0)
    simulated = [expected_error(confidence, rng.random(len(truth)) < confidence) for _ in range(SIMULATIONS)]
    low, high = np.quantile(simulated, (0.025, 0.975))
    of_truth = probabilities[np.arange(len(truth)), truth].astype(np.float64)
    return Calibration(
        expected_error(confidence, hits),
        (float(low), float(high)),
        float(((probabilities.astype(np.float64) ** 2).sum(axis=1) - 2 * of_truth + 1).mean()),
        float(-np.log(np.maximum(of_truth, LEAST)).mean()),
        answered_at(confidence, hits, PRECISION),
    )


def expected_error(confidence: Doubles, hits: NDArray[np.bool_]) -> float:
    """Return the distance of confidence and accuracy in each bin of confidence, weighed by its examples."""
    places = np.minimum((confidence * BINS).astype(int), BINS - 1)
    return float(np.abs(np.bincount(places, weights=confidence - hits, minlength=BINS)).sum() / len(hits))


def answered_at(confidence: Doubles, hits: NDArray[np.bool_], precision: float) -> float:
    """Return the largest share of examples, the most confident first, that is named rightly with this precision."""
    order = np.argsort(-confidence, kind="stable")
    counts = np.arange(1, len(hits) + 1)
    enough = np.flatnonzero(np.cumsum(hits[order]) >= precision * counts)
    return float(counts[enough[-1]] / len(hits)) if len(enough) else 0.0
