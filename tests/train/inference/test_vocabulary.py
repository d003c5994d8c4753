"""Words for a network's label inputs."""

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
    assert not vocabulary.knows("portrat")
    assert vocabulary.knows("Portrait")
