"""What belongs to the network that a run saves: what its inputs and outputs mean, and how far it is to be trusted."""

from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np

from curate.manifest import Dataset, read_build
from train.config import Config
from train.data.encoding import ABSENT
from train.data.examples import Examples
from train.evaluation.decades import decade_with_artist, works_of
from train.evaluation.fold import Fold
from train.evaluation.novelty import measured
from train.evaluation.thresholds import confidence_of
from train.experiments.features import saved_features
from train.models.info import WEIGHTS, InputInfo, ModelInfo, NoveltyInfo, TargetInfo
from train.models.novelty import write_known_classes

ARTIST = "artist"  # whose unknown values are told from known ones
PAIR = {"artist", "decade"}  # targets that are read together

Novelties = dict[str, NoveltyInfo]  # by target


def model_info(
    dataset: Dataset, config: Config, examples: Examples, folds: Sequence[Fold], novelty: Novelties
) -> ModelInfo:
    """Describe the network of the first fold, which is the one that is saved.

    Args:
        dataset: What was trained on.
        config: How.
        examples: The dataset as it was trained on.
        folds: What came of it; answers are trusted as far as those on all validated examples were right.
        novelty: What `artists_left_out` returns.
    """
    training = examples.training_rows(folds[0].number)
    words = dataset.vocabulary.get("words", {})
    inputs = {}
    for name in config.label_inputs:
        values = dataset.labels[name]
        occurs = examples.fields[name][training][:, : len(values)].any(axis=0)
        trained = values if not config.may_lack_labels else [values[number] for number in np.flatnonzero(occurs)]
        inputs[name] = InputInfo(values, trained, words.get(name, {}), may_be_absent=config.may_lack_labels)
    targets, has_pairs = {}, set(examples.classes) >= PAIR
    for name, values in examples.classes.items():
        truth = np.concatenate([examples.truths[name][fold.rows] for fold in folds])
        decoded = has_pairs and name == "decade"  # as `train predict` does, so it is trusted as far as that is right
        probabilities = np.concatenate(
            [decade_with_artist(examples, fold) if decoded else fold.probabilities[name] for fold in folds]
        )
        known = truth != ABSENT
        targets[name] = TargetInfo(values, confidence_of(truth[known], probabilities[known], folds=len(folds)))
    return ModelInfo(
        config.side,
        config.views if config.has_image else 0,
        inputs,
        targets,
        {"build": dataset.build.name, "dataset": dataset.name, "manifest_sha256": dataset.digest},
        read_build(dataset.build).options.bin_years,
        works_of(examples, training) if has_pairs else {},
        novelty,
    )


def artists_left_out(examples: Examples, config: Config, *, folder: Path, cache: Path) -> Novelties:
    """Measure how well unknown artists are told from known ones, and write what tells them beside the saved network.

    A backbone that was fine-tuned has seen the artists that are left out, so of it nothing can be said.

    Args:
        examples: What was trained on.
        config: How.
        folder: The run's, with the network of the first fold.
        cache: The data folder's.
    """
    if not config.has_image or config.is_fine_tuned or ARTIST not in examples.truths:
        return {}
    network = keras.saving.load_model(folder / WEIGHTS, compile=False)
    features = saved_features(examples.images, network, config, cache=cache)
    rows = examples.training_rows(0), examples.validated_rows(0)
    found = measured(features, examples.truths[ARTIST], *rows, seed=config.seed)
    if found is None:
        return {}
    known, info = found
    write_known_classes(folder, known)
    return {ARTIST: info}
