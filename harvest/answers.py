"""Where each answer lies, as rows: pages in the archive, images in files of their own."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, func, select, update

from harvest.archive import Pointer
from harvest.request import Request
from harvest.response import Response
from harvest.tables import answers, insert_row, tasks
from harvest.tasks import Task


@dataclass(frozen=True, slots=True)
class Known:
    """The last answer to a task."""

    id: int
    pointer: Pointer
    url: str
    etag: str | None
    last_modified: str | None

    @property
    def conditions(self) -> dict[str, str]:
        """The headers that ask for it only if it has changed; none where the source gives nothing to ask by."""
        found = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in found.items() if value}


def add(connection: Connection, source: str, task: int, response: Response, pointer: Pointer, moment: datetime) -> int:
    """Note an answer that was kept; give its id."""
    row = {
        "source": source,
        "task_id": task,
        "url": response.url,
        "status": response.status,
        "retrieved_at": moment,
        "file": pointer.file,
        "offset": pointer.offset,
        "length": pointer.length,
        "digest": pointer.digest,
        "etag": response.headers.get("etag"),
        "last_modified": (response.headers.get("last-modified") or "")[:255] or None,
    }
    return insert_row(connection, answers, row)


def confirm(connection: Connection, known: Known, moment: datetime) -> None:
    """Note that the source still gives the same answer."""
    connection.execute(update(answers).where(answers.c.id == known.id).values(retrieved_at=moment))


def known(connection: Connection, task_ids: Collection[int]) -> dict[int, Known]:
    """Give the last answer to each of these tasks that has one."""
    last = select(func.max(answers.c.id)).where(answers.c.task_id.in_(task_ids)).group_by(answers.c.task_id)
    rows = connection.execute(select(answers).where(answers.c.id.in_(last))) if task_ids else ()
    return {row.task_id: _known(row) for row in rows}


def last(connection: Connection, source: str) -> Pointer | None:
    """Give the last committed answer in a source's archive: what lies behind it in its file never was."""
    order = (answers.c.file.desc(), answers.c.offset.desc())
    of_source = (answers.c.source == source) & answers.c.file.like("archive/%")
    row = connection.execute(select(answers).where(of_source).order_by(*order).limit(1)).one_or_none()
    return None if row is None else _known(row).pointer


def latest(connection: Connection, source: str, after: int, number: int) -> Iterator[tuple[Task, Known]]:
    """Give the last answer to each of a source's tasks, a part at a time.

    Args:
        connection: To read on.
        source: The source's name.
        after: Only answers with a larger id, in the order of their ids.
        number: At most so many.
    """
    later = answers.alias()
    is_last = ~select(later.c.id).where((later.c.task_id == answers.c.task_id) & (later.c.id > answers.c.id)).exists()
    wanted = (answers.c.source == source) & (answers.c.id > after) & is_last
    joined = select(answers, tasks.c.kind, tasks.c.key, tasks.c.scope, tasks.c.context, tasks.c.depth).join(tasks)
    for row in connection.execute(joined.where(wanted).order_by(answers.c.id).limit(number)):
        request = Request(row.kind, row.url, row.key, row.scope, row.context)
        yield Task(row.task_id, request, row.depth, 1), _known(row)


def _known(row: Row[tuple[object, ...]]) -> Known:
    pointer = Pointer(row.file, row.offset, row.length, row.digest)
    return Known(row.id, pointer, row.url, row.etag, row.last_modified)
