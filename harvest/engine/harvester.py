"""The engine: claims tasks, has threads ask for them, archives the answers, parses them, and commits all that follows.

One thread owns the catalogue and the archive; the others only fetch. Killed at any point, the next run goes on: a task
in work gets its turn again, an answer that was archived but not committed is cut off, and a file without a row is found
under its name when it comes again.
"""

import logging
import math
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from http import HTTPStatus

from harvest.catalogue.objects import Change
from harvest.catalogue.writer import ObjectWriter
from harvest.engine.drift import DriftDetector
from harvest.engine.ingest import ADDED_TO, Ingest
from harvest.engine.lists import RepeatDetector
from harvest.engine.parse import parse
from harvest.engine.scheduler import CONCURRENCY, Limits, Scheduler
from harvest.engine.workers import Completed, Fetched, Job, Workers, fetch
from harvest.errors import (
    BadAnswer,
    Blocked,
    Cancelled,
    HarvestError,
    HungUp,
    Later,
    LayoutChanged,
    LoginNeeded,
    OptedOut,
    Resting,
    Stopped,
    TaskFailed,
    Unreachable,
    Withheld,
)
from harvest.http.fetcher import Fetcher
from harvest.http.opt_out import opted_out_by
from harvest.http.robots import withheld_by
from harvest.http.status import login_needed_by
from harvest.http.throttle import StopSignal
from harvest.http.url import host_of
from harvest.pictures import PixelBudget
from harvest.queue import responses, runs, tasks
from harvest.queue.runs import FinishReason, Run
from harvest.queue.tasks import State
from harvest.source import Selection, Source, fact, has_table, lasting_origins
from harvest.storage.archive import Archive

GRACE = 10.0  # seconds for what is under way when a run ends; a server may take ten minutes over an answer
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run found, and why it ended."""

    run: int
    finish_reason: FinishReason
    counts: Mapping[str, int]
    message: str | None = None  # why it stopped, and how to go on


class Harvester:
    """Works off one source's tasks.

    Args:
        source: The source's module.
        run: That holds the source.
        fetcher: Asks the hosts.
        clock: Monotonic seconds.
        stop_signal: What the fetcher's throttle waits by; set when the run ends.
        selection: What of the source is wanted.
        limits: How much of it.
    """

    def __init__(
        self,
        source: Source,
        run: Run,
        fetcher: Fetcher,
        *,
        clock: Callable[[], float],
        stop_signal: StopSignal,
        selection: Selection,
        limits: Limits,
    ) -> None:
        self._source = source
        self._run = run
        self._writer = ObjectWriter(run.source_name, lasting_origins(source))
        self._fetcher = fetcher
        self._clock = clock
        self._stop_signal = stop_signal
        self._limits = limits
        self._scheduler = Scheduler(source, run, selection, limits, fetcher.resting, fetcher.ignored_opt_outs)
        scopes = self._scheduler.scope.scopes
        is_wide = scopes is None or len(scopes) > 1
        self._detector = DriftDetector(run.source_name, fact(source, "EXPECTED"), is_wide)
        self._lists = RepeatDetector()
        self._units: tuple[str, ...] = (ADDED_TO,) if has_table(source) else tuple(Change)  # what counts as an object
        self._once: Collection[str] = fact(source, "NEVER_REFRESHED")
        self._counts: Counter[str] = Counter()
        self._ending_since: float | None = None  # by the clock
        self._withheld: set[str] = set()  # what was said of it
        self._closed: set[str] = set()  # hosts that are asked no more
        self._stop: Stopped | None = None

    def harvest(self) -> Outcome:
        """Harvest, or go on with it; where nothing was left to do, ask for all pages again.

        Raises:
            OSError: The archive cannot be opened or written.
        """
        reason = FinishReason.INTERRUPTED  # unless it comes to an end of its own
        with ExitStack() as stack:
            stack.callback(lambda: self._run.end(reason, self._summary()))
            with self._run.transaction() as connection:
                self._scheduler.start(connection)
                last = responses.last(connection, self._run.source_name)
            self._archive = Archive(self._run.data, self._run.source_name, last)
            stack.callback(self._archive.close)
            budget = PixelBudget()
            workers = Workers[Job, Fetched](
                lambda job: fetch(job, self._fetcher, self._run.data, budget), sum(CONCURRENCY.values())
            )
            stack.callback(workers.shutdown)
            stack.callback(self._stop_signal.set)
            try:
                reason = self._work_off(workers)
            except Stopped as stop:  # the lease is lost
                reason, self._stop = FinishReason.STOPPED, stop
        return Outcome(self._run.id, reason, self._summary(), str(self._stop) if self._stop else None)

    def _work_off(self, workers: Workers[Job, Fetched]) -> FinishReason:
        begun = self._clock()
        completed: Sequence[Completed[Job, Fetched]] = ()
        while True:
            if self._limits.minutes is not None and self._clock() - begun > 60 * self._limits.minutes:
                self._end_with(FinishReason.MAX_MINUTES)
            for job in self._commit(completed):
                workers.submit(job)
            self._run.watch(self._summary())
            pause = self._scheduler.pause
            is_over = self._ending_since is not None and self._clock() - self._ending_since > GRACE
            if is_over or (self._scheduler.is_idle and (pause is None or pause == math.inf)):
                return self._scheduler.reason(self._objects())
            if self._scheduler.is_idle and pause is not None:
                self._fetcher.wait(min(pause, runs.HEARTBEAT))
                completed = ()
            else:
                soonest = min(self._fetcher.resting().values(), default=math.inf)
                completed = workers.completed(min(soonest, GRACE))

    def _commit(self, completed: Sequence[Completed[Job, Fetched]]) -> list[Job]:
        """Commit what the threads brought, and claim what they are to do next, in one transaction."""
        tally: Counter[str] = Counter()
        with self._run.transaction() as connection:
            ingest = Ingest(connection, self._run.source_name, self._run.now(), tally, self._once, self._writer)
            for job in completed:
                self._settle(ingest, job)
                self._scheduler.settled(job.job.task)
            ingest.write()
            jobs = self._scheduler.claim(connection, self._objects(tally))
            if completed:
                self._archive.sync()  # before the commit: no pointer outlives its answer
        self._counts.update(tally)
        return jobs

    def _settle(self, ingest: Ingest, completed: Completed[Job, Fetched]) -> None:
        task, error = completed.job.task, self._sorted(completed)
        if completed.product is not None:
            self._enter(ingest, completed.job, completed.product)
        elif isinstance(error, TaskFailed | HungUp | Blocked) or (isinstance(error, Unreachable) and task.depth):
            # What a run starts with is asked for by the next run anyway: without a network, it does not fail.
            ingest.failure(task, error)
            self._note(error)
            self._watched(self._detector.missed, task, error)
        elif isinstance(error, HarvestError):
            tasks.release(ingest.connection, task, error.host)
            self._note(error)
        elif error is not None:
            raise error

    def _sorted(self, completed: Completed[Job, Fetched]) -> BaseException | None:
        """Return the error that a job ended with; a status that asks for a login has its own, where that is usual."""
        error, request = completed.error, completed.job.task.request
        is_closed = isinstance(error, BadAnswer) and error.status == HTTPStatus.UNAUTHORIZED
        if is_closed and request.kind in fact(self._source, "MAY_NEED_LOGIN"):
            return LoginNeeded(f"{error}: only for whom has logged in", status=401, host=host_of(request.url))
        return error

    def _note(self, error: HarvestError) -> None:
        """Note an error that is not the task's own."""
        if isinstance(error, Stopped):
            self._stop = self._stop or error
            if error.host is None:
                self._end_with(FinishReason.STOPPED)
            elif error.host not in self._closed:
                self._closed.add(error.host)
                self._fetcher.close(error.host)
                log.warning("%s", error)
        elif isinstance(error, Withheld) and error.host is not None:
            said = _said_of(error, error.host)
            if said not in self._withheld:
                self._withheld.add(said)
                log.warning("%s", said)
        elif isinstance(error, Cancelled):
            self._end_with(FinishReason.MAX_REQUESTS)
        elif isinstance(error, Later) and not isinstance(error, Resting):
            log.warning("%s", error)
            self._counts["postponed"] += 1

    def _end_with(self, reason: FinishReason) -> None:
        """Claim no more, and let nobody wait at the throttle; what is being sent has a little time to come."""
        if self._scheduler.ending is None:
            self._scheduler.ending, self._ending_since = reason, self._clock()
        self._stop_signal.set()

    def _enter(self, ingest: Ingest, job: Job, fetched: Fetched) -> None:
        response = fetched.response
        if fetched.image is not None:
            ingest.image(job.task, response, fetched.image)
        elif job.known is not None and job.known.is_same(response):
            ingest.unchanged(job.task, job.known, response)
            self._watched(self._detector.observe, (), job.task)
        else:
            pointer = self._archive.append(response, self._run.now())
            try:
                parsed = parse(self._source, response)
                self._lists.observe(parsed, job.task)
            except TaskFailed as failure:
                ingest.unread(job.task, response, pointer, failure)
                self._watched(self._detector.missed, job.task, failure)
            else:
                ingest.page(job.task, response, pointer, parsed)
                self._watched(self._detector.observe, parsed, job.task)

    def _watched(self, look: Callable[..., None], *seen: object) -> None:
        try:
            look(*seen)
        except LayoutChanged as change:
            self._note(change)

    def _objects(self, tally: Mapping[str, int] | None = None) -> int:
        """Count the objects so far, those of a transaction that is not committed yet included."""
        return sum(self._counts[name] + (tally or {}).get(name, 0) for name in self._units)

    def _summary(self) -> dict[str, int]:
        names = (*Change, "deleted", "images", State.GONE, State.WITHHELD, State.FAILED, "postponed")
        counted = {str(name): self._counts[name] for name in names}
        return {"requests": self._fetcher.requests, "objects": self._objects(), **counted}


def _said_of(error: Withheld, host: str) -> str:
    """Return what a person is told of a host that withholds something."""
    if isinstance(error, LoginNeeded):
        return login_needed_by(host)
    return opted_out_by(host) if isinstance(error, OptedOut) else withheld_by(host)
