"""What is told while a network learns: a line of metrics.jsonl each epoch, and progress for whoever waits."""

import json
import logging
import math
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from typing import IO, Any

import keras
from numpy.typing import NDArray

from harvest.console.progress import Interval, bar
from harvest.console.text import HOUR, duration
from train.config import Config, TrainError
from train.data.encoding import ABSENT
from train.experiments.pace import Pace

log = logging.getLogger(__name__)

WRITTEN = ("_accuracy", "_temperature")  # how the names end of what metrics.jsonl holds beside the loss
EVERY = 10  # seconds between two progress lines where no bar can be shown
MEASURED = 2.0  # seconds of steps from which the rest is foretold
FASTER = "; --tune frozen takes minutes, --folds 1 or a smaller --backbone or --side less than this"

Metrics = dict[str, float]


def came_apart(reason: str) -> TrainError:
    """Return the error of a network whose numbers are none any more."""
    return TrainError(f"training came apart: {reason}; try --optimizer adam, a larger --batch-size or other --weights")


def write_lines(file: IO[str], lines: Iterable[Metrics]) -> None:
    """Write lines of metrics.jsonl, for whoever watches."""
    file.writelines(json.dumps(line) + "\n" for line in lines)
    file.flush()


def validated(network: keras.Model, batches: Iterable[Any], config: Config) -> Metrics:
    """Return the means over the examples; Keras 3.15 begins its own anew at each `test_on_batch`."""
    sums, counts = Counter[str](), Counter[str]()
    for inputs, truths in batches:
        network.reset_metrics()  # for a Keras that adds up from batch to batch
        batch = named(network.test_on_batch(inputs, truths, return_dict=True), config)
        sizes = {f"{name}_accuracy": int((numbers != ABSENT).sum()) for name, numbers in truths.items()}
        sizes["loss"] = len(next(iter(truths.values())))
        sums.update({name: sizes[name] * value for name, value in batch.items()})
        counts.update(sizes)
    return {name: value / max(counts[name], 1) for name, value in sums.items()}


def named(logs: Metrics, config: Config) -> Metrics:
    """Call the metrics alike for one target, where Keras leaves its name out, and for several."""
    only = config.targets[0] if len(config.targets) == 1 else ""
    metrics = {f"{only}_{name}" if only and name == "accuracy" else name: float(value) for name, value in logs.items()}
    return {name: value for name, value in sorted(metrics.items()) if name == "loss" or name.endswith(WRITTEN)}


class BestEpoch(keras.callbacks.Callback):  # type: ignore[misc]  # keras has no types
    """Keeps the weights of the epoch that is best on an inner split of the training folds, and puts them back.

    Args:
        batches: The inner split.
        config: Whose first target judges; of equal accuracies the lower loss.
    """

    def __init__(self, batches: Callable[[], Iterable[Any]], config: Config) -> None:
        super().__init__()
        self.batches, self.config = batches, config
        self.metrics: Metrics = {}  # of the last epoch
        self.score = (-1.0, 0.0)
        self.weights: list[NDArray[Any]] = []

    def on_epoch_end(self, epoch: int, logs: Metrics | None = None) -> None:
        """Judge the epoch."""
        self.metrics = validated(self.model, self.batches(), self.config)
        score = (self.metrics[f"{self.config.targets[0]}_accuracy"], -self.metrics["loss"])
        if score > self.score:
            self.score, self.weights = score, self.model.get_weights()

    def on_train_end(self, logs: Metrics | None = None) -> None:
        """Put the best weights back."""
        self.model.set_weights(self.weights)


class Journal(keras.callbacks.Callback):  # type: ignore[misc]  # keras has no types
    """Validates after each epoch and writes down loss and accuracies of both parts.

    Args:
        validation: The batches to validate on; arrays tested as they are, without the set-up that `evaluate` needs
            each time (a third of the time of a small network).
        config: Which targets, how many epochs.
        fold: Which fold it is.
        file: The open metrics.jsonl.
        best: What judges the epochs on an inner split, if there is one; before this one among the callbacks.
    """

    def __init__(
        self,
        validation: Callable[[], Iterable[Any]],
        config: Config,
        *,
        fold: int,
        file: IO[str],
        best: BestEpoch | None = None,
    ) -> None:
        super().__init__()
        self.best = best
        self.validation, self.config, self.fold, self.file = validation, config, fold, file
        self.epochs = 1 if config.is_fitted else config.epochs
        self.due = Interval(EVERY)
        self.lines: list[Metrics] = []
        self.pace, self.has_foretold = Pace(), False
        self.epoch = 0

    def on_train_begin(self, logs: Metrics | None = None) -> None:
        """Show a bar on a terminal."""
        self.stack = ExitStack()
        unit = "fit" if self.config.is_fitted else "epoch"
        self.bar = self.stack.enter_context(bar(f"fold {self.fold}", unit, total=self.epochs))
        self.bar.update(len(self.lines))

    def on_epoch_begin(self, epoch: int, logs: Metrics | None = None) -> None:
        """Take note of the epoch."""
        self.epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Metrics | None = None) -> None:
        """Say once how long the run will take, then now and then how it goes; the network is not looked at."""
        steps = self.params.get("steps") or 1
        self.pace.reach(self.epoch * steps + batch + 1)
        if not self.pace.rate:
            return
        if not self.has_foretold and self.pace.seconds > MEASURED:
            self.has_foretold = True
            self._foretell(steps)
        elif self.due.is_over():
            rate = f"{self.pace.rate * self.config.batch_size:.0f} examples/s"
            loss = f"loss {float((logs or {}).get('loss', math.nan)):.3f}"
            told = f"{loss}, {rate}, {self.pace.left(self.epochs * steps)} left"
            self.bar.set_postfix_str(told)
            if self.bar.disable:
                log.info("fold %d, epoch %d of %d: %s", self.fold, self.epoch + 1, self.epochs, told)

    def on_epoch_end(self, epoch: int, logs: Metrics | None = None) -> None:
        """Validate, write and tell."""
        judged = {"val": validated(self.model, self.validation(), self.config)}
        if self.best is not None:
            judged["inner"] = self.best.metrics
        line = {"fold": self.fold, "epoch": epoch + 1, **named(logs or {}, self.config)}
        line |= {f"{part}_{name}": value for part, metrics in judged.items() for name, value in metrics.items()}
        for part, name in (("loss", "loss"), ("val_loss", "validation loss")):
            if not math.isfinite(line[part]):
                self.stack.close()
                raise came_apart(f"the {name} is {line[part]} in fold {self.fold}, epoch {epoch + 1}")
        self.lines.append(line)
        write_lines(self.file, [line])
        self.bar.update()
        self._tell(line)

    def take_up(self, lines: list[Metrics]) -> None:
        """Go on behind the epochs of an earlier beginning."""
        self.lines += lines
        write_lines(self.file, lines)
        log.info("fold %d goes on behind epoch %d of %d", self.fold, len(lines), self.epochs)

    def on_train_end(self, logs: Metrics | None = None) -> None:
        """Take the bar away."""
        self.stack.close()

    def _foretell(self, steps: int) -> None:
        """Say how long this fold and those after it take, and what would be faster."""
        folds = self.config.folds - self.fold
        seconds = (folds * self.epochs * steps - self.pace.last[1]) / self.pace.rate
        log.info(
            "%d fold%s of %d epochs: about %s, at %.0f examples/s%s", folds, "s" if folds > 1 else "", self.epochs,
            duration(seconds), self.pace.rate * self.config.batch_size,
            FASTER if seconds > HOUR and self.config.is_fine_tuned else "",
        )  # fmt: skip

    def _tell(self, line: Metrics) -> None:
        is_last = line["epoch"] == self.epochs
        if is_last or (self.bar.disable and self.due.is_over()):
            reached = ", ".join(f"{name} {line[f'val_{name}_accuracy']:.3f}" for name in self.config.targets)
            step = "fitted at once" if self.config.is_fitted else f"epoch {line['epoch']} of {self.epochs}"
            log.info("fold %d, %s: loss %.3f; validated: %s", self.fold, step, line["loss"], reached)
