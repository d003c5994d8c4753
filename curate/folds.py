"""Five folds stratified by artist: pure functions of content ids, artists, groups and a seed.

`fold_random` takes no notice of groups; `fold_duplicates` splits no group of duplicates, and `fold_series` neither
these nor a series. Folds are dealt once, on all paintings of a build; nested datasets inherit them.
"""

import csv
import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from curate.components import consecutive_pairs, group_ids
from curate.errors import CurateError
from curate.manifest import FOLDS

Fold = int | None  # 0 to 4; None: trained on, never validated


@dataclass(frozen=True, slots=True)
class Inherited:
    """Folds that follow an earlier build's."""

    folds: list[Fold]
    moved: list[str]  # content ids whose fold is another than before, as their groups had been split


def assign_folds(content_ids: Sequence[str], artists: Sequence[str | None], seed: int = 0) -> list[int]:
    """Assign the paintings, artist by artist and shuffled within each, to the folds in turn.

    The turn goes on from artist to artist, so folds differ by at most one painting, in total and for each artist.
    Neither the order of the paintings nor the platform matters: the shuffle is a hash of seed and content id.

    Returns:
        For each painting its fold, from 0 to 4.
    """

    def place(row: int) -> tuple[str, bytes, str]:
        return artists[row] or "", _shuffled(seed, content_ids[row]), content_ids[row]

    fold_of = [0] * len(content_ids)
    for turn, row in enumerate(sorted(range(len(content_ids)), key=place)):
        fold_of[row] = turn % FOLDS
    return fold_of


def assign_grouped_folds(
    content_ids: Sequence[str],
    artists: Sequence[str | None],
    groups: Sequence[str | None],
    seed: int = 0,
    *,
    trained_only: Collection[str] = (),
) -> list[Fold]:
    """Assign whole groups to folds: the largest first, each to the fold that has the fewest of its artist.

    Where all groups lie within one artist, the counts of an artist in two folds never differ by more than the size of
    its largest group, and so none differs by more from the ideal. Groups of several artists are dealt before the
    others, by the sum over their artists. Neither the order of the paintings nor the platform matters.

    Args:
        content_ids: Of the paintings, each once.
        artists: Of each painting; those without one are stratified together.
        groups: Of each painting; None: it is alone.
        seed: Of the order of groups of equal size.
        trained_only: Content ids of paintings that are never validated; nor are others of their groups.
    """
    kept: dict[str, Fold] = dict.fromkeys(trained_only)
    return _deal(content_ids, artists, groups, seed, kept)


def inherit(
    previous: Mapping[str, Fold],
    content_ids: Sequence[str],
    artists: Sequence[str | None],
    groups: Sequence[str | None],
    seed: int = 0,
) -> Inherited:
    """Keep earlier folds where the groups allow it, and deal the other paintings around them.

    A group whose paintings were in several folds goes where most of them were; one with a painting that was never
    validated is not validated.

    Args:
        previous: Folds by content id, of an earlier build or of the user's own file.
        content_ids: Of the paintings, each once.
        artists: Of each painting.
        groups: Of each painting; None: it is alone.
        seed: As for `assign_grouped_folds`.
    """
    folds = _deal(content_ids, artists, groups, seed, previous)
    moved = [
        content_id
        for content_id, fold in zip(content_ids, folds, strict=True)
        if content_id in previous and previous[content_id] != fold
    ]
    return Inherited(folds, sorted(moved))


def join_groups(content_ids: Sequence[str], *groupings: Sequence[str | None]) -> list[str | None]:
    """Return the groups that hold together what any of the groupings does, as series and duplicates."""
    pairs = [pair for groups in groupings for pair in consecutive_pairs(groups)]
    return group_ids(content_ids, pairs)


def split_groups(groups: Sequence[str | None], folds: Sequence[Fold]) -> list[str]:
    """Return the ids of groups whose paintings lie in several folds, sorted."""
    places: dict[str, set[Fold]] = defaultdict(set)
    for group, fold in zip(groups, folds, strict=True):
        if group is not None:
            places[group].add(fold)
    return sorted(group for group, there in places.items() if len(there) > 1)


def read_folds(path: Path) -> dict[str, Fold]:
    """Return the folds of a user's CSV file with the columns content_id and fold; an empty fold is None.

    Raises:
        CurateError: The file is none, a fold is not 0 to 4 or empty, or a painting stands there twice.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _checked(path, csv.DictReader(file, strict=True))
    except OSError as error:
        raise CurateError(f"{path}: {error.strerror}: name a CSV file with the columns content_id and fold") from None
    except UnicodeDecodeError:
        raise CurateError(f"{path}: expected a CSV file in UTF-8, got other bytes") from None
    except csv.Error as error:
        raise CurateError(f"{path}: expected a CSV file ({error})") from None


def _checked(path: Path, rows: "csv.DictReader[str]") -> dict[str, Fold]:
    columns = rows.fieldnames or []
    if not {"content_id", "fold"} <= set(columns):
        raise CurateError(f"{path}: expected the columns content_id and fold, got {', '.join(columns) or 'none'}")
    allowed = {"": None, **{str(fold): fold for fold in range(FOLDS)}}
    folds: dict[str, Fold] = {}
    for row in rows:
        content_id, fold = row["content_id"] or "", (row["fold"] or "").strip()
        where = f"{path}, line {rows.line_num}"
        if not content_id:
            raise CurateError(f"{where}: expected a content_id (SOURCE:SOURCE_ID), got none")
        if fold not in allowed:
            raise CurateError(
                f"{where}: expected a fold from 0 to {FOLDS - 1}, or none for what is never validated, got {fold!r}"
            )
        if content_id in folds:
            raise CurateError(f"{where}: {content_id} stands there twice: name each painting once")
        folds[content_id] = allowed[fold]
    return folds


def _deal(
    content_ids: Sequence[str],
    artists: Sequence[str | None],
    groups: Sequence[str | None],
    seed: int,
    kept: Mapping[str, Fold],
) -> list[Fold]:
    """Deal groups to folds, those with a painting in `kept` first, as it says."""
    members: dict[str, list[int]] = defaultdict(list)
    for row, content_id in enumerate(content_ids):
        members[f"group {groups[row]}" if groups[row] is not None else f"painting {content_id}"].append(row)
    counts: dict[str | None, list[int]] = defaultdict(lambda: [0] * FOLDS)
    totals = [0] * FOLDS
    fold_of: list[Fold] = [None] * len(content_ids)
    for rows in _in_order(members.values(), content_ids, artists, seed, kept):
        parts = Counter(artists[row] for row in rows)
        earlier = [kept[content_ids[row]] for row in rows if content_ids[row] in kept]
        fold = _most_common(earlier) if earlier else _emptiest(parts, counts, totals)
        for row in rows:
            fold_of[row] = fold
        if fold is not None:
            totals[fold] += len(rows)
            for artist, number in parts.items():
                counts[artist][fold] += number
    return fold_of


def _in_order(
    members: Collection[list[int]],
    content_ids: Sequence[str],
    artists: Sequence[str | None],
    seed: int,
    kept: Mapping[str, Fold],
) -> Iterator[list[int]]:
    """Yield groups: what is kept, then those of several artists, then artist by artist; the largest first."""

    def place(rows: list[int]) -> tuple[bool, bool, str, int, bytes]:
        names = {artists[row] or "" for row in rows}
        is_kept = any(content_ids[row] in kept for row in rows)
        shuffled = _shuffled(seed, min(content_ids[row] for row in rows))
        return not is_kept, len(names) == 1, "" if len(names) > 1 else names.pop(), -len(rows), shuffled

    yield from sorted(members, key=place)


def _most_common(folds: Sequence[Fold]) -> Fold:
    """Return the commonest fold, of equals the first; None wherever it occurs."""
    if None in folds:
        return None
    numbers = Counter(folds)
    return min((fold for fold in folds if fold is not None), key=lambda fold: (-numbers[fold], fold))


def _emptiest(parts: Mapping[str | None, int], counts: Mapping[str | None, list[int]], totals: Sequence[int]) -> int:
    """Return the fold that has the fewest paintings of these artists, of equals the smallest one in total."""
    return min(
        range(FOLDS),
        key=lambda fold: (sum(number * counts[artist][fold] for artist, number in parts.items()), totals[fold], fold),
    )


def _shuffled(seed: int, content_id: str) -> bytes:
    return hashlib.sha256(f"{seed}:{content_id}".encode()).digest()
