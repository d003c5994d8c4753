"""How far confidence is to be trusted."""

import numpy as np
import pytest
from sklearn.metrics import log_loss

from train.evaluation.calibration import answered_at, calibration, expected_error


def drawn(count: int = 1500, *, sharpened: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Truths drawn from probabilities, which are then told sharper than they are."""
    chance = np.random.default_rng(1)
    probabilities = chance.dirichlet([0.3] * 5, count)
    truth = np.array([chance.choice(5, p=row) for row in probabilities], np.int32)
    told = probabilities**sharpened
    return truth, (told / told.sum(axis=1, keepdims=True)).astype(np.float32)


def test_a_calibrated_network_lies_within_the_range_of_such() -> None:
    result = calibration(*drawn())
    low, high = result.ece_if_calibrated
    assert low < result.ece < high


def test_an_overconfident_one_lies_above() -> None:
    result = calibration(*drawn(sharpened=3.0))
    assert result.ece > 2 * result.ece_if_calibrated[1]


def test_scores_are_those_of_the_books() -> None:
    truth, probabilities = drawn(50)
    result = calibration(truth, probabilities)
    assert result.brier == pytest.approx(((probabilities - np.eye(5)[truth]) ** 2).sum(axis=1).mean(), rel=1e-5)
    exact = probabilities.astype(float) / probabilities.astype(float).sum(axis=1, keepdims=True)
    assert result.log_loss == pytest.approx(log_loss(truth, exact, labels=range(5)), rel=1e-4)
    assert expected_error(np.array([0.9, 0.9, 0.5]), np.array([True, False, True])) == pytest.approx((0.8 + 0.5) / 3)


def test_the_most_confident_are_answered_first() -> None:
    confidence = np.linspace(1, 0, 100)
    hits = np.arange(100) < 60
    assert answered_at(confidence, hits, 0.95) == pytest.approx(0.63)
    assert answered_at(confidence, np.zeros(100, bool), 0.95) == 0
