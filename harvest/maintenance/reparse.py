"""A source's records, rebuilt from the archive and the kept images: every last answer is read again, nobody is asked.

A bulk table first, then pages, then images, each in the order in which the answers came, so that what was said last
counts. It holds the source as a harvest does. Killed at any point, it can be begun again: what it writes twice is the
same.
"""

import contextlib
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Row

from harvest.bulk.rows import RowLoader
from harvest.catalogue import images, objects
from harvest.catalogue.objects import Change
from harvest.engine.ingest import Ingest, image_requests
from harvest.engine.parse import parse
from harvest.errors import BadAnswer, LayoutChanged, TaskFailed
from harvest.http.url import canonical
from harvest.pictures import PixelBudget
from harvest.queue import responses, tasks
from harvest.queue.enqueue import enqueue
from harvest.queue.responses import LastResponse
from harvest.queue.runs import FinishReason, Run
from harvest.queue.tasks import IMAGE, READ, Lane, State, Task
from harvest.records import Halt, ObjectRecord, Supplement
from harvest.request import Request
from harvest.response import Response
from harvest.source import Parsed, Source, fact, has_table
from harvest.storage import images as image_files
from harvest.storage.archive import ArchiveError, read_answer

BATCH_SIZE = 50  # answers in one transaction
EXAMPLES = 5  # of damaged answers that are named
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ReparseResult:
    """What a rebuilding found."""

    run: int
    finish_reason: FinishReason
    counts: Mapping[str, int]
    damaged: Sequence[str]  # the first ones: what is not what was kept, and how it differs


@dataclass(frozen=True, slots=True)
class ReparseIngest(Ingest):
    """Enters what an old answer says; where nothing differs, everything stays as it is."""

    def save_object(self, task: Task, response_id: int, record: ObjectRecord) -> None:
        """Write an object as its answer says it."""
        object_id, change, positions = objects.save(
            self.connection,
            self.source,
            record,
            response_id=response_id,
            task_id=task.id,
            now=self.moment,
            again=True,
            by_absence=task.request.kind not in self.once,
        )
        self.tally[change] += 1
        self.ask_for_images(task, image_requests(record, positions, object_id, task.request.scope))

    def ask_for_images(self, task: Task, wanted: Sequence[Request]) -> None:
        """Ask for images, but not again for those that were asked for at the same address before."""
        known = tasks.by_key(self.connection, self.source, IMAGE, [request.key for request in wanted])
        new = []
        for request in wanted:
            found = known.get(request.key)
            addresses = images.candidates(self.connection, **request.context)
            if found is not None and _is_among(found.url, addresses):
                self._connect(found, request)
            else:
                new.append(request)
        enqueue(self.connection, self.source, new, depth=task.depth + 1, now=self.moment, afresh=True)

    def _connect(self, task: Row[tuple[object, ...]], request: Request) -> None:
        """Tell a task which row is its image's now, and the row what became of the task."""
        tasks.set_context(self.connection, task.id, request.context)
        if task.state in (State.GONE, State.FAILED):
            images.mark_image(self.connection, **request.context, state=task.state)


class Reparser:
    """Rebuilds one source's records.

    Args:
        source: The source's module.
        run: That holds the source.
        watch: Called with how many answers were entered, after every commit.
    """

    def __init__(self, source: Source, run: Run, *, watch: Callable[[int], object] = lambda _number: None) -> None:
        self._source = source
        self._run = run
        self._watch = watch
        self._tally: Counter[str] = Counter()
        self._damaged: list[str] = []
        self._further: set[str] = set()  # kinds of tasks whose answers only add to objects

    def reparse(self) -> ReparseResult:
        """Read every last answer again.

        Raises:
            Stopped: Another run took the source over.
        """
        reason = FinishReason.INTERRUPTED
        try:
            self._read_table()
            for lane in READ:
                self._read_all(lane, self._enter_pages)
            if self._further:  # what was said of an object before its record came again would be lost with it
                for lane in READ:
                    self._read_all(lane, self._enter_further)
            self._read_all(Lane.IMAGES, self._enter_images)
            reason = FinishReason.REPARSED
        finally:
            self._run.end(reason, self._summary())
        return ReparseResult(self._run.id, reason, self._summary(), self._damaged)

    def _read_table(self) -> None:
        """Load a source's table again, to whose objects the other answers add."""
        if not has_table(self._source):
            return
        row_loader = RowLoader(self._source, self._run, tally=self._tally, ingest=ReparseIngest, again=True)
        for kept in self._next(Lane.TABLES, 0):
            try:
                row_loader.load(kept.known.id, None)
            except ArchiveError as error:
                self._note_damage(error)
            self._tally["answers"] += 1
            self._watch(1)

    def _read_all(self, lane: Lane, enter: Callable[[Connection, Sequence[LastResponse]], None]) -> None:
        last = 0
        while batch := self._next(lane, last):
            last = batch[-1].known.id
            with self._run.transaction() as connection:
                enter(connection, batch)
            self._tally["answers"] += len(batch)
            self._watch(len(batch))

    def _next(self, lane: Lane, last: int) -> list[LastResponse]:
        with self._run.catalogue.connect() as connection:
            return responses.latest(connection, self._run.source_name, lane, after=last, number=BATCH_SIZE)

    def _enter_pages(self, connection: Connection, batch: Sequence[LastResponse]) -> None:
        for kept in batch:
            try:
                found = self._read(kept)
            except ArchiveError as error:
                self._note_damage(error)
            except TaskFailed as failure:
                self._enter_unread(connection, kept, failure)
            else:
                self._enter_page(connection, kept, found)

    def _read(self, kept: LastResponse) -> list[Parsed]:
        headers, body = read_answer(self._run.data, kept.known.pointer)
        return parse(self._source, Response(kept.task.request, kept.known.url, kept.status, headers, body))

    def _enter_page(self, connection: Connection, kept: LastResponse, found: Sequence[Parsed]) -> None:
        if any(isinstance(each, Supplement) for each in found):
            self._further.add(kept.task.request.kind)
        ingest = self._ingest(connection, kept)
        ingest.save(kept.task, kept.known.id, [each for each in found if not isinstance(each, Supplement)])
        if halts := [each.reason for each in found if isinstance(each, Halt)]:
            self._enter_unread(connection, kept, LayoutChanged(halts[0]))
        elif kept.is_why_it_failed:
            tasks.set_state(connection, kept.task.id, State.DONE)
        if kept.state is State.GONE and kept.last_at is not None and kept.task.request.kind not in ingest.once:
            self._tally["deleted"] += objects.mark_deleted(connection, kept.task.id, kept.last_at)

    def _enter_further(self, connection: Connection, batch: Sequence[LastResponse]) -> None:
        """Enter what further answers add to the objects, which all stand by now."""
        for kept in batch:
            if kept.task.request.kind in self._further:
                with contextlib.suppress(ArchiveError, TaskFailed):  # which was noted when it was read before
                    for extra in (each for each in self._read(kept) if isinstance(each, Supplement)):
                        self._ingest(connection, kept).save_supplement(kept.task, extra)

    def _ingest(self, connection: Connection, kept: LastResponse) -> ReparseIngest:
        return ReparseIngest(
            connection, self._run.source_name, kept.retrieved_at, self._tally, fact(self._source, "NEVER_REFRESHED")
        )

    def _enter_unread(self, connection: Connection, kept: LastResponse, failure: TaskFailed | LayoutChanged) -> None:
        """Note that an answer cannot be read, or not all of it; what was read from it before stays."""
        self._tally["unread"] += 1
        if kept.state is State.DONE or kept.is_why_it_failed:
            tasks.set_state(connection, kept.task.id, State.FAILED, failure)

    def _enter_images(self, connection: Connection, batch: Sequence[LastResponse]) -> None:
        rows = images.images_of(connection, self._run.source_name, [kept.task.request.key for kept in batch])
        for kept in batch:
            row = rows.get(kept.task.request.key)
            if row is not None and not _is_stored(row, kept) and _is_among(kept.known.url, row.candidates):
                self._restore(connection, kept, row)

    def _restore(self, connection: Connection, kept: LastResponse, row: Row[tuple[object, ...]]) -> None:
        """Connect an image's row with its file again; where the file is lost, the next harvest fetches it."""
        pointer = kept.known.pointer
        try:
            stored = image_files.reread(self._run.data, kept.known.url, pointer.file, pointer.digest, PixelBudget())
        except BadAnswer as error:
            self._note_damage(error)
            tasks.set_state(connection, kept.task.id, State.WAITING, error)
        else:
            images.save_image(connection, row.object_id, row.position, stored)
            tasks.set_state(connection, kept.task.id, State.DONE)
            self._tally["images"] += 1

    def _note_damage(self, error: ArchiveError | BadAnswer) -> None:
        log.debug("%s", error)
        self._tally["damaged"] += 1
        if len(self._damaged) < EXAMPLES:
            self._damaged.append(str(error))

    def _summary(self) -> dict[str, int]:
        read = sum(self._tally[change] for change in Change)
        names = (*Change, "deleted", "images", "unread", "damaged")
        return {"requests": 0, "answers": self._tally["answers"], "objects": read} | {
            str(name): self._tally[name] for name in names
        }


def _is_stored(row: Row[tuple[object, ...]], kept: LastResponse) -> bool:
    pointer = kept.known.pointer
    return (row.state, row.path, row.sha256) == ("stored", pointer.file, pointer.digest)


def _is_among(url: str, candidates: Sequence[str]) -> bool:
    return canonical(url) in map(canonical, candidates)
