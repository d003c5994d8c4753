"""Loads a kept table: all rows, a chunk a transaction; what has not changed is not rewritten.

A row is known by its key and by the hash of what it says: begun again, what was committed is passed over.
"""

import gc
import hashlib
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Row, select

from harvest import source
from harvest.bulk.continuity import LOOKUP_SIZE
from harvest.catalogue.objects import Change, Origin, find, mark_deleted, told_by
from harvest.catalogue.pagination import pages
from harvest.catalogue.schema import answers as answers_table
from harvest.catalogue.schema import objects
from harvest.catalogue.writer import Entry, ObjectWriter
from harvest.engine.ingest import Answer, Ingest
from harvest.engine.parse import check
from harvest.errors import Damaged, Unparsed
from harvest.queue import tasks
from harvest.queue.counts import NO_OBJECTS
from harvest.queue.enqueue import Asked, enqueue_all
from harvest.queue.runs import Run
from harvest.queue.tasks import TABLE, State, Task
from harvest.records import ObjectRecord
from harvest.request import Request
from harvest.source import Selection, TableSource, lasting_origins
from harvest.storage import bulk_tables
from harvest.storage.archive import Pointer
from harvest.version import version

BATCH_SIZE = 5000  # rows in one transaction
MAX_SHOWN = 80  # characters of a value
EXAMPLES = 5  # of unread rows that are named
KEPT = ("retrieved_at", "deleted_at", "task_id")  # columns of an object that is written anew and says the same
log = logging.getLogger(__name__)


class RowLoader:
    """Loads one kept table, in a run that holds its source.

    Args:
        source: The source's module.
        run: That holds the source.
        tally: Where to count.
        ingest: Asks for images.
        again: The table was read before: write what it says even where nothing seems to differ.
        batch_size: Rows in one transaction.
    """

    def __init__(
        self,
        source: TableSource,
        run: Run,
        *,
        tally: Counter[str],
        ingest: type[Ingest] = Ingest,
        again: bool = False,
        batch_size: int = BATCH_SIZE,
    ) -> None:
        self._source = source
        self._run = run
        self._tally = tally
        self._ingest = ingest
        self._again = again
        self._batch_size = batch_size
        self._unread: list[str] = []  # the first reasons why rows cannot be read
        self.no_objects: Sequence[str] = ()  # why rows are no objects, once the table was loaded

    def load(
        self, response_id: int, selection: Selection | None, *, watch: Callable[[], object] = lambda: None
    ) -> None:
        """Load the table; mark what it does not tell of any more. Of a row that is damaged, the object stays as it was.

        Args:
            response_id: The table's, as `answers` holds it.
            selection: Of what the table does not say all; None: of nothing.
            watch: Called after every commit.

        Raises:
            ArchiveError: The file is not what was kept.
            Stopped: Another run took the source over.
        """
        with self._run.catalogue.connect() as connection:
            kept = connection.execute(select(answers_table).where(answers_table.c.id == response_id)).one()
            mine = select(objects.c.id).where(objects.c.source == self._run.source_name).limit(1)
            self._is_known = connection.execute(mine).first() is not None
        is_given = self._source.TABLE.is_given
        self._is_told = is_given and self._is_known and log.isEnabledFor(logging.DEBUG)  # of what is new and changed
        bulk_tables.expect(self._run.data, Pointer(kept.file, kept.offset, kept.length, kept.digest))
        self._origin = Origin(response_id, kept.task_id, kept.retrieved_at)
        self._task = Task(kept.task_id, Request(TABLE, self._source.TABLE.url), 0, 1)
        self._writer = ObjectWriter(self._run.source_name, lasting_origins(self._source))
        self._selection = selection
        seen: set[str] = set()
        table = bulk_tables.rows_of(self._source, self._run.data / kept.file)
        rows = iter(table)
        self._header = next(rows)
        self._place = self._header.index(self._source.TABLE.key)
        self._digest = row_hash(self._source, self._header)
        while chunk := list(islice(rows, self._batch_size)):
            seen.update(row[self._place] for row in chunk)
            with self._run.transaction() as connection, _uncollected():
                self._enter(connection, chunk)
            watch()
        self._tally.update(rows=len(table.left_out), unread=len(table.left_out))
        for reason in table.left_out:
            self._note(reason)
        self.no_objects = table.no_objects
        for reason in table.no_objects:
            self._tally.update(("rows", NO_OBJECTS))
            log.debug("%s: %s", self._run.source_name, reason)
        with self._run.transaction() as connection:
            if self._is_known:
                self._tally["deleted"] += self._mark_vanished(connection, seen | set(table.unread))
            if number := self._tally["unread"]:
                damage = Damaged(f"{number} rows cannot be read: {'; '.join(self._unread)}{' …' * (number > EXAMPLES)}")
                tasks.set_state(connection, self._task.id, State.FAILED, damage)
            else:
                tasks.set_state(connection, self._task.id, State.DONE)
        watch()

    def _enter(self, connection: Connection, chunk: Sequence[Sequence[str]]) -> None:
        """Write a chunk; its rows are read while the first of them are on their way into the catalogue."""
        keys = [row[self._place] for row in chunk]
        known = find(connection, self._run.source_name, keys, whole=self._is_told) if self._is_known else {}
        requests: list[Request] = []
        tally = Counter(rows=len(chunk))
        offered = self._writer.write(connection, self._entries(chunk, known, requests, tally))
        now = self._run.now()
        ingest = self._ingest(connection, self._run.source_name, now, self._tally)
        answer = Answer(self._task, now)
        asked = ingest.ask_for_images(offered, {offer.source_id: answer for offer, _ in offered})
        enqueue_all(connection, self._run.source_name, [*asked, Asked(requests, 1, now)])
        self._tally.update(tally, asked=len(requests))

    def _entries(
        self,
        chunk: Iterable[Sequence[str]],
        known: Mapping[str, Row[Any]],
        requests: list[Request],
        tally: Counter[str],
    ) -> Iterator[Entry]:
        """Read rows: give what is to be written, collect what is to be asked, count the others."""
        only = self._selection.works if self._selection is not None else None
        for values in chunk:
            if only is not None and values[self._place] not in only:
                tally["not wanted"] += 1
                continue
            row = dict(zip(self._header, values, strict=True))
            if self._selection is not None and (request := self._source.ask_about(row, self._selection)) is not None:
                requests.append(request)
            digest, before = self._digest(values), known.get(values[self._place])
            if not self._again and self._change(digest, before) is Change.UNCHANGED:
                tally[Change.UNCHANGED] += 1
            elif (entry := self._read(row, digest, before)) is not None:
                tally[entry.change] += 1
                yield entry
            else:
                tally["unread"] += 1

    def _read(self, row: source.Row, digest: str, known: Row[Any] | None) -> Entry | None:
        """Return a row's record; of one that cannot be read, what was known of its object stays."""
        key = row[self._source.TABLE.key]
        try:
            record = self._source.parse_row(row)
            check([record], f"{self._source.TABLE.key} {key}")
            if record.source_id != key:
                raise Unparsed(f"{self._source.TABLE.key} {key}: read as {record.source_id}")
        except Unparsed as error:
            self._note(str(error))
            return None
        change = self._change(digest, known)
        if self._is_told and change is not Change.UNCHANGED:
            log.debug("%s: %s: %s %r%s", self._run.source_name, change, key, record.title, _difference(record, known))
        return Entry(record, digest, known, change, self._origin, KEPT if change is Change.UNCHANGED else ())

    def _note(self, reason: str) -> None:
        """Keep why a row cannot be read, and say it of the first ones."""
        is_example = len(self._unread) < EXAMPLES
        log.log(logging.WARNING if is_example else logging.DEBUG, "%s: %s", self._run.source_name, reason)
        self._unread += [reason] if is_example else []

    def _change(self, digest: str, known: Row[Any] | None) -> Change:
        if known is None:
            return Change.NEW
        # It was there, then was not, and is in this table, which came later.
        is_back = known.deleted_at is not None and known.deleted_at <= self._origin.retrieved_at
        return Change.UNCHANGED if known.content_hash == digest and not is_back else Change.CHANGED

    def _mark_vanished(self, connection: Connection, seen: set[str]) -> int:
        """Note which objects the table told of and does not any more."""
        pages_of_rows = pages(connection, told_by(self._task.id), objects, LOOKUP_SIZE)
        gone = [row.id for rows in pages_of_rows for row in rows if row.source_id not in seen]
        mark_deleted(connection, dict.fromkeys(gone, self._origin.retrieved_at))
        if self._is_told and gone:
            titles = select(objects.c.source_id, objects.c.title).where(objects.c.id.in_(gone[:LOOKUP_SIZE]))
            for row in connection.execute(titles):
                log.debug("%s: gone: %s %r", self._run.source_name, row.source_id, row.title)
        return len(gone)


def _difference(record: ObjectRecord, known: Row[Any] | None) -> str:
    """Return what a table's columns say of an object that they did not before."""
    if known is None:
        return ""
    before, after = known.fields, record.fields
    names = [name for name in dict.fromkeys([*before, *after]) if before.get(name) != after.get(name)]
    cells = [f"{name} {_shown(before.get(name))}, now {_shown(after.get(name))}" for name in names]
    back = ["there again"] if known.deleted_at is not None else []
    return f": {'; '.join([*back, *cells]) or 'read in another way, or other pictures'}"


def _shown(value: Any) -> str:
    return "empty" if value is None else repr(value)[:MAX_SHOWN]


def row_hash(source: TableSource, header: Sequence[str]) -> Callable[[Sequence[str]], str]:
    """Return the function that hashes a row; its hash is another where the row would be read by another parser."""
    own: Callable[[], str] | None = getattr(source, "salt", None)
    read_by = [version(), *([own()] if own else [])]
    salted = hashlib.sha256("\x1e".join([*read_by, *header, ""]).encode())

    def digest(values: Sequence[str]) -> str:
        whole = salted.copy()
        whole.update("\x1f".join(values).encode())
        return whole.hexdigest()

    return digest


@contextmanager
def _uncollected() -> Iterator[None]:
    """Let no garbage be collected meanwhile: a chunk makes much and hardly any in circles; it costs a tenth."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
