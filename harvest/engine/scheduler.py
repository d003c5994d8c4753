"""What a run claims next, and when there is no more to do.

Windows on changes are requests never asked again: each harvest asks for what has changed since the last.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from harvest.catalogue import images
from harvest.engine.ingest import image_key
from harvest.engine.workers import Job
from harvest.queue import counts, responses, runs, tasks
from harvest.queue.enqueue import enqueue
from harvest.queue.runs import FinishReason, Run
from harvest.queue.tasks import Lane, Task
from harvest.request import Request
from harvest.source import Scope, Selection, Source, fact, name_of, scope_of

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
    """

    def __init__(self, source: Source, run: Run, selection: Selection, limits: Limits) -> None:
        self._source = source
        self._run = run
        self._selection = selection
        self._limits = limits
        self._in_work: Counter[Lane] = Counter()
        self._surveying: Collection[str] = fact(source, "COUNTS")  # as long as there is something of it to do
        self._windows: Collection[str] = ()  # kinds
        self._starting: Collection[Request] = ()
        self.scope: Scope = scope_of(source, selection)
        self.ending: FinishReason | None = None  # why no more is claimed

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
            tasks.requeue_all(connection, name, self.scope, lanes=lanes, once=once)

    def claim(self, connection: Connection, objects: int) -> list[Job]:
        """Claim as many tasks as there is room for; what is keyed last and alone: so it slows nothing down.

        Args:
            connection: In the run's transaction.
            objects: How many the run has brought so far.
        """
        claimed = [
            task for lane, number in self._room(objects).items() for task in self._claim(connection, lane, number)
        ]
        if self._surveying and not claimed and self.is_idle:
            self._surveying = ()
            return self.claim(connection, objects) if not self._limits.survey else []
        if not claimed and self.is_idle and self.ending is None and not self._is_enough(objects):
            claimed = self._claim(connection, Lane.KEYED, 1)
        self._in_work.update(task.lane for task in claimed)
        read = [task.id for task in claimed if task.lane in tasks.READ and not task.reread]
        known = responses.known(connection, read)
        of_images = [image_key(task) for task in claimed if task.lane is Lane.IMAGES]
        addresses = images.candidates(connection, of_images)
        return [
            Job(task, known.get(task.id), tuple(addresses[image_key(task)]) if task.lane is Lane.IMAGES else ())
            for task in claimed
        ]

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
        if self._limits.survey:
            return FinishReason.SURVEYED
        with self._run.catalogue.connect() as connection:
            has_lost = counts.has_lost(connection, self._run.source_name, self.scope, self._windows) or bool(
                counts.lost(connection, self._run.source_name, self._starting)
            )
        return FinishReason.INCOMPLETE if has_lost else FinishReason.COMPLETE

    def _claim(self, connection: Connection, lane: Lane, number: int) -> list[Task]:
        return tasks.claim(
            connection,
            self._run.source_name,
            lane,
            number,
            run_id=self._run.id,
            now=self._run.now(),
            scope=self.scope,
            kinds=self._surveying,
        )

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
