"""The work still to do, as rows: what was asked for, what became of it, what comes next."""

import enum
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Insert, func, select, update
from sqlalchemy.dialects import mysql, sqlite

from harvest.errors import BadAnswer, Gone, TaskFailed
from harvest.request import Request
from harvest.tables import tasks

IMAGE = "image"  # the one kind that the engine itself works on: its answer is a file, not a page
MOST_ATTEMPTS = 3  # at an answer that came broken; what cannot be parsed, or is gone, is not asked for twice


class State(enum.StrEnum):
    """What became of a task."""

    WAITING = "waiting"
    WORKING = "working"
    DONE = "done"
    GONE = "gone"  # the source has it no longer: not a failure of ours
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Task:
    """A claimed task."""

    id: int
    request: Request
    depth: int
    attempts: int  # this one included


def add(
    connection: Connection,
    source: str,
    requests: Iterable[Request],
    *,
    depth: int,
    moment: datetime,
    afresh: bool = False,
) -> None:
    """Put requests into the catalogue; one that is there already stays as it is.

    Args:
        connection: In the transaction of the answer that asked for them.
        source: The source's name.
        requests: What is wanted.
        depth: Distance from the start.
        moment: Now.
        afresh: Do the ones that are there once more.
    """
    rows = [
        {
            "source": source,
            "kind": request.kind,
            "key": request.identity,
            "url": request.url,
            "scope": request.scope,
            "context": dict(request.context),
            "depth": depth,
            "state": State.WAITING,
            "attempts": 0,
            "first_at": moment,
        }
        for request in requests
    ]
    if rows:
        connection.execute(_insert(connection.dialect.name, renewed=afresh), rows)


def claim(
    connection: Connection, source: str, *, run: int, moment: datetime, scopes: Collection[str] | None, kinds: str
) -> Task | None:
    """Take the next task: the deepest first, so that whole objects come in early; failed ones again at the end.

    Args:
        connection: In a transaction of its own.
        source: The source's name.
        run: Who takes it.
        moment: Now.
        scopes: Only tasks of these parts of the source; None: all.
        kinds: "all", "images" (only these) or "pages" (all else).
    """
    wanted = [tasks.c.source == source, tasks.c.state == State.WAITING]
    if scopes is not None:
        wanted.append(tasks.c.scope.in_(scopes))
    if kinds != "all":
        wanted.append(tasks.c.kind == IMAGE if kinds == "images" else tasks.c.kind != IMAGE)
    order = (tasks.c.attempts, tasks.c.depth.desc(), tasks.c.id)
    row = connection.execute(select(tasks).where(*wanted).order_by(*order).limit(1)).one_or_none()
    if row is None:
        return None
    change = {"state": State.WORKING, "attempts": row.attempts + 1, "run_id": run, "last_at": moment}
    connection.execute(update(tasks).where(tasks.c.id == row.id).values(change))
    return Task(row.id, Request(row.kind, row.url, row.key, row.scope, row.context), row.depth, row.attempts + 1)


def finish(connection: Connection, task: Task, *, url: str, status: int, moment: datetime) -> None:
    """Note that a task is done, and from which address its answer came."""
    change = {"state": State.DONE, "url": url, "status": status, "error": None, "message": None, "last_at": moment}
    connection.execute(update(tasks).where(tasks.c.id == task.id).values(change))


def fail(connection: Connection, task: Task, error: TaskFailed, *, moment: datetime) -> State:
    """Note why a task failed; a broken answer is asked for again, up to MOST_ATTEMPTS times."""
    again = isinstance(error, BadAnswer) and task.attempts < MOST_ATTEMPTS
    state = State.GONE if isinstance(error, Gone) else State.WAITING if again else State.FAILED
    change = {"state": state, "error": type(error).__name__, "message": str(error), "last_at": moment}
    connection.execute(update(tasks).where(tasks.c.id == task.id).values(change))
    return state


def put_back(connection: Connection, task: Task) -> None:
    """Give a claimed task its turn again, as if it had not been tried."""
    change = {"state": State.WAITING, "attempts": task.attempts - 1}
    connection.execute(update(tasks).where(tasks.c.id == task.id).values(change))


def take_back(connection: Connection, source: str) -> int:
    """Give every task in work its turn again: whoever worked on it is dead. Returns how many there were."""
    lost = (tasks.c.source == source) & (tasks.c.state == State.WORKING)
    change: dict[str, Any] = {"state": State.WAITING, "attempts": tasks.c.attempts - 1}
    return connection.execute(update(tasks).where(lost).values(change)).rowcount


def count(connection: Connection, source: str) -> dict[str, int]:
    """Count a source's tasks by state."""
    rows = connection.execute(
        select(tasks.c.state, func.count().label("tasks")).where(tasks.c.source == source).group_by(tasks.c.state)
    )
    return {row.state: row.tasks for row in rows}


def _insert(dialect: str, *, renewed: bool) -> Insert:
    """Write the insert that keeps, or renews, what is there: the one statement that the engines spell differently."""
    fresh = ("url", "scope", "context", "state", "attempts") if renewed else ()
    if dialect == "sqlite":
        insert = sqlite.insert(tasks)
        if not renewed:
            return insert.on_conflict_do_nothing(index_elements=["source", "kind", "key"])
        changes = {name: insert.excluded[name] for name in fresh}
        return insert.on_conflict_do_update(index_elements=["source", "kind", "key"], set_=changes)
    twin = mysql.insert(tasks)
    return twin.on_duplicate_key_update({name: twin.inserted[name] for name in fresh} or {"id": tasks.c.id})
