"""Five-fold cross-validation as in the paper: train on four folds, validate on the fifth, five times over."""

import time
from pathlib import Path

import numpy as np

from train.config import Config
from train.data.examples import Examples
from train.evaluation.fold import Fold
from train.experiments.callbacks import Journal, came_apart
from train.experiments.learner import learner_for


def cross_validate(examples: Examples, config: Config, *, folder: Path, cache: Path) -> list[Fold]:
    """Train and validate fold by fold; write metrics.jsonl, and model.keras, which is fold 0's at its last epoch."""
    learner = learner_for(examples, config, cache=cache)
    folds = []
    with (folder / "metrics.jsonl").open("w", encoding="utf-8") as file:
        for number in range(config.folds):
            started = time.monotonic()
            rows = examples.validated_rows(number)
            journal = Journal(learner.validation(rows), config, fold=number, file=file)
            learner.fit(examples.training_rows(number), seed=fold_seed(config.seed, number), callbacks=[journal])
            probabilities = learner.predict(rows)
            for target, values in probabilities.items():
                if not np.isfinite(values).all():
                    raise came_apart(f"{target} has predictions that are no numbers in fold {number}")
            if number == 0:
                learner.save(folder / "model.keras")
            folds.append(Fold(number, rows, probabilities, journal.lines, time.monotonic() - started))
    return folds


def fold_seed(seed: int, fold: int) -> int:
    """Derive a seed for each fold, the same in every run with this seed."""
    return int(np.random.SeedSequence((seed, fold)).generate_state(1)[0])
