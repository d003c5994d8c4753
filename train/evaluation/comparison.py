"""Two networks on the same examples: how far apart, and whether that is more than chance."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

LEVEL = 0.95  # of the intervals

Hits = NDArray[np.bool_]  # (examples,), whether each was named rightly


@dataclass(frozen=True, slots=True)
class Difference:
    """An accuracy less another one, and between what it lies in 95 of 100 such comparisons."""

    mean: float
    low: float | None  # None: too little to say
    high: float | None
    p: float | None  # probability of a difference at least as large by chance alone


def by_example(one: Hits, other: Hits) -> Difference:
    """Compare example by example: the interval of paired differences, and McNemar's exact test."""
    differences = one.astype(np.float64) - other
    mean, count = float(differences.mean()), len(differences)
    gained, lost = int((differences > 0).sum()), int((differences < 0).sum())
    p = float(stats.binomtest(gained, gained + lost).pvalue) if gained + lost else 1.0
    if count < 2:
        return Difference(mean, None, None, p)
    half = float(stats.norm.ppf((1 + LEVEL) / 2) * differences.std(ddof=1) / np.sqrt(count))
    return Difference(mean, mean - half, mean + half, p)


def by_fold(one: Sequence[float], other: Sequence[float]) -> Difference:
    """Compare fold by fold: the t-test corrected for training sets that overlap (Nadeau and Bengio 2003)."""
    differences = np.subtract(one, other)
    mean, count = float(differences.mean()), len(differences)
    if count < 2:
        return Difference(mean, None, None, None)
    error = float(differences.std(ddof=1) * np.sqrt(1 / count + 1 / (count - 1)))  # a fold is 1/(k - 1) of the others
    if error == 0:
        return Difference(mean, mean, mean, float(mean == 0))
    half = float(stats.t.ppf((1 + LEVEL) / 2, count - 1)) * error
    return Difference(mean, mean - half, mean + half, float(2 * stats.t.sf(abs(mean) / error, count - 1)))
