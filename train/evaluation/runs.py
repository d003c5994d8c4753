"""Runs beside each other: what each says of the same examples, compared with the first."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet

from train.config import TrainError
from train.evaluation.comparison import Difference, by_example, by_fold
from train.evaluation.fold import PREDICTIONS


@dataclass(frozen=True, slots=True)
class RunPredictions:
    """What a run said of a target: by example its fold, and whether it was right."""

    run: str
    truths: dict[str, str]  # by content_id
    folds: dict[str, int]
    hits: dict[str, bool]


@dataclass(frozen=True, slots=True)
class ComparedRun:
    """One run beside the first one, on the examples that both have validated."""

    target: str
    run: str
    examples: int
    top1: float
    by_example: Difference  # to the first run
    by_fold: Difference | None  # None: the folds are not the same


def compare_runs(folders: Sequence[Path]) -> list[ComparedRun]:
    """Compare the first run with each of the others, target by target.

    Raises:
        TrainError: One is no run, or two have nothing in common.
    """
    tables = [_read(folder) for folder in folders]
    targets = [set(table["target"].unique().to_pylist()) for table in tables]
    common = [
        target for target in tables[0]["target"].unique().to_pylist() if all(target in names for names in targets)
    ]
    if not common:
        raise TrainError(f"{', '.join(folder.name for folder in folders)} have no target in common: nothing to compare")
    compared = []
    for target in common:
        first, *others = [
            _predictions(folder.name, table, target) for folder, table in zip(folders, tables, strict=True)
        ]
        compared += [_compared(target, first, other) for other in others]
    return compared


def _compared(target: str, first: RunPredictions, other: RunPredictions) -> ComparedRun:
    ids = [name for name in first.hits if name in other.hits]
    if not ids:
        raise TrainError(f"{first.run} and {other.run} have validated no example in common: nothing to compare")
    if any(first.truths[name] != other.truths[name] for name in ids):
        raise TrainError(
            f"{first.run} and {other.run} were told different values of {target}: compare runs on the same build"
        )
    one, two = (np.array([run.hits[name] for name in ids]) for run in (other, first))
    return ComparedRun(
        target, other.run, len(ids), float(one.mean()), by_example(one, two), _by_fold(ids, first=first, other=other)
    )


def _by_fold(ids: Sequence[str], *, first: RunPredictions, other: RunPredictions) -> Difference | None:
    if any(first.folds[name] != other.folds[name] for name in ids):
        return None
    folds = np.array([first.folds[name] for name in ids])
    accuracies = [
        [float(hits[folds == fold].mean()) for fold in np.unique(folds)]
        for hits in (np.array([run.hits[name] for name in ids]) for run in (other, first))
    ]
    return by_fold(*accuracies)


def _read(folder: Path) -> pa.Table:
    try:
        table = pyarrow.parquet.read_table(folder / "predictions.parquet", use_threads=False, pre_buffer=False)
    except FileNotFoundError:
        raise TrainError(f"no run at {folder} (no predictions.parquet in it): make one with 'train run'") from None
    except (pa.ArrowException, OSError) as error:
        raise TrainError(f"{folder / 'predictions.parquet'} is damaged ({error}): run again") from None
    if not table.schema.equals(PREDICTIONS):
        raise TrainError(f"{folder / 'predictions.parquet'} has other columns than this program writes: run again")
    return table


def _predictions(run: str, table: pa.Table, target: str) -> RunPredictions:
    rows = [row for row in table.to_pylist() if row["target"] == target and row["truth"] is not None]
    return RunPredictions(
        run,
        {row["content_id"]: row["truth"] for row in rows},
        {row["content_id"]: row["fold"] for row in rows},
        {row["content_id"]: row["predicted"] == row["truth"] for row in rows},
    )
