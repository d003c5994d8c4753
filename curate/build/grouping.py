"""The groups of a build's paintings, and the folds that split none of them."""

import os
from collections.abc import Mapping
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

SEED = 0  # of the folds
MEASURES = ("greyness", "border")  # of a fingerprint
CACHE = "cache/fingerprints.npz"  # in the data folder


@dataclass(frozen=True, slots=True)
class Grouped:
    """Paintings with their groups and folds, and with what was measured of their pictures."""

    paintings: pd.DataFrame
    evidence: list[Evidence] = field(default_factory=list)  # why paintings are duplicates
    moved: dict[str, list[str]] = field(default_factory=dict)  # by column, whose fold is not the earlier one


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

    Without pictures, duplicates are not looked for: their group and fold are null.

    Args:
        kept: The paintings of the dataset `all`, with their pictures.
        part: The build's folder.
        data: The data folder, whose cache keeps the pictures' fingerprints.
        executor: Which looks at pictures and pairs.
        previous: For each column of folds the earlier ones, by content id.
        progress: Shown the pictures and pairs as they are looked at.
    """
    ids, artists, titles = (_list(kept[name]) for name in ("content_id", "artist", "title"))
    has_pictures = kept["image"].notna().all()
    prints = _fingerprints(kept, part, data, executor, progress) if has_pictures else None
    found = None if prints is None else _duplicates(kept, prints, part, executor, progress)
    duplicate_group = found.groups if found else [None] * len(ids)
    in_series = series.groups(ids, artists, titles)
    together = {
        "fold_random": [None] * len(ids),
        "fold_duplicates": duplicate_group,
        "fold_series": folds.join_groups(ids, duplicate_group, in_series),
    }
    columns: dict[str, list[Any]] = {"duplicate_group": duplicate_group, "series": in_series}
    moved = {}
    for column in FOLD_COLUMNS:
        if column == "fold_duplicates" and not found:
            columns[column] = [None] * len(ids)
        elif previous and column in previous:
            inherited = folds.inherit(previous[column], ids, artists, together[column], SEED)
            columns[column], moved[column] = inherited.folds, inherited.moved
        elif column == "fold_random":
            columns[column] = list(folds.assign_folds(ids, artists, SEED))
        else:
            columns[column] = folds.assign_grouped_folds(ids, artists, together[column], SEED)
    typed = {
        name: pd.array(values, dtype="Int8" if name in FOLD_COLUMNS else "string") for name, values in columns.items()
    }
    measured = {} if prints is None else {name: prints[name].astype(float) for name in MEASURES}
    return Grouped(kept.assign(**typed, **measured), found.evidence if found else [], moved)


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
