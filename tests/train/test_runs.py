"""The run folder: its name, and that it is there whole or not at all."""

import errno
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from harvest.files import is_folder_name, lock
from train.config import Config, TrainError
from train.runs import check_name, choose_folder, default_names, differences, run_folder


def dataset(build: str = "tiny", name: str = "all") -> Any:
    """Return what `default_names` reads of a dataset."""
    return SimpleNamespace(build=Path(build), name=name)


def facts(**config: Any) -> dict[str, Any]:
    """Return what config.json says of a run with these settings."""
    return {
        "dataset": {"build": "tiny", "name": "all", "sha256": "0"},
        "config": {"epochs": 5, "inputs": ("image",)} | config,
        "versions": {"backend": "jax", "jax": "1", "tensorflow": "2", "numpy": "2", "machine": "m"},
        "files": {},
    }


def finish(folder: Path, record: dict[str, Any]) -> None:
    with run_folder(folder, record):
        pass


def test_a_run_is_named_by_what_was_trained_on_what() -> None:
    names = default_names(dataset(), Config())
    assert next(names) == "tiny-all-resnet50-finetuned-image+genre+style+medium"
    assert next(names) == "tiny-all-resnet50-finetuned-image+genre+style+medium-2"
    labels = Config(inputs=("genre",), targets=("artist",))
    assert next(default_names(dataset(), labels)) == "tiny-all-genre-to-artist"


@pytest.mark.parametrize("build", ["x" * 200, "ü" * 100])
def test_the_longest_name_of_a_build_gives_a_run_a_name_that_fits(build: str, tmp_path: Path) -> None:
    for name, number in zip(default_names(dataset(build), Config()), ("", "-2", "-3"), strict=False):
        assert name.startswith(build[:50])
        assert name.endswith(f"-all-resnet50-finetuned-image+genre+style+medium{number}")
        assert is_folder_name(name)
        finish(tmp_path / name, facts())
    assert len(list(tmp_path.iterdir())) == 3


def test_a_run_is_found_again_by_its_settings(tmp_path: Path) -> None:
    names = ("run", "run-2", "run-3")
    finish(tmp_path / "run", facts())
    assert choose_folder(tmp_path, names, facts()) == tmp_path / "run"
    assert choose_folder(tmp_path, names, facts(epochs=6)) == tmp_path / "run-2"
    begun = tmp_path / ".run-2.part"
    begun.mkdir()
    (begun / "config.json").write_text(json.dumps(facts(epochs=7)))
    assert choose_folder(tmp_path, names, facts(epochs=7)) == tmp_path / "run-2"
    assert choose_folder(tmp_path, names, facts(epochs=6)) == tmp_path / "run-3"


def test_a_run_with_other_settings_is_refused_and_they_are_named(tmp_path: Path) -> None:
    finish(tmp_path / "run", facts())
    words = r"there is a run run already .*with other settings \(epochs: 5 there, 6 here\): choose another --name$"
    with pytest.raises(TrainError, match=words):
        choose_folder(tmp_path, ["run"], facts(epochs=6))
    (tmp_path / ".begun.part").mkdir()
    (tmp_path / ".begun.part" / "config.json").write_text(json.dumps(facts(seed=1)))
    words = (
        r"a run begun that was begun .*\(seed: 1 there, None here\): choose another --name, or delete .*\.begun\.part$"
    )
    with pytest.raises(TrainError, match=words):
        choose_folder(tmp_path, ["begun"], facts())


def test_only_what_changes_a_result_makes_settings_differ() -> None:
    assert differences(facts(), json.loads(json.dumps(facts()))) == ""
    other = facts()
    other["versions"] = {"backend": "jax", "jax": "1", "numpy": "2", "machine": "n", "tensorflow": "3"}
    assert differences(facts(), other) == ""
    other["versions"] |= {"jax": "2"}
    other["dataset"] = {"build": "tiny", "name": "all", "sha256": "1"}
    other["files"] = {"weights file": "ab"}
    assert differences(facts(), other) == (
        "manifest: 0 there, 1 here; jax: 1 there, 2 here; weights file: None there, ab here"
    )
    assert differences({}, facts()).endswith("…")


@pytest.mark.parametrize("name", ["", "a/b", ".hidden", "x" * 201, "ü" * 101, "a\nb"])
def test_a_name_that_is_no_folder_name_is_refused(name: str) -> None:
    with pytest.raises(TrainError, match="--name"):
        check_name(name)


def test_a_run_that_kept_nothing_vanishes_on_an_error(tmp_path: Path) -> None:
    def run_half() -> None:
        with run_folder(tmp_path / "run", facts()) as folder:
            (folder / "half").touch()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_half()
    assert not list(tmp_path.iterdir())


def test_a_run_that_kept_something_stays_and_is_taken_up(tmp_path: Path) -> None:
    kept = Path("state", "key", "fold-0.npz")

    def run_half() -> None:
        with run_folder(tmp_path / "run", facts()) as folder:
            (folder / kept).parent.mkdir(parents=True)
            (folder / kept).write_text("fold 0")
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        run_half()
    with run_folder(tmp_path / "run", facts()) as folder:
        assert (folder / kept).read_text() == "fold 0"
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["config.json"]
    assert len(list(tmp_path.iterdir())) == 1


def test_a_run_that_is_being_written_is_left_alone(tmp_path: Path) -> None:
    with run_folder(tmp_path / "run", facts()) as folder:
        (folder / "metrics.jsonl").touch()
        with (
            pytest.raises(TrainError, match="being written by another run"),
            run_folder(tmp_path / "run", facts()),
        ):
            pass
        assert (folder / "metrics.jsonl").exists()
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == ["config.json", "metrics.jsonl"]


def test_a_name_that_was_taken_while_waiting_for_the_lock_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def take(folder: Path) -> Any:
        (tmp_path / "run").mkdir()
        return lock(folder)

    monkeypatch.setattr("train.runs.lock", take)
    with pytest.raises(TrainError, match="there is a run run already"), run_folder(tmp_path / "run", facts()):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
