"""A source's records, rebuilt from the archive and the kept images: every last answer is read again, nobody is asked.

A bulk table first, then pages, then images, each in the order in which the answers came, so that what was said last
counts. It holds the source as a harvest does. Killed at any point, it can be begun again: what it writes twice is the
same.
"""

import contextlib
import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Row

from harvest.bulk.continuity import Continuity
from harvest.bulk.rows import RowLoader
from harvest.catalogue import images, objects
from harvest.catalogue.images import Offered
from harvest.catalogue.objects import Change, Origin
from harvest.catalogue.writer import Entry, ObjectWriter
from harvest.engine.ingest import Answer, Ingest, failure_in, image_context
from harvest.engine.parse import parse
from harvest.errors import BadAnswer, BadInput, Damaged, HarvestError, TaskFailed, Unparsed, Withheld
from harvest.http.url import canonical
from harvest.pictures import PixelBudget
from harvest.queue import responses, tasks
from harvest.queue.counts import NO_OBJECTS
from harvest.queue.enqueue import Asked
from harvest.queue.responses import LastResponse
from harvest.queue.runs import FinishReason, Run
from harvest.queue.tasks import IMAGE, READ, Lane, State
from harvest.records import ObjectRecord, Supplement
from harvest.response import Response
from harvest.source import Parsed, Source, TableSource, fact, has_table, lasting_origins
from harvest.storage import bulk_tables
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


class ReparseIngest(Ingest):
    """Writes what old answers say; where nothing differs, everything stays as it is."""

    def entry(self, answer: Answer, record: ObjectRecord, known: Row[Any] | None) -> Entry:
        """Write an object in any case, and leave it to later answers whether it is deleted."""
        digest = objects.content_hash(record)
        origin = Origin(answer.response_id, answer.task.id, answer.now)
        if known is None:
            return Entry(record, digest, known, Change.NEW, origin)
        is_same = known.content_hash == digest
        kept = [*(("retrieved_at", "task_id") if is_same else ()), *(("deleted_at",) if answer.is_whole else ())]
        return Entry(record, digest, known, Change.UNCHANGED if is_same else Change.CHANGED, origin, tuple(kept))

    def invalidate(self, keys: Collection[str]) -> None:
        """Do nothing: further answers are read again, too."""

    def ask_for_images(
        self, offered: Iterable[tuple[Offered, Sequence[int]]], answers: Mapping[str, Answer]
    ) -> list[Asked]:
        """Return the requests for images, but for those that were asked for at the same address before."""
        images_of = [(offer, position) for offer, positions in offered for position in positions]
        names = [images.image_name(offer.source_id, position) for offer, position in images_of]
        known = tasks.by_key(self.connection, self.source_name, IMAGE, names)
        new: list[tuple[Offered, list[int]]] = []
        for (offer, position), name in zip(images_of, names, strict=True):
            task = known.get(name)
            image = offer.images[position]
            # What is said against its use anew is for the next harvest to weigh.
            if task is None or image.opt_out is not None or not _is_among(task.url, image.candidates):
                new.append((offer, [position]))
                continue
            key = (offer.object_id, position)
            tasks.set_context(self.connection, task.id, image_context(key))  # which row is its image's now
            if task.state in tasks.LOST:
                images.mark_image(self.connection, key, task.state)
        return super().ask_for_images(new, answers)


class Reparser:
    """Rebuilds one source's records.

    Args:
        source: The source's module.
        run: That holds the source.
        watch: Called with how many answers were entered, after every commit.
        batch_size: Answers in one transaction.
    """

    def __init__(
        self,
        source: Source,
        run: Run,
        *,
        watch: Callable[[int], object] = lambda _number: None,
        batch_size: int = BATCH_SIZE,
    ) -> None:
        self._source = source
        self._run = run
        self._watch = watch
        self._batch_size = batch_size
        self._tally: Counter[str] = Counter()
        self._damaged: list[str] = []
        self._once: Collection[str] = fact(source, "NEVER_REFRESHED")
        self._writer = ObjectWriter(run.source_name, lasting_origins(source))
        self._further: set[str] = set()  # kinds of tasks whose answers only add to objects

    def reparse(self) -> ReparseResult:
        """Read every last answer again.

        Raises:
            BadInput: A table's mapping makes other objects of it; nothing was changed.
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
        except BadInput:
            self._run.withdraw()
            raise
        finally:
            if self._run.is_open:
                self._run.end(reason, self._summary())
        return ReparseResult(self._run.id, reason, self._summary(), self._damaged)

    def _read_table(self) -> None:
        """Load a source's table again, to whose objects the other answers add."""
        if not has_table(self._source):
            return
        row_loader = RowLoader(self._source, self._run, tally=self._tally, ingest=ReparseIngest, again=True)
        for kept in chain.from_iterable(self._last_responses(Lane.TABLES)):
            try:
                self._expect_known(self._source, kept)
                row_loader.load(kept.known.id, None)
            except ArchiveError as error:
                self._note_damage(error)
            self._tally["answers"] += 1
            self._watch(1)

    def _expect_known(self, source: TableSource, kept: LastResponse) -> None:
        """Refuse to read a user's table by a mapping that is not its own, or takes another column for its numbers."""
        pointer = kept.known.pointer
        if not source.TABLE.is_given:
            return
        bulk_tables.expect(self._run.data, pointer)
        try:
            keys = bulk_tables.check(source, self._run.data / pointer.file)
        except Unparsed as error:
            raise BadInput(f"{self._run.source_name}: {error}; nothing was changed") from error
        if refusal := Continuity.of(self._run.catalogue, kept.task.id, keys).refusal(source.TABLE):
            raise BadInput(f"{self._run.source_name}: {refusal}; nothing was changed")

    def _read_all(self, lane: Lane, enter: Callable[[Connection, Sequence[LastResponse]], None]) -> None:
        for batch in self._last_responses(lane):
            with self._run.transaction() as connection:
                enter(connection, batch)
            self._tally["answers"] += len(batch)
            self._watch(len(batch))

    def _last_responses(self, lane: Lane) -> Iterator[list[LastResponse]]:
        return responses.latest(self._run.catalogue, self._run.source_name, lane, self._batch_size)

    def _enter_pages(self, connection: Connection, batch: Sequence[LastResponse]) -> None:
        ingest = self._ingest(connection)
        states: list[tuple[int, State, HarvestError | None]] = []
        for kept in batch:
            try:
                items = self._read(kept)
            except ArchiveError as error:
                self._note_damage(error)
            except Withheld as failure:  # which the answer itself says: no failure of ours
                states.append((kept.task.id, State.WITHHELD, failure))
            except TaskFailed as failure:
                states += self._unread(kept, failure)
            else:
                states += self._add_page(ingest, kept, items)
        ingest.write()
        for task_id, state, reason in states:
            tasks.set_state(connection, task_id, state, reason)

    def _read(self, kept: LastResponse) -> list[Parsed]:
        headers, body = read_answer(self._run.data, kept.known.pointer)
        return parse(self._source, Response(kept.task.request, kept.known.url, kept.status, headers, body))

    def _add_page(
        self, ingest: ReparseIngest, kept: LastResponse, items: Sequence[Parsed]
    ) -> list[tuple[int, State, HarvestError | None]]:
        """Take what a page says, but for what it adds to objects; return how its task stands now, if otherwise."""
        failure = failure_in(items)
        task = kept.task
        is_whole = task.request.kind not in self._once and not isinstance(failure, Damaged)
        if any(isinstance(item, Supplement) for item in items):
            self._further.add(task.request.kind)
        own = [item for item in items if not isinstance(item, Supplement)]
        ingest.add(Answer(task, kept.retrieved_at, own, kept.known.id, is_whole))
        if kept.state is State.GONE and kept.last_at is not None and is_whole:
            ingest.add(Answer(task, kept.last_at))
        if failure is not None:
            return self._unread(kept, failure)
        return [(task.id, State.DONE, None)] if kept.is_why_it_failed else []

    def _enter_further(self, connection: Connection, batch: Sequence[LastResponse]) -> None:
        """Enter what further answers add to the objects, which all stand by now."""
        ingest = self._ingest(connection)
        for kept in batch:
            if kept.task.request.kind in self._further:
                with contextlib.suppress(ArchiveError, TaskFailed):  # which was noted when it was read before
                    extras = [item for item in self._read(kept) if isinstance(item, Supplement)]
                    ingest.add(Answer(kept.task, kept.retrieved_at, extras, is_whole=False))
        ingest.write()

    def _ingest(self, connection: Connection) -> ReparseIngest:
        run = self._run
        return ReparseIngest(connection, run.source_name, run.now(), self._tally, self._once, self._writer)

    def _unread(self, kept: LastResponse, failure: HarvestError) -> list[tuple[int, State, HarvestError | None]]:
        """Count an answer that cannot be read, or not all of it; what was read from it before stays."""
        self._tally["unread"] += 1
        return [(kept.task.id, State.FAILED, failure)] if kept.state is State.DONE or kept.is_why_it_failed else []

    def _enter_images(self, connection: Connection, batch: Sequence[LastResponse]) -> None:
        rows = images.images_of(connection, self._run.source_name, [kept.task.request.key for kept in batch])
        for kept in batch:
            row = rows.get(kept.task.request.key)
            if row is None or (row.opt_out is not None and kept.state is State.WAITING):
                continue
            file = kept.known.pointer.file, kept.known.pointer.digest
            if row.state in images.WITH_FILE and (row.path, row.sha256) == file:
                continue
            if _is_among(kept.known.url, row.candidates):
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
            images.save_files(connection, {(row.object_id, row.position): stored})
            tasks.set_state(connection, kept.task.id, State.DONE)
            self._tally["images"] += 1

    def _note_damage(self, error: ArchiveError | BadAnswer) -> None:
        log.debug("%s", error)
        self._tally["damaged"] += 1
        if len(self._damaged) < EXAMPLES:
            self._damaged.append(str(error))

    def _summary(self) -> dict[str, int]:
        read = sum(self._tally[change] for change in Change)
        names = (*Change, "deleted", "images", "unread", NO_OBJECTS, "damaged")
        return {"requests": 0, "answers": self._tally["answers"], "objects": read} | {
            str(name): self._tally[name] for name in names
        }


def _is_among(url: str, candidates: Sequence[str]) -> bool:
    return canonical(url) in map(canonical, candidates)
