"""How a source's table comes: over HTTP if it has changed, or from a file of the user's; checked before it is kept."""

import logging
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

from harvest.bulk.continuity import FEWER, Continuity
from harvest.errors import BadAnswer, BadInput, Gone, HungUp, Later, LayoutChanged, Stopped, Unparsed
from harvest.http.fetcher import Fetcher
from harvest.queue import responses, tasks
from harvest.queue.enqueue import enqueue
from harvest.queue.responses import NewResponse, StoredResponse
from harvest.queue.runs import Run
from harvest.queue.tasks import MAX_ATTEMPTS, TABLE, State
from harvest.request import Request
from harvest.response import Response
from harvest.source import Selection, TableSource, Writable
from harvest.storage import bulk_tables
from harvest.storage.bulk_tables import TableWriter

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

    def fetch(self, selection: Selection) -> int:
        """Get the table, unless the one that is there is the one that is to be had; return its response's id.

        Raises:
            BadInput: The user's file is not the source's table.
            Stopped: What the source sent is not, or it sent nothing.
            Cancelled: No more may be asked.
        """
        self._task_id, stored = self._enqueue()
        self._may_shrink = bool(selection.options.get(FEWER))
        option, given = f"--{self._table.option}", selection.options.get(self._table.option)
        try:
            with TableWriter(self._run.data, self._run.source_name, self._table) as writer:
                if not given:
                    return self._keep(writer, self._download(writer, stored), stored)
                self._take(Path(given), writer)
                response = Response(self._request, Path(given).resolve().as_uri(), 200, {}, b"")
                return self._keep(writer, response, stored)
        except Unparsed as error:
            reason = f"not {self._table.name}: {error}; nothing was changed"
            if self._table.is_given:
                raise BadInput(f"{given}: {error}; nothing was changed") from error
            if given:
                raise BadInput(f"{option} {given}: {reason}") from error
            raise LayoutChanged(
                f"{self._table.url}: {reason}; a table got by other means is named with {option}"
            ) from error

    def _take(self, path: Path, writer: TableWriter) -> None:
        """Take a file of the user's, as the source keeps it."""
        own: Callable[[Path, Writable], None] | None = getattr(self._source, "pack", None)
        if own is not None:
            own(path, writer)
            return
        for part in bulk_tables.unpacked(path, self._table):
            writer.write(part)

    def _enqueue(self) -> tuple[int, StoredResponse | None]:
        """Make the table a task; return its id and the last response to it whose file is still there."""
        key = self._request.identity
        with self._run.transaction() as connection:
            enqueue(connection, self._run.source_name, [self._request], depth=0, now=self._run.now())
            task_id = tasks.by_key(connection, self._run.source_name, TABLE, [key])[key].id
            stored = responses.known(connection, [task_id]).get(task_id)
        return task_id, stored if stored and (self._run.data / stored.pointer.file).exists() else None

    def _download(self, writer: TableWriter, stored: StoredResponse | None) -> Response:
        """Ask for the table, with the patience that the host asks for."""
        broken = 0
        while True:
            try:
                writer.begin()
                return self._fetcher.download(self._request, writer, stored.conditions if stored else None)
            except (Gone, BadAnswer, HungUp) as error:
                broken, host = broken + 1, error.host
                if isinstance(error, Gone) or broken == MAX_ATTEMPTS:
                    raise Stopped(
                        f"the table cannot be had: {error}; go on with the same command, or get {self._table.url} by "
                        f"other means and name the file with --{self._table.option}"
                    ) from error
                log.warning("%s", error)
            except Later as error:
                host = error.host
                log.warning("%s", error)
            if host is not None:
                self._fetcher.rest(host)

    def _keep(self, writer: TableWriter, response: Response, stored: StoredResponse | None) -> int:
        """Keep a table that is not there yet, once it is checked; return its response's id."""
        if stored is not None and response.status == HTTPStatus.NOT_MODIFIED:
            return stored.id
        digest = writer.finish()
        is_same = stored is not None and stored.pointer.digest == digest
        if stored is not None and is_same and not self._table.is_given:
            return stored.id
        keys = bulk_tables.check(self._source, writer.path)
        refusal = Continuity.of(self._run.catalogue, self._task_id, keys).refusal(self._table)
        if refusal and not self._may_shrink:
            raise Unparsed(refusal)
        if stored is not None and is_same:  # which may be read by another mapping
            return stored.id
        kept = NewResponse(self._task_id, response, writer.keep(), self._run.now())
        with self._run.transaction() as connection:
            tasks.set_state(connection, self._task_id, State.WAITING)
            return responses.add_all(connection, self._run.source_name, [kept])[0]
