"""Which values are taken for which, and whether they belong together."""

import numpy as np
import pytest

from train.report.confusions import answers_of, confident_errors, correct_answers, kinship
from train.report.run_files import Predictions


@pytest.fixture
def predictions() -> Predictions:
    truth, predicted = np.array([0, 0, 1, 1, 2, 2]), np.array([0, 1, 1, 0, 2, 2])
    confidence = np.array([0.9, 0.8, 0.7, 0.95, 0.6, 0.99])
    return Predictions(
        ["a", "b", "c"], [f"id:{n}" for n in range(6)], np.zeros(6, np.int64), truth, predicted, confidence
    )


def test_errors_within_groups_are_held_against_chance() -> None:
    counts = np.array([[9, 6, 1, 1], [4, 9, 1, 1], [1, 1, 9, 2], [1, 1, 2, 9]], np.int64)
    found = kinship(counts, "style", ["Baroque", "Baroque", "Cubism", "Cubism"])
    assert found is not None
    assert found.errors == 22
    assert found.within == pytest.approx(14 / 22)
    wrong = [6, 8, 4, 4]  # how often each is a wrong answer
    chances = [8 / 16, 6 / 14, 4 / 18, 4 / 18]
    expected = sum(errors * chance for errors, chance in zip((8, 6, 4, 4), chances, strict=True)) / sum(wrong)
    assert found.by_chance == pytest.approx(expected)


def test_where_errors_fall_by_chance_the_share_is_chance() -> None:
    counts = np.full((6, 6), 3, np.int64)
    found = kinship(counts, "style", ["x", "x", "x", "y", "y", "y"])
    assert found is not None
    assert found.within == pytest.approx(found.by_chance) == pytest.approx(2 / 5)


@pytest.mark.parametrize("groups", [["x", "x", "x"], [None, None, "x"], ["x", None, "y"]])
def test_without_groups_or_errors_between_them_there_is_nothing_to_say(groups: list[str | None]) -> None:
    assert kinship(np.diag([3, 3, 3]) + np.eye(3, k=1, dtype=np.int64) * 0, "style", groups) is None


def test_sheets_show_the_most_confident_and_every_class(predictions: Predictions) -> None:
    assert confident_errors(predictions).tolist() == [3, 1]
    assert correct_answers(predictions).tolist() == [5, 0, 2, 4]
    assert answers_of(predictions, 2, 2).tolist() == [5, 4]
    assert answers_of(predictions, 0, 2).tolist() == []
