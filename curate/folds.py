"""Five folds stratified by artist: a pure function of content ids, artists and a seed."""

import hashlib
from collections.abc import Sequence

from curate.manifest import FOLDS


def assign_folds(content_ids: Sequence[str], artists: Sequence[str | None], seed: int = 0) -> list[int]:
    """Assign the paintings, artist by artist and shuffled within each, to the folds in turn.

    The turn goes on from artist to artist, so folds differ by at most one painting, in total and for each artist.
    Neither the order of the paintings nor the platform matters: the shuffle is a hash of seed and content id.

    Returns:
        For each painting its fold, from 0 to 4.
    """

    def place(row: int) -> tuple[str, bytes, str]:
        content_id = content_ids[row]
        return artists[row] or "", hashlib.sha256(f"{seed}:{content_id}".encode()).digest(), content_id

    fold_of = [0] * len(content_ids)
    for turn, row in enumerate(sorted(range(len(content_ids)), key=place)):
        fold_of[row] = turn % FOLDS
    return fold_of
