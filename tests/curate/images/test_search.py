import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from curate.images import search


def exhaustive(hashes: NDArray[np.uint64], distance: int) -> set[tuple[int, int, int, int]]:
    """Each pair of a whole and a window of another picture, by comparing them one by one."""
    found = set()
    for whole in range(len(hashes)):
        for other in range(len(hashes)):
            for window in range(hashes.shape[1]):
                bits = (int(hashes[whole, 0]) ^ int(hashes[other, window])).bit_count()
                if whole != other and bits <= distance:
                    found.add((whole, other, window, bits))
    return found


def rows(found: search.Near) -> list[tuple[int, int, int, int]]:
    return list(zip(*(column.tolist() for column in found), strict=True))


@given(st.integers(0, 2**32), st.integers(1, 25), st.integers(1, 4), st.integers(0, 6), st.integers(1, 3))
def test_all_within_six_bits_are_found_once(
    seed: int, pictures: int, windows: int, distance: int, threads: int
) -> None:
    rng = np.random.default_rng(seed)
    hashes = rng.integers(0, 2**63, (pictures, windows), np.uint64)
    for row in range(1, pictures):  # each near an earlier one
        flips = sum(1 << int(bit) for bit in rng.choice(63, rng.integers(0, 9), replace=False))
        hashes[row, rng.integers(0, windows)] = hashes[rng.integers(0, row), 0] ^ np.uint64(flips)
    found = rows(search.near(hashes, distance, threads=threads))
    assert len(found) == len(set(found))
    assert set(found) == exhaustive(hashes, distance)


def test_of_more_bits_most_are_found_and_nothing_else() -> None:
    rng = np.random.default_rng(0)
    wholes = rng.integers(0, 2**63, 500, np.uint64)
    flips = np.array([sum(1 << int(bit) for bit in rng.choice(63, 10, replace=False)) for _ in wholes], np.uint64)
    found = rows(search.near(np.concatenate([wholes, wholes ^ flips])[:, None], 10))
    expected = {(row, row + 500, 0, 10) for row in range(500)} | {(row + 500, row, 0, 10) for row in range(500)}
    assert set(found) <= expected
    assert len(found) > 0.6 * len(expected)


def test_more_pairs_than_a_chunk_holds_are_all_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    hashes = np.zeros((40, 2), np.uint64)
    assert len(rows(search.near(hashes, 0))) == 40 * 39 * 2
    assert [part.stop - part.start for part in search._chunks(np.cumsum([3, 3, 3, 20, 1]), 7)] == [2, 1, 1, 1]


@pytest.mark.parametrize("pictures", [0, 1])
def test_without_another_picture_there_is_none(pictures: int) -> None:
    assert rows(search.near(np.zeros((pictures, 25), np.uint64), 6)) == []
