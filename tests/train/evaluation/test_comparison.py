"""Differences, their intervals and tests."""

import numpy as np
import pytest
from scipy import stats

from train.evaluation.comparison import by_example, by_fold


def test_a_paired_difference_has_mcnemars_test() -> None:
    one, other = np.array([True] * 60 + [False] * 40), np.array([True] * 45 + [False] * 50 + [True] * 5)
    difference = by_example(one, other)
    assert difference.mean == pytest.approx(0.10)
    assert difference.p == pytest.approx(stats.binomtest(15, 20).pvalue)
    assert difference.low is not None
    assert difference.high is not None
    assert difference.low < 0.10 < difference.high
    assert difference.high - 0.10 == pytest.approx(1.96 * np.std(one.astype(float) - other, ddof=1) / 10, rel=1e-3)


def test_equal_networks_do_not_differ() -> None:
    hits = np.array([True, False, True])
    assert (by_example(hits, hits).mean, by_example(hits, hits).p) == (0, 1)
    assert (by_fold([0.5, 0.6], [0.5, 0.6]).mean, by_fold([0.5, 0.6], [0.5, 0.6]).p) == (0, 1)


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    chance = np.random.default_rng(0)
    held = 0
    for _ in range(500):
        difference = by_example(chance.random(400) < 0.7, chance.random(400) < 0.6)
        held += difference.low < 0.1 < difference.high
    assert 0.92 < held / 500 < 0.98


def test_folds_are_compared_by_the_corrected_t_test() -> None:
    one, other = [0.80, 0.82, 0.79, 0.83, 0.81], [0.78, 0.81, 0.79, 0.80, 0.80]
    difference = by_fold(one, other)
    uncorrected = stats.ttest_rel(one, other)
    assert difference.mean == pytest.approx(0.014)
    assert difference.p > uncorrected.pvalue
    error = 0.014 / uncorrected.statistic * np.sqrt((1 / 5 + 1 / 4) * 5)
    assert difference.high - 0.014 == pytest.approx(stats.t.ppf(0.975, 4) * error)
    assert by_fold([0.8], [0.7]).p is None
