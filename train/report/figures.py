"""The report's figures, as SVG to stand in its page; drawn without matplotlib's global state."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from numpy.typing import NDArray

from train.data.examples import Ints
from train.evaluation.results import Curve

MAX_CLASSES = 30  # classes whose names can be read beside a matrix

INK, GREY, BLUE, RED = "#22252b", "#8b8f98", "#1f5a99", "#b3402a"
STYLE = {
    "font.size": 9,
    "font.family": "sans-serif",
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "svg.fonttype": "path",  # looks alike wherever the page is opened
    "svg.hashsalt": "raisonne",  # the same figure, the same bytes
}


def learning_curves(curves: Mapping[str, Curve]) -> str:
    """Draw the mean over the folds and the band of one standard deviation.

    Args:
        curves: By title of the panel.
    """
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(3.4 * len(curves), 2.9), layout="constrained")
        panels = figure.subplots(1, len(curves), squeeze=False)[0]
        for panel, (title, curve) in zip(panels, curves.items(), strict=True):
            _draw_curve(panel, curve.training, "training", GREY)
            _draw_curve(panel, curve.validation, "validation", BLUE)
            panel.set_title(title, loc="left", fontweight="bold", fontsize=9)
            panel.set_xlabel("epoch")
            panel.set_ylim(bottom=0)
            panel.grid(axis="y", color="#e6e7ea", linewidth=0.7)
        panels[0].legend(frameon=False)
        return _svg(figure)


def confusion_matrix(counts: Ints, classes: Sequence[Any]) -> str:
    """Draw how many per cent of each true class (row) were taken for each class (column); at most the 30 commonest.

    Args:
        counts: (classes, classes), rows true, columns predicted.
        classes: Their names.
    """
    shown = shown_classes(counts)
    shares = counts[np.ix_(shown, shown)] / np.maximum(counts[shown].sum(axis=1, keepdims=True), 1)
    names = [str(classes[number]) for number in shown]
    with mpl.rc_context(STYLE):
        side = 2.2 + 0.3 * len(names)
        figure = Figure(figsize=(side, side), layout="constrained")
        panel = figure.subplots()
        panel.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        panel.set_xticks(range(len(names)), names, rotation=90)
        panel.set_yticks(range(len(names)), names)
        panel.set_xlabel("predicted")
        panel.set_ylabel("true")
        panel.tick_params(length=0)
        panel.spines[:].set_visible(False)
        panel.set_xticks(np.arange(len(names) + 1) - 0.5, minor=True)
        panel.set_yticks(np.arange(len(names) + 1) - 0.5, minor=True)
        panel.grid(which="minor", color="#eef0f3", linewidth=0.6)
        panel.tick_params(which="minor", length=0)
        for (row, column), share in np.ndenumerate(shares):
            if share >= 0.05:  # others do not matter
                colour = "white" if share > 0.55 else INK
                panel.text(column, row, f"{share:.0%}"[:-1], ha="center", va="center", fontsize=7, color=colour)
        return _svg(figure)


def shown_classes(counts: Ints) -> list[int]:
    """Return the classes that the matrix shows: those validated, in order; of more than 30 the commonest."""
    support = counts.sum(axis=1)
    commonest = np.argsort(-support, kind="stable")[:MAX_CLASSES]
    return sorted(int(number) for number in commonest if support[number])


def _draw_curve(panel: Any, values: NDArray[np.float64], name: str, colour: str) -> None:
    epochs = np.arange(1, values.shape[1] + 1)
    mean = values.mean(axis=0)
    sd = values.std(axis=0, ddof=1) if len(values) > 1 else np.zeros_like(mean)
    marker = "o" if len(epochs) == 1 else None
    panel.plot(epochs, mean, color=colour, linewidth=1.6, label=name, marker=marker)
    panel.fill_between(epochs, mean - sd, mean + sd, color=colour, alpha=0.2, linewidth=0)


def _svg(figure: Figure) -> str:
    """Return the figure as an <svg> element: without the XML prolog and a fixed size, so that it fits a page."""
    file = io.BytesIO()
    FigureCanvasSVG(figure).print_svg(file, metadata={"Date": None})
    text = file.getvalue().decode()
    return text[text.index("<svg") :].strip()
