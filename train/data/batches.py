"""Batches of examples in an order that seed and epoch decide, so that an epoch is the same whenever it is begun."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from train.data.examples import Ints, Rows

CHANCES = 16  # random numbers for each example of an epoch, more than any augmentation takes

Arrays = dict[str, NDArray[Any]]
Chances = NDArray[np.float64]  # (examples, CHANCES), 0 to 1
Inputs = Callable[[Rows, Chances | None], Arrays]  # of a batch; without chances nothing is left to chance
Batch = tuple[Arrays, dict[str, Ints]]


class Batches(keras.utils.PyDataset):  # type: ignore[misc]  # keras has no types
    """Batches of inputs and truths in the order of the rows; the next one is made in a thread while the network works.

    Args:
        rows: The examples.
        inputs: Returns what the network is shown of some of them.
        truths: For each target, the class numbers of all examples.
        batch_size: Examples at once.
    """

    def __init__(self, rows: Rows, inputs: Inputs, truths: dict[str, Ints], *, batch_size: int) -> None:
        super().__init__()
        self.rows, self.inputs, self.truths, self.batch_size = rows, inputs, truths, batch_size
        self.thread = ThreadPoolExecutor(1, "batches")
        self.next: dict[int, Future[Batch]] = {}  # by index

    def __len__(self) -> int:
        return -(-len(self.rows) // self.batch_size)

    def __getitem__(self, index: int) -> Batch:
        expected = self.next.pop(index, None)
        batch = self._made(*self._examples(index)) if expected is None else expected.result()
        if self.num_batches is None or index + 1 < self.num_batches:
            self.next = {index + 1: self.thread.submit(self._made, *self._examples(index + 1))}
        return batch

    def _examples(self, index: int) -> tuple[Rows, Chances | None]:
        return self.rows[self._part(index)], None

    def _part(self, place: int) -> slice:
        return slice(place * self.batch_size, (place + 1) * self.batch_size)

    def _made(self, rows: Rows, chances: Chances | None) -> Batch:
        return self.inputs(rows, chances), {name: numbers[rows] for name, numbers in self.truths.items()}


class ShuffledBatches(Batches):
    """Batches for training: epoch behind epoch without end, each shuffled anew, with chances to change its examples by.

    Keras is told where an epoch ends, `len` steps, so that it reads one stream: a new one for each epoch took a sixth
    of the time of small networks on TensorFlow.

    Args:
        rows: The examples.
        inputs: Returns what the network is shown of some of them.
        truths: For each target, the class numbers of all examples.
        batch_size: Examples at once; at the end of an epoch fewer.
        seed: Of order and chances, together with the epoch.
        first_epoch: Where the stream begins.
    """

    num_batches = None

    def __init__(
        self,
        rows: Rows,
        inputs: Inputs,
        truths: dict[str, Ints],
        *,
        batch_size: int,
        seed: int,
        first_epoch: int = 0,
    ) -> None:
        super().__init__(rows, inputs, truths, batch_size=batch_size)
        self.seed, self.first_epoch = seed, first_epoch
        self.epoch = -1  # that order and chances were drawn for

    def _examples(self, index: int) -> tuple[Rows, Chances | None]:
        epoch, place = divmod(index, len(self))
        self._draw(self.first_epoch + epoch)
        return self.order[self._part(place)], self.chances[self._part(place)]

    def _draw(self, epoch: int) -> None:
        if epoch != self.epoch:
            self.epoch = epoch
            self.order = np.random.default_rng((self.seed, epoch, 0)).permutation(self.rows)
            self.chances = np.random.default_rng((self.seed, epoch, 1)).random((len(self.rows), CHANCES))
