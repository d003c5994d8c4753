"""That the benchmark of the MET's labels runs, and that its figures do not sink."""

from pathlib import Path

import pytest

from bench import met_labels


def test_wilsons_interval_is_his() -> None:
    assert met_labels.interval(5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)
    assert met_labels.interval(0, 10) == pytest.approx((0.0, 0.2775), abs=1e-4)


def test_the_labels_of_real_paintings_do_not_sink(
    shared: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["met_labels", "--shared", str(shared)])
    met_labels.main()
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    four = [int(line[2]) for line in lines if line[:2] == ["all", "four"]]
    agreeing = [int(line[3]) for line in lines if line[:3] == ["one", "of", "Wikidata's"]]
    assert four[0] >= 515  # of 721
    assert four[1] >= 427  # of 587 in the public domain
    assert agreeing[0] >= 92  # of 104
