"""Artists whom a network never saw: from which novelty on an example is said to be of none that it knows.

Novelty is one less the cosine to the nearest class mean, where the features are whitened by the covariance that all
classes share. It needs no classifier, so classes can be left out without training anew: their error rates are measured.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from train.data.encoding import ABSENT, Floats, Ints, Rows
from train.experiments.linear import Standardised
from train.models.info import NoveltyInfo
from train.models.novelty import KnownClasses, unit

DIRECTIONS = 512  # principal ones that are kept, at most
SHRINKAGE = 0.1  # of the covariance, towards one that is alike in all directions
LEAST = 1e-9  # variance, where all examples of a class are the same
RECALL = 0.95  # of examples of known classes, that are not said to be novel
GROUPS = 4  # that the classes are dealt into, and left out in turn


class Split(NamedTuple):
    """Novelties of examples that were not trained on."""

    known: Floats  # of classes that were trained on
    unknown: Floats  # of classes that were not


def known_classes(features: Floats, truth: Ints) -> KnownClasses:
    """Fit to examples: (examples, units) and their class numbers."""
    turned = Standardised.of(features).turned()
    values = turned.values[:, -DIRECTIONS:].astype(np.float64)
    classes, numbers = np.unique(truth, return_inverse=True)
    centres = np.stack([values[numbers == number].mean(axis=0) for number in range(len(classes))])
    within = values - centres[numbers]
    covariance = within.T @ within / len(within)
    even = np.trace(covariance) / max(1, len(covariance)) + LEAST
    shrunk = (1 - SHRINKAGE) * covariance + SHRINKAGE * even * np.eye(len(covariance))
    whitening = np.linalg.inv(np.linalg.cholesky(shrunk)).T
    kernel = np.zeros((turned.values.shape[1], len(whitening)))
    kernel[-len(whitening) :] = whitening
    projection = turned.for_columns(kernel)
    return KnownClasses(turned.means.astype(np.float32), projection.astype(np.float32), unit(centres @ whitening))


def left_out(features: Floats, truth: Ints, training: Rows, validated: Rows, classes: Sequence[int]) -> Split:
    """Return the novelties where some classes were left out of training."""
    is_out = np.isin(truth, classes)
    kept = training[~is_out[training]]
    known = known_classes(features[kept], truth[kept])
    return Split(known.novelty(features[validated[~is_out[validated]]]), known.novelty(features[is_out]))


def measured(
    features: Floats, truth: Ints, training: Rows, validated: Rows, *, seed: int
) -> tuple[KnownClasses, NoveltyInfo] | None:
    """Choose the novelty from which on an example is of no known class, and measure how often that is wrong.

    Args:
        features: Of all examples, (examples, units).
        truth: Their class numbers, or ABSENT.
        training: Rows that are trained on.
        validated: Rows that are not.
        seed: Of the groups that are left out.

    Returns:
        None where classes or validated examples are too few.
    """
    training, validated = (rows[truth[rows] != ABSENT] for rows in (training, validated))
    classes = np.unique(truth[training])
    if len(classes) < 3 or len(validated) < 2:
        return None
    known = known_classes(features[training], truth[training])
    validated = validated[np.isin(truth[validated], classes)]
    novelty = known.novelty(features[validated])
    groups = np.array_split(np.random.default_rng(seed).permutation(classes), min(GROUPS, len(classes)))
    splits = [left_out(features, truth, training, validated, group.tolist()) for group in groups]
    info = NoveltyInfo(
        threshold=float(np.quantile(novelty, RECALL)),
        known_flagged=flagged(novelty),
        unknown_missed=float(np.mean([missed(split) for split in splits])),
        auroc=float(np.mean([auroc(split) for split in splits])),
        chosen_on=f"{len(validated)} examples of known artists that the network was not trained on",
        measured_on=f"{len(classes)} artists, left out in {len(groups)} groups in turn; known ones on halves of the "
        "validated examples, by the threshold of the other half",
    )
    return known, info


def flagged(novelty: Floats) -> float:
    """Return the share of known examples that are called novel, by the threshold that the other half of them gives."""
    halves = novelty[::2], novelty[1::2]
    wrong = [half > np.quantile(other, RECALL) for half, other in (halves, halves[::-1])]
    return float(np.concatenate(wrong).mean())


def missed(split: Split) -> float:
    """Return the share of examples of unknown classes that are taken for known, where RECALL of the known ones are."""
    return float((split.unknown <= np.quantile(split.known, RECALL)).mean())


def auroc(split: Split) -> float:
    """Return how often an example of an unknown class is more novel than one of a known class."""
    is_unknown: NDArray[np.bool_] = np.repeat([False, True], [len(split.known), len(split.unknown)])
    return float(roc_auc_score(is_unknown, np.concatenate(split)))
