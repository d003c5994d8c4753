"""A run that is stopped anywhere goes on, and ends with the same weights as one that was never stopped."""

import importlib.util
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from curate.manifest import read_dataset
from tests.conftest import ROOT, need
from tests.train.conftest import call, painting, write_tiny_build
from train.config import Config
from train.data.examples import Examples, examples_of
from train.experiments import checkpoint, cross_validation
from train.experiments.checkpoint import State
from train.experiments.cross_validation import cross_validate

LABELS = Config(inputs=("genre", "style"), epochs=4, batch_size=8, folds=2)
TUNED = Config(inputs=("image", "genre"), side=32, batch_size=16, epochs=3, folds=1)
CONFIGS = {
    "labels": LABELS,
    "adam": replace(LABELS, optimizer="adam"),
    "frozen": replace(TUNED, tune="frozen", epochs=4),
    "tuned": TUNED,
    "inner": replace(LABELS, inner_split=True, learning_rate=0.5),
}
BACKENDS = {"tensorflow": 4.0, "jax": 12.0}  # and the seconds of computing that a run takes, little more or less
CHECKPOINTS_AT_ONCE = "from train.experiments import checkpoint; checkpoint.EVERY = 0"
KILLED_AFTER = "import signal, sys; signal.setitimer(signal.ITIMER_PROF, float(sys.argv.pop(1)))"
CHILD = f"{CHECKPOINTS_AT_ONCE}; import train.experiments.run; {KILLED_AFTER}; from train.cli import main; main()"


class Stops(keras.callbacks.Callback):
    """Stops the training at one of its batches or epochs, as Ctrl-C does."""

    def __init__(self, moment: int) -> None:
        super().__init__()
        self.moment = moment

    def _pass(self) -> None:
        self.moment -= 1
        if self.moment < 0:
            raise KeyboardInterrupt

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self._pass()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._pass()


def weights(model: Path) -> Iterator[tuple[str, np.ndarray]]:
    """Yield all variables of a saved network."""
    network = keras.models.load_model(model)
    for variable in network.variables:
        if "seed_generator" not in variable.path:  # .keras begins them anew
            yield variable.path, keras.ops.convert_to_numpy(variable.value)


def expect_equal(one: Path, other: Path) -> None:
    assert (one / "metrics.jsonl").read_text() == (other / "metrics.jsonl").read_text()
    for (name, values), (_, others) in zip(weights(one / "model.keras"), weights(other / "model.keras"), strict=True):
        np.testing.assert_array_equal(values, others, err_msg=name)


def run_until(moment: int | None, examples: Examples, config: Config, folder: Path, cache: Path) -> bool:
    """Cross-validate, and be stopped at this moment of a fold; return whether that ended it."""
    folder.mkdir(exist_ok=True)
    fit = keras.Model.fit
    with pytest.MonkeyPatch.context() as patch:
        if moment is not None:
            stops = Stops(moment)
            patch.setattr(
                keras.Model,
                "fit",
                lambda *some, callbacks, **more: fit(*some, callbacks=[*callbacks, stops], **more),
            )
        try:
            cross_validate(examples, config, folder=folder, cache=cache)
        except KeyboardInterrupt:
            return True
    return False


@pytest.mark.parametrize("kind", CONFIGS)
def test_a_stopped_training_ends_with_the_same_weights(
    kind: str, data: Path, network: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint, "EVERY", 0)
    config = CONFIGS[kind]
    config = replace(config, backbone=str(network)) if config.has_image else config
    examples = examples_of(read_dataset(data / "builds"), config)
    assert not run_until(None, examples, config, data / "whole", data / "cache")
    moments = np.random.default_rng(0).integers(1, 6, 3)
    stopped = [run_until(int(moment), examples, config, data / "stopped", data / "cache") for moment in moments]
    assert any(stopped)
    assert not run_until(None, examples, config, data / "stopped", data / "cache")
    expect_equal(data / "whole", data / "stopped")


def test_a_finished_fold_is_not_trained_again(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    examples = examples_of(read_dataset(data / "builds"), LABELS)
    trained: list[int] = []
    once = cross_validation.trained_fold

    def counted(learner: Any, number: int, **more: Any) -> Any:
        trained.append(number)
        if len(trained) == 2:
            raise KeyboardInterrupt
        return once(learner, number, **more)

    monkeypatch.setattr(cross_validation, "trained_fold", counted)
    with pytest.raises(KeyboardInterrupt):
        cross_validate(examples, LABELS, folder=data, cache=data / "cache")
    before = (data / "metrics.jsonl").read_text()
    folds = cross_validate(examples, LABELS, folder=data, cache=data / "cache")
    assert trained == [0, 1, 1]
    assert [fold.number for fold in folds] == [0, 1]
    assert (data / "metrics.jsonl").read_text().startswith(before)
    monkeypatch.setattr(cross_validation, "learner_for", lambda *_, **__: pytest.fail("all folds are finished"))
    again = cross_validate(examples, LABELS, folder=data, cache=data / "cache")
    for fold, kept in zip(folds, again, strict=True):
        assert (fold.number, fold.epochs, fold.seconds) == (kept.number, kept.epochs, kept.seconds)
        np.testing.assert_array_equal(fold.rows, kept.rows)
        assert list(fold.probabilities) == list(kept.probabilities)
        for name, values in fold.probabilities.items():
            np.testing.assert_array_equal(values, kept.probabilities[name])


def test_what_was_kept_of_other_settings_or_examples_is_not_taken_up(data: Path) -> None:
    examples = examples_of(read_dataset(data / "builds"), LABELS)
    cross_validate(examples, LABELS, folder=data, cache=data / "cache")
    assert len(State(data, examples, LABELS, {}).finished_folds()) == 2
    assert not State(data, examples, replace(LABELS, seed=1), {}).finished_folds()
    truths = {name: numbers[::-1] for name, numbers in examples.truths.items()}
    assert not State(data, replace(examples, truths=truths), LABELS, {}).finished_folds()


def test_a_damaged_file_is_told_and_computed_anew(data: Path, caplog: pytest.LogCaptureFixture) -> None:
    examples = examples_of(read_dataset(data / "builds"), LABELS)
    state = State(data, examples, LABELS, {})
    cross_validate(examples, LABELS, folder=data, cache=data / "cache")
    kept = state.folder / "fold-1.npz"
    content = kept.read_bytes()
    for damage in (b"", content[:200], content[:80] + b"?" + content[81:]):
        kept.write_bytes(damage)
        assert [fold.number for fold in state.finished_folds()] == [0]
        assert "fold-1.npz is damaged: what it kept is computed anew" in caplog.text
        caplog.clear()


def train(data: Path, backend: str, *options: str, seconds: float = 0, check: bool = True) -> int:
    """Run `train` as a user does on this backend, killed after these seconds of computing, if any."""
    environment = {**os.environ, "KERAS_BACKEND": backend}
    command = [sys.executable, "-c", CHILD, str(seconds), "run", "--data", str(data), "-q", *options]
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0 or (ran.returncode == -signal.SIGPROF and seconds), ran.stderr
    return ran.returncode


OPTIONS = ("--inputs", "image,genre", "--side", "32", "--batch-size", "16", "--epochs", "4", "--folds", "1")


def kill_and_compare(data: Path, network: Path, backend: str, *, kills: int) -> None:
    """Kill runs at random moments and start them again; whenever one is finished, it must be the one never killed."""
    if backend == "jax":
        need(importlib.util.find_spec("jax") is not None, "jax")
    options = (*OPTIONS, "--backbone", str(network))
    train(data, backend, *options, "--name", "whole")
    rng, number = np.random.default_rng(0), 0
    while kills:
        name = f"killed-{number}"
        killed = train(data, backend, *options, "--name", name, seconds=float(rng.uniform(0.2, BACKENDS[backend])))
        kills -= bool(killed)
        if not killed or not kills:
            train(data, backend, *options, "--name", name)
            expect_same_numbers(data / "runs" / "whole", data / "runs" / name)
            number += 1
    assert not list((data / "runs").glob(".*"))


def expect_same_numbers(one: Path, other: Path) -> None:
    for name in ("metrics.jsonl", "predictions.parquet"):
        assert (one / name).read_bytes() == (other / name).read_bytes()
    expect_equal(one, other)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_killed_run_ends_with_the_same_weights(backend: str, data: Path, network: Path) -> None:
    kill_and_compare(data, network, backend, kills=1)


@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
def test_a_run_killed_often_ends_with_the_same_weights(backend: str, data: Path, network: Path) -> None:
    kill_and_compare(data, network, backend, kills=6)


def test_a_full_disk_loses_nothing_and_is_one_line(tmp_path: Path) -> None:
    write_tiny_build(tmp_path, [painting(number) for number in range(30)])
    options = ("--inputs", "genre", "--epochs", "2", "--folds", "2", "--name", "full")
    limited = (
        "from train.experiments.checkpoint import State; import resource; finish = State.finish\n"
        "def last(self, fold):\n"
        "    finish(self, fold)\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, -1))\n"
        "State.finish = last\n"
        "from train.cli import main; main()"
    )
    command = [sys.executable, "-c", limited, "run", "--data", str(tmp_path), "-q", *options]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 2, ran.stderr
    said = ran.stderr.splitlines()[-1]  # behind what TensorFlow logs where it is not imported by the program
    assert said.startswith("train: File too large: check --data and the space on its disk")
    assert "Traceback" not in ran.stderr
    kept = sorted(path.name for path in (tmp_path / "runs" / ".full.part" / "state").glob("*/*"))
    assert kept == ["fold-0.npz"]
    for name in ("full", "whole"):
        assert call("run", "--data", tmp_path, "-q", *options[:-1], name) == 0
    expect_same_numbers(tmp_path / "runs" / "whole", tmp_path / "runs" / "full")
