"""The linear head is scikit-learn's on standardised columns, whatever way it is computed."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from train.config import Config
from train.experiments.linear import (
    STRENGTHS,
    WHITENINGS,
    Standardised,
    Target,
    _model,
    fit_linear,
    search,
    tempered,
)

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


def layer(
    features: np.ndarray, truth: np.ndarray, folds: np.ndarray, classes: int, config: Config = LINEAR
) -> tuple[np.ndarray, np.ndarray]:
    """Fit with the image alone, and return kernel and bias."""
    (fitted,) = fit_linear(features, [features[:, :0]], Target(truth, folds, classes), config)
    return fitted.kernel, fitted.bias


@pytest.mark.parametrize("columns", [5, 200], ids=["few columns", "more columns than examples"])
def test_a_rotation_changes_nothing_and_whitening_makes_directions_alike(columns: int) -> None:
    features, _, _ = example(columns)
    plain = Standardised.of(features)
    turned = plain.turned()
    np.testing.assert_allclose(turned.values @ turned.values.T, plain.values @ plain.values.T, atol=1e-5)
    for share in (0.0, 0.5, 1.0):
        white = turned.whitened(share)
        assert (white.values**2).sum(axis=1).mean() == pytest.approx(1.0, rel=1e-5)
        lengths = [np.linalg.norm(some.values, axis=0) for some in (turned, white)]
        ratio = lengths[1] / lengths[0] ** (1 - share)
        np.testing.assert_allclose(ratio, ratio.mean(), rtol=1e-3)
        kernel = np.random.default_rng(0).normal(size=(white.values.shape[1], 3))
        by_columns = (features - white.means) @ white.for_columns(kernel)
        np.testing.assert_allclose(by_columns, white.values @ kernel, atol=1e-4)


@pytest.mark.parametrize("columns", [5, 200], ids=["few columns", "more columns than examples"])
@pytest.mark.parametrize("classes", [2, 3])
def test_the_kernel_for_the_columns_says_what_scikit_learn_says(columns: int, classes: int) -> None:
    features, truth, folds = example(columns, classes)
    target = Target(truth, folds, classes)
    turned = Standardised.of(features).turned()
    found = min((search((turned.whitened(share),), target, LINEAR) for share in WHITENINGS), key=lambda one: one.loss)
    kernel, bias = layer(features, truth, folds, classes)
    model = LogisticRegression(C=found.strength, tol=1e-6, max_iter=5000).fit(found.parts[0].values, truth)
    expected = model.predict_log_proba(found.parts[0].values) / found.temperature
    np.testing.assert_allclose(softmax(features @ kernel + bias), softmax(expected), atol=0.02)  # solvers stop early


def test_the_svm_ranks_as_scikit_learns() -> None:
    features, truth, folds = example(5)
    kernel, bias = layer(features, truth, folds, 3, SVM)
    turned = Standardised.of(features).turned()
    searches = [search((turned.whitened(share),), Target(truth, folds, 3), SVM) for share in WHITENINGS]
    found = min(searches, key=lambda one: one.loss)
    values = found.parts[0].values
    model = LinearSVC(C=found.strength, random_state=0, tol=1e-3, max_iter=20_000).fit(values, truth)
    np.testing.assert_array_equal((features @ kernel + bias).argmax(axis=1), model.predict(values))


def test_labels_have_the_deviation_that_is_asked_for() -> None:
    features, _, _ = example(5)
    assert Standardised.of(features, 0.1).values.std(axis=0) == pytest.approx([0.1] * 5, rel=1e-5)


def test_hidden_labels_change_nothing() -> None:
    features, truth, folds = example(20)
    image, labels = features[:, 3:], features[:, :3]
    target = Target(truth, folds, 3)
    ((alone, bias, _),) = fit_linear(image, [labels[:, :0]], target, LINEAR)
    (hidden, bias_of_hidden, _), (known, *_) = fit_linear(image, [np.ones_like(labels), labels], target, LINEAR)
    scores = image @ alone + bias, image @ hidden[:-3] + bias_of_hidden
    np.testing.assert_allclose(softmax(scores[0]), softmax(scores[1]), atol=0.02)  # solvers stop early
    assert (hidden[-3:] == 0).all()
    assert np.abs(known[-3:]).max() > 0


def test_a_constant_column_says_nothing() -> None:
    features, truth, folds = example(4)
    features[:, 3] = 7
    kernel, _ = layer(features, truth, folds, 3)
    assert (kernel[3] == 0).all()


def test_a_class_that_does_not_occur_gets_no_probability() -> None:
    features, truth, folds = example(5)
    number = np.array([0, 2, 3], np.int32)[truth]
    kernel, bias = layer(features, number, folds, 5)
    probabilities = softmax(features @ kernel + bias)
    assert probabilities[:, [1, 4]].max() < 1e-9
    assert (probabilities.argmax(axis=1) == number).mean() > 0.5


def test_the_penalty_is_chosen_on_left_out_folds() -> None:
    features, truth, folds = example(20)
    features[:, :3] += 8 * np.eye(3, dtype=np.float32)[truth]
    noise = np.random.default_rng(0).permutation(truth)
    parts = (Standardised.of(features),)
    nothing = search(parts, Target(noise, folds, 3), LINEAR)
    assert nothing.loss == pytest.approx(2 / 3, rel=0.02)  # all values alike: what is learnt of noise is cooled
    assert nothing.temperature > 3
    everything = search(parts, Target(truth, folds, 3), LINEAR)
    assert everything.loss < 0.3
    assert everything.temperature < 1  # a strong penalty keeps it from being as sure as it may be
    assert search(parts, Target(truth, np.zeros_like(folds), 3), LINEAR).strength in STRENGTHS


def test_the_temperature_is_the_one_by_which_scores_were_sharpened() -> None:
    chance = np.random.default_rng(0)
    shares = chance.dirichlet([0.5] * 4, 4000)
    truth = np.array([chance.choice(4, p=row) for row in shares])
    for sharper in (0.5, 1.0, 3.0):
        scores = np.log(np.maximum(shares, 1e-30)) * sharper
        loss, temperature = tempered([(scores[:1000], truth[:1000]), (scores[1000:], truth[1000:])])
        assert temperature == pytest.approx(sharper, rel=0.1)
        assert loss == pytest.approx(((shares - np.eye(4)[truth]) ** 2).sum(axis=1).mean(), rel=1e-2)


def test_overconfident_scores_are_cooled() -> None:
    """The features say the wrong thing of a third of the examples: none may be named with certainty."""
    features, truth, folds = example(3, examples=600)
    features[:, :3] = 6 * np.eye(3, dtype=np.float32)[np.where(np.arange(600) % 7 < 2, (truth + 1) % 3, truth)]
    kernel, bias = layer(features, truth, folds, 3, SVM)
    assert softmax(features @ kernel + bias).max() == pytest.approx(5 / 7, abs=0.05)


def test_a_fit_goes_on_to_the_end_from_a_weaker_one() -> None:
    chance = np.random.default_rng(3)
    truth = np.arange(300, dtype=np.int32) % 5
    features = chance.normal(size=(300, 200)).astype(np.float32)
    features[:, :5] += np.eye(5, dtype=np.float32)[truth]
    values = Standardised.of(features).values
    going_on = _model(1.0, LINEAR)
    for strength in STRENGTHS:
        going_on.set_params(C=strength).fit(values, truth)
        exact = LogisticRegression(C=strength, tol=1e-8, max_iter=10_000).fit(values, truth)
        np.testing.assert_allclose(going_on.predict_proba(values), exact.predict_proba(values), atol=0.04)


def test_a_value_that_never_occurred_counts_as_an_error() -> None:
    scores = np.array([[3.0, 0.0], [0.0, 3.0], [3.0, 0.0]])
    _, temperature = tempered([(scores[:2], np.array([0, 1]))])
    loss, same = tempered([(scores, np.array([0, 1, -1]))])
    assert same == pytest.approx(temperature)
    assert loss == pytest.approx(2 / 3, rel=1e-3)  # certain, and wrong, in one of three
