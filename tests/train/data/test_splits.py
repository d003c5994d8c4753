"""What is trained on and what is validated, where no folds take turns."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from curate.manifest import Dataset, read_dataset
from tests.train.conftest import painting, write_tiny_build
from train.config import Config, TrainError, check_config
from train.data.examples import Examples, examples_of
from train.data.splits import LEFT_OUT


def dataset_of(data: Path, rows: list[dict[str, Any]]) -> Dataset:
    write_tiny_build(data, rows)
    return read_dataset(data / "builds")


def read(dataset: Dataset, **split: Any) -> Examples:
    return examples_of(dataset, Config(inputs=("genre",), folds=1, **split))


def test_one_source_is_validated_and_the_others_trained_on(tmp_path: Path) -> None:
    rows = [painting(number, source=("met", "wikiart", "drawn")[number % 3]) for number in range(30)]
    examples = read(dataset_of(tmp_path, rows), test_source="wikiart")
    np.testing.assert_array_equal(examples.validated_rows(0), np.arange(1, 30, 3))
    assert {examples.sources[row] for row in examples.training_rows(0)} == {"met", "drawn"}
    assert len(examples.training_rows(0)) == 20
    np.testing.assert_array_equal(examples.inner_folds, [number // 3 % 5 for number in range(30)])


def test_later_years_are_validated_and_those_without_one_left_out(tmp_path: Path) -> None:
    rows = [painting(number, year=None if number == 4 else 1880 + number) for number in range(30)]
    examples = read(dataset_of(tmp_path, rows), split_year=1900)
    np.testing.assert_array_equal(examples.validated_rows(0), np.arange(20, 30))
    np.testing.assert_array_equal(examples.training_rows(0), [0, 1, 2, 3, *range(5, 20)])
    assert examples.folds[4] == LEFT_OUT


FOLDLESS = {"suggested": "artist", "fold_random": None, "fold_duplicates": None, "fold_series": None}


def with_suggested(tmp_path: Path, *numbers: int) -> Dataset:
    """Thirty examples, of which some have their artist from a suggestion, as a build with suggestions writes them."""
    rows = [painting(number, source=("met", "wikiart")[number % 2], year=1880 + number) for number in range(30)]
    return dataset_of(tmp_path, [row | (FOLDLESS if number in numbers else {}) for number, row in enumerate(rows)])


@pytest.mark.parametrize("column", ["fold_random", "fold_duplicates"])
def test_what_was_suggested_is_trained_on_in_every_fold_and_validated_in_none(tmp_path: Path, column: str) -> None:
    examples = examples_of(with_suggested(tmp_path, 4, 17), Config(inputs=("genre",)), fold_column=column)
    for fold in range(5):
        assert {4, 17} <= set(examples.training_rows(fold))
    validated = np.concatenate([examples.validated_rows(fold) for fold in range(5)])
    assert sorted(validated) == [number for number in range(30) if number not in (4, 17)]


@pytest.mark.parametrize(
    ("split", "left_out", "trained"), [({"test_source": "wikiart"}, 17, 4), ({"split_year": 1890}, 17, 4)]
)
def test_what_was_suggested_is_not_validated_by_source_or_year_either(
    tmp_path: Path, split: dict[str, Any], left_out: int, trained: int
) -> None:
    examples = read(with_suggested(tmp_path, 4, 17), **split)
    assert examples.folds[left_out] == LEFT_OUT
    assert trained in examples.training_rows(0)
    assert not {4, 17} & set(examples.validated_rows(0))


def test_a_split_that_would_validate_only_what_was_suggested_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TrainError, match="was completed by suggestions, which are never validated: choose another"):
        read(with_suggested(tmp_path, *range(1, 30, 2)), test_source="wikiart")


@pytest.mark.parametrize(
    ("split", "words"),
    [
        ({"test_source": "louvre"}, "--test-source louvre: dataset tiny/all has only drawn: choose of these"),
        ({"test_source": "drawn"}, "all examples in dataset tiny/all are of it, nothing is left to train on"),
        ({"split_year": 1700}, "--split-year 1700: dataset tiny/all has examples of 1880 to 1909, nothing to train on"),
        ({"split_year": 2000}, "choose a year in between"),
    ],
)
def test_a_split_that_leaves_one_side_empty_is_refused(split: dict[str, Any], words: str, data: Path) -> None:
    with pytest.raises(TrainError, match=words):
        read(read_dataset(data / "builds"), **split)


def test_a_split_goes_with_no_other() -> None:
    with pytest.raises(TrainError, match="--test-source and --split-year each say what is validated: give one of them"):
        check_config(Config(test_source="met", split_year=1900, folds=1))
    with pytest.raises(TrainError, match="split once, not into folds: leave out --folds"):
        check_config(Config(split_year=1900))


def test_a_sample_holds_as_many_of_each_artist_and_the_smaller_lies_in_the_larger(tmp_path: Path) -> None:
    dataset = dataset_of(tmp_path, [painting(number) for number in range(30)])
    whole, four, two = (read(dataset, per_artist=most) for most in (None, 4, 2))
    artists = np.array(dataset.rows["artist"].to_pylist())
    assert len(whole.training_rows(0)) == 24
    for examples, most in ((four, 4), (two, 2)):
        rows = examples.training_rows(0)
        assert np.unique(artists[rows], return_counts=True)[1].tolist() == [most] * 3
        assert set(rows) <= set(whole.training_rows(0))
        np.testing.assert_array_equal(examples.validated_rows(0), whole.validated_rows(0))
    assert set(two.training_rows(0)) < set(four.training_rows(0))
    assert read(dataset, per_artist=2, seed=1).training_rows(0).tolist() != two.training_rows(0).tolist()
    np.testing.assert_array_equal(read(dataset, per_artist=99).training_rows(0), whole.training_rows(0))
