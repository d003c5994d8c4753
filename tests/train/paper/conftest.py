"""A build of two datasets, 25 drawn paintings by 3 artists, one of whom has fewer, and the paper's tables on it."""

import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from curate.manifest import SCHEMA, DatasetInfo, read_build, write_build, write_dataset
from tests.conftest import ROOT
from tests.train.conftest import call, painting, write_network, write_tiny_build
from train.experiments import cross_validation

QUICK = ("--quick", "--side", "32", "--folds", "2", "--epochs", "2", "--batch-size", "8")
BEFORE_KILL = 3  # folds: a run, and one of the two of the next
KILLED = f"""
import os, signal
from train.experiments import cross_validation
once, folds = cross_validation.trained_fold, []
def trained_fold(*some, **more):
    if len(folds) == {BEFORE_KILL}:
        os.kill(os.getpid(), signal.SIGKILL)
    folds.append(once(*some, **more))
    return folds[-1]
cross_validation.trained_fold = trained_fold
from train.cli import main
main()
"""


@dataclass(frozen=True)
class Made:
    """The paper's tables, made by a command that was killed and given again."""

    data: Path
    options: tuple[str, ...]  # of the command
    finished_before: dict[str, int]  # runs that were finished before the kill, and when
    folds: int  # trained after it

    @property
    def folder(self) -> Path:
        """Where they lie."""
        return self.data / "paper" / "tiny-quick"


def write_two_datasets(data: Path, **changes: Any) -> Path:
    """Write a build of the datasets all and min10: Cecilia Beaux has five paintings, the others ten."""
    rows = [painting(number, **changes) for number in range(30) if number % 3 < 2 or number < 15]
    folder = write_tiny_build(data, rows)
    frequent = [row for row in rows if row["artist"] != "Cecilia Beaux"]
    write_dataset(folder / "min10", pa.Table.from_pylist(frequent, SCHEMA))
    info = read_build(folder)
    datasets = [
        replace(info.datasets[0], paintings=25),
        DatasetInfo("min10", rule="≥10", paintings=20, artists=2, decades=2, left_out={"fewer": 5}),
    ]
    write_build(folder, replace(info, datasets=datasets, counts=replace(info.counts, harvested=25, kept=25)))
    return folder


def times(data: Path) -> dict[str, int]:
    """Return when each finished run was written."""
    return {path.parent.name: path.stat().st_mtime_ns for path in data.glob("runs/*/report.json")}


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The tables, made once."""
    data = tmp_path_factory.mktemp("paper")
    write_two_datasets(data)
    networks = [str(write_network(data, name, units)) for name, units in (("own", 16), ("other", 24))]
    options = (*QUICK, "--backbone", networks[0], "--backbone", networks[1])
    arguments = ("paper", "tiny", "--data", str(data), *options)
    killed = subprocess.run([sys.executable, "-c", KILLED, *arguments], cwd=ROOT, capture_output=True, check=False)
    assert killed.returncode == -9, killed.stderr
    before, trained, once = times(data), [], cross_validation.trained_fold
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cross_validation, "trained_fold", lambda *some, **more: trained.append(1) or once(*some, **more))
        assert call(*arguments) == 0
    return Made(data, options, before, len(trained))
