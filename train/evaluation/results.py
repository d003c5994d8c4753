"""The results of a run as plain values: report.json, to which the report adds what it finds in the predictions."""

import hashlib
import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from curate.manifest import FOLDS, LABELS, BuildInfo, Dataset
from harvest.version import version
from train.config import Config
from train.data.encoding import ABSENT, subsets
from train.data.examples import Examples
from train.evaluation import metrics
from train.evaluation.calibration import Calibration, calibration
from train.evaluation.controls import Controls
from train.evaluation.decades import PairResults, lives_of, pair_results
from train.evaluation.deviations import listed, notes_on
from train.evaluation.fold import Fold, variant_of
from train.models.devices import device_names

PACKAGES = ("keras", "tensorflow", "jax", "torch", "numpy", "scikit-learn", "pillow", "pyarrow")


@dataclass(frozen=True, slots=True)
class DatasetResults:
    """What was trained on, as the paper's Table 1 describes it and a little more."""

    build: str
    name: str
    sha256: str  # of the Parquet manifest
    paintings: int
    classes: dict[str, int]  # values of each label
    years: list[int] | None  # the first and the last
    sources: list[str]
    notes: list[str]  # the build's


@dataclass(frozen=True, slots=True)
class CommonestValue:
    """What always naming the commonest value would reach."""

    value: Any
    share: float


@dataclass(frozen=True, slots=True)
class BestOnValidation:
    """The epochs that were best on the validation folds, as the first target judges, and the accuracy there."""

    epochs: list[int]  # by fold, from 1
    top1: metrics.Spread


@dataclass(frozen=True, slots=True)
class Confusion:
    """A value that was taken for another."""

    true: Any
    predicted: Any
    examples: int
    share: float  # of the examples of the true value


@dataclass(frozen=True, slots=True)
class ClassResults:
    """How well one value is named."""

    value: Any
    precision: float
    recall: float
    f1: float
    examples: int


@dataclass(frozen=True, slots=True)
class SourceResults:
    """How well one source's examples are named."""

    source: str
    top1: float
    examples: int


@dataclass(frozen=True, slots=True)
class KnownLabels:
    """What the same networks reach where only some of their label inputs are known."""

    known: list[str]
    top1: dict[str, metrics.Spread]  # by target


@dataclass(frozen=True, slots=True)
class TargetResults:
    """How well one target is named."""

    classes: list[Any]
    commonest: CommonestValue
    ceiling: metrics.Spread  # the share of examples whose value occurs in the training folds
    metrics: dict[str, metrics.Spread]
    folds: list[dict[str, float]]  # the same metrics, fold by fold
    best_on_validation: BestOnValidation
    calibration: Calibration
    confused: list[Confusion]  # the commonest errors first
    by_class: list[ClassResults]
    by_source: list[SourceResults]


@dataclass(frozen=True, slots=True)
class Seconds:
    """How long the run took."""

    folds: list[float]


@dataclass(frozen=True, slots=True)
class Results:
    """Everything that a run came to."""

    run: str
    title: str
    dataset: DatasetResults
    config: Config
    versions: dict[str, str]
    protocol: str  # in a sentence, what was trained on and what validated
    targets: dict[str, TargetResults]
    by_known_labels: list[KnownLabels]
    pairs: PairResults | None  # None: artist and decade are not both targets
    notes: list[str]
    seconds: Seconds
    controls: Controls | None  # None: not asked for

    def as_json(self) -> dict[str, Any]:
        """Return the content of report.json."""
        return asdict(self) | {"config": self.config.used()}


def summarise(
    name: str,
    *,
    dataset: Dataset,
    build_info: BuildInfo,
    config: Config,
    examples: Examples,
    folds: Sequence[Fold],
) -> Results:
    """Sum a run up.

    Args:
        name: The run's.
        dataset: What was trained on.
        build_info: Its build.
        config: What was asked for.
        examples: The dataset as it was trained on.
        folds: What came of it.
    """
    return Results(
        run=name,
        title=title_of(config),
        dataset=dataset_results(dataset, build_info),
        config=config,
        versions=versions(config),
        targets={
            target: target_results(target, examples, folds, bin_years=build_info.options.bin_years)
            for target in config.targets
        },
        protocol=protocol_of(examples, config),
        by_known_labels=by_known_labels(examples, config, folds),
        pairs=pair_results(examples, folds, lives=lives_of(dataset), bin_years=build_info.options.bin_years)
        if {"artist", "decade"} <= set(config.targets)
        else None,
        notes=notes_on(config),
        seconds=Seconds([round(fold.seconds, 1) for fold in folds]),
        controls=None,
    )


def write_results(folder: Path, results: Results) -> None:
    """Write report.json."""
    content = json.dumps(results.as_json(), ensure_ascii=False, indent=2)
    (folder / "report.json").write_text(content + "\n", encoding="utf-8")


def known_before(dataset: Dataset, build_info: BuildInfo, config: Config) -> dict[str, Any]:
    """Return the content of config.json, but for the run's name: all that is known before the first epoch."""
    files = {name: getattr(config, name) for name in ("backbone", "weights") if config.has_image}
    return {
        "dataset": asdict(dataset_results(dataset, build_info)),
        "config": config.used(),
        "versions": versions(config),
        "files": {
            f"{name} file": hashlib.sha256(Path(path).read_bytes()).hexdigest()
            for name, path in files.items()
            if Path(path).is_file()
        },
    }


def dataset_results(dataset: Dataset, build_info: BuildInfo) -> DatasetResults:
    """Describe a dataset and its build."""
    years = dataset.rows["year"].drop_null().to_pylist()
    return DatasetResults(
        build=dataset.build.name,
        name=dataset.name,
        sha256=dataset.digest,
        paintings=dataset.rows.num_rows,
        classes={label: len(dataset.labels[label]) for label in LABELS},
        years=[min(years), max(years)] if years else None,
        sources=sorted(dataset.rows["source"].drop_null().unique().to_pylist()),
        notes=build_info.notes,
    )


def title_of(config: Config) -> str:
    """Return in a line what is predicted from what: "artist and decade from image, genre and style"."""
    return f"{listed(config.targets)} from {listed(config.inputs)}"


def protocol_of(examples: Examples, config: Config) -> str:
    """Return in a sentence what was trained on and what was validated."""
    training, validated = len(examples.training_rows(0)), len(examples.validated_rows(0))
    if config.test_source is not None:
        return (
            f"One network was trained on {training} examples of other sources and validated on {validated} of "
            f"{config.test_source}."
        )
    if config.split_year is not None:
        left_out = len(examples.ids) - training - validated
        return (
            f"One network was trained on {training} examples from before {config.split_year} and validated on "
            f"{validated} from then on; {left_out} without a year were left out."
        )
    if config.folds == FOLDS:
        return (
            "Each example was judged once, by a network that had not seen it in training: five-fold cross-validation, "
            "80 % to train and 20 % to validate."
        )
    run = "was" if config.folds == 1 else "were"
    return f"Only {config.folds} of the build's five folds {run} run: each trains on 80 % and validates on 20 %."


def versions(config: Config) -> dict[str, str]:
    """Return the versions of what computed the run, and which backend and devices Keras ran on."""
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors"
    names = {"python": platform.python_version(), "backend": keras.config.backend(), "machine": machine}
    names["devices"] = ", ".join(device_names()[: config.devices])
    names["raisonne"] = version()
    for package in PACKAGES:
        try:
            names[package] = version_of(package)
        except PackageNotFoundError:
            continue
    return names


def target_results(target: str, examples: Examples, folds: Sequence[Fold], *, bin_years: int) -> TargetResults:
    """Judge the predictions of one target.

    Args:
        target: Its name.
        examples: The dataset as it was trained on.
        folds: What came of it.
        bin_years: Width of a decade.
    """
    classes = examples.classes[target]
    truths = examples.truths[target]
    known = [fold.rows[truths[fold.rows] != ABSENT] for fold in folds]  # the others cannot be judged
    truth_by_fold = [truths[rows] for rows in known]
    shares_by_fold = [fold.probabilities[target][truths[fold.rows] != ABSENT] for fold in folds]
    predicted_by_fold = [shares.argmax(axis=1) for shares in shares_by_fold]
    truth, predicted = np.concatenate(truth_by_fold), np.concatenate(predicted_by_fold)
    counts = metrics.confusions(truth, predicted, len(classes))
    support = counts.sum(axis=1)
    common, share = metrics.commonest(truths[truths != ABSENT])
    scores = []
    for truths_of_fold, shares in zip(truth_by_fold, shares_by_fold, strict=True):
        scores.append(metrics.scores(truths_of_fold, shares))
        if target == "decade":
            scores[-1] |= metrics.year_scores(truths_of_fold, shares.argmax(axis=1), classes, bin_years)
    ceilings = [
        metrics.ceiling(truths[examples.training_rows(fold.number)], truths_of_fold)
        for fold, truths_of_fold in zip(folds, truth_by_fold, strict=True)
    ]
    return TargetResults(
        classes=classes,
        commonest=CommonestValue(classes[common], share),
        ceiling=metrics.spread(ceilings),
        metrics={name: metrics.spread([fold_scores[name] for fold_scores in scores]) for name in scores[0]},
        folds=scores,
        best_on_validation=_best_on_validation(target, next(iter(examples.truths)), folds),
        calibration=calibration(
            truth,
            np.concatenate(shares_by_fold),
            np.repeat([fold.number for fold in folds], [len(rows) for rows in known]),
            _temperatures(target, folds, [len(rows) for rows in known]),
        ),
        confused=[
            Confusion(classes[row], classes[column], number, number / int(support[row]))
            for row, column, number in metrics.most_confused(counts)
        ],
        by_class=[
            ClassResults(value, *values)
            for value, values in zip(classes, metrics.class_scores(counts), strict=True)
            if values[-1]
        ],
        by_source=_by_source(np.array(examples.sources)[np.concatenate(known)], truth == predicted),
    )


def by_known_labels(examples: Examples, config: Config, folds: Sequence[Fold]) -> list[KnownLabels]:
    """Return what is reached for each subset of the label inputs, where any of them may be absent."""
    if not config.may_lack_labels or not config.label_inputs:
        return []
    known = subsets(config.label_inputs)
    shown = [
        [fold.variants[variant_of(labels)] if labels != known[-1] else fold.probabilities for fold in folds]
        for labels in known
    ]
    return [
        KnownLabels(
            list(labels),
            {
                target: metrics.spread(
                    [
                        metrics.accuracy(examples.truths[target][fold.rows], probabilities[target])
                        for fold, probabilities in zip(folds, shown_by_fold, strict=True)
                    ]
                )
                for target in config.targets
            },
        )
        for labels, shown_by_fold in zip(known, shown, strict=True)
    ]


def _temperatures(target: str, folds: Sequence[Fold], examples: Sequence[int]) -> NDArray[np.float64] | None:
    """Return by what each validated example's scores were divided; None: they were not."""
    temperatures = [fold.epochs[-1].get(f"{target}_temperature") for fold in folds]
    return None if None in temperatures else np.repeat(np.array(temperatures, np.float64), examples)


def _by_source(sources: NDArray[np.str_], hits: NDArray[np.bool_]) -> list[SourceResults]:
    return [
        SourceResults(str(source), float(hits[sources == source].mean()), int((sources == source).sum()))
        for source in np.unique(sources)
    ]


def _best_on_validation(target: str, judge: str, folds: Sequence[Fold]) -> BestOnValidation:
    places = [int(np.argmax([line[f"val_{judge}_accuracy"] for line in fold.epochs])) for fold in folds]
    reached = [fold.epochs[place][f"val_{target}_accuracy"] for fold, place in zip(folds, places, strict=True)]
    return BestOnValidation([place + 1 for place in places], metrics.spread(reached))
