"""From a manifest to examples: one-hot labels in, class numbers out, and the fold that each is validated in."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curate.manifest import FOLD_COLUMNS, FOLDS, Dataset
from train.config import Config, TrainError

Ints = NDArray[np.int32]
Floats = NDArray[np.float32]
Rows = NDArray[np.intp]  # places of examples

DIGEST = "picture_sha256"  # the manifest's column of the pictures' digests, where it has one


@dataclass(frozen=True, slots=True)
class Examples:
    """What a run learns from, row by row of the manifest."""

    ids: list[str]  # content_id
    images: list[Path]
    fields: dict[str, Floats]  # the label inputs, one-hot: (examples, values of the label), 0 or 1
    truths: dict[str, Ints]  # the targets: (examples,), class numbers
    classes: dict[str, list[Any]]  # for each target its values, in the order of their class numbers
    folds: NDArray[np.int8]  # (examples,), 0-4; -1: trained on, never validated

    def training_rows(self, fold: int) -> Rows:
        """Return the rows that fold `fold` is trained on."""
        return np.flatnonzero(self.folds != fold)

    def validated_rows(self, fold: int) -> Rows:
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


def examples_of(dataset: Dataset, config: Config, *, fold_column: str = "fold_random") -> Examples:
    """Read the examples of a dataset.

    Args:
        dataset: What to learn from.
        config: Which inputs, targets and folds.
        fold_column: Of the manifest, that says which fold validates an example; the paper's are random, stratified by
            artist.

    Raises:
        TrainError: The dataset lacks a label, an image or a fold that this run needs.
    """
    fields = {}
    for name in config.label_inputs:
        fields[name] = np.zeros((dataset.rows.num_rows, len(dataset.labels[name])), np.float32)
        fields[name][np.arange(dataset.rows.num_rows), _class_numbers(dataset, name)] = 1
    truths = {name: _class_numbers(dataset, name) for name in config.targets}
    for name, numbers in truths.items():
        if len(np.unique(numbers)) < 2:
            raise TrainError(
                f"dataset {_title(dataset)} has fewer than 2 values of {name}, nothing can be learnt from that: "
                "choose another dataset, or leave it out of --targets"
            )
    folds = _fold_numbers(dataset, fold_column, config.folds)
    if config.has_image:
        _expect_images(dataset)
    return Examples(
        ids=dataset.rows["content_id"].to_pylist(),
        images=dataset.images if config.has_image else [],
        fields=fields,
        truths=truths,
        classes={name: dataset.labels[name] for name in config.targets},
        folds=folds,
    )


def _expect_images(dataset: Dataset) -> None:
    """Refuse a build whose images are absent, or others than those that its manifest describes."""
    images = dataset.images
    if len(images) < dataset.rows.num_rows:
        raise TrainError(
            f"dataset {_title(dataset)} was built without pictures: build without --no-images, "
            "or leave image out of --inputs"
        )
    absent = [path for path in images if not path.is_file()]
    changed = []
    if DIGEST in dataset.rows.column_names and not absent:
        changed = [
            path
            for path, digest in zip(images, dataset.rows[DIGEST].to_pylist(), strict=True)
            if digest is not None and hashlib.sha256(path.read_bytes()).hexdigest() != digest
        ]
    for paths, fault in ((absent, "absent"), (changed, "not what its manifest says, by their SHA-256")):
        if paths:
            raise TrainError(
                f"{len(paths)} of the build's {len(images)} images are {fault} (first: {paths[0]}): "
                "delete the build's folder and build again with 'curate build', or leave image out of --inputs"
            )


def _class_numbers(dataset: Dataset, label: str) -> Ints:
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


def _fold_numbers(dataset: Dataset, column: str, wanted: int) -> NDArray[np.int8]:
    """Return each example's fold, those wanted being there to validate and to train on."""
    if column not in FOLD_COLUMNS or column not in dataset.rows.column_names:
        raise TrainError(f"the manifest has no column {column!r} of folds: choose of {', '.join(FOLD_COLUMNS)}")
    folds = dataset.rows[column].to_pylist()
    if folds.count(None) == len(folds):
        raise TrainError(
            f"no painting in dataset {_title(dataset)} has a {column}: build again with 'curate build', "
            "or choose another --protocol"
        )
    for fold in range(wanted):
        if folds.count(fold) in (0, len(folds)):
            raise TrainError(
                f"fold {fold} of dataset {_title(dataset)} holds {folds.count(fold)} of its {len(folds)} paintings, "
                f"nothing to validate or to train on: the build must have {FOLDS} folds, build again"
            )
    return np.array([-1 if fold is None else fold for fold in folds], dtype=np.int8)


def _title(dataset: Dataset) -> str:
    return f"{dataset.build.name}/{dataset.name}"
