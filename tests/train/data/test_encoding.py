"""Labels as numbers: each value, UNKNOWN, and whether there is one."""

import numpy as np

from train.data.encoding import ABSENT, hidden, one_hot, restricted, subsets

NUMBERS = np.array([1, ABSENT, 0, 2], np.int32)


def test_an_absent_label_is_unknown_and_not_there() -> None:
    encoded = one_hot(NUMBERS, 3, with_unknown=True)
    np.testing.assert_array_equal(encoded, [[0, 1, 0, 0, 1], [0, 0, 0, 1, 0], [1, 0, 0, 0, 1], [0, 0, 1, 0, 1]])


def test_the_papers_encoding_is_plain() -> None:
    np.testing.assert_array_equal(one_hot(NUMBERS[[0, 2, 3]], 3, with_unknown=False), np.eye(3)[[1, 0, 2]])


def test_a_value_that_no_training_example_has_is_unknown_but_there() -> None:
    encoded = one_hot(NUMBERS, 3, with_unknown=True)
    seen = restricted(encoded, encoded[:3])
    np.testing.assert_array_equal(seen[:3], encoded[:3])
    np.testing.assert_array_equal(seen[3], [0, 0, 0, 1, 1])
    np.testing.assert_array_equal(encoded[3], [0, 0, 1, 0, 1])  # untouched


def test_hidden_labels_are_as_absent_ones() -> None:
    encoded = one_hot(NUMBERS, 3, with_unknown=True)
    np.testing.assert_array_equal(hidden(encoded), encoded[[1, 1, 1, 1]])


def test_subsets_are_numbered_by_their_bits() -> None:
    assert subsets(("a", "b")) == [(), ("a",), ("b",), ("a", "b")]
