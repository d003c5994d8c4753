"""What is told while a network learns: a line of metrics.jsonl each epoch, and progress for whoever waits."""

import json
import logging
import math
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from typing import IO, Any

import keras

from harvest.console.progress import Interval, bar
from train.config import Config, TrainError
from train.data.encoding import ABSENT

log = logging.getLogger(__name__)

EVERY = 10  # seconds between two progress lines where no bar can be shown

Metrics = dict[str, float]


def came_apart(reason: str) -> TrainError:
    """Return the error of a network whose numbers are none any more."""
    return TrainError(f"training came apart: {reason}; try --optimizer adam, a larger --batch-size or other --weights")


class Journal(keras.callbacks.Callback):  # type: ignore[misc]  # keras has no types
    """Validates after each epoch and writes down loss and accuracies of both parts.

    Args:
        validation: The batches to validate on; arrays tested as they are, without the set-up that `evaluate` needs
            each time (a third of the time of a small network).
        config: Which targets, how many epochs.
        fold: Which fold it is.
        file: The open metrics.jsonl.
    """

    def __init__(self, validation: Callable[[], Iterable[Any]], config: Config, *, fold: int, file: IO[str]) -> None:
        super().__init__()
        self.validation, self.config, self.fold, self.file = validation, config, fold, file
        self.epochs = 1 if config.is_fitted else config.epochs
        self.due = Interval(EVERY)
        self.lines: list[Metrics] = []

    def on_train_begin(self, logs: Metrics | None = None) -> None:
        """Show a bar on a terminal."""
        self.stack = ExitStack()
        self.bar = self.stack.enter_context(bar(f"fold {self.fold}", "epoch", total=self.epochs))

    def on_epoch_end(self, epoch: int, logs: Metrics | None = None) -> None:
        """Validate, write and tell."""
        line = {"fold": self.fold, "epoch": epoch + 1, **self._named(logs or {}), **self._validated()}
        for part, name in (("loss", "loss"), ("val_loss", "validation loss")):
            if not math.isfinite(line[part]):
                self.stack.close()
                raise came_apart(f"the {name} is {line[part]} in fold {self.fold}, epoch {epoch + 1}")
        self.lines.append(line)
        self.file.write(json.dumps(line) + "\n")
        self.file.flush()
        self.bar.update()
        self._tell(line)

    def on_train_end(self, logs: Metrics | None = None) -> None:
        """Take the bar away."""
        self.stack.close()

    def _validated(self) -> Metrics:
        """Return the means over the examples; Keras 3.15 begins its own anew at each `test_on_batch`."""
        sums, counts = Counter[str](), Counter[str]()
        for inputs, truths in self.validation():
            self.model.reset_metrics()  # for a Keras that adds up from batch to batch
            batch = self._named(self.model.test_on_batch(inputs, truths, return_dict=True))
            sizes = {f"{name}_accuracy": int((numbers != ABSENT).sum()) for name, numbers in truths.items()}
            sizes["loss"] = len(next(iter(truths.values())))
            sums.update({name: sizes[name] * value for name, value in batch.items()})
            counts.update(sizes)
        return {f"val_{name}": value / max(counts[name], 1) for name, value in sums.items()}

    def _named(self, logs: Metrics) -> Metrics:
        """Call the metrics alike for one target, where Keras leaves its name out, and for several."""
        only = self.config.targets[0] if len(self.config.targets) == 1 else ""
        named = {
            f"{only}_{name}" if only and name == "accuracy" else name: float(value) for name, value in logs.items()
        }
        return {name: value for name, value in sorted(named.items()) if name == "loss" or name.endswith("_accuracy")}

    def _tell(self, line: Metrics) -> None:
        is_last = line["epoch"] == self.epochs
        if is_last or (self.bar.disable and self.due.is_over()):
            reached = ", ".join(f"{name} {line[f'val_{name}_accuracy']:.3f}" for name in self.config.targets)
            place = f"fold {line['fold']}, epoch {line['epoch']} of {self.epochs}"
            log.info("%s: loss %.3f; validated: %s", place, line["loss"], reached)
