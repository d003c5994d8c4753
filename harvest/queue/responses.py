"""Where each answer lies, as rows: pages in the archive, images in files of their own."""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, Row, bindparam, delete, func, select, update

from harvest.catalogue.pagination import of_source, pages
from harvest.catalogue.schema import answers, objects, tasks
from harvest.catalogue.upsert import columns_of, insert_numbered
from harvest.errors import Unparsed
from harvest.queue.tasks import Lane, State, Task
from harvest.request import Request
from harvest.response import Response
from harvest.storage.archive import Pointer

MAX_DIRECTIVE = 2000  # characters of each that are kept
_LAST_OF_TASKS = select(answers).where(
    answers.c.id.in_(
        select(func.max(answers.c.id))
        .where(answers.c.task_id.in_(bindparam("tasks", expanding=True)))
        .group_by(answers.c.task_id)
    )
)
_CONFIRM = update(answers).where(answers.c.id == bindparam("this")).values(retrieved_at=bindparam("now"))


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """The last answer to a task."""

    id: int
    pointer: Pointer
    url: str
    etag: str | None
    last_modified: str | None
    directives: str | None = None  # what it says of its use by machines, a line each

    @property
    def conditions(self) -> dict[str, str]:
        """The headers that ask for it only if it has changed; none where the source gives nothing to ask by."""
        headers = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in headers.items() if value}

    def is_same(self, response: Response) -> bool:
        """Say whether an answer is this one, by its status or, where it was sent again, by all that it says."""
        if response.status == HTTPStatus.NOT_MODIFIED:
            return True
        is_body = hashlib.sha256(response.body).hexdigest() == self.pointer.digest
        return is_body and _directives(response) == self.directives

    def says_otherwise(self, response: Response) -> bool:
        """Say whether an answer is this one, unchanged, but for what its headers say of its use by machines.

        Headers that a "not modified" lacks are as they were (RFC 9111, 3.2).
        """
        known = (self.directives or "").splitlines()
        return response.status == HTTPStatus.NOT_MODIFIED and not set(_lines(response)) <= set(known)


@dataclass(frozen=True, slots=True)
class LastResponse:
    """The last answer to a task, and how that task stands."""

    known: StoredResponse
    task: Task
    status: int
    retrieved_at: datetime
    state: State
    error: str | None  # class of its last failure
    last_at: datetime | None

    @property
    def is_why_it_failed(self) -> bool:
        """Whether the task failed because nobody could read this answer, not because a later one did not come."""
        unread = self.error == Unparsed.__name__ or self.last_at is None or self.retrieved_at >= self.last_at
        return self.state is State.FAILED and unread


class NewResponse(NamedTuple):
    """An answer that was kept."""

    task_id: int
    response: Response
    pointer: Pointer
    now: datetime


def add_all(connection: Connection, source_name: str, kept: Iterable[NewResponse]) -> Sequence[int]:
    """Note answers that were kept; return their ids."""
    rows = (
        {
            "source": source_name,
            "task_id": task_id,
            "url": response.url,
            "status": response.status,
            "retrieved_at": now,
            **columns_of(pointer),
            "etag": response.headers.get("etag"),
            "last_modified": (response.headers.get("last-modified") or "")[:255] or None,
            "directives": _directives(response),
        }
        for task_id, response, pointer, now in kept
    )
    return insert_numbered(connection, answers, rows, source_name)


def confirm_all(connection: Connection, known: Iterable[StoredResponse], now: datetime) -> None:
    """Note that the source still gives the same answers."""
    if rows := [{"this": response.id, "now": now} for response in known]:
        connection.execute(_CONFIRM, rows)


def known(connection: Connection, task_ids: Collection[int]) -> dict[int, StoredResponse]:
    """Return the last answer to each of these tasks that has one."""
    rows = connection.execute(_LAST_OF_TASKS, {"tasks": list(task_ids)}) if task_ids else ()
    return {row.task_id: _known(row) for row in rows}


def last(connection: Connection, source_name: str) -> Pointer | None:
    """Return the last committed answer in a source's archive: what lies behind it in its file never was."""
    order = (answers.c.file.desc(), answers.c.offset.desc())
    in_archive = (answers.c.source == source_name) & answers.c.file.like("archive/%")
    row = connection.execute(select(answers).where(in_archive).order_by(*order).limit(1)).one_or_none()
    return None if row is None else _known(row).pointer


def latest(catalogue: Engine, source_name: str, lane: Lane, number: int) -> Iterator[list[LastResponse]]:
    """Yield the last answer to each of a source's tasks in a lane, so many at a time, in the order of their ids."""
    later = answers.alias()
    is_last = ~select(later.c.id).where((later.c.task_id == answers.c.task_id) & (later.c.id > answers.c.id)).exists()
    wanted = of_source(answers, source_name) & (tasks.c.lane == lane) & is_last
    of_task = (tasks.c.kind, tasks.c.key, tasks.c.scope, tasks.c.context, tasks.c.depth)
    joined = select(answers, *of_task, tasks.c.state, tasks.c.error, tasks.c.last_at).join(tasks)
    for rows in pages(catalogue, joined.where(wanted), answers, number):
        yield [_kept(row) for row in rows]


def count(connection: Connection, source_name: str, since: datetime) -> int:
    """Count the answers that came, or came again unchanged, since a time."""
    wanted = (answers.c.source == source_name) & (answers.c.retrieved_at >= since)
    return connection.execute(select(func.count()).where(wanted)).scalar_one()


def of_file(connection: Connection, task_id: int, file: str) -> list[int]:
    """Name the answers to a task that lie in a file."""
    here = (answers.c.task_id == task_id) & (answers.c.file == file)
    return list(connection.execute(select(answers.c.id).where(here)).scalars())


def discard(connection: Connection, response_id: int) -> bool:
    """Take out an answer that cannot be read any more; say whether it was the last to its task."""
    task = connection.execute(select(answers.c.task_id).where(answers.c.id == response_id)).scalar_one()
    newest = connection.execute(select(func.max(answers.c.id)).where(answers.c.task_id == task)).scalar_one()
    connection.execute(update(objects).where(objects.c.answer_id == response_id).values(answer_id=None))
    connection.execute(delete(answers).where(answers.c.id == response_id))
    return bool(newest == response_id)


def _kept(row: Row[Any]) -> LastResponse:
    request = Request(row.kind, row.url, row.key, row.scope, row.context)
    task = Task(row.task_id, request, row.depth, 1)
    return LastResponse(_known(row), task, row.status, row.retrieved_at, State(row.state), row.error, row.last_at)


def _known(row: Row[tuple[object, ...]]) -> StoredResponse:
    pointer = Pointer(row.file, row.offset, row.length, row.digest)
    return StoredResponse(row.id, pointer, row.url, row.etag, row.last_modified, row.directives)


def _directives(response: Response) -> str | None:
    return "\n".join(_lines(response)) or None


def _lines(response: Response) -> list[str]:
    return [line[:MAX_DIRECTIVE] for line in response.directives]
