"""What follows from an answer, written into the catalogue: always all of it in one transaction, or nothing."""

import logging
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from harvest.catalogue import images, objects
from harvest.catalogue.objects import Change
from harvest.errors import Gone, HarvestError, LayoutChanged
from harvest.http.url import canonical
from harvest.queue import responses, tasks
from harvest.queue.enqueue import enqueue
from harvest.queue.responses import StoredResponse
from harvest.queue.tasks import IMAGE, State, Task
from harvest.records import Artist, Deleted, Halt, Image, ObjectRecord, Supplement
from harvest.request import Request
from harvest.response import Response
from harvest.source import Parsed
from harvest.storage.archive import Pointer
from harvest.storage.images import StoredImage

ADDED_TO = "added to"  # counts the objects to which a further answer added something
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ingest:
    """One source's entries within one transaction; `tally` counts what they say."""

    connection: Connection
    source: str
    moment: datetime
    tally: Counter[str]
    once: Collection[str] = ()  # kinds of tasks that are never asked again: what is not in them says nothing

    def page(self, task: Task, response: Response, pointer: Pointer, found: Collection[Parsed]) -> None:
        """Write an answer's place, all that was found in it, the tasks that follow and its own end."""
        answer = responses.add(self.connection, self.source, task.id, response, pointer, self.moment)
        self.save(task, answer, found)
        if halts := [each.reason for each in found if isinstance(each, Halt)]:
            self.failure(task, LayoutChanged(halts[0]))
        else:
            tasks.complete(self.connection, task, url=response.url, status=response.status, now=self.moment)

    def unread(self, task: Task, response: Response, pointer: Pointer, failure: HarvestError) -> None:
        """Write the place of an answer that could not be read: a better parser may."""
        responses.add(self.connection, self.source, task.id, response, pointer, self.moment)
        self.failure(task, failure)

    def unchanged(self, task: Task, known: StoredResponse, response: Response) -> None:
        """Write that the source still gives the answer that we have."""
        responses.confirm(self.connection, known, self.moment)
        tasks.complete(self.connection, task, url=response.url, status=response.status, now=self.moment)
        self.tally[Change.UNCHANGED] += objects.count_of(self.connection, task.id)

    def image(self, task: Task, response: Response, stored: StoredImage) -> None:
        """Write where an image's file lies."""
        pointer = Pointer(stored.path, 0, stored.bytes, stored.sha256)
        asked = replace(response, url=canonical(response.request.url))  # by which a lost row finds its file again
        responses.add(self.connection, self.source, task.id, asked, pointer, self.moment)
        images.save_image(self.connection, **image_key(task), stored=stored)
        tasks.complete(self.connection, task, url=response.url, status=response.status, now=self.moment)
        self.tally["images"] += 1

    def failure(self, task: Task, failure: HarvestError) -> None:
        """Write why a task failed, and what that says of its objects."""
        state = tasks.fail(self.connection, task, failure, now=self.moment)
        if state is State.WAITING:
            self.tally["retried"] += 1
            return
        self.tally[state] += 1
        if task.request.fallback is not None:
            enqueue(self.connection, self.source, [task.request.fallback], depth=task.depth, now=self.moment)
        if task.request.kind == IMAGE:
            images.mark_image(self.connection, **image_key(task), state=state)
        elif isinstance(failure, Gone) and task.request.kind not in self.once:
            self.tally["deleted"] += objects.mark_deleted(self.connection, task.id, self.moment)

    def save(self, task: Task, response_id: int, found: Iterable[Parsed]) -> None:
        """Write artists and objects, and the tasks that they and the page itself ask for."""
        requests, told = [], set()
        for each in found:
            if isinstance(each, Request):
                requests.append(each)
            elif isinstance(each, Artist):
                objects.save_artist(self.connection, self.source, each)
            elif isinstance(each, ObjectRecord):
                told.add(each.source_id)
                self.save_object(task, response_id, each)
            elif isinstance(each, Supplement):
                self.save_supplement(task, each)
            elif isinstance(each, Deleted):
                self.tally["deleted"] += objects.delete_one(self.connection, self.source, each.source_id, self.moment)
        if task.request.kind not in self.once:
            self.tally["deleted"] += objects.mark_deleted(self.connection, task.id, self.moment, but=told)
        enqueue(self.connection, self.source, requests, depth=task.depth + 1, now=self.moment)

    def save_object(self, task: Task, response_id: int, record: ObjectRecord) -> None:
        """Write an object, and ask for those of its images that are new or have moved."""
        object_id, change, positions = objects.save(
            self.connection, self.source, record, response_id=response_id, task_id=task.id, now=self.moment
        )
        self.tally[change] += 1
        if change is Change.CHANGED and self.once:  # its record has replaced what further answers had added
            tasks.invalidate(self.connection, self.source, self.once, record.source_id)
        self.ask_for_images(task, image_requests(record, positions, object_id, task.request.scope))

    def save_supplement(self, task: Task, extra: Supplement) -> None:
        """Write what a further answer says of an object, and ask for its images."""
        written = objects.supplement(self.connection, self.source, extra)
        if written is None:
            log.warning(
                "%s: %s tells of %s, which the catalogue does not hold", self.source, task.request.url, extra.source_id
            )
        else:
            object_id, positions = written
            self.tally[ADDED_TO] += 1
            self.ask_for_images(task, image_requests(extra, positions, object_id, task.request.scope))

    def ask_for_images(self, task: Task, wanted: Sequence[Request]) -> None:
        """Ask for images, whether or not they were asked for at another address before."""
        enqueue(self.connection, self.source, wanted, depth=task.depth + 1, now=self.moment, afresh=True)


def image_requests(
    record: ObjectRecord | Supplement, positions: Iterable[int], object_id: int, scope: str | None
) -> list[Request]:
    """Ask for images of an object."""
    offered: Sequence[Image] = record.images or ()
    return [
        Request(
            IMAGE,
            offered[position].candidates[0],
            images.image_name(record.source_id, position),
            scope,
            {"object_id": object_id, "position": position},
        )
        for position in positions
    ]


def image_key(task: Task) -> dict[str, int]:
    """Say which image an image's task is about."""
    return {"object_id": task.request.context["object_id"], "position": task.request.context["position"]}
