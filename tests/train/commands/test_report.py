"""`train report`, and what becomes of a run whose report fails."""

import json
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.train.conftest import Ran, report_of
from train.cli import main
from train.commands.report import command_of
from train.config import PRESETS, Config, TrainError

Train = Callable[..., Ran]
QUICK = ("--inputs", "genre,style", "--epochs", "1", "--folds", "1")  # labels alone: a second


def test_a_report_is_written_again(frozen: Path, train: Train) -> None:
    before = (frozen / "report.html").read_bytes()
    for path in (frozen / "report.html", frozen / "figures" / "confusion_artist.svg"):
        path.unlink()
    ran = train("report", "frozen", "--data", frozen.parents[1])
    assert (ran.code, ran.err) == (0, "")
    assert "Top-1 accuracy" in ran.out
    assert ran.out.endswith(f"Report: {frozen / 'report.html'}\n")
    assert (frozen / "report.html").read_bytes() == before
    shown = json.loads(train("report", "frozen", "--data", frozen.parents[1], "--json").out)
    assert shown == report_of(frozen) | {"report": str(frozen / "report.html")}


@pytest.mark.parametrize(
    ("name", "words"),
    [("frozn", "did you mean frozen?"), ("quite-another", "see 'train list', or make one with 'train run'"),
     ("../frozen", "RUN '../frozen' cannot name a run")],
)  # fmt: skip
def test_a_run_that_is_not_there_is_told_with_the_nearest(name: str, words: str, frozen: Path, train: Train) -> None:
    ran = train("report", name, "--data", frozen.parents[1])
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert words in ran.err


def test_a_run_that_is_not_finished_has_no_report(data: Path, train: Train) -> None:
    aside = data / "runs" / ".half.part"
    aside.mkdir(parents=True)
    ran = train("report", "half", "--data", data)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "train: run half is not finished: it was stopped: the 'train run' that began it goes on with it\n"


@pytest.mark.parametrize("error", [ValueError("no \n letter"), OSError(28, "No space left on device"), TrainError("x")])
def test_a_report_that_fails_costs_no_training(
    error: Exception, data: Path, train: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr("train.report.report.write_document", fail)
        ran = train("run", "--data", data, *QUICK, "--name", "mine", "-q")
    assert ran.code == 3
    assert "Top-1 accuracy" in ran.out
    assert ran.err.count("\n") == 1
    assert ran.err.startswith("run mine is finished and kept, but its report failed (")
    assert ran.err.endswith(f"; this writes it: train report mine --data {data}\n")
    folder = data / "runs" / "mine"
    assert {path.name for path in folder.iterdir()} == {
        "config.json", "labels.json", "metrics.jsonl", "model.json", "model.keras", "predictions.parquet",
        "report.json",
    }  # fmt: skip
    assert train("report", "mine", "--data", data).code == 0
    assert (folder / "report.html").is_file()


def test_a_finished_run_without_a_report_gets_one_from_the_same_command(data: Path, train: Train) -> None:
    options = ("run", "--data", data, *QUICK, "--name", "mine", "-q")
    assert train(*options).code == 0
    (data / "runs" / "mine" / "report.html").unlink()  # as a kill between the run and its report leaves it
    assert train(*options).code == 0
    assert (data / "runs" / "mine" / "report.html").is_file()


@pytest.mark.parametrize(
    "config",
    [
        Config(),
        Config(protocol="duplicates", vocabulary="fold", field_dropout=0.25),
        Config(inputs=("genre",), targets=("artist",), epochs=3, learning_rate=0.01, controls=True, folds=1),
        Config(tune="frozen", head="dense", views=3, backbone="mobilenetv2", protocol="series"),
        Config(tune="frozen", head="linear", features="multi", vocabulary="fold", weights="none"),
        Config(split_year=1900, folds=1, inner_split=True, norm_momentum=0.9, side=64, augment="strong"),
    ],
)
def test_the_command_repeats_the_run(config: Config, monkeypatch: pytest.MonkeyPatch, data: Path, train: Train) -> None:
    summary = {"run": "my run", "dataset": {"build": "tiny", "name": "all"}, "config": config.used()}
    words = shlex.split(command_of(summary, main.commands["run"].params))
    assert words[:5] == ["train", "run", "tiny/all", "--name", "my run"]
    seen: list[Config] = []

    def look(config: Config) -> None:
        seen.append(config)
        raise TrainError("seen enough")

    monkeypatch.setattr("train.cli.check_config", look)
    train(*words[1:], "--data", data)
    assert seen[0].used() == config.used()


def test_only_what_differs_is_typed() -> None:
    config = Config(protocol="duplicates", vocabulary="fold", field_dropout=0.25, epochs=7)
    summary = {"run": "a", "dataset": {"build": "b", "name": "all"}, "config": config.used()}
    assert command_of(summary, main.commands["run"].params) == "train run b/all --name a --epochs 7 --side 224"
    assert set(PRESETS["best"]) == {"tune", "head", "views", "features"}
