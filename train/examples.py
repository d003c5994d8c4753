"""From a manifest to examples: one-hot labels in, class numbers out, and the fold that each is validated in."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curate.manifest import FOLDS, Dataset
from train.config import Config, TrainError

Ints = NDArray[np.int32]
Floats = NDArray[np.float32]

FOLD = "fold_random"  # the paper's protocol: folds at random, stratified by artist


@dataclass(frozen=True, slots=True)
class Examples:
    """What a run learns from, row by row of the manifest."""

    ids: list[str]  # content_id
    images: list[Path]
    fields: dict[str, Floats]  # the label inputs, one-hot: (examples, values of the label), 0 or 1
    truths: dict[str, Ints]  # the targets: (examples,), class numbers
    classes: dict[str, list[Any]]  # for each target its values, in the order of their class numbers
    folds: NDArray[np.int8]  # (examples,), 0-4

    def training_rows(self, fold: int) -> NDArray[np.intp]:
        """Return the rows that fold `fold` is trained on."""
        return np.flatnonzero(self.folds != fold)

    def validated_rows(self, fold: int) -> NDArray[np.intp]:
        """Return the rows that fold `fold` is validated on."""
        return np.flatnonzero(self.folds == fold)

    @property
    def input_sizes(self) -> dict[str, int]:
        """How many values each label among the inputs has."""
        return {name: values.shape[1] for name, values in self.fields.items()}

    @property
    def target_sizes(self) -> dict[str, int]:
        """How many classes each target has."""
        return {name: len(values) for name, values in self.classes.items()}


def examples_of(dataset: Dataset, config: Config) -> Examples:
    """Read the examples of a dataset.

    Raises:
        TrainError: The dataset lacks a label, an image or a fold that this run needs.
    """
    fields = {name: _one_hot(_numbers(dataset, name), len(dataset.labels[name])) for name in config.label_inputs}
    truths = {name: _numbers(dataset, name) for name in config.targets}
    for name, numbers in truths.items():
        if len(np.unique(numbers)) < 2:
            raise TrainError(
                f"dataset {_title(dataset)} has fewer than 2 values of {name}, nothing can be learnt from that: "
                "choose another dataset, or leave it out of --targets"
            )
    folds = _folds(dataset, config.folds)
    if config.has_image:
        _check_images(dataset.images)
    return Examples(
        ids=dataset.rows["content_id"].to_pylist(),
        images=dataset.images if config.has_image else [],
        fields=fields,
        truths=truths,
        classes={name: dataset.labels[name] for name in config.targets},
        folds=folds,
    )


def _numbers(dataset: Dataset, label: str) -> Ints:
    values = dataset.rows[label].to_pylist()
    absent = values.count(None)
    if absent:
        raise TrainError(
            f"{absent} of the {len(values)} paintings in dataset {_title(dataset)} have no {label}: "
            f"build with 'curate build --require {label}', or leave {label} out of --inputs and --targets"
        )
    number = {value: place for place, value in enumerate(dataset.labels[label])}
    unknown = next((value for value in values if value not in number), None)
    if unknown is not None:
        raise TrainError(
            f"{dataset.folder / 'labels.json'} does not list {label} {unknown!r} of the manifest: build again"
        )
    return np.array([number[value] for value in values], dtype=np.int32)


def _one_hot(numbers: Ints, size: int) -> Floats:
    field = np.zeros((len(numbers), size), np.float32)
    field[np.arange(len(numbers)), numbers] = 1
    return field


def _folds(dataset: Dataset, wanted: int) -> NDArray[np.int8]:
    folds = dataset.rows[FOLD].to_pylist()
    if None in folds:
        raise TrainError(
            f"{folds.count(None)} of the {len(folds)} paintings in dataset {_title(dataset)} have no {FOLD}: "
            "build again with 'curate build'"
        )
    for fold in range(wanted):
        if folds.count(fold) in (0, len(folds)):
            raise TrainError(
                f"fold {fold} of dataset {_title(dataset)} holds {folds.count(fold)} of its {len(folds)} paintings, "
                f"nothing to validate or to train on: the build must have {FOLDS} folds, build again"
            )
    return np.array(folds, dtype=np.int8)


def _check_images(images: Sequence[Path]) -> None:
    absent = [path for path in images if not path.is_file()]
    if absent:
        raise TrainError(
            f"{len(absent)} of the build's {len(images)} images are absent (first: {absent[0]}): "
            "delete the build's folder and build again with 'curate build', or leave image out of --inputs"
        )


def _title(dataset: Dataset) -> str:
    return f"{dataset.build.name}/{dataset.name}"
