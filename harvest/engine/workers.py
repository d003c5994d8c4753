"""Threads that fetch while the one that owns the catalogue commits."""

import queue
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.pool import ThreadPool
from pathlib import Path
from typing import Generic, TypeVar

from harvest.errors import BadAnswer, Gone, NotPublic, OptedOut, TaskFailed
from harvest.http.fetcher import Fetcher
from harvest.pictures import Checked, PixelBudget
from harvest.queue.responses import StoredResponse
from harvest.queue.tasks import IMAGE, Task
from harvest.records import StoredImage
from harvest.request import Request
from harvest.response import Response
from harvest.storage import images

JobT = TypeVar("JobT")
ResultT = TypeVar("ResultT")


@dataclass(frozen=True, slots=True)
class Completed(Generic[JobT, ResultT]):
    """What became of a job: a product, or the error that it ended with."""

    job: JobT
    product: ResultT | None = None
    error: BaseException | None = None


class Workers(Generic[JobT, ResultT]):
    """A fixed number of threads.

    Theirs are daemons, unlike a ThreadPoolExecutor's: a run that is to end within seconds cannot wait for a server that
    takes a minute over its answer. What such a thread still brings is dropped; its job was never committed.
    """

    def __init__(self, work: Callable[[JobT], ResultT], number: int) -> None:
        self._work = work
        self._pool = ThreadPool(number)
        self._done: queue.SimpleQueue[Completed[JobT, ResultT]] = queue.SimpleQueue()

    def submit(self, job: JobT) -> None:
        """Hand a job to whichever thread is free first."""
        self._pool.apply_async(
            self._work,
            (job,),
            callback=lambda product: self._done.put(Completed(job, product)),
            error_callback=lambda error: self._done.put(Completed(job, error=error)),
        )

    def completed(self, timeout: float) -> list[Completed[JobT, ResultT]]:
        """Wait for an outcome, then give all there are; none after `timeout` seconds."""
        try:
            outcomes = [self._done.get(timeout=timeout)]
        except queue.Empty:
            return []
        while not self._done.empty():
            outcomes.append(self._done.get())
        return outcomes

    def shutdown(self) -> None:
        """Let every thread go, without waiting for what it does."""
        self._pool.terminate()


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed task with what a thread needs to work on it."""

    task: Task
    known: StoredResponse | None  # the last answer to it
    addresses: tuple[str, ...] = ()  # of an image: to be tried in turn
    opt_out: str | None = None  # of an image: what the page that shows it says against its use


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a thread brings: an answer, and the image's file where it is one."""

    response: Response
    image: StoredImage | None = None


def fetch(job: Job, fetcher: Fetcher, data: Path, budget: PixelBudget) -> Fetched:
    """Ask for a task's answer; an image that is gone, truncated or none leads to its next address.

    One that is opted out of anywhere leads to none. Of an image that is whole nowhere, the first truncated one is kept.

    Raises:
        HarvestError: As `Fetcher.fetch` says.
    """
    if job.task.request.kind != IMAGE:
        return Fetched(_fetch_page(job, fetcher))
    failure: TaskFailed = Gone(f"{job.task.request.key}: no address for its image")
    truncated: tuple[Response, Checked] | None = None
    for url in job.addresses:
        try:
            response = fetcher.fetch_image(Request(IMAGE, url), job.opt_out)
            checked = images.verify(response, budget)
        except OptedOut:
            raise
        except (Gone, BadAnswer, NotPublic) as error:
            failure = error if not isinstance(failure, BadAnswer) else failure
            continue
        if not checked.is_truncated:
            return Fetched(response, images.keep(data, response, checked))
        truncated = truncated or (response, checked)
    if truncated:
        return Fetched(truncated[0], images.keep(data, *truncated))
    raise failure


def _fetch_page(job: Job, fetcher: Fetcher) -> Response:
    """Ask for a page if it has changed; where only what it says of its use has, for all of it."""
    if job.known is None:
        return fetcher.fetch(job.task.request)
    response = fetcher.fetch(job.task.request, job.known.conditions)
    return fetcher.fetch(job.task.request) if job.known.says_otherwise(response) else response
