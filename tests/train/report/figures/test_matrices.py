"""Matrices show what can be read, and nothing darker than it is certain."""

import re

import numpy as np
import pytest

from train.report.figures import matrices

COUNTS = np.array([[3, 1], [0, 4]], np.int64)


def test_a_few_classes_are_named_and_those_that_never_occur_left_out() -> None:
    counts = np.array([[2, 1, 0, 0], [0, 0, 0, 0], [0, 1, 4, 0], [0, 0, 0, 0]], np.int64)
    axis = matrices.axis_of(counts, ["a", "b", "c", "d"], "artist")
    assert (axis.names, axis.groups, axis.gathered) == (["a", "b", "c"], [[0], [1], [2]], 0)


def test_of_many_classes_the_commonest_are_named_and_no_example_is_lost() -> None:
    rng = np.random.default_rng(0)
    counts = rng.integers(0, 3, (900, 900)) + np.diag(np.arange(900))
    axis = matrices.axis_of(counts, [f"artist {number}" for number in range(900)], "artist")
    assert len(axis.names) == matrices.NAMED + 1
    assert axis.names[-1] == "876 others"
    support = counts.sum(axis=1)
    assert {group[0] for group in axis.groups[:-1]} == set(np.argsort(-support, kind="stable")[: matrices.NAMED])
    assert matrices.summed(counts, axis.groups).sum() == counts.sum()


def test_decades_lie_where_they_are_in_time() -> None:
    counts = np.diag([5, 1, 2]).astype(np.int64)
    axis = matrices.axis_of(counts, [1880, 1890, 1930], "decade")
    assert axis.names == ["1880", "1890", "1900", "1910", "1920", "1930"]
    assert matrices.summed(counts, axis.groups).diagonal().tolist() == [5, 1, 0, 0, 0, 2]


@pytest.mark.parametrize("decades", [[-3000, 1890, 1891], [1900, 1900 + 10 * matrices.MAX_STEPS]])
def test_thousands_of_empty_years_are_not_drawn(decades: list[int]) -> None:
    axis = matrices.axis_of(np.eye(len(decades), dtype=np.int64), decades, "decade")
    assert axis.names == [*map(str, decades)]


def test_classes_are_put_together_by_group() -> None:
    axis = matrices.axis_of_groups(["Realism", None, "Baroque", "Realism"], "style")
    assert (axis.names, axis.groups) == (["Baroque", "Realism"], [[2], [0, 3]])


def test_a_rare_class_is_lighter_than_a_common_one() -> None:
    hits, examples = np.array([1, 2, 90, 0]), np.array([1, 2, 100, 50])
    one, two, many, none = matrices.lower_end(hits, examples)
    assert one < two < many < 0.9
    assert none == 0
    assert one == pytest.approx(0.2065, abs=1e-3)  # Wilson's, of 1 in 1


def test_matrices_are_the_same_each_time_and_leave_text_to_the_browser() -> None:
    axis = matrices.axis_of(COUNTS, ["Ä", "<b>$x$"], "artist")
    one, two = (matrices.draw_matrix(COUNTS, axis, file="m", title="t") for _ in range(2))
    assert (one.svg, one.png) == (two.svg, two.png)
    text = one.svg.decode()
    assert "&lt;b&gt;$x$" in text
    assert re.search(r"<text[^>]*>75</text>", text)


def test_the_difference_of_two_matrices_is_signed() -> None:
    axis = matrices.axis_of(COUNTS, ["a", "b"], "artist")
    other = np.array([[4, 0], [2, 2]], np.int64)
    text = matrices.draw_difference(other, COUNTS, axis, file="m", title="t").svg.decode()
    assert re.findall(r"<text[^>]*>(-?\d+)</text>", text)[:4] != []
    assert {"25", "-25", "50", "-50"} <= set(re.findall(r">(-?\d+)</text>", text))
