"""The report's figures but the matrices: curves over the epochs, calibration, differences between runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter
from numpy.typing import NDArray

from train.report import document
from train.report.figures.drawing import BLUE, GREY, LINE, drawing, drawn, new_figure
from train.report.run_files import Curve, Predictions
from train.report.wording import short_name

SIZE = (3.9, 2.9)  # inches, of one of two that stand beside each other
BINS = 10  # of confidence


@dataclass(frozen=True, slots=True)
class Bin:
    """The answers of about one confidence."""

    confidence: float  # mean
    accuracy: float
    examples: int


@dataclass(frozen=True, slots=True)
class Interval:
    """A difference to be drawn."""

    name: str
    mean: float
    low: float | None
    high: float | None


def learning_curve(name: str, curve: Curve, *, file: str) -> document.Figure:
    """Draw the mean over the folds and the band of one standard deviation.

    Args:
        name: Of the metric.
        curve: Its values.
        file: The figure's name.
    """
    with drawing():
        figure = new_figure(*SIZE)
        panel = figure.subplots()
        _draw_curve(panel, curve.training, "training", GREY)
        _draw_curve(panel, curve.validation, "validation", BLUE)
        panel.set_title(name)
        panel.set_xlabel("epoch")
        panel.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        panel.set_ylim(bottom=0)
        panel.grid(axis="y", color=LINE, linewidth=0.7)
        figure.legend(loc="outside lower center", ncols=2, frameon=False)
        return drawn(figure, file, f"{name} over the epochs, in training and validation")


def bins_of(predictions: Predictions) -> list[Bin]:
    """Put the answers into bins of confidence; empty ones are left out."""
    places = np.minimum((predictions.confidence * BINS).astype(int), BINS - 1)
    return [
        Bin(
            float(predictions.confidence[places == place].mean()),
            float(predictions.hits[places == place].mean()),
            int((places == place).sum()),
        )
        for place in np.unique(places)
    ]


def calibration_plot(target: str, bins: Sequence[Bin], *, file: str) -> document.Figure:
    """Draw how often the answers of each confidence are correct; the area of a point is its number of answers."""
    with drawing():
        figure = new_figure(SIZE[0], SIZE[0])
        panel = figure.subplots()
        panel.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle="--", label="as often as it says")
        confidence, accuracy = [one.confidence for one in bins], [one.accuracy for one in bins]
        most = max((one.examples for one in bins), default=1)
        panel.plot(confidence, accuracy, color=BLUE, linewidth=1.2)
        panel.scatter(confidence, accuracy, [max(8, 220 * one.examples / most) for one in bins], BLUE, alpha=0.75,
                      linewidth=0, label="answers of this confidence")  # fmt: skip
        panel.set_title(target.capitalize())
        panel.set_xlabel("confidence")
        panel.set_ylabel("correct")
        panel.set_xlim(0, 1.02)
        panel.set_ylim(0, 1.04)
        panel.set_aspect("equal")
        for axis in (panel.xaxis, panel.yaxis):
            axis.set_major_formatter(PercentFormatter(1))
        panel.grid(color=LINE, linewidth=0.7)
        handles: Any = figure.legend(loc="outside lower center", ncols=2, frameon=False).legend_handles
        handles[1].set_sizes([30])  # not that of the first point
        return drawn(figure, file, f"How often answers of each confidence are correct, {target}")


def differences(first: str, intervals: Sequence[Interval], *, target: str, file: str) -> document.Figure:
    """Draw differences of accuracy to the first run, with their intervals."""
    with drawing():
        figure = new_figure(7.8, 1.1 + 0.34 * len(intervals))
        panel = figure.subplots()
        panel.axvline(0, color=GREY, linewidth=1)
        for place, one in enumerate(intervals):
            if one.low is not None and one.high is not None:
                panel.plot([one.low, one.high], [place, place], color=BLUE, linewidth=2, solid_capstyle="butt")
            panel.plot([one.mean], [place], "o", color=BLUE)
        panel.set_yticks(range(len(intervals)), [short_name(one.name, 40) for one in intervals])
        panel.set_ylim(len(intervals) - 0.4, -0.6)
        panel.set_title(f"{target.capitalize()}: top-1 accuracy, less that of {short_name(first, 40)}")
        panel.xaxis.set_major_formatter(lambda value, _place: f"{value:+.3g}")
        panel.grid(axis="x", color=LINE, linewidth=0.7)
        panel.tick_params(axis="y", length=0)
        return drawn(figure, file, f"Differences of accuracy, {target}, with intervals of 95 %")


def _draw_curve(panel: Axes, values: NDArray[np.float64], name: str, colour: str) -> None:
    epochs = np.arange(1, values.shape[1] + 1)
    mean: Any = values.mean(axis=0)
    panel.plot(epochs, mean, color=colour, linewidth=1.6, label=name)
    if len(values) > 1:
        sd = values.std(axis=0, ddof=1)
        panel.fill_between(epochs, mean - sd, mean + sd, color=colour, alpha=0.2, linewidth=0)
