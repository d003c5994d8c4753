"""Words for a network's label inputs."""

from dataclasses import replace

import numpy as np
import pytest

from train.inference.vocabulary import Vocabulary
from train.models.info import InputInfo

INFO = InputInfo(
    values=["landscape", "portrait", "still life"],
    trained=["landscape", "portrait"],
    words={"Landscapes": "landscape", "stilleven": "still life"},
    may_be_absent=True,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("portrait", [0, 1, 0, 0, 1]),
        ("PORTRAIT", [0, 1, 0, 0, 1]),
        ("landscapes", [1, 0, 0, 0, 1]),  # a source's own word
        ("still life", [0, 0, 0, 1, 1]),  # in the dataset, but not in what this network was trained with
        ("stilleven", [0, 0, 0, 1, 1]),
        ("fresco", [0, 0, 0, 1, 1]),
        (None, [0, 0, 0, 1, 0]),
    ],
)
def test_a_label_is_encoded_as_in_training(text: str | None, expected: list[int]) -> None:
    assert Vocabulary(INFO).encode([text]).tolist() == [expected]


def test_without_a_place_for_unknown_there_is_none() -> None:
    paper = InputInfo(INFO.values, INFO.values, {}, may_be_absent=False)
    assert np.array_equal(Vocabulary(paper).encode(["still life", "portrait"]), [[0, 0, 1], [0, 1, 0]])


def test_the_nearest_are_values_of_the_network() -> None:
    vocabulary = Vocabulary(INFO)
    assert vocabulary.nearest("Landscap") == ["landscape"]
    assert vocabulary.nearest("portrat") == ["portrait"]
    assert not vocabulary.nearest("fresco")
    assert not Vocabulary(replace(INFO, values=["flower painting"], trained=["flower painting"])).nearest(
        "genre painting"
    )
    assert not vocabulary.knows("portrat")
    assert vocabulary.knows("Portrait")


def test_a_value_that_is_not_known_is_answered_by_those_that_are() -> None:
    media = ["Oil, Canvas", "Oil, Panel", "Tempera, Panel"]
    vocabulary = Vocabulary(InputInfo(media, media, {}, may_be_absent=True))
    assert vocabulary.hint("oil") == "did you mean 'Oil, Canvas' or 'Oil, Panel'?"
    assert vocabulary.hint("oil on canvas") == "did you mean 'Oil, Canvas'?"
    assert vocabulary.hint("gouache") == vocabulary.hint() == "known are 'Oil, Canvas', 'Oil, Panel', 'Tempera, Panel'"
    many = [f"school {number}" for number in range(40)]
    assert Vocabulary(InputInfo(many, many, {}, may_be_absent=True)).hint("x") == (
        "its 40 values are in the run's labels.json"
    )
