"""Artist and decade together."""

import numpy as np

from train.evaluation.decades import counts_of, with_artist, working_decades

DECADES = [1870, 1880, 1890, 1900, 1910]


def test_a_decade_is_possible_from_the_tenth_year_to_death() -> None:
    counts = np.zeros((4, 5), np.int32)
    counts[1, [1, 2]] = 1
    lives = {"known": (1865, 1901), "dead": (None, 1885)}
    possible = working_decades(["known", "seen", "dead", "unseen"], DECADES, lives=lives, counts=counts, bin_years=10)
    np.testing.assert_array_equal(
        possible, [[1, 1, 1, 1, 0], [0, 1, 1, 0, 0], [1, 1, 0, 0, 0], [1, 1, 1, 1, 1]]
    )  # fmt: skip


def test_the_artists_decades_have_their_say() -> None:
    counts = np.array([[9, 0], [0, 9]], np.int32)
    decade, artist = np.array([[0.5, 0.5], [0.9, 0.1]], np.float32), np.array([[0.1, 0.9], [0.5, 0.5]], np.float32)
    joint = with_artist(decade, artist, counts)
    np.testing.assert_allclose(joint.sum(axis=1), 1, rtol=1e-6)
    assert joint[0].argmax() == 1
    np.testing.assert_allclose(joint[1], decade[1], rtol=1e-5)  # both artists are as likely: nothing new


def test_works_by_name_are_counts_again() -> None:
    works = {"a": {"1880": 2}, "c": {"1870": 1, "1910": 3}}
    np.testing.assert_array_equal(
        counts_of(works, ["a", "b", "c"], DECADES), [[0, 2, 0, 0, 0], [0, 0, 0, 0, 0], [1, 0, 0, 0, 3]]
    )
