"""The search for hashes that are near each other: bands of bits that must be equal, then all bits counted.

A hash is cut into 8 bands. Two hashes that differ in at most 6 bits are equal in at least 2 bands, so for each of the
28 pairs of bands those are compared that are equal in it; of pairs that differ in more bits, some are not found.
Faiss's binary indexes, flat and multi-hash, were measured to take several times as long.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

BANDS = 8
BITS = 8  # of a band
CHUNK_PAIRS = 1 << 16  # compared at once: arrays that stay in a processor's cache


class Near(NamedTuple):
    """Pairs of a picture and a window of another, each once, sorted; arrays of the same length."""

    whole: NDArray[np.int64]  # row of the picture whose whole it is
    other: NDArray[np.int64]  # row of the picture whose window it is
    window: NDArray[np.int64]  # column of `hashes`
    distance: NDArray[np.int64]  # bits


def near(hashes: NDArray[np.uint64], distance: int, *, threads: int = 1) -> Near:
    """Return which wholes are near a window of another picture: all of up to 6 bits, of more bits most.

    Args:
        hashes: Shape (pictures, windows); the first column is the whole.
        distance: The most bits that two may differ in.
        threads: That search side by side.
    """
    bands = list(combinations(range(BANDS), 2))
    wholes, windows = hashes[:, 0].copy(), hashes.reshape(-1)
    with ThreadPoolExecutor(threads) as pool:
        rounds = pool.map(partial(_equal_in, wholes, windows, hashes.shape[1], distance), bands)
        codes = np.sort(np.concatenate(list(rounds)))
    whole, position = np.divmod(codes, max(1, windows.size))
    other, window = np.divmod(position, max(1, hashes.shape[1]))
    return Near(whole, other, window, np.bitwise_count(wholes[whole] ^ windows[position]).astype(np.int64))


def _equal_in(
    wholes: NDArray[np.uint64], windows: NDArray[np.uint64], columns: int, distance: int, bands: tuple[int, int]
) -> NDArray[np.int64]:
    """Return the pairs that are equal in these bands and near in all, each as whole * number of windows + window."""
    own_keys = _keys(wholes, bands)
    order = np.argsort(own_keys, kind="stable")
    ends = np.cumsum(np.bincount(own_keys, minlength=1 << 2 * BITS))
    sorted_wholes = wholes[order]
    keys = _keys(windows, bands)
    begins, counts = np.append(0, ends[:-1])[keys], np.diff(ends, prepend=0)[keys]
    found = [np.zeros(0, np.int64)]
    for part in _chunks(np.cumsum(counts)):
        numbers = counts[part]
        totals = np.cumsum(numbers)
        places = np.arange(totals[-1]) + np.repeat(begins[part] - totals + numbers, numbers)
        difference = sorted_wholes[places] ^ np.repeat(windows[part], numbers)
        hits = np.flatnonzero(np.bitwise_count(difference) <= distance)
        difference = difference[hits]
        position = part.start + np.searchsorted(totals, hits, side="right")
        whole = order[places[hits]]
        is_new = whole != position // columns
        for band in set(range(bands[1])) - set(bands):  # an earlier pair of bands has found it already
            is_new &= _band(difference, band) != 0
        found.append((whole * windows.size + position)[is_new])
    return np.concatenate(found)


def _band(hashes: NDArray[np.uint64], band: int) -> NDArray[np.uint64]:
    return hashes >> np.uint64(BITS * band) & np.uint64((1 << BITS) - 1)


def _keys(hashes: NDArray[np.uint64], bands: tuple[int, int]) -> NDArray[np.uint16]:
    """Return two bands of each hash as one number."""
    return (_band(hashes, bands[0]) << np.uint64(BITS) | _band(hashes, bands[1])).astype(np.uint16)


def _chunks(totals: NDArray[np.int64], size: int = CHUNK_PAIRS) -> Iterator[slice]:
    """Yield slices of about `size` pairs, at least one row each."""
    begin = 0
    while begin < totals.size:
        before = totals[begin - 1] if begin else 0
        end = max(begin + 1, int(np.searchsorted(totals, before + size, side="right")))
        yield slice(begin, end)
        begin = end
