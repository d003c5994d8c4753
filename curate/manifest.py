"""The manifest: the folder through which `curate` hands a dataset to `train`, read and written here alone.

Imports only the standard library and pyarrow, so that a training machine needs neither the catalogue nor pandas.

    builds/NAME/build.json             what was built from what, and the datasets in it
    builds/NAME/suggestions.csv        whence suggested values are; where it was built with them
    builds/NAME/images/…               the pictures, once for all datasets
    builds/NAME/DATASET/manifest.*     one row a painting, as CSV and as Parquet
    builds/NAME/DATASET/labels.json    the values of each label, in the order of their class numbers
"""

import difflib
import hashlib
import json
import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import MISSING, asdict, dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

VERSION = 3  # of the folder's shape
LABELS = ("artist", "decade", "genre", "style", "medium")
FOLDS = 5
FOLD_COLUMNS = ("fold_random", "fold_duplicates", "fold_series")
Record = TypeVar("Record")

SCHEMA = pa.schema(
    [
        ("content_id", pa.string()),  # SOURCE:SOURCE_ID
        ("artist", pa.string()),
        ("year", pa.int32()),
        ("medium", pa.string()),
        ("genre", pa.string()),
        ("style", pa.string()),
        ("decade", pa.int32()),  # first year of the bin
        ("dating_edtf", pa.string()),  # the whole dating, in the Extended Date/Time Format
        ("fold_random", pa.int8()),  # 0 to 4, stratified by artist; null: trained on, never validated
        ("fold_duplicates", pa.int8()),  # no group of near duplicates is split
        ("fold_series", pa.int8()),  # no series is split, and no group of near duplicates
        ("image", pa.string()),  # relative to the build folder; null: built without pictures
        ("sha256", pa.string()),  # of the image as the museum gave it
        ("picture_sha256", pa.string()),  # of the picture in the build
        ("width", pa.int32()),  # pixels, of the image in the build
        ("height", pa.int32()),
        ("duplicate_group", pa.string()),
        ("series", pa.string()),
        ("medium_terms", pa.string()),  # all that the medium names, joined by SEPARATOR
        ("source_artist", pa.string()),  # the source's own words for the labels
        ("source_medium", pa.string()),
        ("source_genre", pa.string()),
        ("source_style", pa.string()),
        ("suggested", pa.string()),  # fields that a person accepted from a suggestion, joined by SEPARATOR
        ("source", pa.string()),
        ("source_id", pa.string()),
        ("title", pa.string()),
        ("rights", pa.string()),
        ("url", pa.string()),
    ]
)
SEPARATOR = "; "  # of several values in one cell
_V2 = ("picture_sha256", "medium_terms", "source_artist", "source_medium", "source_genre", "source_style", "suggested")
_SINCE = dict.fromkeys(_V2, 2) | {"dating_edtf": 3}  # by column; all others: 1
SCHEMAS = {of: pa.schema([each for each in SCHEMA if _SINCE.get(each.name, 1) <= of]) for of in range(1, VERSION + 1)}


class ManifestError(Exception):
    """A build that is absent, incomplete or of another version."""


class DamagedBuild(ManifestError):
    """A build of which a file is absent, or not what a build writes."""


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
    year: str = "latest"  # which year of a span counts: latest or middle
    media: str = "class"  # what the label medium is: one class, or the list of terms
    object_types: list[str] = field(default_factory=lambda: ["painting"])
    rights: list[str] = field(default_factory=list)  # only paintings of which the source says one of these; empty: any
    shared_values: bool = False  # only labels that two sources or more have
    aliases: dict[str, str] = field(default_factory=dict)  # a user's own names of artists
    has_pictures: bool = True
    with_truncated: bool = False
    with_tags: bool = False  # labels that a source does not name are words found in its titles and descriptions
    previous_folds: str = ""  # a digest of the folds that were to be kept; empty: none
    with_suggestions: bool = False  # paintings are added whose gaps people have filled; trained on, never validated


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


@dataclass(frozen=True, slots=True)
class SourceGain:
    """How well the value of one column alone names the source, on the dataset `all`."""

    commonest: float  # accuracy of always naming the commonest source
    accuracy: float  # of naming, for each painting, the source that most others of the same value have

    @property
    def gain(self) -> float:
        """What the value adds."""
        return self.accuracy - self.commonest


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
    pictures: str = ""  # the address where the build lies with its pictures; empty: they lie beside build.json
    source_gain: dict[str, SourceGain] = field(default_factory=dict)  # by column; empty where there is one source
    versions: dict[str, str] = field(default_factory=dict)  # of the libraries that decide over the bytes
    files: dict[str, str] = field(default_factory=dict)  # SHA-256 of every other file of the build, by path


@dataclass(frozen=True, slots=True)
class Dataset:
    """One dataset of a build, in memory."""

    build: Path
    name: str
    rows: pa.Table  # by SCHEMA
    labels: dict[str, list[Any]]  # for each of LABELS its values; a value's place is its class number
    digest: str  # of the Parquet manifest's content; names caches and runs
    vocabulary: dict[str, Any] = field(default_factory=dict)  # the rest of labels.json; empty before version 2
    pictures: str = ""  # as BuildInfo has it

    @property
    def folder(self) -> Path:
        """Where the manifest lies."""
        return self.build / self.name

    @property
    def title(self) -> str:
        """How it is called on the command line: BUILD/DATASET."""
        return f"{self.build.name}/{self.name}"

    @property
    def images(self) -> list[Path]:
        """The pictures, row by row; none where the build was made without pictures."""
        if self.pictures and not (self.build / "images").is_dir():
            raise ManifestError(f"{self.title} has its pictures at {self.pictures}: copy images/ to {self.build}")
        return files_within(self.build, self.rows["image"].drop_null().to_pylist())


def write_dataset(folder: Path, rows: pa.Table, vocabulary: dict[str, Any] | None = None) -> None:
    """Write one dataset's folder: the manifest as CSV and Parquet, and its labels.

    Args:
        folder: `builds/NAME/DATASET`, made here.
        rows: By SCHEMA, sorted by content_id.
        vocabulary: What else labels.json is to say: `artists` by name with aliases, numbers and years of life, `words`
            of the sources and `aat` numbers by label, `medium_terms`.
    """
    folder.mkdir(parents=True)
    rows = rows.cast(SCHEMA)
    pa.parquet.write_table(rows, folder / "manifest.parquet")
    pa.csv.write_csv(rows, folder / "manifest.csv")
    _write_json(folder / "labels.json", label_values(rows) | (vocabulary or {}))


def label_values(rows: pa.Table) -> dict[str, list[Any]]:
    """Return each label's values in sorted order; a value's place in the list is its class number."""
    return {label: sorted(rows[label].drop_null().unique().to_pylist()) for label in LABELS}


def write_build(folder: Path, build_info: BuildInfo) -> None:
    """Write build.json."""
    _write_json(folder / "build.json", asdict(build_info) | {"options": content_of(build_info.options)})


def content_of(options: BuildOptions) -> dict[str, Any]:
    """Return options as they are written; without suggestions as before there were any, so that digests stay."""
    return {name: value for name, value in asdict(options).items() if value or name != "with_suggestions"}


def read_build(folder: Path) -> BuildInfo:
    """Read build.json; keys that this program does not know are ignored.

    Raises:
        ManifestError: There is none, it is damaged, or of a version that this program does not know.
    """
    path = folder / "build.json"
    try:
        content = json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        known = [build.name for build in list_builds(folder.parent)]
        near = difflib.get_close_matches(folder.name, known)
        hint = "'curate list' lists those that are there" if known else "make one with 'curate build'"
        hint = f"did you mean {' or '.join(near)}?" if near else hint
        raise ManifestError(f"no build at {folder} (no build.json in it): {hint}") from None
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise DamagedBuild(f"{path} is not JSON: build again with 'curate build'") from None
    version = content.get("manifest_version") if isinstance(content, dict) else None
    if isinstance(version, int) and version not in SCHEMAS:
        raise ManifestError(
            f"{folder} is of manifest version {version}, this program reads 1 to {VERSION}: "
            "update raisonne to the version that made it, or build again with 'curate build'"
        )
    try:
        build_info = record_of(BuildInfo, content)
    except ValueError as error:
        raise DamagedBuild(f"{path} is damaged ({error}): build again with 'curate build'") from None
    if not (version and build_info.datasets):
        raise DamagedBuild(f"{path} names no version or no datasets: build again with 'curate build'")
    if any(info.name != Path(info.name).name for info in build_info.datasets):
        raise ManifestError(f"{path} names datasets that lead out of the build: do not use this build")
    return build_info


def locate(builds: Path, wanted: str | None = None) -> tuple[BuildInfo, Path]:
    """Return a build, and the folder of one of its datasets; the arguments and errors are those of `read_dataset`."""
    if not wanted:
        if not (known := list_builds(builds)):
            raise ManifestError(f"no build in {builds}: make one with 'curate build'")
        wanted = known[-1].name
    name, _, dataset = wanted.strip("/").partition("/")
    build_info = read_build(builds / name)
    datasets = [info.name for info in build_info.datasets]
    if (dataset := dataset or datasets[-1]) not in datasets:
        raise ManifestError(f"build {name} has no dataset {dataset}: it has {', '.join(datasets)}")
    return build_info, builds / name / dataset


def read_dataset(builds: Path, wanted: str | None = None) -> Dataset:
    """Read one dataset.

    Args:
        builds: The folder of all builds.
        wanted: `BUILD` or `BUILD/DATASET`. Without a build: the newest; without a dataset: the build's last,
            which has the highest threshold.

    Raises:
        ManifestError: It is absent, incomplete or of another version.
    """
    build_info, folder = locate(builds, wanted)
    try:
        content = (folder / "manifest.parquet").read_bytes()
        labels = json.loads((folder / "labels.json").read_text("utf-8"))
        rows = pa.parquet.read_table(pa.BufferReader(content), use_threads=False, pre_buffer=False)
    except FileNotFoundError as error:
        raise DamagedBuild(f"{folder} is incomplete, {error.filename} is absent: build again") from None
    except PermissionError:
        raise
    except (pa.ArrowException, OSError, json.JSONDecodeError, UnicodeDecodeError) as error:
        raise DamagedBuild(f"{folder} is damaged ({error}): build again") from None
    if not isinstance(labels, dict) or not all(isinstance(labels.get(label), list) for label in LABELS):
        raise DamagedBuild(f"{folder / 'labels.json'} is damaged (it lacks some of {', '.join(LABELS)}): build again")
    if not rows.schema.equals(SCHEMAS[version := build_info.manifest_version]):
        raise DamagedBuild(f"{folder / 'manifest.parquet'} has other columns than version {version}: build again")
    values, digest = {label: labels.pop(label) for label in LABELS}, hashlib.sha256(content).hexdigest()
    return Dataset(folder.parent, folder.name, in_present_shape(rows), values, digest, labels, build_info.pictures)


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def damaged_files(folder: Path, build_info: BuildInfo) -> list[str]:
    """Return which files of a build are absent or not as they were written; pictures are not looked at."""
    files = build_info.files.items()
    return [name for name, digest in files if not (folder / name).is_file() or file_digest(folder / name) != digest]


def changes(dataset: Dataset, build_info: BuildInfo) -> list[str]:
    """Return in words which files of a dataset are not as its build wrote them; none where it kept no digests."""
    files = {name: digest for name, digest in build_info.files.items() if name.startswith(f"{dataset.name}/")}
    found = {
        name: f"found {file_digest(path)[:12]}" if (path := dataset.build / name).is_file() else "it is absent"
        for name in damaged_files(dataset.build, replace(build_info, files=files))
    }
    return [f"{name}: expected SHA-256 {files[name][:12]}, {words}" for name, words in found.items()]


def list_builds(builds: Path) -> list[Path]:
    """Return the builds in the folder, the oldest first; before them those that may not be looked into."""
    visible = (path for path in builds.iterdir() if not path.name.startswith(".")) if builds.is_dir() else ()
    times = {folder: _written_at(folder) for folder in visible}
    return [folder for time, folder in sorted((time, folder) for folder, time in times.items() if time is not None)]


def in_present_shape(rows: pa.Table) -> pa.Table:
    """Return rows of any version by SCHEMA; what an older version did not know is null."""
    columns = [rows[own.name] if own.name in rows.column_names else pa.nulls(len(rows), own.type) for own in SCHEMA]
    return pa.table(columns, schema=SCHEMA)


def files_within(build: Path, images: Iterable[str]) -> list[Path]:
    """Return the paths of files that lie in a build, which may come from a stranger; one may be absent.

    Raises:
        ManifestError: One leads out of the build, or to something that is no file.
    """
    root = os.path.realpath(build) + os.sep  # pathlib takes twice the time, which counts for each of many pictures
    folders: dict[Path, bool] = {}  # whether it lies in the build
    paths = [build / image for image in images]
    for path, parent in ((path, path.parent) for path in paths):
        if parent not in folders:
            folders[parent] = f"{os.path.realpath(parent)}{os.sep}".startswith(root)
        if not folders[parent]:
            raise ManifestError(f"{path} does not lie in the build {build}: do not use this build")
        with suppress(FileNotFoundError):
            if stat.S_ISREG(path.lstat().st_mode):
                continue
            raise ManifestError(f"{path} is no file of its own, but a link or a folder: do not use this build")
    return paths


def _written_at(build: Path) -> int | None:
    """Return when a build was written, in nanoseconds; None: it is none; 0: it may not be looked into."""
    try:
        return (build / "build.json").stat().st_mtime_ns
    except OSError as error:
        return 0 if isinstance(error, PermissionError) else None


def record_of(kind: type[Record], content: Any) -> Record:
    """Return the record of JSON whose fields these are; those that an older version did not write have their defaults.

    Raises:
        ValueError: One is absent, or not of its type.
    """
    if not isinstance(content, dict):
        raise ValueError("it holds no object")
    known = {each.name: each for each in fields(kind)}  # type: ignore[arg-type]
    needed = [name for name, each in known.items() if each.default is MISSING and each.default_factory is MISSING]
    if lacking := [name for name in needed if name not in content]:
        raise ValueError(f"it lacks '{lacking[0]}'")
    return kind(**{name: _value(name, known[name].type, content[name]) for name in known if name in content})


def _value(name: str, kind: Any, value: Any) -> Any:
    """Return a value of JSON as the type of a record's field asks for."""
    if kind is Any:
        return value
    json_type: Any = get_origin(kind) or (dict if is_dataclass(kind) else (int, float) if kind is float else kind)
    if not isinstance(value, json_type):
        raise ValueError(f"its '{name}' is of another kind than expected")
    if is_dataclass(kind):
        return record_of(kind, value)  # type: ignore[arg-type]
    if json_type is list:
        return [_value(name, get_args(kind)[0], item) for item in value]
    return {key: _value(name, get_args(kind)[1], item) for key, item in value.items()} if json_type is dict else value


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", "utf-8")
