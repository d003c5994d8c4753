"""`train compare --report`."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.train.conftest import Ran
from tests.train.report.runs import rows_of, write_run

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
