"""What the controls are, and that each is told what it says."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from curate.manifest import read_dataset
from harvest.pictures import PixelBudget
from tests.train.conftest import call, painting, report_of, tiny, write_tiny_build
from train.config import Config
from train.data.examples import examples_of
from train.experiments.controls import OLD_KIND, PERMUTED, PREDICTED, ControlRuns, input_sets, known_labels
from train.experiments.old_kind import colours_and_gradients

LINEAR = ("--tune", "frozen", "--head", "linear", "--vocabulary", "fold", "--folds", "2", "--controls", "-q")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory, network: Path) -> dict[str, Any]:
    """The report of a run with controls on two sources, which the pictures tell: the artists do."""
    data = tmp_path_factory.mktemp("controls")
    write_tiny_build(data, [painting(number, source="met" if number % 3 == 0 else "drawn") for number in range(30)])
    run = ("run", "--data", data, *tiny(network), "--inputs", "image,genre", "--targets", "artist", *LINEAR)
    assert call(*run, "--name", "controlled") == 0
    return report_of(data / "runs" / "controlled") | {
        "page": (data / "runs" / "controlled" / "report.html").read_text()
    }


def test_every_control_is_told_beside_the_run(report: dict[str, Any]) -> None:
    names = ["only image", "only genre", PERMUTED, PREDICTED, OLD_KIND]
    assert [control["name"] for control in report["controls"]["networks"]] == names
    run = report["targets"]["artist"]["metrics"]["top1"]["mean"]
    for control in report["controls"]["networks"]:
        assert control["name"] in report["page"]
        gain, top1 = control["gain"]["artist"], control["top1"]["artist"]["mean"]
        assert gain["mean"] == pytest.approx(run - top1)
        assert gain["low"] <= gain["mean"] <= gain["high"]
    by_name = {control["name"]: control["top1"]["artist"]["mean"] for control in report["controls"]["networks"]}
    assert by_name["only image"] > 0.7  # each artist has a colour
    assert by_name[OLD_KIND] > 0.9
    assert by_name["only genre"] < 0.6  # which the genre does not tell


def test_the_source_is_read_from_the_picture(report: dict[str, Any]) -> None:
    source = report["controls"]["source"]
    assert source["commonest"] == pytest.approx(2 / 3)
    assert source["top1"]["mean"] > 0.7
    assert "The picture alone tells its source in" in report["page"]
    assert [line["source"] for line in report["targets"]["artist"]["by_source"]] == ["drawn", "met"]


def test_networks_with_other_inputs_are_those_that_a_user_would_train(data: Path) -> None:
    assert input_sets(Config(inputs=("image", "genre", "style"))) == [
        ("image",), ("genre",), ("style",), ("genre", "style"), ("image", "style"), ("image", "genre"),
    ]  # fmt: skip
    assert input_sets(Config(inputs=("genre",))) == []


def test_permuted_labels_are_those_of_the_same_fold(data: Path) -> None:
    config = Config(inputs=("genre", "style"))
    examples = examples_of(read_dataset(data / "builds"), config)
    permuted = ControlRuns(examples, config, data / "state", data / "cache").other_labels()[PERMUTED]
    for fold in range(5):
        rows = examples.validated_rows(fold)
        shown = np.concatenate([permuted[name][rows] for name in ("genre", "style")], axis=1)
        own = np.concatenate([examples.fields[name][rows] for name in ("genre", "style")], axis=1)
        assert sorted(map(tuple, shown)) == sorted(map(tuple, own))  # both labels of one example stay together
    assert any((permuted[name] != examples.fields[name]).any() for name in permuted)


def test_only_subsets_that_may_occur_are_shown(data: Path) -> None:
    config = Config(inputs=("genre", "style"), vocabulary="fold")
    examples = examples_of(read_dataset(data / "builds"), config)
    shown = known_labels(examples, config)
    assert list(shown) == ["known: none", "known: genre", "known: style"]
    np.testing.assert_array_equal(shown["known: genre"]["genre"], examples.fields["genre"])
    assert (shown["known: genre"]["style"][:, -2] == 1).all()
    assert known_labels(examples, replace(config, vocabulary="all")) == {}


def test_colours_and_gradients_are_histograms(data: Path) -> None:
    features = colours_and_gradients(data / "builds" / "tiny" / "images" / "07.png", PixelBudget())
    assert features.shape == (128 + 7 * 7 * 4 * 9,)
    assert features[:128].sum() == pytest.approx(1)
