"""Five folds stratified by artist: a pure function of content ids, artists and a seed."""

import hashlib
from collections.abc import Sequence

from curate.manifest import FOLDS


def deal(content_ids: Sequence[str], artists: Sequence[str | None], seed: int = 0) -> list[int]:
    """Deal the paintings, artist by artist and shuffled within each, round robin into the folds.

    The dealing goes on from artist to artist, so folds differ by at most one painting, in total and for each artist.
    Neither the order of the paintings nor the platform matters: the shuffle is a hash of seed and content id.

    Returns:
        For each painting its fold, from 0 to 4.
    """
    order = sorted(
        range(len(content_ids)),
        key=lambda row: (artists[row] or "", _shuffled(content_ids[row], seed), content_ids[row]),
    )
    folds = [0] * len(order)
    for place, row in enumerate(order):
        folds[row] = place % FOLDS
    return folds


def _shuffled(content_id: str, seed: int) -> bytes:
    return hashlib.sha256(f"{seed}:{content_id}".encode()).digest()
