"""A linear head on frozen features, fitted at once: a multinomial logistic regression or a linear SVM.

Features of the image are standardised and turned to their principal directions, which are made more alike in length:
the longest say what all pictures share, and a penalty would let them speak for all. Labels stand beside them,
standardised and scaled up, for a dozen of them is not heard beside thousands of features. How much of each, and the
penalty, is chosen by leaving out the training folds in turn, so that what keeps series or duplicates together in the
folds keeps them together here. The same predictions give the temperature by which probabilities fit their frequency.
"""

import logging
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC
from threadpoolctl import threadpool_limits

from train.config import Config, TrainError
from train.data.encoding import ABSENT, Floats, Ints
from train.evaluation.thresholds import best_temperature, of_truth

log = logging.getLogger(__name__)

WHITENINGS = (0.0, 0.5)  # 0: principal directions as they are; 1: all of one length
LABEL_SCALES = (0.06, 0.12)  # of a standardised label, where the image's rows are of length 1
STRENGTHS = (3.0, 10.0, 30.0, 100.0)  # scikit-learn's C, for rows of length 1 on average
COMMON_STRENGTH = 10.0  # where no fold can be left out
CONSTANT = 1e-7  # deviation of a column beside its mean that is rounding alone
SPAN = 1e-7  # the same of an eigenvalue beside the largest
TOLERANCE = 1e-4  # of the mean gradient; at 1e-3 a fit that goes on from a weaker one ends where it began
TEMPERATURES = (0.05, 10.0)  # between which one is looked for

Doubles = NDArray[np.float64]
Choice = tuple[float, float]  # whitening of the image, scale of the labels


@dataclass(frozen=True, slots=True)
class Standardised:
    """Columns of mean 0, turned and scaled."""

    values: Floats  # (examples, dimensions)
    means: Doubles  # (columns,), of the columns as they came
    factors: Doubles  # (columns,), that they were multiplied by
    rotation: Floats | None = None  # (columns, dimensions), behind the factors

    @classmethod
    def of(cls, columns: Floats, scale: float | None = None) -> "Standardised":
        """Standardise columns, (examples, columns), to this deviation; without one, to rows of length 1 on average."""
        values = columns.astype(np.float32)  # the one copy: with many examples it is large
        means, deviations = values.mean(axis=0, dtype=np.float64), values.std(axis=0, dtype=np.float64)
        factors = np.divide(1.0, deviations, out=np.zeros_like(means), where=deviations > CONSTANT * np.abs(means))
        factors *= scale or 1 / math.sqrt(max(1, int(np.count_nonzero(factors))))
        values -= means.astype(np.float32)
        values *= factors.astype(np.float32)
        return cls(values, means, factors)

    def turned(self) -> "Standardised":
        """Return the same in its principal directions; a penalty that knows no direction gives the same fit."""
        values, is_wide = self.values, self.values.shape[1] > self.values.shape[0]
        eigenvalues, vectors = np.linalg.eigh(_products(values if is_wide else values.T))
        kept = eigenvalues > eigenvalues[-1] * SPAN
        vectors = vectors[:, kept].astype(np.float32)
        rotation = values.T @ (vectors / np.sqrt(eigenvalues[kept]).astype(np.float32)) if is_wide else vectors
        return replace(self, values=values @ rotation, rotation=rotation)

    def whitened(self, share: float) -> "Standardised":
        """Return what was turned, each direction's length to the power of 1 - share, rows of length 1 on average."""
        lengths = np.sqrt(np.einsum("ij,ij->j", self.values, self.values, dtype=np.float64))
        factors = lengths**-share
        factors /= math.sqrt(((lengths * factors) ** 2).sum() / len(self.values))
        single = factors.astype(np.float32)
        if self.rotation is None:
            return replace(self, values=self.values * single, factors=self.factors * factors)
        return replace(self, values=self.values * single, rotation=self.rotation * single)

    def for_columns(self, kernel: Doubles) -> Doubles:
        """Turn a kernel for `values` into the one for the columns as they came."""
        turned = kernel if self.rotation is None else self.rotation @ kernel
        return self.factors[:, None] * turned


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be told of the training examples."""

    truth: Ints  # class numbers, or ABSENT: these are not fitted to
    folds: NDArray[np.int8]  # of each example, other than the one to be validated
    classes: int  # how many there are; those that do not occur in training get no probability


@dataclass(frozen=True, slots=True)
class Search:
    """The penalty that predicts left-out training folds best."""

    parts: tuple[Standardised, ...]  # the inputs, side by side
    strength: float
    loss: float  # Brier score on the left-out folds; unlike the log loss, no few certain errors decide it
    temperature: float  # that scores are divided by, lest their softmax be over- or underconfident


class Layer(NamedTuple):
    """A softmax on the columns as they came, its temperature in kernel and bias already."""

    kernel: Floats  # (columns, classes)
    bias: Floats  # (classes,)
    temperature: float


def fit_linear(image: Floats | None, labels: Sequence[Floats], target: Target, config: Config) -> list[Layer]:
    """Return for each set of known labels the layer whose softmax tells the target from the columns as they came.

    Args:
        image: The training examples' features, if there are any: (examples, columns).
        labels: Their labels, one array for each set of those that are known, others being hidden; all in the last one.
        target: What to tell.
        config: By which head.

    Raises:
        TrainError: Fewer than two values occur in training.
    """
    is_known = target.truth != ABSENT
    if len(np.unique(target.truth[is_known])) < 2:
        raise TrainError(
            "the examples to train on have fewer than 2 values of a target, nothing can be learnt from that: choose "
            "another --protocol, --test-source, --split-year or dataset, or leave it out of --targets"
        )
    if not is_known.all():
        target = replace(target, truth=target.truth[is_known], folds=target.folds[is_known])
        image, labels = None if image is None else image[is_known], [known[is_known] for known in labels]
    with threadpool_limits(1, "blas"):  # products of this size are the slower for each thread that waits for another
        if image is None:
            searches = [search((Standardised.of(known),), target, config) for known in labels]
        else:
            searches = _searches_beside(Standardised.of(image).turned(), labels, target, config)
        return [_layer(found, target, config) for found in searches]


def _searches_beside(image: Standardised, labels: Sequence[Floats], target: Target, config: Config) -> list[Search]:
    """Choose how far the image is whitened and how loud the labels are: all of them, and what the image says alone.

    Sets of labels between take it as all of them do.
    """

    def best(known: Floats, choices: Iterable[Choice]) -> tuple[Search, Choice]:
        """Search with each choice; only the best inputs are kept, for with many examples they are large."""
        found: list[tuple[Search, Choice]] = []
        for whitening, scale in choices:
            parts = (image.whitened(whitening), Standardised.of(known, scale))
            found.append((search(parts, target, config), (whitening, scale)))
            found = [min(found, key=lambda one: one[0].loss)]
        return found[0]

    scales = LABEL_SCALES if _says(labels[-1]) else LABEL_SCALES[:1]
    last, (whitening, scale) = best(labels[-1], product(WHITENINGS, scales))
    others = [best(known, product([whitening] if _says(known) else WHITENINGS, [scale])) for known in labels[:-1]]
    return [*(found for found, _ in others), last]


def _says(labels: Floats) -> bool:
    """Return whether labels differ among the examples: hidden ones do not."""
    return bool((labels != labels[:1]).any())


def search(parts: tuple[Standardised, ...], target: Target, config: Config) -> Search:
    """Try penalties from the weakest fit on, until one predicts left-out training folds worse than the one before."""
    values, truth = _values(parts), target.truth
    left_out = [target.folds == fold for fold in np.unique(target.folds)]
    left_out = [out for out in left_out if len(np.unique(truth[~out])) > 1]
    if len(np.unique(target.folds)) < 2 or not left_out:
        return Search(parts, COMMON_STRENGTH, 0.0, 1.0)
    models = [_model(STRENGTHS[0], config) for _ in left_out]
    found: list[Search] = []
    for strength in STRENGTHS:
        for model, out in zip(models, left_out, strict=True):
            model.set_params(C=strength).fit(values[~out], truth[~out])  # goes on from the fit before
        predictions = [_predicted(model, values[out], truth[out]) for model, out in zip(models, left_out, strict=True)]
        found.append(Search(parts, strength, *tempered(predictions)))
        if found[-1].loss > min(before.loss for before in found):
            break
    chosen = min(found, key=lambda one: one.loss)
    log.debug("C = %g, temperature %.2f: Brier score %.4f", chosen.strength, chosen.temperature, chosen.loss)
    return chosen


def tempered(predictions: Sequence[tuple[Doubles, Ints]]) -> tuple[float, float]:
    """Return the Brier score where scores are divided by the temperature that makes the truths likeliest, and that.

    Args:
        predictions: Scores, (examples, values), and the column of the truth, or ABSENT.
    """
    temperature = best_temperature(predictions, TEMPERATURES)
    shares = [(softmax(scores / temperature, axis=1), truth) for scores, truth in predictions]
    errors = [1 + (values**2).sum(axis=1) - 2 * of_truth(values, truth) for values, truth in shares]
    return float(np.concatenate(errors).mean()), temperature


def _layer(found: Search, target: Target, config: Config) -> Layer:
    """Fit with the penalty that was found, and return kernel and bias for the columns as they came."""
    model = _model(found.strength, config).fit(_values(found.parts), target.truth)
    kernel, bias = (weights / found.temperature for weights in _per_class(model))
    ends = np.cumsum([part.values.shape[1] for part in found.parts])[:-1]
    kernel = np.concatenate(
        [part.for_columns(rows) for part, rows in zip(found.parts, np.split(kernel, ends), strict=True)]
    )
    means = np.concatenate([part.means for part in found.parts])
    whole_kernel, whole_bias = np.zeros((len(means), target.classes)), np.zeros(target.classes)
    whole_kernel[:, model.classes_] = kernel
    whole_bias[model.classes_] = bias - means @ kernel
    absent = np.setdiff1d(np.arange(target.classes), model.classes_)
    if len(absent):  # far below the others' mean, whatever the example: a probability of e^-30
        whole_kernel[:, absent] = kernel.mean(axis=1, keepdims=True)
        whole_bias[absent] = whole_bias[model.classes_].mean() - 30.0
    return Layer(whole_kernel.astype(np.float32), whole_bias.astype(np.float32), found.temperature)


def _values(parts: Sequence[Standardised]) -> Floats:
    return np.concatenate([part.values for part in parts], axis=1)


def _predicted(model: LogisticRegression | LinearSVC, values: Floats, truth: Ints) -> tuple[Doubles, Ints]:
    """Return the scores of examples, and the truth's column, ABSENT where it did not occur in training."""
    kernel, bias = _per_class(model)
    columns = np.full(int(max(truth.max(), model.classes_.max())) + 1, ABSENT, np.int32)
    columns[model.classes_] = np.arange(len(model.classes_))
    return values @ kernel + bias, columns[truth]


def _model(strength: float, config: Config) -> LogisticRegression | LinearSVC:
    if config.head == "svm":
        return LinearSVC(C=strength, random_state=config.seed, tol=1e-3, max_iter=20_000)
    return LogisticRegression(C=strength, tol=TOLERANCE, max_iter=2_000, warm_start=True)


def _products(values: Floats, chunk: int = 1024) -> Doubles:
    """Return the scalar products of all rows, summed in double precision a chunk of columns at a time."""
    products = np.zeros((len(values), len(values)))
    for start in range(0, values.shape[1], chunk):
        part = values[:, start : start + chunk].astype(np.float64)
        products += part @ part.T
    return products


def _per_class(model: LogisticRegression | LinearSVC) -> tuple[Doubles, Doubles]:
    """Return kernel, (dimensions, classes), and bias; for two classes scikit-learn keeps one column."""
    kernel, bias = model.coef_.T, model.intercept_
    if kernel.shape[1] == 1:
        return np.concatenate([-kernel / 2, kernel / 2], axis=1), np.concatenate([-bias / 2, bias / 2])
    return kernel, bias
