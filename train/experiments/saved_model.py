"""What belongs to the network that a run saves: what its inputs and outputs mean, and how far it is to be trusted."""

from collections.abc import Sequence

import numpy as np

from curate.manifest import Dataset, read_build
from train.config import Config
from train.data.encoding import ABSENT
from train.data.examples import Examples
from train.evaluation.fold import Fold
from train.evaluation.thresholds import confidence_of
from train.models.info import InputInfo, ModelInfo, TargetInfo


def model_info(dataset: Dataset, config: Config, examples: Examples, folds: Sequence[Fold]) -> ModelInfo:
    """Describe the network of the first fold, which is the one that is saved.

    Args:
        dataset: What was trained on.
        config: How.
        examples: The dataset as it was trained on.
        folds: What came of it; answers are trusted as far as those on all validated examples were right.
    """
    training = examples.training_rows(folds[0].number)
    words = dataset.vocabulary.get("words", {})
    inputs = {}
    for name in config.label_inputs:
        values = dataset.labels[name]
        occurs = examples.fields[name][training][:, : len(values)].any(axis=0)
        trained = values if not config.may_lack_labels else [values[number] for number in np.flatnonzero(occurs)]
        inputs[name] = InputInfo(values, trained, words.get(name, {}), may_be_absent=config.may_lack_labels)
    targets = {}
    for name, values in examples.classes.items():
        truth = np.concatenate([examples.truths[name][fold.rows] for fold in folds])
        probabilities = np.concatenate([fold.probabilities[name] for fold in folds])
        known = truth != ABSENT
        targets[name] = TargetInfo(values, confidence_of(truth[known], probabilities[known], folds=len(folds)))
    return ModelInfo(
        config.side,
        config.views if config.has_image else 0,
        inputs,
        targets,
        {"build": dataset.build.name, "dataset": dataset.name, "manifest_sha256": dataset.digest},
        read_build(dataset.build).options.bin_years,
    )
