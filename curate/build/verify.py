"""Whether a build is as it was written: hashes, counts, folds, pictures."""

import hashlib
import io
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
from PIL import Image

from curate import manifest, place
from curate.manifest import FOLD_COLUMNS, FOLDS, BuildInfo, DamagedBuild, Dataset
from curate.selection.left_out import COLUMNS
from curate.tables import read_csv
from harvest.console.text import counted

GROUPS = {  # what no column of folds may split
    "fold_duplicates": ("duplicate_group",),
    "fold_series": ("duplicate_group", "series"),
}
Progress = Callable[[Iterable[Any], int], Iterable[Any]]


def verify(build: Path, progress: Progress = lambda steps, _: steps) -> list[str]:
    """Return what is wrong with a build, in words; nothing where all is well.

    Args:
        build: Its folder.
        progress: Shown the pictures as they are looked at.

    Raises:
        ManifestError: It is no build, or of a version that this program does not read.
    """
    faults: list[str] = []
    try:
        faults.extend(_faults(build, progress))
    except DamagedBuild as error:  # those before it are in the list already
        faults.append(str(error))
    return faults


def _faults(build: Path, progress: Progress) -> Iterator[str]:
    build_info = manifest.read_build(build)
    for name in manifest.damaged_files(build, build_info):
        yield f"{name} is absent or not as it was written"
    datasets = [manifest.read_dataset(build.parent, f"{build.name}/{info.name}") for info in build_info.datasets]
    yield from _miscounted(build_info, datasets)
    for dataset in datasets:
        yield from _folds_at_fault(dataset)
        yield from _labels_at_fault(dataset)
        yield from _not_within(dataset, datasets[0])
    pictures = datasets[0].rows.select(["image", "picture_sha256", "width", "height"]).to_pylist()
    by_image = {row["image"]: row for row in pictures if row["image"] is not None}
    for row in progress(list(by_image.values()), len(by_image)):
        yield from _picture_at_fault(build, build_info.pictures, **row)


def _miscounted(build_info: BuildInfo, datasets: list[Dataset]) -> Iterator[str]:
    """Yield the sums that do not come out: of each dataset's rows, and of what was harvested."""
    counts = build_info.counts
    if counts.harvested != counts.kept + counts.left_out:
        parts = f"{counts.kept:,} kept and {counts.left_out:,} left out"
        yield f"build.json: {counts.harvested:,} harvested are not {parts}"
    left_out = read_csv(datasets[0].build / "left_out.csv", COLUMNS)
    for dataset, info in zip(datasets, build_info.datasets, strict=True):
        if dataset.rows.num_rows != info.paintings:
            yield f"{info.name}: {counted(dataset.rows.num_rows, 'row')}, build.json says {info.paintings:,}"
        listed = left_out.filter(pc.equal(left_out["dataset"], info.name))
        reasons = {pair["values"]: pair["counts"] for pair in listed["reason"].value_counts().to_pylist()}
        if reasons != info.left_out:
            yield f"{info.name}: left_out.csv has {_in_words(reasons)}, build.json says {_in_words(info.left_out)}"


def _in_words(reasons: dict[str, int]) -> str:
    return ", ".join(f"{number:,} {reason}" for reason, number in sorted(reasons.items())) or "none"


def _folds_at_fault(dataset: Dataset) -> Iterator[str]:
    """Yield folds that are none, and groups that a column of folds splits."""
    for column in FOLD_COLUMNS:
        folds = dataset.rows[column].drop_null()
        if strange := sorted(set(folds.to_pylist()) - set(range(FOLDS))):
            yield f"{dataset.name}: {column} has {', '.join(map(str, strange))}, expected 0 to {FOLDS - 1}"
        for group in GROUPS.get(column, ()):
            rows = dataset.rows.filter(pc.is_valid(dataset.rows[group])).select([group, column])
            parts = rows.group_by(group).aggregate([(column, "count_distinct", pc.CountOptions(mode="all"))])
            if split := pc.sum(pc.greater(parts[f"{column}_count_distinct"], 1)).as_py():
                yield f"{dataset.name}: {column} splits {counted(split, 'group')} of {group}"
        if wrong := pc.sum(pc.and_(pc.is_valid(dataset.rows["suggested"]), pc.is_valid(dataset.rows[column]))).as_py():
            yield f"{dataset.name}: {column} validates {counted(wrong, 'row')} whose labels come from suggestions"


def _labels_at_fault(dataset: Dataset) -> Iterator[str]:
    """Yield labels whose values are not those of the rows."""
    for label, values in manifest.label_values(dataset.rows).items():
        if dataset.labels[label] != values:
            yield f"{dataset.name}: labels.json has other values of {label} than the manifest"


def _not_within(dataset: Dataset, everything: Dataset) -> Iterator[str]:
    """Yield that a dataset holds rows that the largest one has not, or has otherwise."""
    known = {row["content_id"]: row for row in everything.rows.to_pylist()}
    if strange := sum(known.get(row["content_id"]) != row for row in dataset.rows.to_pylist()):
        yield f"{dataset.name}: {counted(strange, 'row')} with other content than in {everything.name}, or not there"


def _picture_at_fault(
    build: Path, address: str, image: str, picture_sha256: str | None, width: int, height: int
) -> Iterator[str]:
    try:
        content = place.read(build, address, image)
    except (FileNotFoundError, IsADirectoryError):
        yield f"{image} is absent"
        return
    if picture_sha256 is not None and hashlib.sha256(content).hexdigest() != picture_sha256:
        yield f"{image} is not as it was written"
        return
    try:
        with Image.open(io.BytesIO(content)) as picture:
            picture.load()
            if picture.size != (width, height):
                has = " × ".join(map(str, picture.size))
                yield f"{image} has {has} pixels, the manifest says {width} × {height}"
    except (OSError, SyntaxError, ValueError) as error:
        yield f"{image} cannot be decoded: {error}"
