"""What a person is told to expect."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from harvest.files import lock
from train.config import TrainError
from train.inference import outcome
from train.inference.outcome import Expectation, expectations, highest_precision, in_words, keep, rows_of, table
from train.inference.questions import Answer, Question, Unanswered
from train.models.info import Confidence, ModelInfo, NoveltyInfo, TargetInfo

CONFIDENCE = Confidence(1.0, {"0.90": 0.6, "0.95": 0.8}, "9 examples of 2 folds")
INFO = ModelInfo(32, 1, {}, {"artist": TargetInfo(["a", "b"], CONFIDENCE)}, {})


def answer(probability: float) -> Answer:
    question = Question("x.jpg", None, {}, ("artist",))
    return Answer(question, {"artist": np.array([probability, 1 - probability])})


def test_what_could_not_be_read_is_counted_and_said() -> None:
    outcomes = [answer(0.9), answer(0.8), answer(0.7), Unanswered(Question("y", None, {}, ("artist",)), "unreadable")]
    assert expectations(outcomes, INFO, "0.95") == [Expectation("artist", gaps=4, unread=1, answered=2, wrong=0)]
    assert expectations(outcomes, INFO, "0.90") == [Expectation("artist", gaps=4, unread=1, answered=3, wrong=1)]
    assert expectations(outcomes, INFO, "0.99") == [Expectation("artist", gaps=4, unread=1, answered=0, wrong=0)]
    text = in_words(expectations(outcomes, INFO, "0.90"), INFO, "0.90")
    assert text.startswith(
        "artist: at 90% precision this answers 3 of 4 asked about, 1 of which cannot be asked or read ("
    )


def test_no_precision_is_promised_where_the_artist_is_probably_unknown() -> None:
    both = Question("far.jpg", None, {}, ("artist", "decade"))
    sure = {"artist": np.array([0.9, 0.1]), "decade": np.array([0.7, 0.3])}
    outcomes = [Answer(both, sure, {"artist": novelty}) for novelty in (0.4, 0.6)]
    novelty = NoveltyInfo(0.5, 0.05, 0.7, 0.8, "9 examples", "3 artists")
    targets = {"artist": TargetInfo(["a", "b"], CONFIDENCE), "decade": TargetInfo([1880, 1890], CONFIDENCE)}
    info = ModelInfo(32, 1, {}, targets, {}, novelty={"artist": novelty})
    first = [row for row in rows_of(outcomes, info, 2).to_pylist() if row["rank"] == 1]
    assert [row["precision"] for row in first] == [pytest.approx(0.95), pytest.approx(0.9), None, None]
    assert [row["is_novel"] for row in first] == [False, None, True, None]
    expected = expectations(outcomes, info, "0.90")
    assert expected == [
        Expectation("artist", gaps=2, answered=1, wrong=0, novel=1),
        Expectation("decade", gaps=2, answered=1, wrong=0, novel=1),
    ]
    for line in in_words(expected, info, "0.90").splitlines():
        assert "answers 1 of 2 asked about" in line
        assert line.endswith("1 as probable is not counted: no precision holds where the artist is probably unknown")
    shown = table(outcomes[1:], info, top=1, precision="0.90")
    assert "probably by none that this network knows (novelty 0.60)" in shown
    assert "no precision holds: the artist is probably unknown" in shown
    assert not {"a 0.90", "1880 0.70"} & set(shown.split("  ")), "no answer at a precision"
    long = Answer(replace(both, name=f"{'a/' * 60}far.jpg"), sure)
    assert f"…{'a/' * 26}far.jpg  artist" in table([long], info, top=1, precision=None)
    unsure = [Answer(both, {"artist": np.array([0.5, 0.5])}, {"artist": 0.6})]
    assert "probably by none" in table(unsure, info, top=1, precision="0.90"), "said also where it is not sure enough"
    assert "a 0.90" in table(outcomes[1:], info, top=1, precision=None)


def test_answers_of_which_the_source_says_something_are_counted() -> None:
    workshop = Question("met:1", None, {}, ("artist",), is_object=True, named=("artist",))
    named = [replace(answer(probability), question=workshop) for probability in (0.9, 0.9, 0.7)]
    found = expectations([answer(0.9), *named], INFO, "0.95")
    assert found == [Expectation("artist", gaps=4, answered=3, wrong=0, named=2)]
    assert in_words(found, INFO, "0.95").endswith(
        "whom the network does not know. Of 2 of the 3 the source says something all the same, a workshop or circle "
        "perhaps: 'curate suggest' leaves them out"
    )
    assert "the source" not in in_words(expectations([answer(0.9)], INFO, "0.95"), INFO, "0.95")


def test_what_reaches_a_precision_is_what_is_suggested_at_it() -> None:
    both = Question("x.jpg", None, {}, ("artist", "decade"))
    novelty = NoveltyInfo(0.5, 0.05, 0.7, 0.8, "9 examples", "3 artists")
    targets = {"artist": TargetInfo(["a", "b"], CONFIDENCE), "decade": TargetInfo([1880, 1890], CONFIDENCE)}
    info = ModelInfo(32, 1, {}, targets, {}, novelty={"artist": novelty})
    answers = [
        Answer(
            both, {name: np.array([sure, 1 - sure]) for name, sure in zip(targets, pair, strict=True)}, {"artist": far}
        )
        for *pair, far in ((0.9, 0.9, 0.4), (0.9, 0.7, 0.4), (0.7, 0.55, 0.4), (0.9, 0.9, 0.6))
    ]
    outcomes = [*answers, Unanswered(both, "unreadable")]
    assert outcome.reached(outcomes, info, None) == answers
    for precision in ("0.90", "0.95", "0.99"):
        rows = [row for row in rows_of(outcomes, info, 2).to_pylist() if row["rank"] == 1]
        suggested = [row["field"] for row in rows if (row["precision"] or 0) >= float(precision) - 1e-6]
        found = outcome.reached(outcomes, info, precision)
        assert [name for answer in found for name in answer.probabilities] == suggested
        assert all(answer.question.wanted == tuple(answer.probabilities) for answer in found)
    words = [outcome.explained_in_words(outcomes, info, precision) for precision in ("0.90", "0.95")]
    assert words == [
        f"explained {n} of 8 answers: the others do not reach {at} precision" for n, at in ((5, "90%"), (3, "95%"))
    ]
    assert outcome.explained_in_words(answers[:1], info, "0.90") == "explained 2 of 2 answers"


@pytest.mark.parametrize(("wrong", "is_said"), [(5, False), (8, False), (9, True)])
def test_it_is_said_where_answers_are_less_sure_than_validated_ones(wrong: int, is_said: bool) -> None:
    text = in_words([Expectation("artist", gaps=200, answered=100, wrong=wrong)], INFO, "0.95")
    start = f"artist: at 95% precision this answers 100 of 200 asked about (probability 0.80 or more); expect {wrong} "
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
