"""What a run keeps so that it can go on where it was stopped: finished folds, and the network of the fold at work.

    state/KEY/fold-0.npz     a finished fold: predictions and metrics
    state/KEY/network.npz    the fold at work at the end of an epoch: variables, optimizer, seeds of dropout, metrics

All that is random in an epoch derives from the run's seed, the fold and the epoch, so a network that begins again from
these variables ends with the same weights as one that was never stopped. Each file is there whole or not at all; KEY
stands for settings and examples, so that nothing is taken up that belongs to others.
"""

import hashlib
import io
import json
import logging
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from harvest.console.progress import Interval
from harvest.files import atomic_write
from train.config import Config
from train.data.examples import Examples, Floats
from train.evaluation.fold import Fold
from train.experiments.callbacks import Journal, Metrics
from train.runs import STATE

log = logging.getLogger(__name__)

EVERY = 30.0  # seconds between two checkpoints of a network, and so about what a kill can cost

BEST = "best-"  # before the weights of the best epoch so far

Arrays = dict[str, NDArray[Any]]

Variants = Mapping[str, Mapping[str, Floats]]  # by name, label inputs that a trained network is shown besides its own


class State:
    """The state of a cross-validation on the disk.

    Args:
        folder: The run's.
        examples: What is trained on.
        config: How.
        variants: Other labels that the networks are shown, by name.
    """

    def __init__(self, folder: Path, examples: Examples, config: Config, variants: Variants) -> None:
        self.examples, self.config = examples, config
        self.folder = folder / STATE / _key(examples, config, variants)

    def finished_folds(self) -> list[Fold]:
        """Return the folds that were finished before, from the first one on."""
        folds = []
        for number in range(self.config.folds):
            kept = _read(self.folder / f"fold-{number}.npz")
            if kept is None:
                break
            facts = json.loads(str(kept.pop("facts")))
            variants: dict[str, dict[str, Floats]] = {name: {} for name in facts["variants"]}
            for place, values in enumerate(variants.values()):
                for target in self.examples.truths:
                    values[target] = kept.pop(f"{place}-{target}")
            folds.append(Fold(number, kept.pop("rows"), kept, facts["epochs"], facts["seconds"], variants))
        return folds

    def finish(self, fold: Fold) -> None:
        """Keep a fold; its network is no longer needed."""
        facts = {"epochs": fold.epochs, "seconds": fold.seconds, "variants": [*fold.variants]}
        arrays: Arrays = {"rows": fold.rows, **fold.probabilities}
        for place, values in enumerate(fold.variants.values()):
            arrays |= {f"{place}-{target}": shares for target, shares in values.items()}
        _write(self.folder / f"fold-{fold.number}.npz", facts, arrays)
        (self.folder / "network.npz").unlink(missing_ok=True)

    def checkpoint(self, journal: Journal) -> "Checkpoint":
        """Return what keeps the network of a fold, and puts back one that was kept."""
        return Checkpoint(self.folder / "network.npz", journal)


class Checkpoint(keras.callbacks.Callback):  # type: ignore[misc]  # keras has no types
    """Keeps the network at the end of an epoch; where the fold was begun before, puts it back as it was.

    Args:
        path: The file.
        journal: Of the fold; behind it among the callbacks. Its lines are put back too.
    """

    def __init__(self, path: Path, journal: Journal) -> None:
        super().__init__()
        self.path, self.journal = path, journal
        self.due = Interval(EVERY)
        self.started = time.monotonic()
        self.variables: Arrays = {}
        kept = _read(path)
        if kept is not None:
            facts = json.loads(str(kept.pop("facts")))
            if facts["fold"] == journal.fold:
                best = [kept.pop(name) for name in [*kept] if name.startswith(BEST)]
                if journal.best is not None:
                    journal.best.weights, journal.best.score = best, tuple(facts["score"])
                self.variables = kept
                self.started -= facts["seconds"]
                journal.take_up(facts["epochs"])

    @property
    def first_epoch(self) -> int:
        """Return how many epochs are done."""
        return len(self.journal.lines)

    @property
    def seconds(self) -> float:
        """Return how long the fold has been trained, over all its beginnings."""
        return time.monotonic() - self.started

    def on_train_begin(self, logs: Metrics | None = None) -> None:
        """Put the network back."""
        if self.variables:
            for variable, values in zip(self._all_variables(), self.variables.values(), strict=True):
                variable.assign(values)
            self.variables = {}

    def on_epoch_end(self, epoch: int, logs: Metrics | None = None) -> None:
        """Keep the network if it is time; after the last epoch the fold itself is kept soon."""
        if epoch + 1 < self.journal.epochs and self.due.is_over():
            best = self.journal.best
            facts = {"fold": self.journal.fold, "epochs": self.journal.lines, "seconds": self.seconds,
                     "score": best.score if best else None}  # fmt: skip
            values = [keras.ops.convert_to_numpy(variable.value) for variable in self._all_variables()]
            arrays = {f"{place:06}": array for place, array in enumerate(values)}
            arrays |= {f"{BEST}{place:06}": array for place, array in enumerate(best.weights if best else [])}
            _write(self.path, facts, arrays)

    def _all_variables(self) -> list[keras.Variable]:
        """Return weights, moving averages, seeds and what the optimizer remembers, in an order that never changes."""
        optimizer = self.model.optimizer
        if not optimizer.built:
            optimizer.build(self.model.trainable_variables)
        return [*self.model.variables, *optimizer.variables]


def _key(examples: Examples, config: Config, variants: Variants) -> str:
    digest = hashlib.sha256(json.dumps([config.used(), examples.ids, examples.classes, [*variants]]).encode())
    others = [values for fields in variants.values() for values in fields.values()]
    for values in (examples.folds, examples.inner_folds, *examples.fields.values(), *examples.truths.values(), *others):
        digest.update(np.ascontiguousarray(values).data)
    return digest.hexdigest()[:16]


def _write(path: Path, facts: dict[str, Any], arrays: Arrays) -> None:
    with atomic_write(path) as file:
        np.savez(file, **{"facts": np.array(json.dumps(facts)), **arrays})  # type: ignore[arg-type]  # numpy's stub


def _read(path: Path) -> Arrays | None:
    """Return what was written, or None where nothing was, or a disk has damaged it."""
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as kept:
            return {name: kept[name] for name in kept.files}
    except FileNotFoundError:
        return None
    except (zipfile.BadZipFile, ValueError, EOFError, KeyError):
        log.warning("%s is damaged: what it kept is computed anew", path)
        return None
