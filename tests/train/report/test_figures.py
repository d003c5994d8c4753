"""The figures show what they should, the same each time."""

import re

import numpy as np

from train.evaluation.results import Curve
from train.report import figures


def test_a_matrix_shows_at_most_thirty_classes_and_the_commonest() -> None:
    counts = np.diag(np.arange(1, 41)).astype(np.int32)
    assert figures.shown_classes(counts) == list(range(10, 40))
    assert figures.shown_classes(np.array([[2, 1, 0], [0, 0, 0], [0, 1, 4]], np.int32)) == [0, 2]


def test_figures_are_the_same_each_time() -> None:
    counts = np.array([[3, 1], [0, 4]], np.int32)
    one, two = (figures.confusion_matrix(counts, ["Ä", "<b>"]) for _ in range(2))
    assert one == two
    assert re.match(r"<svg[^>]*>", one)


def test_curves_of_one_fold_and_of_several_are_drawn() -> None:
    for folds in (1, 3):
        values = np.linspace(0, 1, folds * 4).reshape(folds, 4)
        drawing = figures.learning_curves({"Loss": Curve(values, values), "Accuracy": Curve(values, 1 - values)})
        assert drawing.startswith("<svg")
