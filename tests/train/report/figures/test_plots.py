"""Curves and calibration plots say what they should."""

import re
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest

from train.report.figures import plots
from train.report.figures.drawing import drawing
from train.report.run_files import Curve, Predictions


def test_epochs_are_whole_numbers() -> None:
    for epochs in (2, 3, 5, 100):
        values = np.linspace(0, 1, epochs).reshape(1, epochs)
        text = plots.learning_curve("Loss", Curve(values, values), file="loss").svg.decode()
        ticks = re.search(r'id="matplotlib.axis_1">(.*?)id="matplotlib.axis_2"', text, re.DOTALL)
        assert ticks is not None
        numbers = re.findall(r"<text[^>]*>([^<]*)</text>", ticks[1])
        assert numbers[-1] == "epoch"
        assert all(re.fullmatch(r"\d+", number) for number in numbers[:-1]), numbers
        assert len(numbers) > 2


def test_a_figure_has_one_legend() -> None:
    values = np.linspace(0, 1, 12).reshape(3, 4)
    text = plots.learning_curve("Loss", Curve(values, values), file="loss").svg.decode()
    assert text.count('id="legend_1"') == 1
    assert "legend_2" not in text


def test_bins_hold_every_answer() -> None:
    predictions = Predictions(
        ["a", "b"], ["1", "2", "3", "4"], np.zeros(4, np.int64), np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1]),
        np.array([0.55, 0.52, 0.99, 1.0]),
    )  # fmt: skip
    low, high = plots.bins_of(predictions)
    assert (low.examples, high.examples) == (2, 2)
    assert (low.confidence, low.accuracy) == (pytest.approx(0.535), 0.5)
    assert (high.confidence, high.accuracy) == (pytest.approx(0.995), 1)


def test_a_users_own_settings_of_matplotlib_are_not_let_in(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = plots.calibration_plot("artist", [plots.Bin(0.5, 0.5, 3)], file="c")
    for key, value in {"axes.facecolor": "black", "font.size": 30, "text.usetex": True, "savefig.dpi": 10,
                       "savefig.bbox": "tight", "figure.dpi": 300}.items():  # fmt: skip
        monkeypatch.setitem(mpl.rcParams, key, value)
    odd = plots.calibration_plot("artist", [plots.Bin(0.5, 0.5, 3)], file="c")
    assert (odd.svg, odd.png) == (usual.svg, usual.png)
    assert mpl.rcParams["font.size"] == 30  # and they are as they were


def test_letters_that_no_font_has_cause_no_noise(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with drawing():
        assert mpl.rcParams["font.family"][0] == "DejaVu Sans"
    interval = plots.Interval("葛飾北斎 ไทย 🎨 \U000e0001", 0.1, 0.0, 0.2)
    figure = plots.differences("한국", [interval], target="artist", file="d")
    assert "葛飾北斎" in figure.svg.decode()
    assert "sans-serif" in figure.svg.decode()  # where a reader has not our font
    assert capfd.readouterr() == ("", "")
