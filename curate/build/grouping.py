"""The groups of a build's paintings, and the folds that split none of them."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from curate import folds
from curate.executor import Executor
from curate.folds import Fold
from curate.images import duplicates, hashes, series
from curate.images.duplicates import Evidence
from curate.images.hashes import Fingerprints, Progress
from curate.manifest import FOLD_COLUMNS
from curate.selection.criteria import ALL, LEAKING, is_own

SEED = 0  # of the folds
MEASURES = ("greyness", "border")  # of a fingerprint
GROUPED_FOLDS = FOLD_COLUMNS[1:]  # those that split no group
_TYPES: dict[str, Any] = {**dict.fromkeys(FOLD_COLUMNS, "Int8"), "duplicate_group": "string", "series": "string"}
CACHE = "cache/fingerprints.npz"  # in the data folder


@dataclass(frozen=True, slots=True)
class Grouped:
    """Paintings with their groups and folds, and with what was measured of their pictures."""

    paintings: pd.DataFrame
    evidence: list[Evidence] = field(default_factory=list)  # why paintings are duplicates
    moved: dict[str, list[str]] = field(default_factory=dict)  # by column, whose fold is not the earlier one
    leaking: pd.DataFrame = field(default_factory=pd.DataFrame)  # left out: completed, and alike one that is validated


@dataclass(frozen=True, slots=True)
class Groups:
    """Which paintings belong together, row by row."""

    duplicates: list[str | None]
    series: list[str | None]
    evidence: list[Evidence] | None  # None: without pictures, duplicates were not looked for

    def joined(self, ids: Sequence[str]) -> list[str | None]:
        """Return the groups that hold together what is a duplicate or of one series."""
        return folds.join_groups(ids, self.duplicates, self.series)


def group(
    kept: pd.DataFrame,
    part: Path,
    data: Path,
    *,
    executor: Executor,
    previous: Mapping[str, Mapping[str, Fold]] | None = None,
    progress: Progress = lambda steps, _: steps,
) -> Grouped:
    """Find duplicates and series, and deal the folds, once for all datasets of a build.

    Without pictures, duplicates are not looked for: their group and fold are null. Folds are dealt among the paintings
    whose labels are their source's, as if there were no others. Those completed by suggestions have none; one that is
    a duplicate or of the series of a painting that is validated would be trained on meanwhile: it is left out.

    Args:
        kept: The paintings of the dataset `all`, with their pictures.
        part: The build's folder.
        data: The data folder, whose cache keeps the pictures' fingerprints.
        executor: Which looks at pictures and pairs.
        previous: For each column of folds the earlier ones, by content id.
        progress: Shown the pictures and pairs as they are looked at.
    """
    has_pictures = kept["image"].notna().all()
    prints = _fingerprints(kept, part, data, executor, progress) if has_pictures else None
    measured = {} if prints is None else {name: prints[name].astype(float) for name in MEASURES}
    is_dealt = is_own(kept).to_numpy(dtype=bool)
    own = _groups(kept[is_dealt], None if prints is None else prints[is_dealt], part, executor, progress)
    everything = own if is_dealt.all() else _groups(kept, prints, part, executor, progress)
    return deal(kept.assign(**measured), own, everything, previous or {})


def deal(
    kept: pd.DataFrame, own: Groups, everything: Groups, previous: Mapping[str, Mapping[str, Fold]] | None = None
) -> Grouped:
    """Deal the folds among the paintings whose labels are their source's, and add those that suggestions completed.

    Args:
        kept: All of them.
        own: The groups of the former, as if these were alone.
        everything: The groups of all.
        previous: For each column of folds the earlier ones, by content id.
    """
    dealt = kept[is_own(kept)]
    folds_dealt, moved = _deal(dealt, own, previous or {})
    columns = {"duplicate_group": own.duplicates, "series": own.series, **folds_dealt}
    typed = {name: pd.array(values, dtype=_TYPES[name]) for name, values in columns.items()}
    if len(dealt) == len(kept):
        return Grouped(kept.assign(**typed), own.evidence or [], moved)
    return _add_completed(kept.join(pd.DataFrame(typed, dealt.index)), own, everything, moved)


def _deal(
    own: pd.DataFrame, groups: Groups, previous: Mapping[str, Mapping[str, Fold]]
) -> tuple[dict[str, list[Any]], dict[str, list[str]]]:
    """Return the columns of folds, and by column whose fold is not the earlier one."""
    ids, artists = _list(own["content_id"]), _list(own["artist"])
    together: dict[str, list[str | None]] = {
        "fold_random": [None] * len(ids),
        "fold_duplicates": groups.duplicates,
        "fold_series": groups.joined(ids),
    }
    columns: dict[str, list[Any]] = {}
    moved = {}
    for column in FOLD_COLUMNS:
        if column == "fold_duplicates" and groups.evidence is None:
            columns[column] = [None] * len(ids)
        elif column in previous:
            inherited = folds.inherit(previous[column], ids, artists, together[column], SEED)
            columns[column], moved[column] = inherited.folds, inherited.moved
        elif column == "fold_random":
            columns[column] = list(folds.assign_folds(ids, artists, SEED))
        else:
            columns[column] = folds.assign_grouped_folds(ids, artists, together[column], SEED)
    return columns, moved


def _add_completed(paintings: pd.DataFrame, own: Groups, everything: Groups, moved: dict[str, list[str]]) -> Grouped:
    """Give completed paintings their groups, and leave out those that are alike one that is validated.

    Args:
        paintings: All of them, in which the groups and folds of those completed are empty.
        own: The groups of the others, as if these were alone.
        everything: The groups of all.
        moved: Whose fold is not the earlier one.
    """
    ids, is_completed = _list(paintings["content_id"]), ~is_own(paintings)
    joined = pd.Series(everything.joined(ids), paintings.index, dtype="string")
    is_validated = paintings[list(GROUPED_FOLDS)].notna().any(axis="columns")
    validated = paintings["content_id"].where(is_validated).groupby(joined).min()  # of each group, its first
    twins = joined.map(validated.dropna()).astype("string").where(is_completed)
    is_leaking = twins.notna()
    # A group of completed paintings holds others of which none is validated: it has the same name for all of them.
    is_theirs = joined.isin(joined[is_completed & ~is_leaking].dropna()) | (is_completed & ~is_leaking)
    named = {
        name: paintings[name].where(~is_theirs, pd.Series(groups, paintings.index, dtype="string"))
        for name, groups in (("duplicate_group", everything.duplicates), ("series", everything.series))
    }
    theirs = set(paintings.loc[is_completed & ~is_leaking, "content_id"])
    added = [pair for pair in everything.evidence or [] if {pair.first, pair.second} & theirs]
    evidence = sorted({*(own.evidence or []), *added})
    leaking = paintings[is_leaking].assign(dataset=ALL.name, reason=LEAKING, detail="with " + twins[is_leaking])
    leaking = leaking.astype({"dataset": "string", "reason": "string"})
    return Grouped(paintings.assign(**named)[~is_leaking], evidence, moved, leaking)


def _groups(
    kept: pd.DataFrame, prints: Fingerprints | None, part: Path, executor: Executor, progress: Progress
) -> Groups:
    """Return which of some paintings are duplicates, and which of one series."""
    ids, artists, titles = (_list(kept[name]) for name in ("content_id", "artist", "title"))
    in_series = series.groups(ids, artists, titles)
    if prints is None:
        return Groups([None] * len(ids), in_series, None)
    found = _duplicates(kept, prints, part, executor, progress)
    return Groups(found.groups, in_series, found.evidence)


def _fingerprints(kept: pd.DataFrame, part: Path, data: Path, executor: Executor, progress: Progress) -> Fingerprints:
    """Return the fingerprints of all paintings' pictures, row by row."""
    files = {
        str(sha256): part / str(image) for sha256, image in zip(kept["picture_sha256"], kept["image"], strict=True)
    }
    prints = hashes.of_files(files, executor=executor, cache=data / CACHE, progress=progress)
    place = {sha256: position for position, sha256 in enumerate(files)}
    return prints[[place[str(sha256)] for sha256 in kept["picture_sha256"]]]


def _duplicates(
    kept: pd.DataFrame, prints: Fingerprints, part: Path, executor: Executor, progress: Progress
) -> duplicates.Duplicates:
    paintings = [
        duplicates.Painting(content_id, source, sha256, part / image, artist, title, year)
        for content_id, source, sha256, image, artist, title, year in zip(
            *(_list(kept[name]) for name in ("content_id", "source", "sha256", "image", "artist", "title", "year")),
            strict=True,
        )
    ]
    return duplicates.groups(paintings, prints, executor=executor, threads=os.cpu_count() or 1, progress=progress)


def _list(values: "pd.Series[Any]") -> list[Any]:
    """Return a column's values, None for those that are absent."""
    return [None if pd.isna(value) else value for value in values]
