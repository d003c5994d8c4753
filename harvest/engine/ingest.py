"""What follows from answers, written into the catalogue: always all of it in one transaction, or nothing."""

import logging
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from harvest.catalogue import images, objects
from harvest.catalogue.images import ImageKey, Offered
from harvest.catalogue.objects import Change, Origin
from harvest.catalogue.writer import Addition, Entry, ObjectWriter
from harvest.errors import Damaged, Gone, HarvestError, LayoutChanged, LoginNeeded
from harvest.http.url import canonical
from harvest.queue import responses, tasks
from harvest.queue.enqueue import Asked, enqueue_all
from harvest.queue.responses import NewResponse, StoredResponse
from harvest.queue.tasks import IMAGE, Completion, State, Task
from harvest.records import Artist, Damage, Deleted, Halt, ObjectRecord, StoredImage, Supplement
from harvest.request import Request
from harvest.response import Response
from harvest.source import Parsed
from harvest.storage.archive import Pointer

ADDED_TO = "added to"  # counts the objects to which a further answer added something
log = logging.getLogger(__name__)


@dataclass(slots=True)
class Answer:
    """What a task's answer says, and what becomes of the task."""

    task: Task
    now: datetime  # when the answer came
    found: Sequence[Parsed] = ()
    response_id: int | None = None
    is_whole: bool = True  # what the task told of and this answer does not is deleted
    completion: Completion | None = None


Item = tuple[Answer, Parsed | None]  # None: the answer's end


class Ingest:
    """Collects what the answers of one transaction bring; `write` writes all of it at once.

    Args:
        connection: In the transaction.
        source_name: The source's name.
        now: Now.
        tally: Where to count what the answers say.
        once: Kinds of tasks that are never asked again: what is not in them says nothing.
        writer: Writes the objects; kept for all transactions of a run, it remembers artists.
    """

    def __init__(
        self,
        connection: Connection,
        source_name: str,
        now: datetime,
        tally: Counter[str],
        once: Collection[str] = (),
        writer: ObjectWriter | None = None,
    ) -> None:
        self.connection = connection
        self.source_name = source_name
        self._now = now
        self._tally = tally
        self._once = once
        self._writer = writer or ObjectWriter(source_name)
        self._answers: list[Answer] = []
        self._responses: list[tuple[Answer | None, NewResponse]] = []
        self._files: dict[ImageKey, StoredImage] = {}
        self._unchanged: list[tuple[StoredResponse, Completion]] = []
        self._fallbacks: list[Asked] = []

    def page(self, task: Task, response: Response, pointer: Pointer, found: Sequence[Parsed]) -> None:
        """Take an answer's place, all that was found in it, the tasks that follow and its own end."""
        answer = Answer(task, self._now, found, is_whole=task.request.kind not in self._once)
        self._keep(answer, task, response, pointer)
        self._answers.append(answer)
        if (failure := failure_in(found)) is not None:
            answer.is_whole = answer.is_whole and not isinstance(failure, Damaged)
            self.failure(task, failure)
        else:
            answer.completion = Completion(task, response.url, response.status, self._now)

    def unread(self, task: Task, response: Response, pointer: Pointer, failure: HarvestError) -> None:
        """Take the place of an answer that could not be read: a better parser may."""
        self._keep(None, task, response, pointer)
        self.failure(task, failure)

    def unchanged(self, task: Task, known: StoredResponse, response: Response) -> None:
        """Note that the source still gives the answer that we have."""
        self._unchanged.append((known, Completion(task, response.url, response.status, self._now)))

    def image(self, task: Task, response: Response, stored: StoredImage) -> None:
        """Take where an image's file lies."""
        pointer = Pointer(stored.path, 0, stored.bytes, stored.sha256)
        asked = replace(response, url=canonical(response.request.url))  # by which a lost row finds its file again
        self._keep(None, task, asked, pointer)
        self._files[image_key(task)] = stored
        completion = Completion(task, response.url, response.status, self._now)
        self._answers.append(Answer(task, self._now, is_whole=False, completion=completion))
        self._tally["images"] += 1

    def failure(self, task: Task, failure: HarvestError) -> None:
        """Write why a task failed; take what that says of its objects."""
        state = tasks.fail(self.connection, task, failure, now=self._now)
        if state is State.WAITING:
            self._tally["retried"] += 1
            return
        self._tally[state] += 1
        if task.request.fallback is not None and not isinstance(failure, LoginNeeded):
            self._fallbacks.append(Asked([task.request.fallback], task.depth, self._now))
        if task.request.kind == IMAGE:
            images.mark_image(self.connection, image_key(task), state)
        elif isinstance(failure, Gone) and task.request.kind not in self._once:
            self._answers.append(Answer(task, self._now))

    def add(self, answer: Answer) -> None:
        """Take what an answer says that is kept already."""
        self._answers.append(answer)

    def write(self) -> None:
        """Write all that was taken."""
        new = [response for _, response in self._responses]
        ids = responses.add_all(self.connection, self.source_name, new)
        for (answer, _), response_id in zip(self._responses, ids, strict=True):
            if answer is not None:
                answer.response_id = response_id
        images.save_files(self.connection, self._files)
        responses.confirm_all(self.connection, [known for known, _ in self._unchanged], self._now)
        tasks.complete_all(self.connection, [completion for _, completion in self._unchanged])
        enqueue_all(self.connection, self.source_name, self._fallbacks)
        for items in _independent(self._answers):
            self._write(items)
        same = [completion.task.id for _, completion in self._unchanged]
        self._tally[Change.UNCHANGED] += objects.count_of(self.connection, same)

    def _keep(self, answer: Answer | None, task: Task, response: Response, pointer: Pointer) -> None:
        self._responses.append((answer, NewResponse(task.id, response, pointer, self._now)))

    def _write(self, items: Sequence[Item]) -> None:
        """Write items that speak of different objects.

        What is missing in the whole answers is found first. Where another item speaks of that, all are written one
        after another, so that the last one counts.
        """
        ended = [answer for answer, item in items if item is None]
        whole = {answer.task.id: answer for answer in ended if answer.is_whole}
        told = {
            (answer.task.id, objects.identity(self.connection, item.source_id))
            for answer in whole.values()
            for item in answer.found
            if isinstance(item, ObjectRecord)
        }
        missing = [
            row
            for row in objects.of_tasks(self.connection, whole)
            if (row.task_id, objects.identity(self.connection, row.source_id)) not in told
        ]
        named = {_key(item) for _, item in items}
        if len(items) > 1 and any(_trimmed(row.source_id) in named for row in missing):
            for item in items:
                self._write([item])
            return
        deleted = {row.id: whole[row.task_id].now for row in missing}
        asked, changed = self._write_objects(items, deleted)
        self._tally["deleted"] += len(deleted)
        objects.mark_deleted(self.connection, deleted)
        tasks.complete_all(self.connection, [answer.completion for answer in ended if answer.completion is not None])
        self.invalidate(changed)
        for answer in ended:
            wanted = [item for item in answer.found if isinstance(item, Request)]
            asked.append(Asked(wanted, answer.task.depth + 1, answer.now))
        enqueue_all(self.connection, self.source_name, asked)

    def _write_objects(self, items: Sequence[Item], deleted: dict[int, datetime]) -> tuple[list[Asked], list[str]]:
        """Write what is said of objects and artists, and add to `deleted` what is said to be deleted.

        Returns:
            What is asked for by that, and the keys of the objects that have changed.
        """
        keys = {item.source_id for _, item in items if isinstance(item, ObjectRecord | Deleted)}
        added_to = {item.source_id for _, item in items if isinstance(item, Supplement)}
        known = objects.find(self.connection, self.source_name, keys)
        whole = objects.find(self.connection, self.source_name, added_to, whole=True)
        taken: list[Entry | Addition | Artist] = []
        restored, changed = [], []
        answers: dict[str, Answer] = {}
        for answer, item in items:
            if isinstance(item, ObjectRecord):
                entry = self.entry(answer, item, known.get(item.source_id))
                self._tally[entry.change] += 1
                answers[item.source_id] = answer
                changed += [item.source_id] if entry.change is Change.CHANGED else []
                if entry.known is None or entry.known.content_hash != entry.digest or entry.kept:
                    taken.append(entry)
                elif entry.change is Change.CHANGED:
                    restored.append((entry.known.id, entry.origin))
            elif isinstance(item, Supplement):
                answers[item.source_id] = answer
                taken += self._addition(answer, item, whole.get(item.source_id))
            elif isinstance(item, Deleted):
                row = known.get(item.source_id)
                deleted |= {row.id: answer.now} if row is not None and row.deleted_at is None else {}
            elif isinstance(item, Artist):
                taken.append(item)
        objects.restore(self.connection, restored)
        offered = self._writer.write(self.connection, taken) if taken else ()
        return self.ask_for_images(offered, answers), changed

    def entry(self, answer: Answer, record: ObjectRecord, known: Row[Any] | None) -> Entry:
        """Say how an object differs from what the catalogue holds of it."""
        digest = objects.content_hash(record)
        if known is None:
            change = Change.NEW
        else:
            is_same = known.content_hash == digest and known.deleted_at is None
            change = Change.UNCHANGED if is_same else Change.CHANGED
        return Entry(record, digest, known, change, Origin(answer.response_id, answer.task.id, answer.now))

    def _addition(self, answer: Answer, extra: Supplement, known: Row[Any] | None) -> list[Addition]:
        if known is None:
            url, name = answer.task.request.url, extra.source_id
            log.warning("%s: %s tells of %s, which the catalogue does not hold", self.source_name, url, name)
            return []
        self._tally[ADDED_TO] += 1
        return [Addition(extra, known)]

    def invalidate(self, keys: Collection[str]) -> None:
        """Have the further answers about objects asked for again whose records have replaced what they had added."""
        if self._once:
            tasks.invalidate(self.connection, self.source_name, self._once, keys)

    def ask_for_images(
        self, offered: Iterable[tuple[Offered, Sequence[int]]], answers: Mapping[str, Answer]
    ) -> list[Asked]:
        """Return the requests for images, whether or not they were asked for at another address before.

        Args:
            offered: The objects of which images are to be fetched, and at which positions.
            answers: Those that offer them, by the objects' keys.
        """
        asked = []
        for offer, positions in offered:
            answer = answers[offer.source_id]
            requests = image_requests(offer, positions, answer.task.request.scope)
            asked.append(Asked(requests, answer.task.depth + 1, answer.now, afresh=True))
        return asked


def failure_in(found: Iterable[Parsed]) -> HarvestError | None:
    """Return as what an answer that was read counts all the same: its halt, or else its damage; None: as a success."""
    halts = [item for item in found if isinstance(item, Halt)]
    damages = [item for item in found if isinstance(item, Damage)]
    if halts:
        return LayoutChanged(halts[0].reason)
    more = f"; and {len(damages) - 1} more such" if len(damages) > 1 else ""
    return Damaged(f"{damages[0].reason}{more}") if damages else None


def image_requests(offer: Offered, positions: Iterable[int], scope: str | None) -> list[Request]:
    """Ask for images of an object."""
    return [
        Request(
            IMAGE,
            offer.images[position].candidates[0],
            images.image_name(offer.source_id, position),
            scope,
            image_context((offer.object_id, position)),
        )
        for position in positions
    ]


def image_context(key: ImageKey) -> dict[str, int]:
    """Say in an image's request which image it is."""
    return dict(zip(("object_id", "position"), key, strict=True))


def image_key(task: Task) -> ImageKey:
    """Say which image an image's task is about."""
    return task.request.context["object_id"], task.request.context["position"]


def _independent(answers: Iterable[Answer]) -> Iterator[list[Item]]:
    """Split what answers say, in its order, into parts of which none speaks twice of an object or ends a task twice."""
    items: list[Item] = []
    named: set[str | int | None] = set()
    for answer in answers:
        for item in (*answer.found, None):
            key = _key(item) if item is not None else answer.task.id
            if key is not None and key in named:
                yield items
                items, named = [], set()
            named.add(key)
            items.append((answer, item))
    if items:
        yield items


def _key(item: Parsed | None) -> str | None:
    """Return which object an item speaks of, as the catalogue that tells the fewest keys apart knows it."""
    return _trimmed(item.source_id) if isinstance(item, ObjectRecord | Supplement | Deleted) else None


def _trimmed(key: str) -> str:
    return key.rstrip(" ")
