"""Labels as inputs: a place for each value, and behind them one for UNKNOWN and one that says whether there is a value.

    genre "portrait" of landscape, portrait    0 1 | 0 1
    genre "fresco", not in the vocabulary      0 0 | 1 1
    no genre                                   0 0 | 1 0

The paper's encoding is the first part alone: all values occur in it, and every example has one.
"""

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Floats = NDArray[np.float32]
Rows = NDArray[np.intp]  # places of examples

PLACES = 2  # behind the values: UNKNOWN, and whether there is a value
ABSENT = -1  # in place of a class number


def one_hot(numbers: Ints, size: int, *, with_unknown: bool) -> Floats:
    """Encode class numbers, ABSENT among them only where there is a place for UNKNOWN: (examples, places), 0 or 1."""
    encoded = np.zeros((len(numbers), size + PLACES * with_unknown), np.float32)
    known = np.flatnonzero(numbers != ABSENT)
    encoded[known, numbers[known]] = 1
    if with_unknown:
        encoded[:, size] = numbers == ABSENT
        encoded[:, size + 1] = numbers != ABSENT
    return encoded


def restricted(encoded: Floats, vocabulary: Floats) -> Floats:
    """Return labels of which those that do not occur in a vocabulary, labels too, are UNKNOWN."""
    unseen = ~vocabulary[:, :-PLACES].any(axis=0)
    changed = encoded[:, :-PLACES][:, unseen].any(axis=1)
    others = encoded.copy()
    others[np.ix_(changed, np.flatnonzero(unseen))] = 0
    others[changed, -PLACES] = 1
    return others


def hidden(encoded: Floats) -> Floats:
    """Return labels of the same shape of which none is there."""
    absent = np.zeros_like(encoded)
    absent[:, -PLACES] = 1
    return absent


def subsets(names: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Return all subsets of the label inputs; in their list, the one that has the i-th name has bit i set."""
    return [tuple(name for place, name in enumerate(names) if number >> place & 1) for number in range(2 ** len(names))]
