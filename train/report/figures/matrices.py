"""Confusion matrices that can be read: a few classes by name, many put together, decades where they lie in time.

A cell's number is the share of its row; its shade is the lower end of that share's interval, so that a class with two
examples is never the darkest.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, LinearSegmentedColormap
from numpy.typing import NDArray

from train.report import document
from train.report.figures.drawing import INK, drawing, drawn, new_figure
from train.report.wording import short_names

MAX_NAMED = 30  # classes whose names can be read beside a matrix
NAMED = 24  # of more, the commonest, beside one row and column for all others
MAX_WRITTEN = 48  # rows with a number in each cell
CELL = 0.30  # inches
MAX_STEPS = 400  # of time, empty ones too; of more, those that occur
LEAST_WRITTEN = 0.05  # a smaller share is not written
Z = 1.96  # of an interval of 95 %

BLUES = LinearSegmentedColormap.from_list("blues", ["#ffffff", "#c3d9ee", "#5b97cd", "#174a80"])
DIVERGING = LinearSegmentedColormap.from_list("diverging", ["#b3402a", "#eeb9a6", "#ffffff", "#a9cbe6", "#174a80"])

Counts = NDArray[np.int64]  # (rows, columns): true, predicted
Shares = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Axis:
    """What the rows of a matrix are, and the columns: classes, or several together."""

    groups: list[list[int]]  # the class numbers of each; a decade without an example has none
    names: list[str]
    label: str  # what they are values of: artist
    gathered: int = 0  # classes that the last one holds together
    is_time: bool = False  # decades, without gaps


def axis_of(counts: Counts, classes: Sequence[Any], label: str) -> Axis:
    """Return the axis that can be read: of decades all between the first and the last, of others the commonest.

    Args:
        counts: (classes, classes), rows true, columns predicted.
        classes: Their values.
        label: What they are values of.
    """
    seen = [int(place) for place in np.flatnonzero(counts.sum(axis=0) + counts.sum(axis=1))]
    if label == "decade" and len(seen) > 1:
        return _axis_in_time({int(classes[place]): place for place in seen})
    if len(seen) <= MAX_NAMED:
        return Axis([[place] for place in seen], short_names([classes[place] for place in seen]), label)
    commonest = np.argsort(-counts.sum(axis=1), kind="stable")[:NAMED]
    named = sorted(int(place) for place in commonest)
    others = [place for place in seen if place not in set(named)]
    names = [*short_names([classes[place] for place in named]), f"{len(others):,} others"]
    return Axis([*([place] for place in named), others], names, label, len(others))


def axis_of_groups(group_of: Sequence[Any], label: str) -> Axis:
    """Return an axis of groups of classes: of artists by their style, say.

    Args:
        group_of: The group of each class; None: of none.
        label: What the groups are.
    """
    values = sorted({group for group in group_of if group is not None}, key=str)
    groups = [[place for place, group in enumerate(group_of) if group == value] for value in values]
    return Axis(groups, short_names(values), label)


def summed(counts: Counts, groups: Sequence[Sequence[int]]) -> Counts:
    """Sum the rows and columns of classes that are put together."""
    member = np.zeros((len(groups), len(counts)), np.int64)
    for row, places in enumerate(groups):
        member[row, list(places)] = 1
    return member @ counts @ member.T


def lower_end(hits: Counts, examples: Counts) -> Shares:
    """Return the lower end of a share's interval (Wilson's, 95 %): near the share where there are many examples."""
    number = np.maximum(examples, 1)
    share = hits / number
    half = Z * np.sqrt(share * (1 - share) / number + Z**2 / (4 * number**2))
    return np.maximum((share + Z**2 / (2 * number) - half) / (1 + Z**2 / number), 0) * (hits > 0)


def draw_matrix(counts: Counts, axis: Axis, *, file: str, title: str) -> document.Figure:
    """Draw shares of each row, and beside it how many examples it has."""
    shown = summed(counts, axis.groups)
    shades = lower_end(shown, shown.sum(axis=1, keepdims=True))
    return _draw(_shares(shown), axis, shades, (BLUES, 0, 1), examples=shown.sum(axis=1), file=file, title=title)


def draw_difference(counts: Counts, others: Counts, axis: Axis, *, file: str, title: str) -> document.Figure:
    """Draw the shares of one matrix less those of another on the same examples: blue where the first has more."""
    shown, shown_others = summed(counts, axis.groups), summed(others, axis.groups)
    examples = shown.sum(axis=1)
    difference = _shares(shown) - _shares(shown_others)
    shades = difference * np.sqrt(examples / (examples + Z**2))[:, None]  # of few examples, light
    end = max(float(np.abs(shades).max(initial=0)), LEAST_WRITTEN)
    return _draw(difference, axis, shades, (DIVERGING, -end, end), examples=examples, file=file, title=title)


def _shares(counts: Counts) -> Shares:
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)


def _draw(
    shares: Shares,
    axis: Axis,
    shades: Shares,
    colours: tuple[Colormap, float, float],
    *,
    examples: Counts,
    file: str,
    title: str,
) -> document.Figure:
    size = len(axis.names)
    cell = CELL if size <= MAX_NAMED else max(0.04, min(0.2, 8 / size))
    side = max(2.4, cell * size)
    beside = 0.075 * max(map(len, axis.names), default=1)
    colormap, low, high = colours
    with drawing():
        figure = new_figure(side + beside + 0.9, side + beside + 0.5)
        panel = figure.subplots()
        panel.imshow(shades, cmap=colormap, vmin=low, vmax=high, interpolation="nearest")
        _name_axes(panel, axis, examples)
        for (row, column), share in np.ndenumerate(shares) if size <= MAX_WRITTEN else ():
            if abs(share) >= LEAST_WRITTEN:
                is_dark = abs(shades[row, column]) > 0.55 * high
                panel.text(column, row, f"{100 * share:.0f}", ha="center", va="center",
                           fontsize=7 if size <= MAX_NAMED else 5, color="white" if is_dark else INK)  # fmt: skip
        return drawn(figure, file, title)


def _name_axes(panel: Axes, axis: Axis, examples: Counts) -> None:
    """Write names, of many decades those at even distances, and on the right the number of each row."""
    size = len(axis.names)
    places = range(0, size, max(1, round(size / MAX_NAMED)))
    names = [axis.names[place] for place in places]
    panel.set_xticks(places, names, rotation=90, fontsize=8)
    panel.set_yticks(places, names, fontsize=8)
    panel.set_xlabel(f"predicted {axis.label}", labelpad=8)
    panel.set_ylabel(f"true {axis.label}", labelpad=8)
    numbers = panel.secondary_yaxis("right")
    numbers.set_yticks(places, [f"{examples[place]:,}" for place in places], fontsize=8)
    numbers.set_ylabel("examples", rotation=270, va="bottom", labelpad=8)
    for spines in (panel.spines, numbers.spines):
        spines[:].set_visible(False)
    panel.tick_params(length=0)
    numbers.tick_params(length=0)
    if size <= MAX_WRITTEN:
        edges = np.arange(size + 1) - 0.5
        panel.set_xticks(edges, minor=True)
        panel.set_yticks(edges, minor=True)
        panel.grid(which="minor", color="#e6e8ec", linewidth=0.6)
        panel.tick_params(which="minor", length=0)


def _axis_in_time(places: Mapping[int, int]) -> Axis:
    """Return all decades from the first to the last, those without an example too.

    Args:
        places: The class numbers, by the decades' first years.
    """
    starts = sorted(places)
    width = math.gcd(*(later - earlier for earlier, later in pairwise(starts)))
    steps = range(starts[0], starts[-1] + 1, width)
    shown = steps if len(steps) <= MAX_STEPS else starts
    return Axis(
        [[places[start]] if start in places else [] for start in shown], [*map(str, shown)], "decade", is_time=True
    )
