"""The plan carried out run by run, and what it would take."""

import logging
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras

from curate.manifest import BuildInfo
from harvest.console.text import duration
from train.data.examples import Examples, examples_of
from train.experiments.estimate import FEATURES
from train.experiments.run import estimated, finished_run
from train.paper.plan import Plan, PlannedRun
from train.runs import SUMMARY

log = logging.getLogger(__name__)

Runs = dict[tuple[str, str], Path]  # by dataset and variant


@dataclass(frozen=True, slots=True)
class RunTime:
    """How long a run is likely to take."""

    run: PlannedRun
    seconds: float  # 0: it is finished
    is_finished: bool


def carry_out(plan: Plan, build_info: BuildInfo, data: Path) -> Runs:
    """Return the folders of all runs; those that are finished are not repeated.

    Args:
        plan: Which runs.
        build_info: Of the build.
        data: The data folder.
    """
    datasets = {dataset.name: dataset for dataset in plan.datasets}
    runs: Runs = {}
    for number, run in enumerate(plan.runs, 1):
        name = run.name(plan.request.name)
        log.info("run %d of %d: %s, for %s", number, len(plan.runs), name, ", ".join(run.serves))
        began = time.monotonic()
        keras.utils.clear_session()  # else each run's graphs stay in memory
        runs[run.dataset, run.variant] = finished_run(
            _examples(plan, run),
            run.config,
            dataset=datasets[run.dataset],
            build_info=build_info,
            data=data,
            names=[name],
        )
        log.info("run %d of %d took %s", number, len(plan.runs), duration(time.monotonic() - began))
    return runs


def times(plan: Plan, data: Path) -> list[RunTime]:
    """Return how long each run is likely to take, from a few steps of one of each kind; features once a backbone.

    Args:
        plan: Which runs.
        data: The data folder.
    """
    by_step: dict[Any, float] = {}
    with_features: set[Any] = set()
    found = []
    for run in plan.runs:
        if (data / "runs" / run.name(plan.request.name) / SUMMARY).is_file():
            found.append(RunTime(run, 0.0, is_finished=True))
            continue
        examples, config = _examples(plan, run), run.config
        steps = sum(-(-len(examples.training_rows(fold)) // config.batch_size) for fold in range(config.folds))
        steps *= config.epochs
        kind = (config.backbone, config.tune, config.side) if config.has_image else ()
        key = (kind, bool(config.label_inputs), config.global_units)
        features = 0.0
        if key not in by_step:
            parts = estimated(examples, config).seconds
            by_step[key] = sum(seconds for part, seconds in parts.items() if not part.startswith(FEATURES)) / steps
            if kind not in with_features:
                features = sum(seconds for part, seconds in parts.items() if part.startswith(FEATURES))
                with_features.add(kind)
        found.append(RunTime(run, features + by_step[key] * steps, is_finished=False))
    return found


def _examples(plan: Plan, run: PlannedRun) -> Examples:
    dataset = next(dataset for dataset in plan.datasets if dataset.name == run.dataset)
    return examples_of(dataset, run.config, fold_column=f"fold_{run.config.protocol}")
