"""Five-fold cross-validation as in the paper: train on four folds, validate on the fifth, five times over."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from harvest.files import sync
from train.config import Config
from train.data.examples import Examples, Floats, Rows
from train.evaluation.fold import Fold
from train.experiments.callbacks import BestEpoch, Journal, came_apart, write_lines
from train.experiments.checkpoint import State, Variants
from train.experiments.learner import Learner, learner_for


def cross_validate(
    examples: Examples, config: Config, *, folder: Path, cache: Path, variants: Variants | None = None
) -> list[Fold]:
    """Train and validate fold by fold; write metrics.jsonl, and model.keras, which is fold 0's at its last epoch.

    Folds that were finished before in this folder are taken as they were, and one that was stopped goes on.
    """
    variants = variants or {}
    state = State(folder, examples, config, variants)
    folds = state.finished_folds()
    with (folder / "metrics.jsonl").open("w", encoding="utf-8") as file:
        for fold in folds:
            write_lines(file, fold.epochs)
        if len(folds) < config.folds:
            learner = learner_for(examples, config, cache=cache)
            for number in range(len(folds), config.folds):
                folds.append(trained_fold(learner, number, state=state, folder=folder, file=file, variants=variants))
                state.finish(folds[-1])
    return folds


def trained_fold(
    learner: Learner, number: int, *, state: State, folder: Path, file: IO[str], variants: Variants
) -> Fold:
    """Train on all folds but one, and validate on that one; show the network other labels, too."""
    examples, config = state.examples, state.config
    rows, training = examples.validated_rows(number), examples.training_rows(number)
    known = training
    learner.use(_shown(examples, config, known))
    best = None
    if config.inner_split:
        training, inner = inner_split(examples.inner_folds[training], training, number)
        best = BestEpoch(learner.validation(inner), config)
    journal = Journal(learner.validation(rows), config, fold=number, file=file, best=best)
    checkpoint = state.checkpoint(journal)
    learner.fit(
        training,
        seed=fold_seed(config.seed, number),
        callbacks=[*([best] if best else []), journal, checkpoint],
        first_epoch=checkpoint.first_epoch,
    )
    probabilities = learner.predict(rows)
    for target, values in probabilities.items():
        if not np.isfinite(values).all():
            raise came_apart(f"{target} has predictions that are no numbers in fold {number}")
    if number == 0:
        learner.save(folder / "model.keras")
        sync(folder / "model.keras")
    others = {}
    for name, fields in variants.items():
        learner.use(_shown(examples, config, known, fields))
        others[name] = learner.predict(rows)
    return Fold(number, rows, probabilities, journal.lines, checkpoint.seconds, others)


def inner_split(folds: NDArray[np.int8], rows: Rows, number: int) -> tuple[Rows, Rows]:
    """Return the rows to train on, and one of the build's folds among them, on which the epoch is chosen.

    So what the folds keep together, near duplicates or a series, stays on one side here too.
    """
    numbers = np.unique(folds[folds >= 0])
    is_inner = folds == numbers[number % len(numbers)]
    return rows[~is_inner], rows[is_inner]


def _shown(examples: Examples, config: Config, training: Rows, fields: Mapping[str, Floats] | None = None) -> Examples:
    """Return the examples as a fold's network is shown them: with their own labels, or others in their place."""
    if config.may_lack_labels:
        return examples.in_vocabulary_of(training, fields)
    return examples if fields is None else replace(examples, fields=dict(fields))


def fold_seed(seed: int, fold: int) -> int:
    """Derive a seed for each fold, the same in every run with this seed."""
    return int(np.random.SeedSequence((seed, fold)).generate_state(1)[0])
