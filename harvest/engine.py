"""The engine: claims a task, asks, archives the answer, parses it, and commits all that follows at once.

Killed at any point, the next run goes on: a task in work gets its turn again, an answer that was archived but not
committed is cut off, and a file without a row is found under its name when it comes again.
"""

import logging
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy

from harvest import answers, images, objects, runs, tasks
from harvest.archive import Archive, Pointer
from harvest.errors import BadAnswer, Gone, Later, Stopped, TaskFailed
from harvest.fetch import Fetcher
from harvest.objects import Change
from harvest.records import Artist, ObjectRecord
from harvest.request import Request, Wanted
from harvest.response import Response
from harvest.source import Found, Source, name_of, parse
from harvest.tasks import IMAGE, State, Task

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a run does."""

    objects: int | None = None  # None: all
    images: bool = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run found, and why it ended."""

    run: int
    finish_reason: str  # complete, limit, stopped
    counts: Mapping[str, int]
    message: str | None = None  # why it stopped, and how to go on


@dataclass(frozen=True, slots=True)
class _Yield:
    """What one attempt at a task brought, before it is committed."""

    response: Response
    pointer: Pointer | None = None  # of an archived answer; a file has none
    found: tuple[Found, ...] = ()
    image: images.StoredImage | None = None


class Harvester:
    """Works off one source's tasks.

    Args:
        source: The source's module.
        catalogue: An open catalogue.
        fetcher: Asks the hosts.
        data: The data folder.
        now: The time in UTC.
        watch: Called with the counts after every task.
    """

    def __init__(
        self,
        source: Source,
        catalogue: sqlalchemy.Engine,
        fetcher: Fetcher,
        data: Path,
        *,
        now: Callable[[], datetime],
        watch: Callable[[Mapping[str, int]], None] = lambda _counts: None,
    ) -> None:
        self._source = source
        self._name = name_of(source)
        self._catalogue = catalogue
        self._fetcher = fetcher
        self._data = data
        self._now = now
        self._watch = watch
        self._counts: Counter[str] = Counter()

    def run(self, wanted: Wanted, limits: Limits, options: Mapping[str, Any]) -> Outcome:
        """Run, or go on with, a harvest.

        Args:
            wanted: Which part of the source.
            limits: How much of it.
            options: What is kept with the run, for the record.
        """
        starting = tuple(self._source.start(wanted))
        run = self._begin(starting, options)
        reason, message = "interrupted", None  # unless it comes to an end of its own
        with self._catalogue.connect() as connection:
            self._archive = Archive(self._data, self._name, answers.last(connection, self._name))
        try:
            reason = self._work_off(run, _scopes(starting), limits)
        except Stopped as stop:
            reason, message = "stopped", str(stop)
        finally:
            self._archive.close()
            self._end(run, reason)
        return Outcome(run, reason, self._summary(), message)

    def _begin(self, starting: Collection[Request], options: Mapping[str, Any]) -> int:
        with self._catalogue.begin() as connection:
            tasks.take_back(connection, self._name)
            tasks.add(connection, self._name, starting, depth=0, moment=self._now())
            return runs.begin(connection, self._name, options, self._now())

    def _end(self, run: int, reason: str) -> None:
        with self._catalogue.begin() as connection:
            tasks.take_back(connection, self._name)
            runs.end(connection, run, reason, self._summary(), self._now())

    def _work_off(self, run: int, scopes: Collection[str] | None, limits: Limits) -> str:
        while True:
            enough = limits.objects is not None and self._objects() >= limits.objects
            if enough and not limits.images:
                return "limit"
            kinds = "pages" if not limits.images else "images" if enough else "all"
            with self._catalogue.begin() as connection:
                task = tasks.claim(connection, self._name, run=run, moment=self._now(), scopes=scopes, kinds=kinds)
            if task is None:
                return "limit" if enough else "complete"
            self._attempt(task)
            self._watch(self._summary())

    def _attempt(self, task: Task) -> None:
        try:
            brought = self._fetch_image(task) if task.request.kind == IMAGE else self._fetch_page(task)
        except Later as later:
            log.warning("%s", later)
            with self._catalogue.begin() as connection:
                tasks.put_back(connection, task)
            self._counts["postponed"] += 1
        except TaskFailed as failure:
            self._note_failure(task, failure)
        else:
            self._commit(task, brought)

    def _fetch_page(self, task: Task) -> _Yield:
        response = self._fetcher.fetch(task.request)
        pointer = self._archive.append(response, self._now())
        try:
            return _Yield(response, pointer, tuple(parse(self._source, response)))
        except TaskFailed:
            with self._catalogue.begin() as connection:  # the answer is kept, to be read by a better parser
                answers.add(connection, self._name, task.id, response, pointer, self._now())
            raise

    def _fetch_image(self, task: Task) -> _Yield:
        """Try an image's addresses in turn; one that is gone or no image leads to the next."""
        with self._catalogue.connect() as connection:
            addresses = objects.candidates(connection, **_image_key(task))
        failure: TaskFailed = Gone(f"{task.request.key}: no address for its image")
        for url in addresses:
            try:
                response = self._fetcher.fetch(Request(IMAGE, url))
                return _Yield(response, image=images.store(self._data, response))
            except (Gone, BadAnswer) as error:
                failure = error if not isinstance(failure, BadAnswer) else failure
        raise failure

    def _commit(self, task: Task, brought: _Yield) -> None:
        """Commit the answer's place, what was found in it, the tasks that follow and this one's end, all or nothing."""
        tally: Counter[str] = Counter()
        response = brought.response
        with self._catalogue.begin() as connection:
            if brought.image is not None:
                objects.save_image(connection, **_image_key(task), stored=brought.image)
                tally["images"] += 1
            if brought.pointer is not None:
                answer = answers.add(connection, self._name, task.id, response, brought.pointer, self._now())
                tally.update(self._save(connection, task, answer, brought.found))
            tasks.finish(connection, task, url=response.url, status=response.status, moment=self._now())
        self._counts.update(tally)

    def _save(
        self, connection: sqlalchemy.Connection, task: Task, answer: int, found: tuple[Found, ...]
    ) -> Counter[str]:
        tally: Counter[str] = Counter()
        requests = [each for each in found if isinstance(each, Request)]
        tasks.add(connection, self._name, requests, depth=task.depth + 1, moment=self._now())
        for each in found:
            if isinstance(each, Artist):
                objects.save_artist(connection, self._name, each)
            elif isinstance(each, ObjectRecord):
                tally[self._save_object(connection, task, answer, each)] += 1
        return tally

    def _save_object(self, connection: sqlalchemy.Connection, task: Task, answer: int, record: ObjectRecord) -> Change:
        object_id, change, positions = objects.save(connection, self._name, record, answer=answer, moment=self._now())
        wanted = [
            Request(
                IMAGE,
                record.images[position].candidates[0],
                f"{record.source_id}#{position}",
                task.request.scope,
                {"object_id": object_id, "position": position},
            )
            for position in positions
        ]
        tasks.add(connection, self._name, wanted, depth=task.depth + 1, moment=self._now(), afresh=True)
        return change

    def _note_failure(self, task: Task, failure: TaskFailed) -> None:
        with self._catalogue.begin() as connection:
            state = tasks.fail(connection, task, failure, moment=self._now())
            if task.request.kind == IMAGE and state is not State.WAITING:
                objects.mark_image(connection, **_image_key(task), state=state)
        self._counts[state if state is not State.WAITING else "retried"] += 1

    def _objects(self) -> int:
        return sum(self._counts[change] for change in Change)

    def _summary(self) -> dict[str, int]:
        names = (*Change, "images", State.GONE, State.FAILED, "postponed")
        return {"requests": self._fetcher.requests, "objects": self._objects()} | {
            str(name): self._counts[name] for name in names
        }


def _scopes(starting: Collection[Request]) -> set[str] | None:
    """Give the parts of the source that the starting requests belong to; None: all of it."""
    scopes = {request.scope for request in starting}
    return None if None in scopes else {scope for scope in scopes if scope is not None}


def _image_key(task: Task) -> dict[str, int]:
    return {"object_id": task.request.context["object_id"], "position": task.request.context["position"]}
