"""The manifest: the folder through which `curate` hands a dataset to `train`, read and written here alone.

Imports only the standard library and pyarrow, so that a training machine needs neither the catalogue nor pandas.

    builds/NAME/build.json             what was built from what, and the datasets in it
    builds/NAME/images/…               the pictures, once for all datasets
    builds/NAME/DATASET/manifest.*     one row a painting, as CSV and as Parquet
    builds/NAME/DATASET/labels.json    the values of each label, in the order of their class numbers
"""

import hashlib
import json
import stat
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

VERSION = 1  # of the folder's shape; a reader refuses one that it does not know
LABELS = ("artist", "decade", "genre", "style", "medium")
FOLDS = 5
FOLD_COLUMNS = ("fold_random", "fold_duplicates", "fold_series")

Record = TypeVar("Record", "BuildOptions", "CatalogueInfo", "BuildCounts", "DatasetInfo", "BuildInfo")

SCHEMA = pa.schema(
    [
        ("content_id", pa.string()),  # SOURCE:SOURCE_ID
        ("artist", pa.string()),
        ("year", pa.int32()),
        ("medium", pa.string()),
        ("genre", pa.string()),
        ("style", pa.string()),
        ("decade", pa.int32()),  # first year of the bin
        ("fold_random", pa.int8()),  # 0 to 4, stratified by artist
        ("fold_duplicates", pa.int8()),  # null until near duplicates are grouped
        ("fold_series", pa.int8()),  # null until series are grouped
        ("image", pa.string()),  # relative to the build folder
        ("sha256", pa.string()),  # of the image as the museum gave it
        ("width", pa.int32()),  # pixels, of the image in the build
        ("height", pa.int32()),
        ("duplicate_group", pa.string()),
        ("series", pa.string()),
        ("source", pa.string()),
        ("source_id", pa.string()),
        ("title", pa.string()),
        ("rights", pa.string()),
        ("url", pa.string()),
    ]
)


class ManifestError(Exception):
    """A build that is absent, incomplete or of another version."""


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """What the build was asked for."""

    datasets: list[str]  # names, the smallest threshold first
    require: list[str]  # annotations that each painting has
    sources: list[str]  # empty: every source
    bin_years: int  # width of a decade
    max_span: int  # years from earliest to latest; a wider dating names no year
    seed: int  # of the folds
    side: int  # pixels of a picture's shorter side


@dataclass(frozen=True, slots=True)
class CatalogueInfo:
    """The catalogue that the build was made from."""

    fingerprint: str  # a digest of what it holds of these paintings
    sources: dict[str, int]  # paintings of each


@dataclass(frozen=True, slots=True)
class BuildCounts:
    """Paintings of the build; `harvested` is `kept` and `left_out` together."""

    harvested: int
    kept: int
    left_out: int
    pictures: int  # files; several paintings may share one


@dataclass(frozen=True, slots=True)
class DatasetInfo:
    """One dataset of the build, as Table 1 of the paper describes it and a little more."""

    name: str
    rule: str  # how many paintings an artist has, as Table 1 writes it
    paintings: int
    artists: int
    decades: int
    left_out: dict[str, int]  # paintings by reason


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildInfo:
    """The content of build.json: what was built from what, without times or places."""

    manifest_version: int = VERSION
    name: str
    digest: str  # of the datasets and the options
    program: str  # that made it, with its version
    options: BuildOptions
    catalogue: CatalogueInfo
    counts: BuildCounts
    datasets: list[DatasetInfo]  # the smallest threshold first
    rights: dict[str, int]  # kept paintings by what the source says of their rights
    notes: list[str]


@dataclass(frozen=True, slots=True)
class Dataset:
    """One dataset of a build, in memory."""

    build: Path
    name: str
    rows: pa.Table  # by SCHEMA
    labels: dict[str, list[Any]]  # for each of LABELS its values; a value's place is its class number
    digest: str  # of the Parquet manifest's content; names caches and runs

    @property
    def folder(self) -> Path:
        """Where the manifest lies."""
        return self.build / self.name

    @property
    def images(self) -> list[Path]:
        """The pictures, row by row."""
        return _files_within(self.build, self.rows["image"].to_pylist())


def write_dataset(folder: Path, rows: pa.Table) -> None:
    """Write one dataset's folder: the manifest as CSV and Parquet, and its labels.

    Args:
        folder: `builds/NAME/DATASET`, made here.
        rows: By SCHEMA, sorted by content_id.
    """
    folder.mkdir(parents=True)
    rows = rows.cast(SCHEMA)
    pa.parquet.write_table(rows, folder / "manifest.parquet")
    pa.csv.write_csv(rows, folder / "manifest.csv")
    _write_json(folder / "labels.json", label_values(rows))


def label_values(rows: pa.Table) -> dict[str, list[Any]]:
    """Return each label's values in sorted order; a value's place in the list is its class number."""
    return {label: sorted(rows[label].drop_null().unique().to_pylist()) for label in LABELS}


def write_build(folder: Path, build_info: BuildInfo) -> None:
    """Write build.json."""
    _write_json(folder / "build.json", asdict(build_info))


def read_build(folder: Path) -> BuildInfo:
    """Read build.json; keys that this program does not know are ignored.

    Raises:
        ManifestError: There is none, it is damaged, or of a version that this program does not know.
    """
    path = folder / "build.json"
    try:
        content = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ManifestError(f"no build at {folder} (no build.json in it): make one with 'curate build'") from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ManifestError(f"{path} is not JSON ({error}): build again with 'curate build'") from None
    version = content.get("manifest_version") if isinstance(content, dict) else None
    if version != VERSION:
        raise ManifestError(
            f"{folder} is of manifest version {version}, this program reads {VERSION}: "
            "use the raisonne that made it, or build again with 'curate build'"
        )
    if not content.get("datasets"):
        raise ManifestError(f"{path} names no datasets: build again with 'curate build'")
    try:
        return _from_json(
            BuildInfo,
            content
            | {
                "options": _from_json(BuildOptions, content["options"]),
                "catalogue": _from_json(CatalogueInfo, content["catalogue"]),
                "counts": _from_json(BuildCounts, content["counts"]),
                "datasets": [_from_json(DatasetInfo, dataset) for dataset in content["datasets"]],
            },
        )
    except KeyError as error:
        raise ManifestError(f"{path} is damaged (it lacks {error}): build again with 'curate build'") from None
    except TypeError as error:
        raise ManifestError(f"{path} is damaged ({error}): build again with 'curate build'") from None


def read_dataset(builds: Path, wanted: str | None = None) -> Dataset:
    """Read one dataset.

    Args:
        builds: The folder of all builds.
        wanted: `BUILD` or `BUILD/DATASET`. Without a build: the newest; without a dataset: the build's last,
            which has the highest threshold.

    Raises:
        ManifestError: It is absent, incomplete or of another version.
    """
    if not wanted:
        known = list_builds(builds)
        if not known:
            raise ManifestError(f"no build in {builds}: make one with 'curate build'")
        wanted = known[-1].name
    name, _, dataset = wanted.strip("/").partition("/")
    datasets = [info.name for info in read_build(builds / name).datasets]
    dataset = dataset or datasets[-1]
    if dataset not in datasets:
        raise ManifestError(f"build {name} has no dataset {dataset}: it has {', '.join(datasets)}")
    folder = builds / name / dataset
    try:
        content = (folder / "manifest.parquet").read_bytes()
        labels = json.loads((folder / "labels.json").read_text("utf-8"))
        rows = pa.parquet.read_table(pa.BufferReader(content), use_threads=False)
    except FileNotFoundError as error:
        raise ManifestError(f"{folder} is incomplete, {error.filename} is absent: build again") from None
    except (pa.ArrowException, OSError, json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ManifestError(f"{folder} is damaged ({error}): build again") from None
    if not isinstance(labels, dict) or not all(isinstance(labels.get(label), list) for label in LABELS):
        raise ManifestError(f"{folder / 'labels.json'} is damaged (it lacks some of {', '.join(LABELS)}): build again")
    if not rows.schema.equals(SCHEMA):
        raise ManifestError(f"{folder / 'manifest.parquet'} has other columns than version {VERSION}: build again")
    return Dataset(builds / name, dataset, rows, labels, hashlib.sha256(content).hexdigest())


def list_builds(builds: Path) -> list[Path]:
    """Return the builds in the folder, the oldest first."""
    folders = [path.parent for path in builds.glob("*/build.json") if not path.parent.name.startswith(".")]
    return sorted(folders, key=lambda folder: ((folder / "build.json").stat().st_mtime_ns, folder.name))


def _files_within(build: Path, images: Iterable[str]) -> list[Path]:
    """Return the paths of files that lie in a build, which may come from a stranger; one may be absent.

    Raises:
        ManifestError: One leads out of the build, or to something that is no file.
    """
    root = build.resolve()
    folders: dict[Path, bool] = {}  # whether it lies in the build
    paths = [build / image for image in images]
    for path in paths:
        if path.parent not in folders:
            folders[path.parent] = path.parent.resolve().is_relative_to(root)
        if not folders[path.parent]:
            raise ManifestError(f"{path} does not lie in the build {build}: do not use this build")
        with suppress(FileNotFoundError):
            if stat.S_ISREG(path.lstat().st_mode):
                continue
            raise ManifestError(f"{path} is no file of its own, but a link or a folder: do not use this build")
    return paths


def _from_json(kind: type[Record], content: dict[str, Any]) -> Record:
    """Return the record whose fields these are.

    Raises:
        KeyError: One is absent.
        TypeError: It is no object.
    """
    return kind(**{field.name: content[field.name] for field in fields(kind)})


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", "utf-8")
