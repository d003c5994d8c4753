"""A run is summed up truly, and report.json keeps its shape."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from curate.manifest import read_build, read_dataset
from train.config import Config
from train.data.examples import Examples, examples_of
from train.evaluation.fold import Fold, predictions
from train.evaluation.results import (
    Results,
    by_known_labels,
    known_before,
    summarise,
    target_results,
    title_of,
    write_results,
)


def folds_of(examples: Examples, count: int) -> list[Fold]:
    """Return folds that name every artist rightly and always the first decade; the first epoch is the best."""
    folds = []
    for number in range(count):
        rows = examples.validated_rows(number)
        artist = np.eye(3, dtype=np.float32)[examples.truths["artist"][rows]]
        decade = np.tile(np.array([0.5, 0.3, 0.2], np.float32), (len(rows), 1))
        epochs = [
            {"loss": 2.0 - epoch, "artist_accuracy": 0.5, "decade_accuracy": 0.5, "val_loss": 1.0,
             "val_artist_accuracy": 1.0 - epoch / 4, "val_decade_accuracy": epoch / 4}
            for epoch in range(2)
        ]  # fmt: skip
        folds.append(Fold(number, rows, {"artist": artist, "decade": decade}, epochs, seconds=1.26))
    return folds


@pytest.fixture
def results(data: Path) -> Results:
    dataset, config = read_dataset(data / "builds"), Config(inputs=("genre",), folds=2)
    examples = examples_of(dataset, config)
    return summarise(
        "mine",
        dataset=dataset,
        build_info=read_build(dataset.build),
        config=config,
        examples=examples,
        folds=folds_of(examples, 2),
    )


def test_the_results_are_those_of_the_predictions(results: Results) -> None:
    artist, decade = results.targets["artist"], results.targets["decade"]
    assert (artist.metrics["top1"].mean, artist.metrics["top1"].sd) == (1, 0)
    assert decade.metrics["top1"].mean == pytest.approx(1 / 3)
    assert decade.metrics["same_or_next_decade"].mean == pytest.approx(2 / 3)
    assert "same_or_next_decade" not in artist.metrics
    assert (artist.commonest.share, artist.ceiling.mean) == (pytest.approx(1 / 3), 1)
    assert artist.confused == []
    assert [(pair.true, pair.predicted, pair.examples, pair.share) for pair in decade.confused] == [
        (1890, 1880, 4, 1.0),
        (1900, 1880, 4, 1.0),
    ]
    assert [line.recall for line in decade.by_class] == [1, 0, 0]


def test_the_first_target_judges_the_epochs(results: Results) -> None:
    artist, decade = (results.targets[name].best_on_validation for name in ("artist", "decade"))
    assert artist.epochs == decade.epochs == [1, 1]
    assert (artist.top1.mean, decade.top1.mean) == (1, 0)


def test_absent_truths_are_not_judged(data: Path) -> None:
    dataset, config = read_dataset(data / "builds"), Config(inputs=("genre",), folds=2)
    examples = examples_of(dataset, config)
    folds = folds_of(examples, 2)
    examples.truths["decade"][folds[0].rows[:2]] = -1
    results = target_results("decade", examples, folds, bin_years=10)
    assert sum(line.examples for line in results.by_class) == 10
    assert sum(line.examples for line in results.by_source) == 10
    rows = [row for row in predictions(examples, folds).to_pylist() if row["target"] == "decade"]
    assert [row["truth"] for row in rows[:2]] == [None, None]
    assert len(rows) == 12


def test_each_set_of_known_labels_has_its_accuracy(data: Path) -> None:
    config = Config(inputs=("genre",), folds=2, vocabulary="fold")
    examples = examples_of(read_dataset(data / "builds"), config)
    folds = folds_of(examples, 2)
    for fold in folds:
        fold.variants["known: none"] = {name: np.roll(values, 1, axis=1) for name, values in fold.probabilities.items()}
    none, genre = by_known_labels(examples, config, folds)
    assert (none.known, genre.known) == ([], ["genre"])
    assert (none.top1["artist"].mean, genre.top1["artist"].mean) == (0, 1)
    assert by_known_labels(examples, Config(inputs=("genre",)), folds) == []
    assert by_known_labels(examples, Config(inputs=("image",), vocabulary="fold"), folds) == []


def test_pairs_outside_a_life_are_counted(results: Results) -> None:
    assert results.pairs is not None
    assert results.pairs.outside_examples == 8  # of two artists, of whom training shows other decades
    assert results.pairs.outside.mean == pytest.approx(2 / 3)
    assert results.pairs.joint["top1"].mean == 1  # each artist has a decade of their own
    assert results.pairs.joint["outside"].mean == 0


def test_the_file_keeps_its_shape(results: Results, tmp_path: Path) -> None:
    write_results(tmp_path, results)
    report = json.loads((tmp_path / "report.json").read_text())
    assert list(report) == [
        "run", "title", "dataset", "config", "versions", "protocol", "targets", "by_known_labels", "pairs", "notes",
        "seconds", "controls",
    ]  # fmt: skip
    assert list(report["dataset"]) == [
        "build", "name", "sha256", "paintings", "classes", "years", "sources", "notes",
    ]  # fmt: skip
    assert list(report["targets"]["decade"]) == [
        "classes", "commonest", "ceiling", "metrics", "folds", "best_on_validation", "calibration", "confused",
        "by_class", "by_source",
    ]  # fmt: skip
    assert report["targets"]["decade"]["confused"][0] == {
        "true": 1890, "predicted": 1880, "examples": 4, "share": 1.0,
    }  # fmt: skip
    assert report["seconds"] == {"folds": [1.3, 1.3]}
    assert list(report["config"]) == [
        "inputs", "targets", "backbone", "weights", "tune", "head", "views", "features", "side", "augment",
        "per_artist", "folds", "epochs",
        "batch_size", "optimizer", "learning_rate", "decay", "momentum", "weight_decay", "label_smoothing",
        "class_weights", "norm_momentum", "dropout", "label_units", "global_units", "protocol", "test_source",
        "split_year", "vocabulary", "field_dropout", "inner_split", "controls", "devices", "seed",
    ]  # fmt: skip
    assert {report["config"][name] for name in ("backbone", "weights", "tune", "side")} == {None}


def test_what_is_known_before_names_the_files_by_their_content(results: Results, data: Path, tmp_path: Path) -> None:
    dataset = read_dataset(data / "builds")
    facts = known_before(dataset, read_build(dataset.build), results.config)
    report = results.as_json()
    assert {key: facts[key] for key in ("dataset", "config", "versions")} == {
        key: report[key] for key in ("dataset", "config", "versions")
    }
    assert facts["files"] == {}
    (tmp_path / "w.h5").write_bytes(b"weights")
    facts = known_before(dataset, read_build(dataset.build), Config(weights=str(tmp_path / "w.h5")))
    assert facts["files"] == {"weights file": hashlib.sha256(b"weights").hexdigest()}


def test_predictions_are_one_row_an_example_and_target(data: Path, tmp_path: Path) -> None:
    examples = examples_of(read_dataset(data / "builds"), Config(inputs=("genre",)))
    pq.write_table(predictions(examples, folds_of(examples, 1)), tmp_path / "predictions.parquet")
    rows: list[dict[str, Any]] = pq.read_table(tmp_path / "predictions.parquet").to_pylist()
    assert len(rows) == 12
    assert {row["fold"] for row in rows} == {0}
    assert all(row["predicted"] == row["truth"] for row in rows if row["target"] == "artist")
    assert all(row["top"] == ["1880", "1890", "1900"] for row in rows if row["target"] == "decade")


@pytest.mark.parametrize(
    ("inputs", "title"),
    [
        (("image",), "artist and decade from image"),
        (("image", "genre", "style"), "artist and decade from image, genre and style"),
    ],
)
def test_the_title_says_what_from_what(inputs: tuple[str, ...], title: str) -> None:
    assert title_of(Config(inputs=inputs)) == title
