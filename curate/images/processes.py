"""Work on pictures, side by side in processes."""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

import cv2

Item = TypeVar("Item")
Result = TypeVar("Result")
BATCH_SIZE = 32  # items that a process is handed at once


def mapped(
    function: Callable[[Item], Result], items: Sequence[Item], workers: int, batch_size: int = BATCH_SIZE
) -> Iterator[Result]:
    """Yield the results of a module's function, in the order of the items.

    With one worker, or no more than one batch, it works in this process. Others are started anew, not forked: this
    process has threads.
    """
    if workers <= 1 or len(items) <= batch_size:
        yield from map(function, items)
        return
    context = multiprocessing.get_context("spawn")
    # OpenCV's own threads would compete with the other processes.
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=cv2.setNumThreads, initargs=(1,))
    try:
        yield from pool.map(function, items, chunksize=batch_size)
    finally:
        pool.shutdown(cancel_futures=True)
