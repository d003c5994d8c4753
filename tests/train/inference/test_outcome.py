"""What a person is told to expect."""

from pathlib import Path

import numpy as np
import pytest

from harvest.files import lock
from train.config import TrainError
from train.inference.outcome import Expectation, expectations, highest_precision, in_words, keep, rows_of
from train.inference.questions import Answer, Question, Unanswered
from train.models.info import Confidence, ModelInfo, TargetInfo

CONFIDENCE = Confidence(1.0, {"0.90": 0.6, "0.95": 0.8}, "9 examples of 2 folds")
INFO = ModelInfo(32, 1, {}, {"artist": TargetInfo(["a", "b"], CONFIDENCE)}, {})


def answer(probability: float) -> Answer:
    question = Question("x.jpg", None, {}, ("artist",))
    return Answer(question, {"artist": np.array([probability, 1 - probability])})


def test_gaps_are_counted_with_those_that_could_not_be_read() -> None:
    outcomes = [answer(0.9), answer(0.8), answer(0.7), Unanswered(Question("y", None, {}, ("artist",)), "unreadable")]
    assert expectations(outcomes, INFO, "0.95") == [Expectation("artist", gaps=4, answered=2, wrong=0)]
    assert expectations(outcomes, INFO, "0.90") == [Expectation("artist", gaps=4, answered=3, wrong=1)]
    assert expectations(outcomes, INFO, "0.99") == [Expectation("artist", gaps=4, answered=0, wrong=0)]


@pytest.mark.parametrize(("wrong", "is_said"), [(5, False), (8, False), (9, True)])
def test_it_is_said_where_answers_are_less_sure_than_validated_ones(wrong: int, is_said: bool) -> None:
    text = in_words([Expectation("artist", gaps=200, answered=100, wrong=wrong)], INFO, "0.95")
    start = f"artist: at 95% precision this answers 100 of your 200 gaps (probability 0.80 or more); expect {wrong} of"
    assert text.startswith(start)
    assert ("more than 5%: the network is less sure" in text) is is_said


@pytest.mark.parametrize(("probability", "expected"), [(0.5, None), (0.6, 0.9), (0.79, 0.9), (0.8, 0.95)])
def test_the_highest_precision_is_kept(probability: float, expected: float | None) -> None:
    assert highest_precision(probability, CONFIDENCE.thresholds) == expected


def test_predictions_that_another_process_writes_are_left_to_it(tmp_path: Path) -> None:
    part = tmp_path / ".p.part"
    part.mkdir()
    rows = rows_of([answer(0.9)], INFO, 1)
    with (
        lock(part),
        pytest.raises(TrainError, match="is being written by another 'train predict': choose another --na"),
    ):
        keep(tmp_path / "p", [answer(0.9)], rows, INFO, run="r", digest="0", asked=None)
    assert not (tmp_path / "p").exists()
    keep(tmp_path / "p", [answer(0.9)], rows, INFO, run="r", digest="0", asked=None)
    assert [path.name for path in tmp_path.iterdir()] == ["p"]
