"""The contract of predictions: what is written is read, and what is damaged is said."""

import dataclasses
import json
from pathlib import Path

import pyarrow as pa
import pytest

from curate.predictions import (
    EFFECTS,
    MAPS,
    NEIGHBOURS,
    SCHEMA,
    Explanations,
    ExplanationsInfo,
    FieldInfo,
    PredictionsError,
    PredictionsInfo,
    read_explanations,
    read_predictions,
    write_explanations,
    write_predictions,
)

INFO = PredictionsInfo(
    name="p",
    program="raisonne",
    run="r",
    model_sha256="0" * 64,
    trained_on={"build": "b", "dataset": "all", "manifest_sha256": "1" * 64},
    asked={},
    fields={"artist": FieldInfo(1.5, {"0.95": 0.7}, "9 examples")},
    counts={"asked": 2, "answered": 1},
    left_out={"picture cannot be read": 1},
)
ROWS = pa.Table.from_pylist(
    [
        {"file": "a.jpg", "field": "artist", "rank": 1, "value": "nan", "probability": 0.75, "precision": 0.95,
         "known": ""},
        {"content_id": "met:1", "field": "artist", "rank": 2, "value": 'A "b"\n;', "probability": 0.25,
         "known": "genre=portrait"},
    ],
    SCHEMA,
)  # fmt: skip


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write_predictions(tmp_path / "p", INFO, ROWS)
    assert read_predictions(tmp_path / "p") == (INFO, ROWS)
    assert (tmp_path / "p" / "predictions.csv").read_text().count('"artist"') == 2
    content = json.loads((tmp_path / "p" / "predictions.json").read_text())
    (tmp_path / "p" / "predictions.json").write_text(json.dumps(content | {"later": 1}))
    assert read_predictions(tmp_path / "p") == (INFO, ROWS)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda folder: (folder / "predictions.parquet").unlink(), "no predictions at"),
        (lambda folder: (folder / "predictions.parquet").write_text("PAR1"), "are damaged"),
        (lambda folder: (folder / "predictions.json").write_text("{"), "are damaged"),
        (lambda folder: (folder / "predictions.json").write_bytes(b"\xff"), "are damaged"),
        (lambda folder: (folder / "predictions.json").write_text("[]"), "is of predictions version None"),
        (lambda folder: (folder / "predictions.json").write_text('{"predictions_version": 1}'), "this program reads 2"),
        (
            lambda folder: (folder / "predictions.json").write_text('{"predictions_version": 2}'),
            "it lacks 'name'.*again",
        ),
    ],
)
def test_what_is_damaged_is_said(tmp_path: Path, change, message: str) -> None:  # type: ignore[no-untyped-def]
    folder = tmp_path / "p"
    write_predictions(folder, INFO, ROWS)
    change(folder)
    with pytest.raises(PredictionsError, match=message):
        read_predictions(folder)


def test_other_columns_are_refused(tmp_path: Path) -> None:
    write_predictions(tmp_path / "p", INFO, ROWS)
    pa.parquet.write_table(ROWS.drop_columns(["known"]), tmp_path / "p" / "predictions.parquet")
    with pytest.raises(PredictionsError, match="other columns than version 2"):
        read_predictions(tmp_path / "p")


ROW = {"content_id": "met:1", "field": "decade", "rank": 1, "value": "1880", "probability": 0.5, "known": ""}


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ({"value": "188x"}, r"expected a decade's first year, got '188x'\): make them again"),
        ({"value": ""}, "expected a decade's first year, got ''"),
        ({"value": None}, "a row has no value"),
        ({"rank": None}, "a row has no rank"),
        ({"probability": None}, "a row has no probability"),
        ({"probability": float("nan")}, "a probability is not between 0 and 1"),
        ({"probability": -0.5}, "a probability is not between 0 and 1"),
    ],
)
def test_a_row_that_no_network_wrote_is_told_in_one_line(tmp_path: Path, damage: dict[str, object], told: str) -> None:
    sound = {**ROW, "field": "artist", "value": "188x", "probability": 1.0}
    write_predictions(tmp_path / "p", INFO, pa.Table.from_pylist([sound, ROW | damage], SCHEMA))
    with pytest.raises(PredictionsError, match=told) as error:
        read_predictions(tmp_path / "p")
    assert "\n" not in str(error.value)


def test_a_threshold_of_no_precision_is_told(tmp_path: Path) -> None:
    fields = {"artist": FieldInfo(1.0, {"sure": 0.7}, "9 examples")}
    write_predictions(tmp_path / "p", dataclasses.replace(INFO, fields=fields), ROWS)
    with pytest.raises(PredictionsError, match=r"thresholds of artist hold 'sure', which is no precision.*again"):
        read_predictions(tmp_path / "p")


def test_explanations_that_lack_a_value_are_told(tmp_path: Path) -> None:
    near = {"content_id": "met:1", "rank": 1, "neighbour": None, "cosine": 0.5}
    tables = [pa.Table.from_pylist(rows, schema) for rows, schema in (([], MAPS), ([near], NEIGHBOURS), ([], EFFECTS))]
    info = ExplanationsInfo(run="r", model_sha256="0" * 64, neighbours_of={})
    write_explanations(tmp_path / "p", info, Explanations(*tables))
    with pytest.raises(PredictionsError, match=r"neighbours.parquet is damaged .a row has no neighbour.*--explain"):
        read_explanations(tmp_path / "p")
