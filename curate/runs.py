"""Finished runs, as `train` leaves them: the files that `curate` reads of them are read here alone.

runs/NAME/config.json           what was trained on what
runs/NAME/predictions.parquet   each painting, judged by a network that was not trained on it
runs/NAME/report.json           the values that each target knows; a run that is finished has it
runs/NAME/model.json            how well novelty tells paintings of artists that the network does not know
"""

import difflib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet
from numpy.typing import NDArray

from curate.errors import CurateError
from harvest.files import is_in_use

ANSWERS = "predictions.parquet"
SUMMARY = "report.json"
TEXTS = ("content_id", "target", "truth", "predicted")
TOP = {"top": pa.list_(pa.string()), "top_probabilities": pa.list_(pa.float32())}
COLUMNS = {"fold": pa.int8(), **dict.fromkeys(TEXTS, pa.string()), "probability": pa.float32(), **TOP}
Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Run:
    """What a run was trained on, and what its networks answered about paintings that they were not trained on."""

    name: str
    build: str
    manifest_sha256: str
    inputs: list[str]
    answers: pa.Table  # by COLUMNS; a truth that the build did not know is null


@dataclass(frozen=True, slots=True)
class Novelty:
    """How often novelty is wrong about a painting's artist."""

    known_flagged: float  # share of paintings by known artists that are called novel
    unknown_missed: float  # share of paintings by unknown artists that are not


def read_run(folder: Path) -> Run:
    """Read what a run was trained on, and its answers.

    Raises:
        CurateError: There is no such run, it is damaged, or of a version that writes other columns.
    """
    try:
        about = json.loads((folder / "config.json").read_text("utf-8"))
        table = pyarrow.parquet.read_table(folder / ANSWERS, use_threads=False, pre_buffer=False)
    except (FileNotFoundError, NotADirectoryError):
        raise CurateError(f"no finished run at {folder}: {_hint(folder)}") from None
    except (ValueError, OSError) as error:  # no JSON, no text, no Parquet
        raise CurateError(f"the run at {folder} is damaged ({error}): run again") from None
    try:
        dataset, inputs = about["dataset"], [str(name) for name in about["config"]["inputs"]]
        build, digest = str(dataset["build"]), str(dataset["sha256"])
    except (KeyError, TypeError):
        raise CurateError(f"{folder / 'config.json'} does not say what was trained on: run again") from None
    types = dict(zip(table.schema.names, table.schema.types, strict=True))
    if lacking := [name for name, kind in COLUMNS.items() if types.get(name) != kind]:
        raise CurateError(f"{folder / ANSWERS} lacks the columns {', '.join(lacking)}: run again")
    if empty := [name for name in COLUMNS if name != "truth" and table[name].null_count]:
        raise CurateError(f"{folder / ANSWERS} is damaged (a row has no {empty[0]}): run again")
    return Run(folder.name, build, digest, inputs, table.select(list(COLUMNS)))


def finished_runs(runs: Path) -> list[Path]:
    """Return the folders of the finished runs, the newest first."""
    folders = [path.parent for path in runs.glob(f"*/{SUMMARY}") if path.with_name("config.json").is_file()]
    visible = [folder for folder in folders if not folder.name.startswith(".")]
    return sorted(visible, key=lambda folder: ((folder / "config.json").stat().st_mtime_ns, folder.name), reverse=True)


def unfinished_runs(runs: Path) -> dict[str, str]:
    """Return what to do about each run that is still running or was stopped, by name."""
    parts = sorted(path.parent for path in runs.glob(".*.part/config.json"))
    return {part.name[1 : -len(".part")]: _state_of(part) for part in parts}


def known_values(folder: Path) -> dict[str, frozenset[str]]:
    """Return for each target of a run the values that it can name.

    Raises:
        CurateError: The run is not finished, is damaged, or of a version that does not say it.
    """
    path = folder / SUMMARY
    try:
        targets = json.loads(path.read_text("utf-8"))["targets"]
        return {str(name): frozenset(map(str, target["classes"])) for name, target in targets.items()}
    except FileNotFoundError:
        raise CurateError(f"no finished run at {folder}: {_hint(folder)}") from None
    except ValueError as error:
        raise CurateError(f"{path} is damaged ({error}): run again") from None
    except (KeyError, TypeError, AttributeError):
        raise CurateError(
            f"{path} is of another raisonne (it does not say which values each target knows): run again"
        ) from None


def novelty_of(folder: Path) -> Novelty | None:
    """Return how often a run's novelty is wrong about artists; None: it measures none."""
    try:
        content = json.loads((folder / "model.json").read_text("utf-8"))
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise CurateError(f"{folder / 'model.json'} is damaged ({error}): run again") from None
    return novelty_from(content.get("novelty", {}) if isinstance(content, dict) else {})


def novelty_from(by_target: Mapping[str, Any]) -> Novelty | None:
    """Return the error rates of novelty, as a run's model.json and predictions.json have them; None: none."""
    try:
        rates = by_target["artist"]
        return Novelty(float(rates["known_flagged"]), float(rates["unknown_missed"]))
    except (KeyError, TypeError, ValueError):
        return None


def agreeing(probabilities: Sequence[float] | Doubles, hits: Sequence[bool] | NDArray[np.bool_]) -> Doubles:
    """Return for each answer which share of those at least as sure is right."""
    sureness = np.asarray(probabilities, np.float64)
    order = np.argsort(-sureness, kind="stable")
    shares = np.cumsum(np.asarray(hits, np.float64)[order]) / np.arange(1, len(order) + 1)
    as_sure = len(order) - np.searchsorted(sureness[order[::-1]], sureness, "left")  # equally sure ones together
    return np.asarray(shares[as_sure - 1])


def _state_of(part: Path) -> str:
    if is_in_use(part):
        return "it is still running: wait for it"
    return "it was stopped: the 'train run' that began it goes on with it"


def _hint(folder: Path) -> str:
    """Return what to do where a run is absent."""
    if (part := folder.with_name(f".{folder.name}.part")).exists():
        return _state_of(part)
    near = difflib.get_close_matches(folder.name, [path.name for path in finished_runs(folder.parent)])
    return f"did you mean {' or '.join(near)}?" if near else "'train list' shows those that are there"
