"""A run from a dataset to its results: the paper's chapters 2.5 to 3.2 in the order in which they are carried out."""

import logging
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import keras
import pyarrow.parquet

from curate.manifest import BuildInfo, Dataset
from train.config import Config
from train.data.examples import Examples
from train.evaluation.fold import predictions
from train.evaluation.results import known_before, summarise, write_results
from train.experiments.controls import ControlRuns, known_labels
from train.experiments.cross_validation import cross_validate
from train.experiments.estimate import Estimate, estimate
from train.experiments.saved_model import artists_left_out, model_info
from train.models.devices import shared
from train.models.info import write_model_info
from train.runs import STATE, choose_folder, forget_state, run_folder

log = logging.getLogger(__name__)


def use_our_settings() -> None:
    """Set what a user's keras.json may have set otherwise: the networks are made for this layout and precision."""
    keras.config.set_image_data_format("channels_last")
    keras.config.set_floatx("float32")
    keras.config.set_epsilon(1e-7)
    keras.config.set_dtype_policy("float32")


def estimated(examples: Examples, config: Config) -> Estimate:
    """Return what a run would be, from a few steps of it."""
    use_our_settings()
    with shared(config.devices):
        return estimate(examples, config)


def finished_run(
    examples: Examples,
    config: Config,
    *,
    dataset: Dataset,
    build_info: BuildInfo,
    data: Path,
    names: Iterable[str],
) -> Path:
    """Train and validate, or go on where a run was stopped; one that is finished is not repeated.

    Args:
        examples: What to train on.
        config: How.
        dataset: Where the examples are from.
        build_info: The dataset's build.
        data: The data folder.
        names: Of which the run gets the first that no run with other settings has.

    Returns:
        The run's folder, whole but for its report.
    """
    facts = known_before(dataset, build_info, config)
    folder = choose_folder(data / "runs", names, facts)
    if folder.exists():
        log.info(
            "run %s was finished before, with the same settings; for another one, add --seed or --name", folder.name
        )
        forget_state(folder)
        return folder
    with run_folder(folder, facts) as aside:
        train_and_validate(
            examples, config, dataset=dataset, name=folder.name, folder=aside, cache=data / "cache",
            build_info=build_info,
        )  # fmt: skip
    return folder


def train_and_validate(
    examples: Examples,
    config: Config,
    *,
    dataset: Dataset,
    name: str,
    folder: Path,
    cache: Path,
    build_info: BuildInfo,
) -> None:
    """Train, validate and write all that belongs into a run's folder, but for its report.

    Args:
        examples: What to train on.
        config: How.
        dataset: Where the examples are from.
        name: The run's.
        folder: Where to write; it is there and empty.
        cache: The data folder's cache.
        build_info: The dataset's build.
    """
    use_our_settings()
    controls = ControlRuns(examples, config, folder / STATE / "controls", cache)
    variants = known_labels(examples, config) | (controls.other_labels() if config.controls else {})
    folds = cross_validate(examples, config, folder=folder, cache=cache, variants=variants)
    results = summarise(name, dataset=dataset, build_info=build_info, config=config, examples=examples, folds=folds)
    if config.controls:
        results = replace(results, controls=controls.results(folds))
    shutil.copyfile(dataset.folder / "labels.json", folder / "labels.json")  # what model.keras' class numbers mean
    novelty = artists_left_out(examples, config, folder=folder, cache=cache)
    write_model_info(folder, model_info(dataset, config, examples, folds, novelty))
    pyarrow.parquet.write_table(predictions(examples, folds), folder / "predictions.parquet")
    write_results(folder, results)
