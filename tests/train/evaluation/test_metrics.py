"""Identities that every figure of the report rests on."""

import numpy as np
import pytest

from train.evaluation import metrics

CHANCE = np.random.default_rng(0)
TRUTH = CHANCE.integers(6, size=200).astype(np.int32)
PROBABILITIES = CHANCE.dirichlet(np.ones(7), size=200).astype(np.float32)  # class 6 never occurs


def test_weighted_recall_is_accuracy() -> None:
    values = metrics.scores(TRUTH, PROBABILITIES)
    assert values["recall_weighted"] == pytest.approx(values["top1"])
    assert values["top1"] == pytest.approx((PROBABILITIES.argmax(axis=1) == TRUTH).mean())


def test_a_perfect_prediction_scores_one_everywhere() -> None:
    assert set(metrics.scores(TRUTH, np.eye(6, dtype=np.float32)[TRUTH]).values()) == {1.0}


def test_a_class_that_nobody_has_or_predicts_gives_no_warning() -> None:
    values = metrics.scores(np.array([0, 0, 2], np.int32), np.eye(5, dtype=np.float32)[[0, 3, 3]])
    assert values["recall_macro"] == pytest.approx((0.5 + 0 + 0) / 3)


def test_top5_holds_the_truth_among_the_five_likeliest() -> None:
    probabilities = np.array([[0.3, 0.25, 0.2, 0.1, 0.09, 0.06]], np.float32)
    assert metrics.likeliest(probabilities).tolist() == [[0, 1, 2, 3, 4]]
    assert metrics.scores(np.array([4], np.int32), probabilities)["top5"] == 1
    assert metrics.scores(np.array([5], np.int32), probabilities)["top5"] == 0


def test_the_scores_by_class_are_scikit_learns() -> None:
    from sklearn.metrics import precision_recall_fscore_support

    predicted = PROBABILITIES.argmax(axis=1)
    counts = metrics.confusions(TRUTH, predicted, 7)
    expected = precision_recall_fscore_support(TRUTH, predicted, labels=range(7), zero_division=0)
    np.testing.assert_allclose(np.array(metrics.class_scores(counts)).T, expected)


def test_confusions_count_every_example() -> None:
    counts = metrics.confusions(TRUTH, PROBABILITIES.argmax(axis=1), 7)
    assert counts.sum() == 200
    np.testing.assert_array_equal(counts.sum(axis=1), np.bincount(TRUTH, minlength=7))


def test_the_most_confused_come_first_and_right_ones_never() -> None:
    counts = np.array([[9, 1, 0], [4, 5, 0], [0, 0, 7]], np.int32)
    assert metrics.most_confused(counts) == [(1, 0, 4), (0, 1, 1)]


def test_the_ceiling_is_the_share_whose_class_was_trained() -> None:
    assert metrics.ceiling(np.array([0, 1]), np.array([0, 1, 2, 2])) == 0.5


def test_the_commonest_class_and_its_share() -> None:
    assert metrics.commonest(np.array([2, 0, 2, 1])) == (2, 0.5)


def test_one_fold_has_no_standard_deviation() -> None:
    assert metrics.spread([0.5]) == metrics.Spread(0.5, None)
    assert metrics.spread([0.4, 0.6]).sd == pytest.approx(np.std([0.4, 0.6], ddof=1))


def test_decades_are_judged_by_their_distance() -> None:
    values = metrics.year_scores(np.array([0, 1, 2]), np.array([0, 0, 0]), [1880, 1890, 1950], 10)
    assert values == {"mean_years_off": pytest.approx(80 / 3), "same_or_next_decade": pytest.approx(2 / 3)}
