"""One `map` for the work on pictures and objects: in processes of this machine, or on a cluster (`curate.cluster`).

Results come in the order of the items, and do not depend on where they are made. What is wrong with an item, its
function says itself, as a result; what it raises ends the map.
"""

import multiprocessing
import os
import signal
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Protocol, TypeVar

import cv2

from harvest.pictures import PixelBudget

Item = TypeVar("Item")
Result = TypeVar("Result")
BATCH_SIZE = 16  # items that a process is given at a time; fewer are not worth another process

_budgets: list[PixelBudget] = []  # of this process: one


class Executor(Protocol):
    """Whatever runs a module's function on many items."""

    def map(
        self, function: Callable[[Item], Result], items: Sequence[Item], batch_size: int = BATCH_SIZE
    ) -> Iterator[Result]:
        """Yield the results of a module's function, in the order of the items.

        Args:
            function: It and what it is given can be pickled.
            items: Each is worked on at least once; twice, where a worker is lost.
            batch_size: Items that are worked on one after the other, without a word between.
        """
        ...


class Processes:
    """Processes of this machine.

    Args:
        workers: Processes at most. None: as many as there are processors.
    """

    def __init__(self, workers: int | None = None) -> None:
        self.workers = workers or os.cpu_count() or 1

    def map(
        self, function: Callable[[Item], Result], items: Sequence[Item], batch_size: int = BATCH_SIZE
    ) -> Iterator[Result]:
        """Yield the results; where there is one worker, or not two batches, this process makes them."""
        workers = min(self.workers, len(items) // batch_size)
        if workers < 2:
            for item in items:
                yield from run_batch(function, [item])
            return
        # Begun anew, not forked: this process has threads. One budget, lest two large scans lie in memory together.
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(workers, context, _begin, (PixelBudget(among=context),))
        try:
            yield from pool.map(function, items, chunksize=batch_size)
        finally:
            pool.shutdown(cancel_futures=True)  # stopped half-way, what has not begun is let be


def run_batch(function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """Return the results for a few items, one after the other."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of odd metadata; such images are read all the same
        return [function(item) for item in items]


def budget() -> PixelBudget:
    """Return the decoded pixels that this process's work may hold; processes of one map on one machine share them."""
    if not _budgets:
        _budgets.append(PixelBudget())
    return _budgets[0]


def _begin(shared: PixelBudget) -> None:
    """Begin a process that works on pictures."""
    _budgets[:] = [shared]
    cv2.setNumThreads(1)  # OpenCV's own threads would compete with the other processes
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to both: the one that began it ends, and then this one
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    if parent := multiprocessing.parent_process():
        parent.join()
        os._exit(1)
