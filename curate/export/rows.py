"""A dataset of a build, read batch by batch: what an export holds in memory does not grow with its rows."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import pyarrow as pa
import pyarrow.parquet

from curate import place
from curate.errors import CurateError
from curate.manifest import (
    LABELS,
    SCHEMA,
    SCHEMAS,
    BuildInfo,
    DamagedBuild,
    damaged_files,
    files_within,
    in_present_shape,
    locate,
)
from harvest.files import is_folder_name

BATCH_SIZE = 200  # rows
BUFFER_BYTES = 65536  # of a column; a table's column is not read whole
FACTS = (  # what metadata alone hold: ids, hashes and addresses, and our folds
    *("content_id", "source", "source_id", "url", "rights", "sha256", "picture_sha256", "width", "height"),
    *("fold_random", "fold_duplicates", "fold_series"),
)

Row = dict[str, Any]


class Example(NamedTuple):
    """A row, and the content of its picture's file; None: it has none, or is exported without."""

    row: Row
    picture: bytes | None


@dataclass(frozen=True, slots=True)
class Shard:
    """A run of examples that are written together."""

    number: int  # from 0
    first: int  # example
    end: int  # the one behind its last

    def __str__(self) -> str:
        return f"examples {self.first + 1:,} to {self.end:,}"


@dataclass(frozen=True, slots=True)
class Layout:
    """What each example of an export holds."""

    title: str  # BUILD/DATASET
    columns: pa.Schema  # of the rows
    labels: Mapping[str, Sequence[Any]]  # of those columns that are labels, the values; a place is a class number
    has_pictures: bool

    @property
    def numbers(self) -> dict[str, dict[Any, int]]:
        """The class number of each value, by label."""
        return {label: {value: place for place, value in enumerate(values)} for label, values in self.labels.items()}


@dataclass(frozen=True, slots=True)
class OpenDataset:
    """A dataset on the disk, known to be as it was built."""

    folder: Path  # of its manifest
    build_info: BuildInfo
    labels: Mapping[str, Sequence[Any]]

    @property
    def title(self) -> str:
        """How it is called on the command line: BUILD/DATASET."""
        return f"{self.folder.parent.name}/{self.folder.name}"

    def rows(self) -> Iterator[list[Row]]:
        """Yield the manifest's rows, by SCHEMA."""
        return (table.to_pylist() for table in self.tables())

    def tables(self) -> Iterator[pa.Table]:
        """Yield the manifest's rows, by SCHEMA, batch by batch."""
        path = self.folder / "manifest.parquet"
        try:
            with pa.parquet.ParquetFile(path, buffer_size=BUFFER_BYTES, pre_buffer=False) as file:
                if not file.schema_arrow.equals(SCHEMAS[self.build_info.manifest_version]):
                    raise DamagedBuild(f"{path} has other columns than its version: build again")
                for batch in file.iter_batches(BATCH_SIZE, use_threads=False):
                    yield in_present_shape(pa.Table.from_batches([batch]))
        except (pa.ArrowException, FileNotFoundError) as error:
            raise DamagedBuild(f"{path} is absent or damaged ({error}): build again") from None

    def pictures(self, rows: Sequence[Row]) -> Iterator[bytes]:
        """Yield the content of each row's picture.

        Raises:
            DamagedBuild: One is absent, or not as it was built.
        """
        build, address = self.folder.parent, self.build_info.pictures
        for row, path in zip(rows, files_within(build, [row["image"] for row in rows]), strict=True):
            try:
                content = place.read(build, address, row["image"])
            except FileNotFoundError:
                raise DamagedBuild(f"{path} is absent: build again, or copy the whole build") from None
            if row["picture_sha256"] not in (None, hashlib.sha256(content).hexdigest()):
                raise DamagedBuild(f"{path} is not as it was built: build again, or copy the build anew")
            yield content

    def layout(self, *, has_pictures: bool, is_whole: bool) -> Layout:
        """Return what is exported of each row: with the labels, or (not `is_whole`) the FACTS alone."""
        columns = [column for column in SCHEMA if column.name != "image" and (is_whole or column.name in FACTS)]
        return Layout(self.title, pa.schema(columns), self.labels if is_whole else {}, has_pictures)


def open_dataset(builds: Path, wanted: str) -> OpenDataset:
    """Return one dataset of a build.

    Args:
        builds: The folder of all builds.
        wanted: `BUILD` or `BUILD/DATASET`; without a dataset, the build's last.

    Raises:
        CurateError: It is no name, but a path.
        ManifestError: It is absent, of another version, or not as it was built.
    """
    if not all(map(is_folder_name, parts := wanted.split("/"))) or len(parts) > 2:
        raise CurateError(f"{wanted!r} names no dataset: expected BUILD or BUILD/DATASET, as 'curate list' shows them")
    build_info, folder = locate(builds, wanted)
    own = {name: digest for name, digest in build_info.files.items() if name.startswith(f"{folder.name}/")}
    if damaged := damaged_files(folder.parent, replace(build_info, files=own)):
        raise DamagedBuild(f"{folder.parent / damaged[0]} is absent or not as it was built: build again")
    return OpenDataset(folder, build_info, read_labels(folder))


def read_labels(folder: Path) -> dict[str, list[Any]]:
    """Return the values of each label of a dataset.

    Raises:
        DamagedBuild: labels.json is absent, or does not have them.
    """
    try:
        content = json.loads((folder / "labels.json").read_text("utf-8"))
        return {label: list(content[label]) for label in LABELS}
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise DamagedBuild(f"{folder / 'labels.json'} is absent or damaged ({error}): build again") from None


class HashedFile:
    """A file that is written, and the SHA-256 of what was: it is not read again for that."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self.size = 0

    def write(self, content: bytes) -> None:
        """Write what comes next."""
        self._hash.update(content)
        self._file.write(content)
        self.size += len(content)

    def digest(self) -> str:
        """Return the SHA-256."""
        return self._hash.hexdigest()


def named_classes(row: Row, layout: Layout, numbers: Mapping[str, Mapping[Any, int]]) -> Row:
    """Return a row in which a label is its class number, and its name stands beside it: artist, artist_name."""
    values = {name: row[name] for name in layout.columns.names}
    for label, known in numbers.items():
        value = row[label]
        values |= {
            label: None if value is None else known[value],
            f"{label}_name": None if value is None else str(value),
        }
    return values


def write_labels(folder: Path, layout: Layout) -> None:
    """Write labels.json: of each label the names, in the order of their class numbers."""
    if layout.labels:
        names = {label: [str(value) for value in values] for label, values in layout.labels.items()}
        (folder / "labels.json").write_text(json.dumps(names, ensure_ascii=False, indent=2) + "\n", "utf-8")


def write_pictures(folder: Path, examples: Iterable[Example]) -> None:
    """Write the pictures of examples under the names that they have in the build."""
    for row, content in examples:
        if content is not None:
            path = folder / row["image"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)  # the same again where two rows show one picture
