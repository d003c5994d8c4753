"""The figures of a build's statistics: bars, the same bytes every time."""

import warnings
from itertools import pairwise
from pathlib import Path

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

_STYLE = {
    "svg.hashsalt": "raisonne",  # the same bytes every time
    "text.parse_math": False,  # a dollar sign in a title is a dollar sign
    "font.size": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


def draw(path: Path, table: pd.DataFrame, title: str, *, is_of_time: bool) -> None:
    """Draw a table's numbers as bars, as PNG and SVG: those of decades along the years, others one below the other.

    Args:
        path: Of both, without their endings.
        table: What the bars stand for, and their numbers in one column or more.
        title: Above them.
        is_of_time: Whether the first column holds years.
    """
    with mpl.rc_context(), warnings.catch_warnings():
        mpl.rcdefaults()  # not a user's own settings
        mpl.rcParams.update(_STYLE)
        warnings.simplefilter("ignore", UserWarning)  # names in scripts that the font has not are boxes in the figure
        height = 2.5 if is_of_time else 1 + 0.16 * max(6, len(table) * (len(table.columns) - 1))
        figure = Figure(figsize=(6, height), layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.subplots()
        (_draw_along_years if is_of_time else _draw_below)(axes, table)
        axes.set_title(title)
        figure.savefig(f"{path}.png", dpi=100, metadata={"Software": None})
        figure.savefig(f"{path}.svg", metadata={"Date": None, "Creator": None})


def _draw_along_years(axes: Axes, table: pd.DataFrame) -> None:
    """Draw one bar for each decade where it lies among the years, so that those without a painting show."""
    years = table.iloc[:, 0].astype(int).tolist()
    width = min((later - earlier for earlier, later in pairwise(years)), default=10)
    axes.bar(years, table.iloc[:, 1].tolist(), 0.9 * width, align="edge")
    axes.set_xlabel("year")
    axes.set_ylabel(str(table.columns[1]))


def _draw_below(axes: Axes, table: pd.DataFrame) -> None:
    """Draw one bar for each row, with its number; side by side for several columns."""
    labels, values = table.iloc[:, 0].astype(str).tolist(), table.iloc[:, 1:]
    height = 0.8 / max(1, len(values.columns))
    for place, column in enumerate(values.columns):
        offsets = [row + place * height for row in range(len(labels))]
        bars = axes.barh(offsets, values[column].tolist(), height, label=str(column))
        if len(values.columns) == 1:
            axes.bar_label(bars, fmt="{:,.0f}", padding=2)
    axes.set_yticks([row + 0.4 - height / 2 for row in range(len(labels))], [label[:40] for label in labels])
    axes.invert_yaxis()
    if len(values.columns) > 1:
        axes.legend(loc="upper left", bbox_to_anchor=(1, 1))  # beside the bars
    else:
        axes.set_xlabel(str(values.columns[0]))
