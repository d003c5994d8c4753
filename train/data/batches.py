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
    """Batches of inputs and truths; the next one is made in a thread while the network works on this one.

    Args:
        rows: The examples.
        inputs: Returns what the network is shown of some of them.
        truths: For each target, the class numbers of all examples.
        batch_size: Examples at once.
        seed: Shuffles, and draws the chances, anew in each epoch; without one, the rows come in their order.
    """

    def __init__(
        self, rows: Rows, inputs: Inputs, truths: dict[str, Ints], *, batch_size: int, seed: int | None = None
    ) -> None:
        super().__init__()
        self.rows, self.inputs, self.truths, self.batch_size, self.seed = rows, inputs, truths, batch_size, seed
        self.thread = ThreadPoolExecutor(1, "batches")
        self.next: dict[int, Future[Batch]] = {}  # by place in the epoch
        self.order = rows
        self.chances: Chances | None = None
        self.begin_epoch(0)

    def __len__(self) -> int:
        return -(-len(self.rows) // self.batch_size)

    def __getitem__(self, index: int) -> Batch:
        expected = self.next.pop(index, None)
        batch = self._made(index, self.order, self.chances) if expected is None else expected.result()
        if index + 1 < len(self):
            self.next = {index + 1: self.thread.submit(self._made, index + 1, self.order, self.chances)}
        return batch

    def begin_epoch(self, epoch: int) -> None:
        """Shuffle, and draw, for an epoch, from 0. Keras itself counts one more before the first."""
        self.next = {}
        if self.seed is not None:
            self.order = np.random.default_rng((self.seed, epoch, 0)).permutation(self.rows)
            self.chances = np.random.default_rng((self.seed, epoch, 1)).random((len(self.rows), CHANCES))

    def _made(self, index: int, order: Rows, chances: Chances | None) -> Batch:
        part = slice(index * self.batch_size, (index + 1) * self.batch_size)
        rows = order[part]
        inputs = self.inputs(rows, None if chances is None else chances[part])
        return inputs, {name: numbers[rows] for name, numbers in self.truths.items()}
