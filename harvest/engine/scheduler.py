"""What a run claims next, and when there is no more to do.

Windows on changes are requests never asked again: each harvest asks for what has changed since the last.
"""

import math
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from harvest.catalogue import images
from harvest.engine.ingest import image_key
from harvest.engine.workers import Job
from harvest.errors import Disallowed, OptedOut, Reserved
from harvest.queue import counts, responses, runs, tasks
from harvest.queue.enqueue import enqueue
from harvest.queue.runs import FinishReason, Run
from harvest.queue.tasks import Lane, State, Task
from harvest.request import Request
from harvest.source import Scope, Selection, Source, fact, has_table, name_of, scope_of

# Tasks in work in each lane; the throttle lets as many ask as their hosts allow.
CONCURRENCY = {Lane.PAGES: 8, Lane.IMAGES: 8}


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a run does; None: all there is."""

    objects: int | None = None
    minutes: float | None = None
    images: bool = True
    survey: bool = False  # no more than the lists that tell how much there is


class Scheduler:
    """Claims the tasks of one run.

    Args:
        source: The source's module.
        run: That holds the source.
        selection: What of the source is wanted.
        limits: How much of it.
        resting: Names the hosts that may not be asked now, and in how many seconds they may.
        ignored_opt_outs: Hosts whose images are taken, whoever opts them out.
    """

    def __init__(
        self,
        source: Source,
        run: Run,
        selection: Selection,
        limits: Limits,
        resting: Callable[[], Mapping[str, float]] = dict,
        ignored_opt_outs: Collection[str] = (),
    ) -> None:
        self._source = source
        self._run = run
        self._selection = selection
        self._limits = limits
        self._resting = resting
        self._ignored_opt_outs = ignored_opt_outs
        self._left_out: Collection[str] = () if limits.images else fact(source, "ONLY_FOR_IMAGES")
        # Answers that bring no object, beside whatever number of these; of a table's source, all others bring them.
        self._beside: Collection[str] = (
            fact(source, "ONLY_FOR_IMAGES") if limits.images and not has_table(source) else ()
        )
        self._in_work: Counter[Lane] = Counter()
        self._surveying: Collection[str] = fact(source, "COUNTS")  # as long as there is something of it to do
        self._windows: Collection[str] = ()  # kinds
        self._starting: Collection[Request] = ()
        self.scope: Scope = scope_of(source, selection)
        self.ending: FinishReason | None = None  # why no more is claimed
        self.pause: float | None = None  # seconds; nothing is in work, and what is to do waits for hosts that rest

    def start(self, connection: Connection) -> None:
        """Ask for what the source starts with; where nothing was left to do, for all pages again."""
        name, once = self._run.source_name, fact(self._source, "NEVER_REFRESHED")
        starting, windows = starting_requests(connection, self._source, self._selection)
        self._windows = {request.kind for request in starting} & set(once)
        self._starting = starting
        if windows:
            self._run.record(connection, **{runs.WINDOWS: windows})
            # One that broke off would stay so, and hide all that lies behind it.
            tasks.retry(connection, None, name, kinds=self._windows, states=tasks.LOST)
        enqueue(connection, name, starting, depth=0, now=self._run.now())
        lanes = tuple(Lane) if self._limits.images else tasks.READ
        if not self._limits.survey:
            tasks.forget_absent(connection, name, starting)
            tasks.requeue_all(connection, name, self.scope, lanes=lanes, once=once)
        if self._limits.images and not self._limits.survey:
            # The user may ignore a host's rules now, or they may say something else; asking that costs one request.
            for error in (Disallowed, Reserved):
                tasks.retry(connection, error.__name__, name, states=(State.WITHHELD,))
            # What images' own answers say costs a request each.
            tasks.retry(connection, OptedOut.__name__, name, states=(State.WITHHELD,), hosts=self._ignored_opt_outs)

    def claim(self, connection: Connection, objects: int) -> list[Job]:
        """Claim as many tasks as there is room for; what is keyed last and alone: so it slows nothing down.

        Args:
            connection: In the run's transaction.
            objects: How many the run has brought so far.
        """
        room = self._room(objects)
        claimed = [task for lane, number in room.items() for task in self._claim(connection, lane, number)]
        claimed += self._claim_beside(connection, claimed)
        self.pause = self._pause(connection, room) if room and not claimed and self.is_idle else None
        if self.pause is not None and self.pause < math.inf:
            return []
        if self._surveying and not claimed and self.is_idle:
            self._surveying = ()
            return self.claim(connection, objects) if not self._limits.survey else []
        if not claimed and self.is_idle and self.ending is None and not self._is_enough(objects):
            claimed = self._claim(connection, Lane.KEYED, 1)
            if not claimed and (pause := self._pause(connection, [Lane.KEYED])) is not None:
                self.pause = pause
        self._in_work.update(task.lane for task in claimed)
        read = [task.id for task in claimed if task.lane in tasks.READ and not task.reread]
        known = responses.known(connection, read)
        of_images = [image_key(task) for task in claimed if task.lane is Lane.IMAGES]
        places = images.whereabouts(connection, of_images)
        jobs = []
        for task in claimed:
            place = places[image_key(task)] if task.lane is Lane.IMAGES else images.Whereabouts()
            jobs.append(Job(task, known.get(task.id), tuple(place.candidates), place.opt_out))
        return jobs

    def settled(self, task: Task) -> None:
        """Note that a task is in work no longer."""
        self._in_work[task.lane] -= 1

    @property
    def is_idle(self) -> bool:
        """Whether nothing is in work."""
        return not self._in_work.total()

    def reason(self, objects: int) -> FinishReason:
        """Say why the run has no more to do."""
        if self.ending is not None:
            return self.ending
        if self._is_enough(objects):
            return FinishReason.LIMIT
        if self.pause is not None:
            return FinishReason.STOPPED
        if self._limits.survey:
            return FinishReason.SURVEYED
        with self._run.catalogue.connect() as connection:
            has_lost = counts.has_lost(connection, self._run.source_name, self.scope, self._windows) or bool(
                counts.lost(connection, self._run.source_name, self._starting)
            )
        return FinishReason.INCOMPLETE if has_lost else FinishReason.COMPLETE

    def _claim(self, connection: Connection, lane: Lane, number: int, kinds: Collection[str] = ()) -> list[Task]:
        return tasks.claim(
            connection,
            self._run.source_name,
            lane,
            number,
            run_id=self._run.id,
            now=self._run.now(),
            scope=self.scope,
            kinds=kinds or self._surveying,
            but=self._left_out,
            resting=self._resting(),
        )

    def _claim_beside(self, connection: Connection, claimed: Collection[Task]) -> list[Task]:
        """Claim what leads to the images of objects that the run has brought, where it may bring no more of them."""
        number = CONCURRENCY[Lane.PAGES] - self._in_work[Lane.PAGES] - sum(task.lane is Lane.PAGES for task in claimed)
        if self._limits.objects is None or self.ending is not None or not self._beside or number <= 0:
            return []
        return self._claim(connection, Lane.PAGES, number, kinds=self._beside)

    def _pause(self, connection: Connection, lanes: Collection[Lane]) -> float | None:
        """Return in how many seconds the first of the hosts that tasks wait for has rested; None: no task waits."""
        hosts = tasks.hosts_waited_for(
            connection,
            self._run.source_name,
            lanes,
            scope=self.scope,
            kinds=self._surveying,
            but=self._left_out,
        )
        resting = self._resting()
        return min((resting.get(host, 0.0) for host in hosts), default=None)

    def _room(self, objects: int) -> dict[Lane, int]:
        """Say how many tasks each lane may take: each page in work may be an object."""
        if self.ending is not None:
            return {}
        room = {lane: number - self._in_work[lane] for lane, number in CONCURRENCY.items()}
        if self._limits.objects is not None:
            room[Lane.PAGES] = min(room[Lane.PAGES], self._limits.objects - objects - self._in_work[Lane.PAGES])
        if not self._limits.images:
            room[Lane.IMAGES] = 0
        return {lane: number for lane, number in room.items() if number > 0}

    def _is_enough(self, objects: int) -> bool:
        return self._limits.objects is not None and objects >= self._limits.objects


def starting_requests(connection: Connection, source: Source, selection: Selection) -> tuple[list[Request], list[str]]:
    """Return the requests to start with, each window reaching back to where its own last complete harvest began.

    Returns:
        The requests, and the windows' names: the keys that they have where nothing was harvested before.
    """
    afresh = list(source.start(replace(selection, since=None)))
    once = fact(source, "NEVER_REFRESHED")
    places = {request.identity: place for place, request in enumerate(afresh) if request.kind in once}
    for name, place in places.items():
        since = runs.since(connection, name_of(source), name)
        afresh[place] = list(source.start(replace(selection, since=since)))[place]
    return afresh, sorted(places)
