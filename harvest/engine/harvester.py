"""The engine: claims tasks, has threads ask for them, archives the answers, parses them, and commits all that follows.

One thread owns the catalogue and the archive; the others only fetch. Killed at any point, the next run goes on: a task
in work gets its turn again, an answer that was archived but not committed is cut off, and a file without a row is found
under its name when it comes again.
"""

import logging
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine

from harvest.catalogue import images
from harvest.catalogue.completeness import WHOLE, completeness
from harvest.catalogue.objects import Change
from harvest.engine import scheduler
from harvest.engine.drift import DriftDetector
from harvest.engine.ingest import ADDED_TO, Ingest, image_key
from harvest.engine.parse import parse
from harvest.engine.scheduler import CONCURRENCY, NOTHING, Limits
from harvest.engine.workers import Completed as Brought
from harvest.engine.workers import Fetched, Job, Workers, run
from harvest.errors import Blocked, Cancelled, HarvestError, HungUp, Later, LayoutChanged, Stopped, TaskFailed
from harvest.http.fetcher import Fetcher
from harvest.http.throttle import StopSignal
from harvest.queue import counts, responses, runs, tasks
from harvest.queue.enqueue import enqueue
from harvest.queue.tasks import IMAGE, Lane, State, Task
from harvest.source import Selection, Source, fact, has_table, name_of, scope_of
from harvest.storage.archive import Archive, expect_own

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run found, and why it ended."""

    run: int
    finish_reason: str  # complete, incomplete, surveyed, limit, max-requests, max-minutes, stopped
    counts: Mapping[str, int]
    message: str | None = None  # why it stopped, and how to go on


class Harvester:
    """Works off one source's tasks.

    Args:
        source: The source's module.
        catalogue: An open catalogue.
        fetcher: Asks the hosts.
        data: The data folder.
        now: The time in UTC.
        clock: Monotonic seconds.
        stop_signal: What the fetcher's throttle waits by; ended when the run ends.
        watch: Called with the counts after every commit.
    """

    def __init__(
        self,
        source: Source,
        catalogue: Engine,
        fetcher: Fetcher,
        data: Path,
        *,
        now: Callable[[], datetime],
        clock: Callable[[], float],
        stop_signal: StopSignal,
        watch: Callable[[Mapping[str, int]], None] = lambda _counts: None,
    ) -> None:
        self._source = source
        self._name = name_of(source)
        self._units: tuple[str, ...] = (ADDED_TO,) if has_table(source) else tuple(Change)  # what counts as an object
        self._once: Collection[str] = fact(source, "NEVER_REFRESHED")
        self._survey: Collection[str] = fact(source, "COUNTS")  # as long as there is something of it to do
        self._catalogue = catalogue
        self._fetcher = fetcher
        self._data = data
        self._now = now
        self._clock = clock
        self._stop_signal = stop_signal
        self._watch = watch
        self._counts: Counter[str] = Counter()
        self._in_work: Counter[Lane] = Counter()
        self._ending: str | None = None  # why no more is claimed
        self._stop: Stopped | None = None

    def run(self, wanted: Selection, limits: Limits, options: Mapping[str, Any]) -> Outcome:
        """Run, or go on with, a harvest; where nothing was left to do, ask for all pages again.

        Args:
            wanted: Which part of the source.
            limits: How much of it.
            options: What is kept with the run, for the record.

        Raises:
            Held: Another run holds the source.
        """
        self._part, self._limits = scope_of(self._source, wanted), limits
        is_wide = self._part.scopes is None or len(self._part.scopes) > 1
        self._detector = DriftDetector(self._name, fact(self._source, "EXPECTED"), is_wide)
        self._run = self._begin(wanted, options)
        reason = "interrupted"  # unless it comes to an end of its own
        with self._catalogue.connect() as connection:
            self._archive = Archive(self._data, self._name, responses.last(connection, self._name))
        workers = Workers[Job, Fetched](lambda job: run(job, self._fetcher, self._data), sum(CONCURRENCY.values()))
        try:
            reason = self._work_off(workers)
        except Stopped as stop:  # the lease is lost
            reason, self._stop = "stopped", stop
        finally:
            self._stop_signal.set()
            workers.shutdown()
            self._archive.close()
            self._end(reason)
        return Outcome(self._run, reason, self._summary(), str(self._stop) if self._stop else None)

    def _begin(self, wanted: Selection, options: Mapping[str, Any]) -> int:
        with self._catalogue.begin() as connection:
            if (known := responses.last(connection, self._name)) or runs.last(connection, self._name) is None:
                expect_own(self._data, self._name, known)
            starting, names = scheduler.starting(connection, self._source, wanted)
            self._windows = {request.kind for request in starting} & set(self._once)
            options = {**options, **({runs.WINDOWS: names} if names else {})}
            run = runs.begin(connection, self._name, options, self._now())
            tasks.reclaim(connection, self._name)
            if self._windows:  # one that broke off would stay so, and hide all that lies behind it
                tasks.retry(connection, None, self._name, kinds=self._windows, states=tasks.LOST)
            enqueue(connection, self._name, starting, depth=0, now=self._now())
            lanes = tuple(Lane) if self._limits.images else tasks.READ
            if not self._limits.survey:
                tasks.requeue_all(connection, self._name, self._part, lanes=lanes, once=self._once)
            return run

    def _end(self, reason: str) -> None:
        with self._catalogue.begin() as connection:
            if reason != "stopped" or self._holds(connection):
                tasks.reclaim(connection, self._name)
            filled = {"fill": completeness(connection, self._name)} if reason in WHOLE else {}
            runs.end(connection, self._run, reason, self._summary() | filled, self._now())

    def _holds(self, connection: Connection) -> bool:
        try:
            runs.hold(connection, self._name, self._run)
        except Stopped:
            return False
        return True

    def _work_off(self, workers: Workers[Job, Fetched]) -> str:
        begun = last_beat = self._clock()
        brought: Sequence[Brought[Job, Fetched]] = ()
        while True:
            if self._limits.minutes is not None and self._clock() - begun > 60 * self._limits.minutes:
                self._end_with("max-minutes")
            beat = self._clock() - last_beat > runs.HEARTBEAT
            last_beat = self._clock() if beat else last_beat
            for job in self._commit(brought, beat=beat):
                workers.submit(job)
            self._watch(self._summary())
            if not self._in_work.total():
                return self._ending or self._reason()
            brought = workers.completed(runs.HEARTBEAT)

    def _commit(self, brought: Sequence[Brought[Job, Fetched]], *, beat: bool) -> list[Job]:
        """Commit what the threads brought, and claim what they are to do next, in one transaction."""
        tally: Counter[str] = Counter()
        with self._catalogue.begin() as connection:
            runs.hold(connection, self._name, self._run)
            if beat:
                runs.beat(connection, self._run, self._now())
            ingest = Ingest(connection, self._name, self._now(), tally, self._once)
            for each in brought:
                self._settle(ingest, each)
                self._in_work[each.job.task.lane] -= 1
            jobs = self._claim(connection, tally)
            if brought:
                self._archive.sync()  # before the commit: no pointer outlives its answer
        self._counts.update(tally)
        return jobs

    def _settle(self, ingest: Ingest, brought: Brought[Job, Fetched]) -> None:
        task, error = brought.job.task, brought.error
        if brought.product is not None:
            self._enter(ingest, brought.job, brought.product)
        elif isinstance(error, TaskFailed | HungUp | Blocked):
            ingest.failure(task, error)
            self._note(error)
            self._guarded(self._detector.missed, task, error)
        elif isinstance(error, HarvestError):
            tasks.release(ingest.connection, task)
            self._note(error)
        elif error is not None:
            raise error

    def _note(self, error: HarvestError) -> None:
        """Note an error that is not the task's own."""
        if isinstance(error, Stopped):
            self._stop = self._stop or error
            self._end_with("stopped")
        elif isinstance(error, Cancelled):
            self._end_with("max-requests")
        elif isinstance(error, Later):
            log.warning("%s", error)
            self._counts["postponed"] += 1

    def _end_with(self, reason: str) -> None:
        """Claim no more, and let nobody wait at the throttle; what is being sent comes to its end."""
        self._ending = self._ending or reason
        self._stop_signal.set()

    def _enter(self, ingest: Ingest, job: Job, product: Fetched) -> None:
        response = product.response
        if product.image is not None:
            ingest.image(job.task, response, product.image)
        elif job.known is not None and job.known.is_same(response):
            ingest.unchanged(job.task, job.known, response)
            self._guarded(self._detector.observe, (), job.task)
        else:
            pointer = self._archive.append(response, self._now())
            try:
                found = parse(self._source, response)
            except TaskFailed as failure:
                ingest.unread(job.task, response, pointer, failure)
                self._guarded(self._detector.missed, job.task, failure)
            else:
                ingest.page(job.task, response, pointer, found)
                self._guarded(self._detector.observe, found, job.task)

    def _guarded(self, look: Callable[..., None], *about: object) -> None:
        try:
            look(*about)
        except LayoutChanged as change:
            self._note(change)

    def _claim(self, connection: Connection, tally: Counter[str]) -> list[Job]:
        room = self._room(tally)
        claimed = [task for lane, number in room.items() for task in self._claim_in(connection, lane, number)]
        if self._survey and not claimed and not self._in_work.total():
            self._survey = ()
            return self._claim(connection, tally) if not self._limits.survey else []
        if not (claimed or self._in_work.total() or self._ending or self._enough(tally)):
            claimed = self._claim_in(connection, Lane.KEYED, 1)  # last and alone: it slows nothing down
        self._in_work.update(task.lane for task in claimed)
        read = [task.id for task in claimed if task.lane in tasks.READ and task.error is None]
        known = responses.known(connection, read)  # what could not be read is read again, changed or not
        return [Job(task, known.get(task.id), self._addresses(connection, task)) for task in claimed]

    def _claim_in(self, connection: Connection, lane: Lane, number: int) -> list[Task]:
        return tasks.claim(
            connection,
            self._name,
            lane,
            number,
            run_id=self._run,
            now=self._now(),
            part=self._part,
            kinds=self._survey,
        )

    def _room(self, tally: Counter[str]) -> dict[Lane, int]:
        """Say how many tasks each lane may take: each page in work may be an object."""
        if self._ending:
            return {}
        room = {lane: number - self._in_work[lane] for lane, number in CONCURRENCY.items()}
        if self._limits.objects is not None:
            still = self._limits.objects - self._objects(tally)
            room[Lane.PAGES] = min(room[Lane.PAGES], still - self._in_work[Lane.PAGES])
        if not self._limits.images:
            room[Lane.IMAGES] = 0
        return {lane: number for lane, number in room.items() if number > 0}

    def _addresses(self, connection: Connection, task: Task) -> tuple[str, ...]:
        return tuple(images.candidates(connection, **image_key(task))) if task.request.kind == IMAGE else ()

    def _reason(self) -> str:
        """Say why there is no more to do."""
        if self._enough():
            return "limit"
        if self._limits.survey:
            return "surveyed"
        with self._catalogue.connect() as connection:
            return "incomplete" if counts.has_lost(connection, self._name, self._part, self._windows) else "complete"

    def _enough(self, tally: Mapping[str, int] = NOTHING) -> bool:
        return self._limits.objects is not None and self._objects(tally) >= self._limits.objects

    def _objects(self, tally: Mapping[str, int] = NOTHING) -> int:
        return sum(self._counts[name] + tally.get(name, 0) for name in self._units)

    def _summary(self) -> dict[str, int]:
        names = (*Change, "deleted", "images", State.GONE, State.FAILED, "postponed")
        counted = {str(name): self._counts[name] for name in names}
        return {"requests": self._fetcher.requests, "objects": self._objects(), **counted}
