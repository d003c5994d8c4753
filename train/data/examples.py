"""From a manifest to examples: one-hot labels in, class numbers out, and the fold that each is validated in."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from curate.manifest import Dataset
from train.config import Config, TrainError
from train.data.encoding import ABSENT, Floats, Ints, Rows, one_hot, restricted
from train.data.splits import LEFT_OUT, Folds, Sample, build_folds, folds_of

__all__ = ["Examples", "Floats", "Ints", "Rows", "examples_of"]

DIGEST = "picture_sha256"  # the manifest's column of the pictures' digests, where it has one


@dataclass(frozen=True, slots=True)
class Examples:
    """What a run learns from, row by row of the manifest."""

    ids: list[str]  # content_id
    images: list[Path]
    fields: dict[str, Floats]  # the label inputs: (examples, places), as `encoding` says
    truths: dict[str, Ints]  # the targets: (examples,), class numbers, ABSENT where an example has none
    classes: dict[str, list[Any]]  # for each target its values, in the order of their class numbers
    folds: Folds  # (examples,), which one validates it, 0-4; else whether it is trained on
    inner_folds: Folds  # (examples,), the build's, by which penalties are chosen within the training examples
    sources: list[str]
    sample: Sample | None = None  # of each artist's examples, to train on; None: all

    def training_rows(self, fold: int) -> Rows:
        """Return the rows that fold `fold` is trained on."""
        rows = np.flatnonzero((self.folds != fold) & (self.folds != LEFT_OUT))
        return rows if self.sample is None else self.sample.among(rows)

    def validated_rows(self, fold: int) -> Rows:
        """Return the rows that fold `fold` is validated on."""
        return np.flatnonzero(self.folds == fold)

    def in_vocabulary_of(self, rows: Rows, fields: Mapping[str, Floats] | None = None) -> "Examples":
        """Return the examples, shown only those values of their labels that occur in these rows; others are UNKNOWN.

        Args:
            rows: A training fold's.
            fields: What is shown in place of their own labels.
        """
        shown = fields or self.fields
        return replace(
            self, fields={name: restricted(shown[name], values[rows]) for name, values in self.fields.items()}
        )

    @property
    def input_sizes(self) -> dict[str, int]:
        """How many places each label among the inputs has."""
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
    may_lack = config.may_lack_labels
    fields = {
        name: one_hot(
            _class_numbers(dataset, name, may_lack=may_lack), len(dataset.labels[name]), with_unknown=may_lack
        )
        for name in config.label_inputs
    }
    truths = {name: _class_numbers(dataset, name, may_lack=may_lack) for name in config.targets}
    for name, numbers in truths.items():
        if len(np.unique(numbers[numbers != ABSENT])) < 2:
            raise TrainError(
                f"dataset {dataset.title} has fewer than 2 values of {name}, nothing can be learnt from that: "
                "choose another dataset, or leave it out of --targets"
            )
    folds = folds_of(dataset, config, fold_column)
    if config.has_image:
        _expect_images(dataset)
    return Examples(
        ids=dataset.rows["content_id"].to_pylist(),
        images=dataset.images if config.has_image else [],
        fields=fields,
        truths=truths,
        classes={name: dataset.labels[name] for name in config.targets},
        folds=folds,
        inner_folds=build_folds(dataset, fold_column) if config.is_split_once else folds,
        sources=dataset.rows["source"].to_pylist(),
        sample=None if config.per_artist is None else Sample.of(dataset, config.per_artist, config.seed),
    )


def _expect_images(dataset: Dataset) -> None:
    """Refuse a build whose images are absent, or others than those that its manifest describes."""
    images = dataset.images
    if len(images) < dataset.rows.num_rows:
        raise TrainError(
            f"dataset {dataset.title} was built without pictures: build without --no-images, "
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


def _class_numbers(dataset: Dataset, label: str, *, may_lack: bool) -> Ints:
    values = dataset.rows[label].to_pylist()
    absent = values.count(None)
    if absent and not may_lack:
        raise TrainError(
            f"{absent} of the {len(values)} examples in dataset {dataset.title} have no {label}: train with "
            f"--vocabulary fold, build with 'curate build --require {label}', or leave {label} out of --inputs and "
            "--targets"
        )
    number: dict[Any, int] = {value: place for place, value in enumerate(dataset.labels[label])} | {None: ABSENT}
    unknown = next((value for value in values if value not in number), None)
    if unknown is not None:
        raise TrainError(
            f"{dataset.folder / 'labels.json'} does not list {label} {unknown!r} of the manifest: build again"
        )
    return np.array([number[value] for value in values], dtype=np.int32)
