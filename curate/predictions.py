"""Predictions: the folder through which `train predict` hands over what a network says, read and written here alone.

Imports only the standard library, pyarrow and the manifest.

    predictions/NAME/predictions.json       which network was asked what, and how far it is to be trusted
    predictions/NAME/predictions.parquet    one row for each thing asked about, field and rank
    predictions/NAME/predictions.csv        the same
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from curate.manifest import record_of

VERSION = 1  # of the folder's shape

SCHEMA = pa.schema(
    [
        ("content_id", pa.string()),  # of an object, SOURCE:SOURCE_ID; null: it is a file that belongs to no object
        ("file", pa.string()),  # as it was named; null: it is an object
        ("field", pa.string()),  # artist, decade, …
        ("rank", pa.int8()),  # 1: the likeliest value
        ("value", pa.string()),
        ("probability", pa.float32()),  # calibrated, 0-1
        ("precision", pa.float32()),  # the highest one whose threshold it reaches; null: none, or not the first rank
        ("known", pa.string()),  # what the network was told, as genre=portrait; style=Realism
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
    bin_years: int = 10  # of a decade, whose value is its first year


def write_predictions(folder: Path, info: PredictionsInfo, rows: pa.Table) -> None:
    """Write predictions into a folder, made here if it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = rows.cast(SCHEMA)
    pa.parquet.write_table(rows, folder / "predictions.parquet")
    pa.csv.write_csv(rows, folder / "predictions.csv")
    (folder / "predictions.json").write_text(json.dumps(asdict(info), ensure_ascii=False, indent=2) + "\n", "utf-8")


def read_predictions(folder: Path) -> tuple[PredictionsInfo, pa.Table]:
    """Read a folder of predictions; keys that this program does not know are ignored.

    Raises:
        PredictionsError: There is none, it is damaged, or of a version that this program does not know.
    """
    try:
        content = json.loads((folder / "predictions.json").read_text("utf-8"))
        rows = pa.parquet.read_table(folder / "predictions.parquet", use_threads=False, pre_buffer=False)
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
        raise PredictionsError(f"{folder / 'predictions.parquet'} has other columns than version {version}: make again")
    try:
        return record_of(PredictionsInfo, content), rows
    except ValueError as error:
        raise PredictionsError(f"{folder / 'predictions.json'} is damaged ({error}): make them again") from None
