"""Predictions: the folder through which `train predict` hands over what a network says, read and written here alone.

Imports only the standard library, pyarrow and the manifest.

    predictions/NAME/predictions.json       which network was asked what, and how far it is to be trusted
    predictions/NAME/predictions.parquet    one row for each thing asked about, field and rank
    predictions/NAME/predictions.csv        the same
    predictions/NAME/explanations/          why, where it was asked for:
        explanations.json                   the run, and the dataset that neighbours are of
        maps.parquet, overlays/             one row for each thing and field, and its picture with the map on it
        neighbours.parquet                  the pictures of the training examples that are most like it
        labels.parquet                      what each known label changed
        explanations.html                   all of it, for people
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute
import pyarrow.csv
import pyarrow.parquet

from curate.manifest import record_of

VERSION = 2  # of the folder's shape
TABLE = "predictions.parquet"  # its SHA-256 is the predictions' name in the catalogue

REQUIRED = ("field", "rank", "value", "probability", "known")  # never null

SCHEMA = pa.schema(
    [
        ("content_id", pa.string()),  # of an object, SOURCE:SOURCE_ID; null: it is a file that belongs to no object
        ("file", pa.string()),  # as it was named; null: it is an object
        ("field", pa.string()),  # artist, decade, …
        ("rank", pa.int8()),  # 1: the likeliest value
        ("value", pa.string()),
        ("probability", pa.float32()),  # calibrated, 0-1
        ("precision", pa.float32()),  # the highest one whose threshold it reaches; null: none, not rank 1, or novel
        ("novelty", pa.float32()),  # distance from all values that the network knows, 0-2; null: not the first rank, …
        # Whether it is probably of none of them, so that no precision holds for any of its fields; null: not known.
        ("is_novel", pa.bool_()),
        ("known", pa.string()),  # what the network was told, as genre=portrait; style=Realism
    ]
)

EXPLANATIONS_VERSION = 1  # of the shape of explanations/
_THING = [("content_id", pa.string()), ("file", pa.string())]  # as in SCHEMA
_SAID = [*_THING, ("field", pa.string()), ("value", pa.string()), ("probability", pa.float32())]  # the likeliest value
MAPS = pa.schema([*_SAID, ("overlay", pa.string())])  # a path in explanations/
NEIGHBOURS = pa.schema(
    [
        *_THING,
        ("rank", pa.int8()),  # 1: the nearest
        ("neighbour", pa.string()),  # content_id of a training example
        ("cosine", pa.float32()),  # of the standardised features, -1 to 1; no probability
        ("artist", pa.string()),  # the neighbour's own labels; null: the catalogue does not know it
        ("decade", pa.int32()),
        ("genre", pa.string()),
        ("style", pa.string()),
        ("medium", pa.string()),
        ("image", pa.string()),  # relative to the build's folder
    ]
)
EFFECTS = pa.schema(
    [
        *_SAID,
        ("label", pa.string()),  # of those that were known: genre, …
        ("known", pa.string()),  # its value
        ("probability_without", pa.float32()),  # of the same value, were this label not known
        ("value_without", pa.string()),  # the likeliest one then
    ]
)


class PredictionsError(Exception):
    """A folder of predictions that is absent, incomplete or of another version."""


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """How a field's probabilities are to be read."""

    temperature: float  # by which the network's logarithms were divided
    thresholds: dict[str, float]  # by precision: the least probability at which it holds; those without are absent
    chosen_on: str  # the examples that both were chosen on


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictionsInfo:
    """The content of predictions.json."""

    predictions_version: int = VERSION
    name: str
    program: str  # that made them, with its version
    run: str
    model_sha256: str  # of model.keras
    trained_on: dict[str, str]  # build, dataset and manifest_sha256
    asked: dict[str, str]  # the same of the build that was asked about; empty: files
    fields: dict[str, FieldInfo]
    counts: dict[str, int]  # asked, answered
    left_out: dict[str, int]  # by reason
    unanswered: list[dict[str, str]] = field(default_factory=list)  # name and reason of each that was left out
    bin_years: int = 10  # of a decade, whose value is its first year
    novelty: dict[str, Any] = field(
        default_factory=dict
    )  # by field: threshold, its error rates, how they were measured


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplanationsInfo:
    """The content of explanations.json."""

    explanations_version: int = EXPLANATIONS_VERSION
    run: str
    model_sha256: str  # of model.keras
    neighbours_of: dict[str, str]  # build, dataset and manifest_sha256; empty: no neighbours were looked for
    at_precision: str = ""  # only answers that reach it are explained, "0.95"; empty: all are


@dataclass(frozen=True, slots=True)
class Explanations:
    """Why a network said what it said, by MAPS, NEIGHBOURS and EFFECTS."""

    maps: pa.Table
    neighbours: pa.Table
    labels: pa.Table


def write_predictions(folder: Path, info: PredictionsInfo, rows: pa.Table) -> None:
    """Write predictions into a folder, made here if it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = rows.cast(SCHEMA)
    pa.parquet.write_table(rows, folder / TABLE)
    pa.csv.write_csv(rows, folder / "predictions.csv")
    _write_json(folder / "predictions.json", info)


def write_explanations(folder: Path, info: ExplanationsInfo, explanations: Explanations) -> None:
    """Write explanations into a folder that holds the overlays already."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, schema in _TABLES.items():
        pa.parquet.write_table(getattr(explanations, name).cast(schema), folder / f"{name}.parquet")
    _write_json(folder / "explanations.json", info)


def read_predictions(folder: Path) -> tuple[PredictionsInfo, pa.Table]:
    """Read a folder of predictions; keys that this program does not know are ignored.

    Raises:
        PredictionsError: There is none, it is damaged, or of a version that this program does not know.
    """
    try:
        content = json.loads((folder / "predictions.json").read_text("utf-8"))
        rows = pa.parquet.read_table(folder / TABLE, use_threads=False, pre_buffer=False)
    except (FileNotFoundError, NotADirectoryError):
        raise PredictionsError(f"no predictions at {folder}: make them with 'train predict --name'") from None
    except (ValueError, OSError) as error:  # no JSON, no text, no Parquet
        raise PredictionsError(f"the predictions at {folder} are damaged ({error}): make them again") from None
    version = content.get("predictions_version") if isinstance(content, dict) else None
    if version != VERSION:
        raise PredictionsError(
            f"{folder} is of predictions version {version}, this program reads {VERSION}: make them again"
        )
    if not rows.schema.equals(SCHEMA):
        raise PredictionsError(f"{folder / TABLE} has other columns than version {version}: make again")
    _check_rows(folder / TABLE, rows, REQUIRED, "make them again")
    try:
        info = record_of(PredictionsInfo, content)
        _check_thresholds(info)
    except ValueError as error:
        raise PredictionsError(f"{folder / 'predictions.json'} is damaged ({error}): make them again") from None
    return info, rows


def read_explanations(folder: Path) -> tuple[ExplanationsInfo, Explanations]:
    """Read the folder `explanations` of predictions; keys that this program does not know are ignored.

    Raises:
        PredictionsError: There is none, it is damaged, or of a version that this program does not know.
    """
    remedy = "ask again with 'train predict --explain'"
    try:
        content = json.loads((folder / "explanations.json").read_text("utf-8"))
        tables = {
            name: pa.parquet.read_table(folder / f"{name}.parquet", use_threads=False, pre_buffer=False)
            for name in _TABLES
        }
    except (FileNotFoundError, NotADirectoryError):
        raise PredictionsError(f"no explanations at {folder}: {remedy}") from None
    except (ValueError, OSError) as error:
        raise PredictionsError(f"the explanations at {folder} are damaged ({error}): {remedy}") from None
    version = content.get("explanations_version") if isinstance(content, dict) else None
    if version != EXPLANATIONS_VERSION:
        raise PredictionsError(
            f"{folder} is of explanations version {version}, this program reads {EXPLANATIONS_VERSION}: {remedy}"
        )
    for name, schema in _TABLES.items():
        if not tables[name].schema.equals(schema):
            raise PredictionsError(f"{folder / name}.parquet has other columns than version {version}: {remedy}")
        _check_rows(folder / f"{name}.parquet", tables[name], _REQUIRED[name], remedy)
    try:
        return record_of(ExplanationsInfo, content), Explanations(**tables)
    except ValueError as error:
        raise PredictionsError(f"{folder / 'explanations.json'} is damaged ({error}): {remedy}") from None


_TABLES = {"maps": MAPS, "neighbours": NEIGHBOURS, "labels": EFFECTS}
_REQUIRED = {
    "maps": ("field", "overlay"),
    "neighbours": ("rank", "neighbour", "cosine"),
    "labels": ("field", "value", "label", "known", "probability_without", "value_without"),
}


def _check_rows(path: Path, rows: pa.Table, required: Sequence[str], remedy: str) -> None:
    """Refuse rows that lack a value which each has, a probability that is none, a decade that is no year."""
    for name in required:
        if rows[name].null_count:
            raise PredictionsError(f"{path} is damaged (a row has no {name}): {remedy}")
    for name in {"probability", "probability_without"} & set(required):
        inside = pa.compute.and_(pa.compute.greater_equal(rows[name], 0), pa.compute.less_equal(rows[name], 1.0001))
        if not pa.compute.all(inside, min_count=0).as_py():
            raise PredictionsError(f"{path} is damaged (a {name} is not between 0 and 1): {remedy}")
    if "value" in required:
        decades = rows.filter(pa.compute.equal(rows["field"], "decade"))["value"]
        no_years = decades.filter(pa.compute.invert(pa.compute.match_substring_regex(decades, r"^-?[0-9]{1,5}$")))
        if len(no_years):
            value = no_years[0].as_py()
            raise PredictionsError(f"{path} is damaged (expected a decade's first year, got {value!r}): {remedy}")


def _check_thresholds(info: PredictionsInfo) -> None:
    """Raise ValueError where a threshold is kept under what is no precision."""
    for name, field_info in info.fields.items():
        for precision in field_info.thresholds:
            try:
                float(precision)
            except ValueError:
                raise ValueError(f"its thresholds of {name} hold {precision!r}, which is no precision") from None


def _write_json(path: Path, info: PredictionsInfo | ExplanationsInfo) -> None:
    path.write_text(json.dumps(asdict(info), ensure_ascii=False, indent=2) + "\n", "utf-8")
