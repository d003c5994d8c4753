"""A linear head on frozen features, fitted at once: a multinomial logistic regression or a linear SVM.

Features and labels are standardised on the training examples, the labels scaled up beside them: a penalty that suits
thousands of features would keep a dozen labels from being heard. The penalty is chosen by leaving out the training
folds in turn, so that what keeps series or duplicates together in the folds keeps them together here.
"""

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC
from threadpoolctl import threadpool_limits

from train.config import Config, TrainError
from train.data.encoding import ABSENT, Floats, Ints

log = logging.getLogger(__name__)

BESIDE = 1280  # features of the image beside which the labels' scale holds; beside more, labels are to weigh as much
STRENGTHS = (1.0, 3.0, 10.0, 30.0, 100.0)  # scikit-learn's C, for rows of length 1 on average
CONSTANT = 1e-7  # deviation of a column beside its mean that is rounding alone
SPAN = 1e-7  # the same of an eigenvalue beside the largest
LEAST = 1e-6  # the probability that a value gets which did not occur in training, when penalties are compared

Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Standardised:
    """Columns of mean 0, each times its scale, in fewer dimensions where there are more columns than examples.

    A rotation leaves the fit as it is, for the penalty knows no direction: only the examples' span matters.
    """

    values: Floats  # (examples, dimensions), rows of length 1 on average
    means: Doubles  # (columns,), of the columns as they came
    factors: Doubles  # (columns,), that they were multiplied by
    rotation: Floats | None  # (columns, dimensions)

    @classmethod
    def of(cls, parts: Sequence[Floats], scales: Sequence[float]) -> "Standardised":
        """Standardise the parts, (examples, columns) each, side by side."""
        values = np.concatenate(parts, axis=1, dtype=np.float32)  # the one copy: with many examples it is large
        means, deviations = values.mean(axis=0, dtype=np.float64), values.std(axis=0, dtype=np.float64)
        scale = np.repeat(scales, [part.shape[1] for part in parts])
        factors = np.divide(scale, deviations, out=np.zeros_like(means), where=deviations > CONSTANT * np.abs(means))
        factors /= math.sqrt(((factors * deviations) ** 2).sum()) or 1.0  # rows of length 1 on average
        values -= means.astype(np.float32)
        values *= factors.astype(np.float32)
        if values.shape[1] <= values.shape[0]:
            return cls(values, means, factors, None)
        eigenvalues, vectors = np.linalg.eigh(_products(values))
        kept = eigenvalues > eigenvalues[-1] * SPAN
        vectors, roots = vectors[:, kept], np.sqrt(eigenvalues[kept])
        rotation = values.T @ (vectors / roots).astype(np.float32)
        return cls((vectors * roots).astype(np.float32), means, factors, rotation)

    def for_columns(self, kernel: Doubles) -> Doubles:
        """Turn a kernel for `values` into the one for the columns as they came."""
        turned = kernel if self.rotation is None else self.rotation @ kernel
        return self.factors[:, None] * turned


def label_scale(config: Config, image_features: int) -> float:
    """Return what the standardised labels are multiplied by, so that many features do not drown them."""
    return config.label_scale * math.sqrt(max(image_features, BESIDE) / BESIDE)


def fit_linear(
    inputs: Standardised, truth: Ints, folds: NDArray[np.int8], *, classes: int, config: Config
) -> tuple[Floats, Floats]:
    """Return kernel, (columns, classes), and bias of a softmax on the columns as they came.

    Args:
        inputs: The training examples.
        truth: Their class numbers, or ABSENT: these are not fitted to.
        folds: The fold of each, other than the one to be validated.
        classes: How many there are; those that do not occur in training get no probability.
        config: Which head.

    Raises:
        TrainError: Fewer than two occur in training.
    """
    values, known = inputs.values, truth != ABSENT
    if not known.all():
        values, truth, folds = values[known], truth[known], folds[known]
    if len(np.unique(truth)) < 2:
        raise TrainError(
            "the examples to train on have fewer than 2 values of a target, nothing can be learnt from that: choose "
            "another --protocol, --test-source, --split-year or dataset, or leave it out of --targets"
        )
    with threadpool_limits(1, "blas"):  # products of this size are the slower for each thread that waits for another
        strength = best_strength(values, truth, folds, config)
        model = _model(strength, config).fit(values, truth)
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


def best_strength(values: Floats, truth: Ints, folds: NDArray[np.int8], config: Config) -> float:
    """Return the strength whose predictions of left-out training folds are the best: by log loss, the SVM's by errors.

    Strengths are tried from the weakest fit on, until one is worse than the one before.
    """
    parts = [folds == fold for fold in np.unique(folds)]
    parts = [out for out in parts if len(np.unique(truth[~out])) > 1]
    if len(np.unique(folds)) < 2 or not parts:
        return 10.0
    models = [_model(STRENGTHS[0], config) for _ in parts]
    losses: list[float] = []
    for strength in STRENGTHS:
        losses.append(0.0)
        for model, out in zip(models, parts, strict=True):
            model.set_params(C=strength).fit(values[~out], truth[~out])  # goes on from the fit before
            losses[-1] += _loss(model, values[out], truth[out])
        if losses[-1] > min(losses):
            break
    return STRENGTHS[int(np.argmin(losses))]


def _loss(model: LogisticRegression | LinearSVC, values: Floats, truth: Ints) -> float:
    """Return the log loss of examples that a model was not fitted to, of an SVM the number of errors."""
    if isinstance(model, LinearSVC):
        return float((model.predict(values) != truth).sum())
    right = (model.classes_[None, :] == truth[:, None]) * model.predict_proba(values)
    return float(-np.log(np.maximum(right.sum(axis=1), LEAST)).sum())


def _model(strength: float, config: Config) -> LogisticRegression | LinearSVC:
    if config.head == "svm":
        return LinearSVC(C=strength, random_state=config.seed, tol=1e-3, max_iter=20_000)
    return LogisticRegression(C=strength, tol=1e-3, max_iter=2_000, warm_start=True)


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
