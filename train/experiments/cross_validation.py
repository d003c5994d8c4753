"""Five-fold cross-validation as in the paper: train on four folds, validate on the fifth, five times over."""

import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from train.config import Config
from train.data.examples import Examples, Floats, Rows
from train.evaluation.fold import Fold
from train.experiments.callbacks import Journal, came_apart
from train.experiments.learner import learner_for

Variants = Mapping[str, Mapping[str, Floats]]  # by name, label inputs that a trained network is shown besides its own


def cross_validate(
    examples: Examples, config: Config, *, folder: Path, cache: Path, variants: Variants | None = None
) -> list[Fold]:
    """Train and validate fold by fold; write metrics.jsonl, and model.keras, which is fold 0's at its last epoch."""
    learner = learner_for(examples, config, cache=cache)
    folds = []
    with (folder / "metrics.jsonl").open("w", encoding="utf-8") as file:
        for number in range(config.folds):
            started = time.monotonic()
            rows, training = examples.validated_rows(number), examples.training_rows(number)
            learner.use(_shown(examples, config, training))
            journal = Journal(learner.validation(rows), config, fold=number, file=file)
            learner.fit(training, seed=fold_seed(config.seed, number), callbacks=[journal])
            probabilities = learner.predict(rows)
            for target, values in probabilities.items():
                if not np.isfinite(values).all():
                    raise came_apart(f"{target} has predictions that are no numbers in fold {number}")
            if number == 0:
                learner.save(folder / "model.keras")
            seconds = time.monotonic() - started
            others = {}
            for name, fields in (variants or {}).items():
                learner.use(_shown(examples, config, training, fields))
                others[name] = learner.predict(rows)
            folds.append(Fold(number, rows, probabilities, journal.lines, seconds, others))
    return folds


def _shown(examples: Examples, config: Config, training: Rows, fields: Mapping[str, Floats] | None = None) -> Examples:
    """Return the examples as a fold's network is shown them: with their own labels, or others in their place."""
    if config.may_lack_labels:
        return examples.in_vocabulary_of(training, fields)
    return examples if fields is None else replace(examples, fields=dict(fields))


def fold_seed(seed: int, fold: int) -> int:
    """Derive a seed for each fold, the same in every run with this seed."""
    return int(np.random.SeedSequence((seed, fold)).generate_state(1)[0])
