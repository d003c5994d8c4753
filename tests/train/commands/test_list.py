"""`train list`."""

import csv
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path

from harvest.files import lock
from tests.train.conftest import Ran, report_of

Train = Callable[..., Ran]


def test_runs_are_listed_in_three_forms(frozen: Path, finetuned: Path, tmp_path: Path, train: Train) -> None:
    for run in (frozen, finetuned):
        shutil.copytree(run, tmp_path / "runs" / run.name)
    shutil.copytree(frozen, tmp_path / "runs" / "damaged")
    (tmp_path / "runs" / "damaged" / "report.json").write_text("{")
    shutil.copytree(frozen, tmp_path / "runs" / ".half.part")
    shutil.copytree(frozen, tmp_path / "runs" / ".now.part")
    (tmp_path / "runs" / ".old.part").mkdir()
    (tmp_path / "runs" / ".old.part" / "config.json").write_text("{")  # killed while it was written
    with lock(tmp_path / "runs" / ".now.part"):
        table = train("list", "--data", tmp_path)
        running = json.loads(train("list", "--data", tmp_path, "--json").out)["runs"][-2]
    assert table.code == 0
    assert table.err.count("\n") == 1
    assert "report.json is damaged" in table.err
    lines = table.out.splitlines()
    assert lines[0].split() == ["Run", "Dataset", "Inputs", "Network", "Folds", "Top-1"]
    oldest_first = sorted((frozen, finetuned), key=lambda run: (run / "config.json").stat().st_mtime_ns)
    assert [line.split()[0] for line in lines[2:]] == [*(run.name for run in oldest_first), "half", "now", "old"]
    stopped = "  stopped: the 'train run' that began it goes on with it"
    assert lines[-3].split()[1:3] == lines[2].split()[1:3]
    assert [lines[-3].count(stopped), lines[-1].count(stopped)] == [1, 1]
    assert "  still running: wait for it" in lines[-2]
    assert (running["run"], running["state"]) == ("now", "running")
    top1 = report_of(frozen)["targets"]["artist"]["metrics"]["top1"]["mean"]
    assert f"artist {top1:.3f}" in table.out
    rows = list(csv.DictReader(io.StringIO(train("list", "--data", tmp_path, "--csv", "-q").out)))
    records = json.loads(train("list", "--data", tmp_path, "--json").out)["runs"]
    assert [row["run"] for row in rows] == [record["run"] for record in records]
    assert float(next(row for row in rows if row["run"] == "frozen")["top1_artist"]) == top1
    half = {"run": "half", "finished": False, "state": "stopped"}
    assert records[-3] == half | {name: records[0][name] for name in ("dataset", "inputs")}


def test_no_run_is_told(tmp_path: Path, train: Train) -> None:
    ran = train("list", "--data", tmp_path)
    assert (ran.code, ran.out) == (0, f"no run in {tmp_path / 'runs'} yet: 'train run'\n")
    assert json.loads(train("list", "--data", tmp_path, "--json").out) == {"runs": []}
    assert train("list", "--data", tmp_path, "--csv").out == "run,finished\n"
