"""How a source's table comes: over HTTP if it has changed, or from a file of the user's; checked before it is kept."""

import logging
from pathlib import Path

from sqlalchemy import select

from harvest.catalogue.schema import objects
from harvest.errors import (
    BadAnswer,
    BadInput,
    Gone,
    HarvestError,
    HungUp,
    Later,
    LayoutChanged,
    Stopped,
    TaskFailed,
    Unparsed,
)
from harvest.http.fetcher import Fetcher
from harvest.http.status import NOT_MODIFIED
from harvest.queue import responses, tasks
from harvest.queue.enqueue import enqueue
from harvest.queue.responses import StoredResponse
from harvest.queue.runs import Run
from harvest.queue.tasks import MAX_ATTEMPTS, TABLE, State
from harvest.request import Request
from harvest.response import Response
from harvest.source import Selection, TableSource
from harvest.storage import bulk_tables
from harvest.storage.archive import Pointer
from harvest.storage.bulk_tables import TableWriter

MAX_LOST = 0.2  # of the objects that a newer table may lack; one that lacks more was cut off at a line's end
LOOKUP_SIZE = 20_000  # rows looked up at a time
log = logging.getLogger(__name__)


class TableDownload:
    """Gets one source's table.

    Args:
        source: The source's module.
        run: That holds the source.
        fetcher: Asks the host.
    """

    def __init__(self, source: TableSource, run: Run, fetcher: Fetcher) -> None:
        self._source = source
        self._table = source.TABLE
        self._request = Request(TABLE, self._table.url, self._table.name)
        self._run = run
        self._fetcher = fetcher

    def fetch(self, wanted: Selection) -> int:
        """Get the table, unless the one that is there is the one that is to be had; return its answer's id.

        Raises:
            BadInput: The user's file is not the source's table.
            Stopped: What the source sent is not, or it sent nothing.
            Cancelled: No more may be asked.
        """
        self._task, known = self._begin()
        given = wanted.options.get(self._table.option)
        path = Path(given) if given else None
        try:
            with TableWriter(self._run.data, self._run.source_name, self._table) as incoming:
                response = self._from_file(path, incoming) if path is not None else self._download(incoming, known)
                return self._enter(incoming, response, known)
        except Unparsed as error:
            raise self._refusal(path, error) from error

    def _refusal(self, path: Path | None, error: Unparsed) -> HarvestError:
        told, option = f"not {self._table.name}: {error}; nothing was changed", f"--{self._table.option}"
        if path is not None:
            return BadInput(f"{option} {path}: {told}")
        return LayoutChanged(f"{self._table.url}: {told}; a table got by other means is named with {option}")

    def _begin(self) -> tuple[int, StoredResponse | None]:
        """Note the table as a task; return its id and the last answer to it that is still there."""
        with self._run.transaction() as connection:
            enqueue(connection, self._run.source_name, [self._request], depth=0, now=self._run.now())
            task = tasks.by_key(connection, self._run.source_name, TABLE, [self._request.identity])[
                self._request.identity
            ].id
            known = responses.known(connection, [task]).get(task)
        return task, known if known and (self._run.data / known.pointer.file).exists() else None

    def _from_file(self, path: Path, incoming: TableWriter) -> Response:
        for part in bulk_tables.unpacked(path, self._table):
            incoming.write(part)
        return Response(self._request, path.resolve().as_uri(), 200, {}, b"")

    def _download(self, incoming: TableWriter, known: StoredResponse | None) -> Response:
        """Ask for the table, with the patience that the host asks for."""
        broken = 0
        while True:
            try:
                incoming.begin()
                return self._fetcher.download(self._request, incoming, known.conditions if known else None)
            except (Gone, BadAnswer, HungUp) as error:
                broken += 1
                if isinstance(error, Gone) or broken == MAX_ATTEMPTS:
                    raise self._unavailable(error) from error
                log.warning("%s", error)
            except Later as error:
                log.warning("%s", error)

    def _unavailable(self, error: TaskFailed | Later) -> Stopped:
        return Stopped(
            f"the table cannot be had: {error}; go on with the same command, or get {self._table.url} by other means "
            f"and name the file with --{self._table.option}"
        )

    def _enter(self, incoming: TableWriter, response: Response, known: StoredResponse | None) -> int:
        """Keep a table that is not there yet, once it is checked."""
        if known is not None and response.status == NOT_MODIFIED:
            return known.id
        digest = incoming.finish()
        if known is not None and known.pointer.digest == digest:
            return known.id
        keys = bulk_tables.check(self._source, incoming.path)
        self._expect_most(keys)
        return self._note(response, incoming.keep())

    def _note(self, response: Response, pointer: Pointer) -> int:
        with self._run.transaction() as connection:
            tasks.set_state(connection, self._task, State.WAITING)
            return responses.add(connection, self._run.source_name, self._task, response, pointer, self._run.now())

    def _expect_most(self, keys: set[str]) -> None:
        """Make sure that most objects which the last table told of are in this one."""
        there, lost, last = 0, 0, 0
        question = select(objects.c.id, objects.c.source_id).where(
            (objects.c.task_id == self._task) & objects.c.deleted_at.is_(None)
        )
        with self._run.catalogue.connect() as connection:
            while rows := connection.execute(
                question.where(objects.c.id > last).order_by(objects.c.id).limit(LOOKUP_SIZE)
            ).all():
                there, last = there + len(rows), rows[-1].id
                lost += sum(row.source_id not in keys for row in rows)
        if lost > there * MAX_LOST:
            raise Unparsed(
                f"it lacks {lost} of the {there} objects that the table before told of, more than a fifth: it seems "
                "cut off; if the museum has really withdrawn them, load it into a new catalogue"
            )
