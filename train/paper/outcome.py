"""What the runs came to, beside what the paper says: all that tables and figures are made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from curate.manifest import BuildInfo, DatasetInfo
from train.evaluation.comparison import Difference, by_example, by_fold
from train.paper.plan import MULTI, SINGLE, Plan
from train.paper.published import DATASETS, PublishedDataset
from train.report.run_files import RunFiles, read_run

ARTIST = "artist"


@dataclass(frozen=True)
class Outcome:
    """The plan, and its runs."""

    plan: Plan
    build_info: BuildInfo
    runs: Mapping[tuple[str, str], RunFiles]  # by dataset and variant

    def run(self, dataset: str, variant: str) -> RunFiles:
        """Return a run; of a dataset that holds the same paintings as another, the other's."""
        return self.runs[self.plan.same.get(dataset, dataset), variant]

    def strictest(self, variant: str) -> RunFiles:
        """Return a run on the dataset with the highest threshold."""
        return self.run(self.plan.strictest.name, variant)

    @cached_property
    def published(self) -> dict[str, PublishedDataset]:
        """Which of the paper's datasets stands beside each of ours."""
        return beside(self.infos)

    @property
    def infos(self) -> list[DatasetInfo]:
        """The build's datasets that were trained on, or hold the same paintings as one that was."""
        known = {dataset.name for dataset in self.plan.datasets} | self.plan.same.keys()
        return [info for info in self.build_info.datasets if info.name in known]

    @cached_property
    def gains(self) -> list["Gain"]:
        """What the labels bring on each dataset."""
        return [gain_of(info, self.run(info.name, SINGLE), self.run(info.name, MULTI)) for info in self.infos]


@dataclass(frozen=True, slots=True)
class Gain:
    """What the labels bring beside the image, in top-1 accuracy of the artist."""

    dataset: str
    rule: str
    single: float  # mean over the folds
    multi: float
    by_example: Difference
    by_fold: Difference


def outcome_of(plan: Plan, build_info: BuildInfo, folders: Mapping[tuple[str, str], Path]) -> Outcome:
    """Read the runs."""
    return Outcome(plan, build_info, {key: read_run(folder) for key, folder in folders.items()})


def beside(infos: Sequence[DatasetInfo]) -> dict[str, PublishedDataset]:
    """Return the paper's dataset for each of ours: `all` beside its own, the strictest beside >300, and so on down."""
    thresholds = [info.name for info in infos if info.name != "all"]
    published = dict(zip(reversed(thresholds), reversed(DATASETS[1:]), strict=False))
    return {info.name: DATASETS[0] for info in infos if info.name == "all"} | published


def gain_of(info: DatasetInfo, single: RunFiles, multi: RunFiles) -> Gain:
    """Compare the two networks on the same examples and folds."""
    one, two = single.predictions[ARTIST], multi.predictions[ARTIST]
    hits = dict(zip(one.ids, one.hits, strict=True))
    accuracies = [[fold["top1"] for fold in run.summary["targets"][ARTIST]["folds"]] for run in (multi, single)]
    return Gain(
        info.name,
        info.rule,
        top1(single)["mean"],
        top1(multi)["mean"],
        by_example(two.hits, np.array([hits[name] for name in two.ids])),
        by_fold(*accuracies),
    )


def top1(run: RunFiles, target: str = ARTIST) -> dict[str, float]:
    """Return mean and standard deviation of the top-1 accuracy."""
    return dict(run.summary["targets"][target]["metrics"]["top1"])


def accuracy_among(run: RunFiles, artists: Sequence[str]) -> tuple[float, int]:
    """Return the accuracy over the paintings of these artists alone, and how many there are."""
    predictions = run.predictions[ARTIST]
    numbers = [predictions.classes.index(artist) for artist in artists]
    among = np.isin(predictions.truth, numbers)
    return float(predictions.hits[among].mean()), int(among.sum())
