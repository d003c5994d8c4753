"""The bench of the frozen recipe prints what the runs' reports say."""

import json
from pathlib import Path

import pytest

from bench import frozen
from tests.train.conftest import report_of

pytestmark = pytest.mark.slow


def test_the_bench_shows_each_set_of_known_labels(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    frozen.main(["tiny", "--data", str(data), "--only", "0", "--protocol", "random", "--json"])
    rows = json.loads(capsys.readouterr().out)
    report = report_of(data / "runs" / "step0-random")
    assert [row["known labels"] for row in rows] == ["none", "genre", "style", "genre, style"]
    top1 = report["targets"]["artist"]["metrics"]["top1"]
    assert rows[-1]["artist"] == f"{top1['mean']:.3f} ± {top1['sd']:.3f}"
    assert rows[-1]["ECE"] == f"{report['targets']['artist']['calibration']['ece']:.3f}"
    assert rows[-1]["before"]
    assert [row["ECE"] for row in rows[:-1]] == ["", "", ""]
