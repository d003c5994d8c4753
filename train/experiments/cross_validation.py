"""Five-fold cross-validation as in the paper: train on four folds, validate on the fifth, five times over."""

from pathlib import Path
from typing import IO

import numpy as np

from harvest.files import sync
from train.config import Config
from train.data.examples import Examples
from train.evaluation.fold import Fold
from train.experiments.callbacks import Journal, came_apart, write_lines
from train.experiments.checkpoint import State
from train.experiments.learner import Learner, learner_for


def cross_validate(examples: Examples, config: Config, *, folder: Path, cache: Path) -> list[Fold]:
    """Train and validate fold by fold; write metrics.jsonl, and model.keras, which is fold 0's at its last epoch.

    Folds that were finished before in this folder are taken as they were, and one that was stopped goes on.
    """
    state = State(folder, examples, config)
    folds = state.finished_folds()
    with (folder / "metrics.jsonl").open("w", encoding="utf-8") as file:
        for fold in folds:
            write_lines(file, fold.epochs)
        if len(folds) < config.folds:
            learner = learner_for(examples, config, cache=cache)
            for number in range(len(folds), config.folds):
                folds.append(trained_fold(learner, number, state=state, folder=folder, file=file))
                state.finish(folds[-1])
    return folds


def trained_fold(learner: Learner, number: int, *, state: State, folder: Path, file: IO[str]) -> Fold:
    """Train on all folds but one, and validate on that one."""
    examples, config = state.examples, state.config
    rows = examples.validated_rows(number)
    journal = Journal(learner.validation(rows), config, fold=number, file=file)
    checkpoint = state.checkpoint(journal)
    learner.fit(
        examples.training_rows(number),
        seed=fold_seed(config.seed, number),
        callbacks=[journal, checkpoint],
        first_epoch=checkpoint.first_epoch,
    )
    probabilities = learner.predict(rows)
    for target, values in probabilities.items():
        if not np.isfinite(values).all():
            raise came_apart(f"{target} has predictions that are no numbers in fold {number}")
    if number == 0:
        learner.save(folder / "model.keras")
        sync(folder / "model.keras")
    return Fold(number, rows, probabilities, journal.lines, checkpoint.seconds)


def fold_seed(seed: int, fold: int) -> int:
    """Derive a seed for each fold, the same in every run with this seed."""
    return int(np.random.SeedSequence((seed, fold)).generate_state(1)[0])
