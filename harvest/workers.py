"""Threads that fetch while the one that owns the catalogue commits."""

import queue
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.pool import ThreadPool
from typing import Generic, TypeVar

Job = TypeVar("Job")
Product = TypeVar("Product")


@dataclass(frozen=True, slots=True)
class Outcome(Generic[Job, Product]):
    """What became of a job: a product, or the error that it ended with."""

    job: Job
    product: Product | None = None
    error: BaseException | None = None


class Workers(Generic[Job, Product]):
    """A fixed number of threads.

    Theirs are daemons, unlike a ThreadPoolExecutor's: a run that is to end within seconds cannot wait for a server that
    takes a minute over its answer. What such a thread still brings is dropped; its job was never committed.
    """

    def __init__(self, work: Callable[[Job], Product], number: int) -> None:
        self._work = work
        self._pool = ThreadPool(number)
        self._done: queue.SimpleQueue[Outcome[Job, Product]] = queue.SimpleQueue()

    def hand(self, job: Job) -> None:
        """Give a job to whichever thread is free first."""
        self._pool.apply_async(
            self._work,
            (job,),
            callback=lambda product: self._done.put(Outcome(job, product)),
            error_callback=lambda error: self._done.put(Outcome(job, error=error)),
        )

    def collect(self, timeout: float) -> list[Outcome[Job, Product]]:
        """Wait for an outcome, then give all there are; none after `timeout` seconds."""
        try:
            outcomes = [self._done.get(timeout=timeout)]
        except queue.Empty:
            return []
        while not self._done.empty():
            outcomes.append(self._done.get())
        return outcomes

    def dismiss(self) -> None:
        """Let every thread go, without waiting for what it does."""
        self._pool.terminate()
