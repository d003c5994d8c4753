"""The run folder: its name, and that it is there whole or not at all."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from harvest.files import is_folder_name, lock
from train.config import Config, TrainError
from train.runs import check_name, default_name, new_run


def dataset(build: str = "tiny", name: str = "all") -> Any:
    """Return what `default_name` reads of a dataset."""
    return SimpleNamespace(build=Path(build), name=name)


def test_a_run_is_named_by_what_was_trained_on_what(tmp_path: Path) -> None:
    assert default_name(tmp_path, dataset(), Config()) == "tiny-all-resnet50-finetuned-image+genre+style+medium"
    labels = Config(inputs=("genre",), targets=("artist",))
    assert default_name(tmp_path, dataset(), labels) == "tiny-all-genre-to-artist"


@pytest.mark.parametrize("build", ["x" * 200, "ü" * 100])
def test_the_longest_name_of_a_build_gives_a_run_a_name_that_fits(build: str, tmp_path: Path) -> None:
    for number in ("", "-2", "-3"):
        name = default_name(tmp_path, dataset(build), Config())
        assert name.startswith(build[:50])
        assert name.endswith(f"-all-resnet50-finetuned-image+genre+style+medium{number}")
        assert is_folder_name(name)
        with new_run(tmp_path / name):
            pass
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.parametrize("name", ["", "a/b", ".hidden", "x" * 201, "ü" * 101, "a\nb"])
def test_a_name_that_is_no_folder_name_is_refused(name: str) -> None:
    with pytest.raises(TrainError, match="--name"):
        check_name(name)


def test_a_run_vanishes_on_an_error(tmp_path: Path) -> None:
    def run_half() -> None:
        with new_run(tmp_path / "run") as folder:
            (folder / "half").touch()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_half()
    assert not list(tmp_path.iterdir())


def test_a_run_that_is_being_written_is_left_alone(tmp_path: Path) -> None:
    with new_run(tmp_path / "run") as folder:
        (folder / "metrics.jsonl").touch()
        with pytest.raises(TrainError, match="being written by another run"), new_run(tmp_path / "run"):
            pass
        assert (folder / "metrics.jsonl").exists()
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["metrics.jsonl"]


def test_a_name_that_was_taken_while_waiting_for_the_lock_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def take(folder: Path) -> Any:
        (tmp_path / "run").mkdir()
        return lock(folder)

    monkeypatch.setattr("train.runs.lock", take)
    with pytest.raises(TrainError, match="there is a run run already"), new_run(tmp_path / "run"):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
