"""How long a run takes is told from its own steps."""

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from curate.manifest import read_dataset
from tests.train.conftest import Ran, tiny
from train.config import Config
from train.data.examples import examples_of
from train.experiments import callbacks
from train.experiments.cross_validation import cross_validate
from train.experiments.pace import Pace

Train = Callable[..., Ran]


def test_the_first_step_does_not_count() -> None:
    times = iter([50.0, 52.0, 54.0])
    pace = Pace(lambda: next(times))
    assert (pace.rate, pace.seconds) == (0, 0)
    for step, rate in ((10, 0), (20, 5), (30, 5)):
        pace.reach(step)
        assert pace.rate == rate
    assert pace.left(530) == "100 s"


def test_a_run_says_how_long_it_takes_and_how_it_goes(
    data: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "train")
    monkeypatch.setattr(callbacks, "MEASURED", 0)
    monkeypatch.setattr(callbacks, "EVERY", 0)
    monkeypatch.setattr("train.experiments.learner.steps_at_once", lambda _steps: 1)
    config = Config(inputs=("genre",), epochs=3, batch_size=8, folds=2)
    cross_validate(examples_of(read_dataset(data / "builds"), config), config, folder=data, cache=data)
    assert caplog.text.count("2 folds of 3 epochs: about ") == 1
    assert caplog.text.count("1 fold of 3 epochs: about ") == 1
    assert "fold 0, epoch 2 of 3: loss " in caplog.text
    assert " examples/s, " in caplog.text
    assert " left" in caplog.text


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        (("--inputs", "image,genre"), ["5 folds of 100 epochs"]),
        (("--inputs", "image,genre", "--tune", "frozen"), ["the features of 30 pictures", "5 folds of 100 epochs"]),
        (("--inputs", "image", "--preset", "best"), ["the features of 30 pictures in 10 views"]),
        (("--inputs", "genre", "--folds", "2", "--epochs", "7"), ["2 folds of 7 epochs"]),
    ],
)
def test_a_dry_run_shows_the_network_and_leaves_nothing(
    options: tuple[str, ...], parts: list[str], data: Path, network: Path, train: Train
) -> None:
    ran = train("run", "--data", data, *tiny(network), *options, "--dry-run", "--json")
    assert ran.code == 0, ran.err
    estimate: dict[str, Any] = json.loads(ran.out)
    assert list(estimate["seconds"]) == parts
    assert all(seconds > 0 for seconds in estimate["seconds"].values())
    assert sum(layer["parameters"] for layer in estimate["layers"]) == estimate["parameters"]
    assert 0 < estimate["trained"] <= estimate["parameters"]
    assert estimate["peak_memory"] > 2**20
    assert not (data / "runs").exists()
    assert not (data / "cache").exists()


def test_a_dry_run_is_readable(data: Path, train: Train) -> None:
    ran = train("run", "--data", data, "--inputs", "genre", "--dry-run")
    assert "global_features" in ran.out
    assert "parameters, " in ran.out
    assert "About, on this machine:" in ran.out
    assert "GiB of memory" in ran.out
