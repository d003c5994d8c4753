"""How far confidence is to be trusted."""

import numpy as np
import pytest
from sklearn.metrics import log_loss

from train.evaluation.calibration import answered_by_others, calibration, expected_error
from train.evaluation.thresholds import least_confidence

FOLDS = np.arange(1500) % 5


def drawn(count: int = 1500, *, sharpened: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Truths drawn from probabilities, which are then told sharper than they are."""
    chance = np.random.default_rng(1)
    probabilities = chance.dirichlet([0.3] * 5, count)
    truth = np.array([chance.choice(5, p=row) for row in probabilities], np.int32)
    told = probabilities**sharpened
    return truth, (told / told.sum(axis=1, keepdims=True)).astype(np.float32)


def test_a_calibrated_network_lies_within_the_range_of_such() -> None:
    result = calibration(*drawn(), FOLDS)
    low, high = result.ece_if_calibrated
    assert low < result.ece < high


def test_an_overconfident_one_lies_above() -> None:
    result = calibration(*drawn(sharpened=3.0), FOLDS)
    assert result.ece > 2 * result.ece_if_calibrated[1]


def test_scores_are_those_of_the_books() -> None:
    truth, probabilities = drawn(50)
    result = calibration(truth, probabilities, FOLDS[:50])
    assert result.brier == pytest.approx(((probabilities - np.eye(5)[truth]) ** 2).sum(axis=1).mean(), rel=1e-5)
    exact = probabilities.astype(float) / probabilities.astype(float).sum(axis=1, keepdims=True)
    assert result.log_loss == pytest.approx(log_loss(truth, exact, labels=range(5)), rel=1e-4)
    assert expected_error(np.array([0.9, 0.9, 0.5]), np.array([True, False, True])) == pytest.approx((0.8 + 0.5) / 3)


def test_the_most_confident_are_answered_first() -> None:
    confidence = np.linspace(1, 0, 100)
    hits = np.arange(100) < 60
    alone = np.zeros(100, int)
    assert answered_by_others(confidence, hits, alone, 0.95).mean() == pytest.approx(0.63)
    assert not answered_by_others(confidence, np.zeros(100, bool), alone, 0.95).any()
    assert least_confidence(confidence, hits, 0.95) == confidence[62]


def test_what_is_answered_is_decided_on_other_folds() -> None:
    confidence = np.tile(np.linspace(1, 0.01, 100), 2)
    folds = np.repeat([0, 1], 100)
    hits = (folds == 1) | (np.arange(200) < 40)
    answered = answered_by_others(confidence, hits, folds, 1.0)
    assert answered[folds == 0].all()  # fold 1 is right everywhere
    assert answered[folds == 1].sum() == 40


def test_what_a_temperature_brought_is_told() -> None:
    truth, sharp = drawn(sharpened=3.0)
    mild = sharp.astype(float) ** (1 / 3)
    mild /= mild.sum(axis=1, keepdims=True)
    before = calibration(truth, sharp, FOLDS)
    after = calibration(truth, mild.astype(np.float32), FOLDS, np.full(1500, 3.0))
    assert before.uncalibrated is None
    assert after.uncalibrated is not None
    assert after.uncalibrated.ece == pytest.approx(before.ece, rel=1e-2)
    assert after.uncalibrated.log_loss > after.log_loss
