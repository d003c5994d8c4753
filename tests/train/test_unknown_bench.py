"""The bench of unknown artists shows three scores, for the image alone and with labels."""

import json
from pathlib import Path

import pytest

from bench import unknown

pytestmark = pytest.mark.slow


def test_the_bench_shows_each_score(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    unknown.main(["tiny", "--data", str(data), "--weights", "none", "--side", "32", "--left-out", "1", "--choices", "2",
                  "--json"])  # fmt: skip
    rows = json.loads(capsys.readouterr().out)
    shown = {("distance", "image")} | {(score, what) for score in ("max softmax", "energy") for what in unknown.SHOWN}
    assert {(row["score"], row["shown"]) for row in rows} == shown
    for row in rows:
        assert 0 <= float(row["AUROC"].split(" ± ")[0]) <= 1
