"""A linear head on frozen features, fitted at once: a multinomial logistic regression or a linear SVM.

Features and labels are standardised on the training examples, the labels scaled up beside them: a penalty that suits
thousands of features would keep a dozen labels from being heard. The penalty is chosen by leaving out the training
folds in turn, so that what keeps series or duplicates together in the folds keeps them together here.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from train.config import Config
from train.data.examples import Floats, Ints

log = logging.getLogger(__name__)

STRENGTHS = (1.0, 3.0, 10.0, 30.0, 100.0)  # scikit-learn's C, for rows of length 1 on average
LEAST = 1e-6  # the probability that a value gets which did not occur in training, when penalties are compared

Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Standardised:
    """Columns of mean 0, each times its scale, in fewer dimensions where there are more columns than examples.

    A rotation leaves the fit as it is, for the penalty knows no direction: only the examples' span matters.
    """

    values: Doubles  # (examples, dimensions), rows of length 1 on average
    means: Doubles  # (columns,), of the columns as they came
    factors: Doubles  # (columns,), that they were multiplied by
    rotation: Doubles | None  # (columns, dimensions)

    @classmethod
    def of(cls, parts: Sequence[Floats], scales: Sequence[float]) -> "Standardised":
        """Standardise the parts, (examples, columns) each, side by side."""
        columns = np.concatenate(parts, axis=1).astype(np.float64)
        means, deviations = columns.mean(axis=0), columns.std(axis=0)
        scale = np.repeat(scales, [part.shape[1] for part in parts])
        factors = np.divide(scale, deviations, out=np.zeros_like(means), where=deviations > 0)
        values = (columns - means) * factors
        length = np.sqrt((values**2).sum(axis=1).mean()) or 1.0
        values, factors = values / length, factors / length
        if values.shape[1] <= values.shape[0]:
            return cls(values, means, factors, None)
        eigenvalues, vectors = np.linalg.eigh(values @ values.T)
        kept = eigenvalues > eigenvalues[-1] * 1e-10
        roots = np.sqrt(eigenvalues[kept])
        return cls(vectors[:, kept] * roots, means, factors, values.T @ (vectors[:, kept] / roots))

    def for_columns(self, kernel: Doubles) -> Doubles:
        """Turn a kernel for `values` into the one for the columns as they came."""
        turned = kernel if self.rotation is None else self.rotation @ kernel
        return self.factors[:, None] * turned


def fit_linear(
    inputs: Standardised, truth: Ints, folds: NDArray[np.int8], *, classes: int, config: Config
) -> tuple[Floats, Floats]:
    """Return kernel, (columns, classes), and bias of a softmax on the columns as they came.

    Args:
        inputs: The training examples.
        truth: Their class numbers.
        folds: The fold of each, other than the one to be validated.
        classes: How many there are; those that do not occur in training get no probability.
        config: Which head.
    """
    strength = best_strength(inputs.values, truth, folds, config)
    model = _fitted(inputs.values, truth, strength, config)
    log.debug("penalty chosen: C = %g", strength)
    kernel, bias = _per_class(model)
    kernel_of_columns = inputs.for_columns(kernel)
    whole_kernel, whole_bias = np.zeros((len(inputs.means), classes)), np.zeros(classes)
    whole_kernel[:, model.classes_] = kernel_of_columns
    whole_bias[model.classes_] = bias - inputs.means @ kernel_of_columns
    absent = np.setdiff1d(np.arange(classes), model.classes_)
    if len(absent):  # far below the others' mean, whatever the example: a probability of e^-30
        whole_kernel[:, absent] = kernel_of_columns.mean(axis=1, keepdims=True)
        whole_bias[absent] = whole_bias[model.classes_].mean() - 30.0
    return whole_kernel.astype(np.float32), whole_bias.astype(np.float32)


def best_strength(values: Doubles, truth: Ints, folds: NDArray[np.int8], config: Config) -> float:
    """Return the strength whose predictions of left-out training folds are the best: by log loss, the SVM's by errors.

    Strengths are tried from the weakest fit on, until one is worse than the one before.
    """
    parts = [folds == fold for fold in np.unique(folds)]
    parts = [out for out in parts if len(np.unique(truth[~out])) > 1]
    if len(np.unique(folds)) < 2 or not parts:
        return 10.0
    losses: list[float] = []
    for strength in STRENGTHS:
        losses.append(sum(_loss(values, truth, out, strength, config) for out in parts))
        if losses[-1] > min(losses):
            break
    return STRENGTHS[int(np.argmin(losses))]


def _loss(values: Doubles, truth: Ints, out: NDArray[np.bool_], strength: float, config: Config) -> float:
    """Return the loss of the rows left out by a model of the others."""
    model = _fitted(values[~out], truth[~out], strength, config)
    if config.head == "svm":
        return float((model.predict(values[out]) != truth[out]).sum())
    probabilities = model.predict_proba(values[out])
    right = (model.classes_[None, :] == truth[out][:, None]) * probabilities
    return float(-np.log(np.maximum(right.sum(axis=1), LEAST)).sum())


def _fitted(values: Doubles, truth: Ints, strength: float, config: Config) -> LogisticRegression | LinearSVC:
    if config.head == "svm":
        return LinearSVC(C=strength, random_state=config.seed, tol=1e-3, max_iter=20_000).fit(values, truth)
    return LogisticRegression(C=strength, tol=1e-3, max_iter=2_000).fit(values, truth)


def _per_class(model: LogisticRegression | LinearSVC) -> tuple[Doubles, Doubles]:
    """Return kernel, (dimensions, classes), and bias; for two classes scikit-learn keeps one column."""
    kernel, bias = model.coef_.T, model.intercept_
    if kernel.shape[1] == 1:
        return np.concatenate([-kernel / 2, kernel / 2], axis=1), np.concatenate([-bias / 2, bias / 2])
    return kernel, bias
