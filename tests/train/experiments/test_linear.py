"""The linear head is scikit-learn's on standardised columns, whatever way it is computed."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from train.config import Config
from train.experiments.linear import STRENGTHS, Standardised, best_strength, fit_linear

LINEAR, SVM = Config(head="linear", tune="frozen"), Config(head="svm", tune="frozen")


def example(columns: int, classes: int = 3, examples: int = 60) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features that say something of the class, class numbers and folds."""
    chance = np.random.default_rng(columns)
    truth = np.arange(examples, dtype=np.int32) % classes
    features = chance.normal(size=(examples, columns)).astype(np.float32) * 3 + 5
    features[:, :classes] += 2 * np.eye(classes, dtype=np.float32)[truth]
    return features, truth, (np.arange(examples) // classes % 4).astype(np.int8)


def softmax(scores: np.ndarray) -> np.ndarray:
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("columns", [5, 200], ids=["few columns", "more columns than examples"])
@pytest.mark.parametrize("classes", [2, 3])
def test_the_kernel_for_the_columns_says_what_scikit_learn_says(columns: int, classes: int) -> None:
    features, truth, folds = example(columns, classes)
    inputs = Standardised.of([features], [1.0])
    kernel, bias = fit_linear(inputs, truth, folds, classes=classes, config=LINEAR)
    plain = (features - features.mean(axis=0)) / features.std(axis=0)
    plain = plain / np.sqrt((plain**2).sum(axis=1).mean())
    strength = best_strength(inputs.values, truth, folds, LINEAR)
    expected = LogisticRegression(C=strength, tol=1e-6, max_iter=5000).fit(plain, truth).predict_proba(plain)
    np.testing.assert_allclose(softmax(features @ kernel + bias), expected, atol=0.02)  # solvers stop early


def test_the_svm_ranks_as_scikit_learns() -> None:
    features, truth, folds = example(5)
    inputs = Standardised.of([features], [1.0])
    kernel, bias = fit_linear(inputs, truth, folds, classes=3, config=SVM)
    strength = best_strength(inputs.values, truth, folds, SVM)
    model = LinearSVC(C=strength, random_state=0, tol=1e-3, max_iter=20_000).fit(inputs.values, truth)
    np.testing.assert_array_equal((features @ kernel + bias).argmax(axis=1), model.predict(inputs.values))


def test_a_part_counts_by_its_scale() -> None:
    features, _, _ = example(5)
    plain, scaled = (Standardised.of([features[:, :3], features[:, 3:]], [1.0, scale]).values for scale in (1.0, 4.0))
    ratios = scaled.std(axis=0) / plain.std(axis=0)
    assert ratios[3:] / ratios[:3].mean() == pytest.approx([4.0, 4.0], rel=1e-5)
    assert (scaled**2).sum(axis=1).mean() == pytest.approx(1.0)


def test_a_constant_column_says_nothing() -> None:
    features, truth, folds = example(4)
    features[:, 3] = 7
    inputs = Standardised.of([features], [1.0])
    kernel, _ = fit_linear(inputs, truth, folds, classes=3, config=LINEAR)
    assert (kernel[3] == 0).all()


def test_a_class_that_does_not_occur_gets_no_probability() -> None:
    features, truth, folds = example(5)
    number = np.array([0, 2, 3], np.int32)[truth]
    kernel, bias = fit_linear(Standardised.of([features], [1.0]), number, folds, classes=5, config=LINEAR)
    probabilities = softmax(features @ kernel + bias)
    assert probabilities[:, [1, 4]].max() < 1e-9
    assert (probabilities.argmax(axis=1) == number).mean() > 0.5


def test_the_penalty_is_chosen_on_left_out_folds() -> None:
    features, truth, folds = example(20)
    features[:, :3] += 8 * np.eye(3, dtype=np.float32)[truth]
    noise = np.random.default_rng(0).permutation(truth)
    values = Standardised.of([features], [1.0]).values
    assert best_strength(values, noise, folds, LINEAR) == STRENGTHS[0]
    assert best_strength(values, truth, folds, LINEAR) == STRENGTHS[-1]
    assert best_strength(values, truth, np.zeros_like(folds), LINEAR) in STRENGTHS
