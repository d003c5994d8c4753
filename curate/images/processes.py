"""Work on pictures, side by side in processes."""

import multiprocessing
import os
import signal
import threading
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
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_begin)
    try:
        yield from pool.map(function, items, chunksize=batch_size)
    finally:
        pool.shutdown(cancel_futures=True)


def end_with_parent() -> None:
    """Have this process end when the one that began it does: by Ctrl-C, which goes to both, or killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the other one ends by it, and this one then
    threading.Thread(target=_wait_for_parent, daemon=True).start()


def _begin() -> None:
    """Begin a process that works on pictures."""
    cv2.setNumThreads(1)  # OpenCV's own threads would compete with the other processes
    end_with_parent()


def _wait_for_parent() -> None:
    if parent := multiprocessing.parent_process():
        parent.join()
        os._exit(1)
