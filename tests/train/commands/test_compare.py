"""`train compare --report`."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.train.conftest import Ran
from tests.train.report.runs import rows_of, write_run
from train.evaluation.comparison import Difference
from train.evaluation.runs import ComparedRun
from train.report.comparison import verdict

Train = Callable[..., Ran]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with two runs on the same folds."""
    data = tmp_path_factory.mktemp("compared")
    rows = rows_of(["Anna Ancher", "Berthe $Morisot$", "Cecilia <b>Beaux", "Dora Carrington"])
    for seed, name in enumerate(("one", "two")):
        write_run(data, rows, name=name, seed=seed, notes=["The medium is simulated"])
    return data


def test_a_comparison_has_a_report(runs: Path, tmp_path: Path, train: Train) -> None:
    folder = tmp_path / "comparison"
    options = ("compare", "one", "two", "--data", runs, "--report", folder)
    ran = train(*options)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.endswith(f"\nReport: {folder / 'report.html'}\n")
    page, text = ((folder / name).read_text() for name in ("report.html", "report.md"))
    compared = json.loads((folder / "report.json").read_text())["compared"]
    assert [run["target"] for run in compared] == ["artist", "decade"]
    for words in (page, text):
        assert "One compared" not in words
        assert f"{compared[0]['top1']:.3f}" in words
        assert f"{compared[0]['by_example']['mean']:+.3f}" in words
        assert "The medium is simulated" in words
    assert {path.name for path in (folder / "figures").glob("*.svg")} == {
        f"{name}.svg" for name in ("difference_artist", "difference_decade", "confusion_artist_1", "confusion_decade_1")
    }
    assert "&lt;b&gt;Beaux" in (folder / "figures" / "confusion_artist_1.svg").read_text()
    assert re.search(r"artist,two,\d+,0\.\d+", (folder / "tables" / "comparison.csv").read_text())
    assert train(*options).code == 0  # in place of the earlier one


def test_a_folder_of_other_things_is_left_alone(runs: Path, train: Train) -> None:
    before = sorted(path.name for path in (runs / "runs" / "one").iterdir())
    ran = train("compare", "one", "two", "--data", runs, "--report", runs / "runs" / "one")
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert "holds other things than a comparison: name a new folder" in ran.err
    assert sorted(path.name for path in (runs / "runs" / "one").iterdir()) == before


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, []),
        ({"dropout": 0.1}, []),
        ({"dropout": 0.1, "label_units": 64}, ["differ in dropout and label units: a difference is of all of that"]),
        ({"protocol": "random"}, ["Where folds are random, near duplicates of what is validated were trained on"]),
        ({"protocol": "random", "epochs": 3}, ["differ in epochs and protocol", "validated on was divided otherwise"]),
    ],
)
def test_runs_that_differ_in_more_than_one_setting_are_compared_with_a_warning(
    changes: dict[str, object], told: list[str], runs: Path, tmp_path: Path, train: Train
) -> None:
    shutil.copytree(runs, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "runs" / "two" / "report.json"
    summary = json.loads(path.read_text())
    assert summary["config"].keys() >= changes.keys()
    summary["config"] |= changes
    path.write_text(json.dumps(summary))
    ran = train("compare", "one", "two", "--data", tmp_path, "--report", tmp_path / "page")
    assert ran.code == 0, ran.err
    page = (tmp_path / "page" / "report.md").read_text()
    assert ("Mind:" in page, "a difference is of all" in ran.out) == (bool(told), len(changes) > 1)
    for words in told:
        assert words in ran.out
        assert words in page


SURE, UNSURE = Difference(0.1, 0.05, 0.15, 0.001), Difference(0.1, -0.01, 0.21, 0.076)


@pytest.mark.parametrize(
    ("by_example", "by_fold", "words"),
    [
        (UNSURE, SURE, "the difference may be chance"),
        (SURE, SURE, "more than chance explains, by example and by fold"),
        (SURE, UNSURE, "by fold it may be chance"),
        (SURE, None, "no test by fold is possible"),
    ],
)
def test_a_verdict_takes_both_tests(by_example: Difference, by_fold: Difference | None, words: str) -> None:
    assert words in verdict(ComparedRun("artist", "two", 100, 0.5, by_example, by_fold))
