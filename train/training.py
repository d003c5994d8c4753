"""A run from a dataset to its report: the paper's chapters 2.5 to 3.2 in the order in which they are carried out."""

import shutil
from pathlib import Path

from curate.manifest import BuildInfo, Dataset
from train.config import Config
from train.examples import examples_of
from train.experiment import cross_validate
from train.report import table, write_report
from train.summary import Summary, summarise


def train_and_report(
    dataset: Dataset, config: Config, *, name: str, folder: Path, cache: Path, build_info: BuildInfo
) -> tuple[Summary, str]:
    """Train, validate and write all that belongs into a run's folder.

    Args:
        dataset: What to train on.
        config: How.
        name: The run's, for the report.
        folder: Where to write; it is there and empty.
        cache: The data folder's cache.
        build_info: The dataset's build.

    Returns:
        The summary, and its figures as a small table.
    """
    examples = examples_of(dataset, config)
    folds = cross_validate(examples, config, folder=folder, cache=cache)
    summary = summarise(name, dataset=dataset, build_info=build_info, config=config, examples=examples, folds=folds)
    shutil.copyfile(dataset.folder / "labels.json", folder / "labels.json")  # what model.keras' class numbers mean
    write_report(folder, summary, examples=examples, folds=folds)
    return summary, table(summary)
