"""The work still to do, as rows: what was asked for, what became of it, what comes next."""

import enum
import functools
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Insert, Row, and_, func, select, update
from sqlalchemy.dialects import mysql, sqlite

from harvest.errors import BadAnswer, Blocked, Gone, HarvestError, HungUp
from harvest.request import Request
from harvest.tables import tasks

IMAGE = "image"  # the one kind that the engine itself works on: its answer is a file, not a page
MOST_ATTEMPTS = 3  # at an answer that came broken; what cannot be parsed, or is gone, is not asked for twice


class Lane(enum.StrEnum):
    """What runs side by side."""

    PAGES = "pages"
    IMAGES = "images"


class State(enum.StrEnum):
    """What became of a task."""

    WAITING = "waiting"
    WORKING = "working"  # its run holds the source's lease
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
    error: str | None = None  # why the last attempt failed; None also where there was none

    @property
    def lane(self) -> Lane:
        """Which lane it runs in."""
        return lane_of(self.request.kind)


def lane_of(kind: str) -> Lane:
    """Say which lane a kind of request runs in."""
    return Lane.IMAGES if kind == IMAGE else Lane.PAGES


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
    rows = [_row(request, source, depth, moment) for request in requests]
    if rows:
        connection.execute(_insert(connection.dialect.name, renewed=afresh), rows)


def within(source: str, scopes: Collection[str] | None) -> ColumnElement[bool]:
    """Write the condition that a task belongs to a source, or to these parts of it."""
    of_source = tasks.c.source == source
    return of_source if scopes is None else of_source & tasks.c.scope.in_(scopes)


def renew(
    connection: Connection, source: str, scopes: Collection[str] | None, *, lanes: Collection[Lane] = tuple(Lane)
) -> int:
    """Begin a new round where nothing is left to do: ask for every page again. Returns how many there are.

    Images are not among them: one whose address has changed is asked for by its object's page.

    Args:
        connection: In a transaction.
        source: The source's name.
        scopes: Only these parts of the source; None: all.
        lanes: In which nothing may be left to do.
    """
    wanted = within(source, scopes)
    unfinished = wanted & (tasks.c.state == State.WAITING) & tasks.c.lane.in_(lanes)
    if connection.execute(select(tasks.c.id).where(unfinished).limit(1)).first() is not None:
        return 0
    pages = wanted & (tasks.c.lane == Lane.PAGES)
    change = {"state": State.WAITING, "attempts": 0}
    return connection.execute(update(tasks).where(pages).values(change)).rowcount


def claim(
    connection: Connection,
    source: str,
    lane: Lane,
    number: int,
    *,
    run: int,
    moment: datetime,
    scopes: Collection[str] | None,
) -> list[Task]:
    """Take the next tasks: the deepest first, so that whole objects come in early; failed ones again at the end.

    Args:
        connection: In a transaction.
        source: The source's name.
        lane: Of which lane.
        number: At most so many.
        run: Who takes them.
        moment: Now.
        scopes: Only tasks of these parts of the source; None: all.
    """
    wanted = within(source, scopes) & (tasks.c.state == State.WAITING) & (tasks.c.lane == lane)
    order = (tasks.c.attempts, tasks.c.priority, tasks.c.id)
    rows = connection.execute(select(tasks).where(wanted).order_by(*order).limit(number)).all()
    if rows:
        change = {"state": State.WORKING, "attempts": tasks.c.attempts + 1, "run_id": run, "last_at": moment}
        connection.execute(update(tasks).where(tasks.c.id.in_([row.id for row in rows])).values(change))
    return [
        Task(
            row.id,
            Request(row.kind, row.url, row.key, row.scope, row.context),
            row.depth,
            row.attempts + 1,
            row.error,
        )
        for row in rows
    ]


def finish(connection: Connection, task: Task, *, url: str, status: int, moment: datetime) -> None:
    """Note that a task is done, and from which address its answer came."""
    change = {"state": State.DONE, "url": url, "status": status, "error": None, "message": None, "last_at": moment}
    _change(connection, task, change)


def fail(connection: Connection, task: Task, error: HarvestError, *, moment: datetime) -> State:
    """Note why a task failed; a broken answer is asked for again, up to MOST_ATTEMPTS times."""
    again = isinstance(error, BadAnswer | HungUp | Blocked) and task.attempts < MOST_ATTEMPTS
    state = State.GONE if isinstance(error, Gone) else State.WAITING if again else State.FAILED
    why = {"error": type(error).__name__, "message": str(error), "status": error.status}
    _change(connection, task, {"state": state, **why, "last_at": moment})
    return state


def put_back(connection: Connection, task: Task) -> None:
    """Give a claimed task its turn again, as if it had not been tried."""
    _change(connection, task, {"state": State.WAITING, "attempts": task.attempts - 1})


def take_back(connection: Connection, source: str) -> int:
    """Give every task in work its turn again: whoever worked on it is dead. Returns how many there were."""
    lost = (tasks.c.source == source) & (tasks.c.state == State.WORKING)
    change: dict[str, Any] = {"state": State.WAITING, "attempts": tasks.c.attempts - 1}
    return connection.execute(update(tasks).where(lost).values(change)).rowcount


def retry(connection: Connection, error: str | None, source: str | None) -> int:
    """Give failed tasks their turns again. Returns how many there are.

    Args:
        connection: In a transaction.
        error: Only those of this class of error.
        source: Only those of this source.
    """
    wanted = [tasks.c.state == State.FAILED]
    wanted += [tasks.c.error == error] if error else []
    wanted += [tasks.c.source == source] if source else []
    change = {"state": State.WAITING, "attempts": 0}
    return connection.execute(update(tasks).where(and_(*wanted)).values(change)).rowcount


def is_known(connection: Connection, source: str, request: Request) -> bool:
    """Say whether a request is a task already."""
    same = (tasks.c.source == source) & (tasks.c.kind == request.kind) & (tasks.c.key == request.identity)
    return connection.execute(select(tasks.c.id).where(same)).first() is not None


def unmet(connection: Connection, run: int) -> dict[str, str]:
    """Give what a run was started with and could not have, by key, and why: an artist's name misspelt, say."""
    started = (tasks.c.run_id == run) & (tasks.c.depth == 0) & tasks.c.state.in_((State.GONE, State.FAILED))
    rows = connection.execute(select(tasks.c.key, tasks.c.message).where(started))
    return {row.key: row.message for row in rows}


def count(connection: Connection, source: str) -> dict[str, int]:
    """Count a source's tasks by state."""
    columns = (tasks.c.state, func.count().label("tasks"))
    rows = connection.execute(select(*columns).where(tasks.c.source == source).group_by(tasks.c.state))
    return {row.state: row.tasks for row in rows}


def count_by_lane(connection: Connection, source: str) -> dict[str, dict[str, int]]:
    """Count a source's tasks by lane, then state."""
    columns = (tasks.c.lane, tasks.c.state, func.count().label("tasks"))
    rows = connection.execute(select(*columns).where(tasks.c.source == source).group_by(tasks.c.lane, tasks.c.state))
    counted: dict[str, dict[str, int]] = {lane: {} for lane in Lane}
    for row in rows:
        counted[row.lane][row.state] = row.tasks
    return counted


def named(connection: Connection, source: str, kind: str, keys: Collection[str]) -> dict[str, Row[Any]]:
    """Give the tasks of a kind that have one of these keys, by key."""
    wanted = (tasks.c.source == source) & (tasks.c.kind == kind) & tasks.c.key.in_(keys)
    return {row.key: row for row in connection.execute(select(tasks).where(wanted))}


def put(connection: Connection, task: int, state: State, error: HarvestError | None = None) -> None:
    """Set how a task stands without having asked: its times and attempts stay.

    A waiting task with an error is asked for whole, even where an answer to it is known.
    """
    why = {"error": type(error).__name__ if error else None, "message": str(error) if error else None}
    connection.execute(update(tasks).where(tasks.c.id == task).values(state=state, **why))


def place(connection: Connection, task: int, context: Mapping[str, Any]) -> None:
    """Tell a task anew what the asking page knew."""
    connection.execute(update(tasks).where(tasks.c.id == task).values(context=dict(context)))


def _row(request: Request, source: str, depth: int, moment: datetime) -> dict[str, Any]:
    return {
        "source": source,
        "kind": request.kind,
        "key": request.identity,
        "url": request.url,
        "scope": request.scope,
        "context": dict(request.context),
        "lane": lane_of(request.kind),
        "depth": depth,
        "priority": -depth,
        "state": State.WAITING,
        "attempts": 0,
        "first_at": moment,
    }


def _change(connection: Connection, task: Task, change: dict[str, Any]) -> None:
    """Change a task in work; one that was asked for afresh meanwhile waits for its new turn."""
    in_work = (tasks.c.id == task.id) & (tasks.c.state == State.WORKING)
    connection.execute(update(tasks).where(in_work).values(change))


@functools.cache
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
