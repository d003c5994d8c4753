"""The work still to do, as rows: what was asked for, what became of it, what comes next."""

import enum
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, delete, select, true, tuple_, update

from harvest.catalogue.schema import Host, answers, artists, tasks
from harvest.errors import BadAnswer, Blocked, Gone, HarvestError, HungUp, Unreachable, Withheld
from harvest.request import Request
from harvest.source import KEYED, Scope

IMAGE = "image"  # the one kind that the engine itself works on: its answer is a file, not a page
TABLE = "table"  # a source's bulk table, which is loaded before the engine works
MAX_ATTEMPTS = 3  # at an answer that came broken; what cannot be parsed, or is gone, is not asked for twice


class Lane(enum.StrEnum):
    """What runs side by side."""

    PAGES = "pages"
    IMAGES = "images"
    KEYED = "metered"
    TABLES = "tables"  # never claimed: they are loaded one by one


READ = (Lane.PAGES, Lane.KEYED)  # the lanes of answers that parsers read and the archive keeps
_LANES = {IMAGE: Lane.IMAGES, TABLE: Lane.TABLES, KEYED: Lane.KEYED}


class State(enum.StrEnum):
    """What became of a task."""

    WAITING = "waiting"
    WORKING = "working"  # its run holds the source's lease
    DONE = "done"
    GONE = "gone"  # the source has it no longer: not a failure of ours
    WITHHELD = "withheld"  # its host asks robots not to take it: none, either
    FAILED = "failed"


LOST = (State.GONE, State.WITHHELD, State.FAILED)  # what could not be had
_IN_WORK = (tasks.c.id == bindparam("this")) & (tasks.c.state == State.WORKING)
_COMPLETE = (
    update(tasks)
    .where(_IN_WORK)
    .values(
        state=State.DONE,
        url=bindparam("new_url"),
        host=bindparam("new_host", type_=Host),
        status=bindparam("new_status"),
        reread=False,
        error=None,
        message=None,
        last_at=bindparam("now"),
    )
)


@dataclass(frozen=True, slots=True)
class Task:
    """A claimed task."""

    id: int
    request: Request
    depth: int
    attempts: int  # this one included
    reread: bool = False  # read its answer, even where it is the one that we have

    @property
    def lane(self) -> Lane:
        """Which lane it runs in."""
        return lane_of(self.request.kind)


def lane_of(kind: str) -> Lane:
    """Say which lane a kind of request runs in."""
    return _LANES.get(kind, Lane.PAGES)


def stored_host(url: str) -> str | None:
    """Return what the column `host` holds for an address; None where it names no host."""
    try:
        return (urlsplit(url).hostname or "")[: Host.length] or None
    except ValueError:  # half an IPv6 address
        return None


def within(source_name: str, scope: Scope) -> ColumnElement[bool]:
    """Write the condition that a task belongs to a part of a source: to certain scopes, or to large ones.

    A scope that is an artist of whose works the source has counted fewer than `least_works` is left out.
    """
    wanted = tasks.c.source == source_name
    if scope.scopes is not None:
        wanted &= tasks.c.scope.in_(scope.scopes)
    if scope.least_works is not None:
        of_scope = (artists.c.source == source_name) & (artists.c.source_id == tasks.c.scope)
        wanted &= ~select(artists.c.id).where(of_scope & (artists.c.works < scope.least_works)).exists()
    if not scope.is_metered:
        wanted &= tasks.c.lane != Lane.KEYED
    return wanted


def requeue_all(
    connection: Connection,
    source_name: str,
    scope: Scope,
    *,
    lanes: Collection[Lane] = tuple(Lane),
    once: Collection[str] = (),
) -> int:
    """Begin a new round where nothing is left to do: ask for every page again. Returns how many there are.

    Images are not among them: one whose address has changed is asked for by its object's page.

    Args:
        connection: In a transaction.
        source_name: The source's name.
        scope: Which part of the source.
        lanes: In which nothing may be left to do.
        once: Kinds that are never asked again.
    """
    wanted = within(source_name, scope)
    unfinished = wanted & (tasks.c.state == State.WAITING) & tasks.c.lane.in_(lanes)
    if connection.execute(select(tasks.c.id).where(unfinished).limit(1)).first() is not None:
        return 0
    pages = wanted & (tasks.c.lane == Lane.PAGES) & tasks.c.kind.not_in(once)
    change = {"state": State.WAITING, "attempts": 0}
    return connection.execute(update(tasks).where(pages).values(change)).rowcount


def forget_absent(connection: Connection, source_name: str, starting: Iterable[Request]) -> None:
    """Forget what earlier runs were started with and the source never had: a name mistyped, say.

    What it had once may come again, and is kept.

    Args:
        connection: In a transaction.
        source_name: The source's name.
        starting: What this run starts with: that is asked for again.
    """
    absent = (tasks.c.source == source_name) & (tasks.c.depth == 0) & (tasks.c.state == State.GONE)
    absent &= tasks.c.scope.is_not(None) & ~select(answers.c.id).where(answers.c.task_id == tasks.c.id).exists()
    again = [(request.kind, request.identity.rstrip(" ")) for request in starting]
    connection.execute(delete(tasks).where(absent & tuple_(tasks.c.kind, tasks.c.key).not_in(again)))


def claim(
    connection: Connection,
    source_name: str,
    lane: Lane,
    number: int,
    *,
    run_id: int,
    now: datetime,
    scope: Scope,
    kinds: Collection[str] = (),
    but: Collection[str] = (),
    resting: Collection[str] = (),
) -> list[Task]:
    """Take the next tasks: the deepest first, so that whole objects come in early; failed ones again at the end.

    Args:
        connection: In a transaction.
        source_name: The source's name.
        lane: Of which lane.
        number: At most so many.
        run_id: Who takes them.
        now: Now.
        scope: Only tasks of this part of the source.
        kinds: Only tasks of these kinds; none: of all.
        but: None of these kinds.
        resting: Hosts of which none is taken.
    """
    wanted = _waiting(source_name, scope, (lane,), kinds, but)
    if resting:
        wanted &= tasks.c.host.is_(None) | tasks.c.host.not_in(resting)
    order = (tasks.c.attempts, tasks.c.priority, tasks.c.id)
    rows = connection.execute(select(tasks).where(wanted).order_by(*order).limit(number)).all()
    if rows:
        change = {"state": State.WORKING, "attempts": tasks.c.attempts + 1, "run_id": run_id, "last_at": now}
        connection.execute(update(tasks).where(tasks.c.id.in_([row.id for row in rows])).values(change))
    return [
        Task(
            row.id,
            Request(
                row.kind,
                row.url,
                row.key,
                row.scope,
                row.context,
                None if row.instead is None else Request(**row.instead, scope=row.scope),
            ),
            row.depth,
            row.attempts + 1,
            row.reread,
        )
        for row in rows
    ]


def hosts_waited_for(
    connection: Connection,
    source_name: str,
    lanes: Collection[Lane],
    *,
    scope: Scope,
    kinds: Collection[str] = (),
    but: Collection[str] = (),
) -> set[str]:
    """Return the hosts for which tasks wait; the arguments are those of `claim`."""
    hosts = select(tasks.c.host).where(_waiting(source_name, scope, lanes, kinds, but)).distinct()
    return set(connection.execute(hosts).scalars()) - {None}


def _waiting(
    source_name: str, scope: Scope, lanes: Collection[Lane], kinds: Collection[str], but: Collection[str]
) -> ColumnElement[bool]:
    wanted = within(source_name, scope) & (tasks.c.state == State.WAITING) & tasks.c.lane.in_(lanes)
    wanted &= tasks.c.kind.in_(kinds) if kinds else true()
    return wanted & tasks.c.kind.not_in(but) if but else wanted


class Completion(NamedTuple):
    """A task that is done."""

    task: Task
    url: str  # from which its answer came
    status: int
    now: datetime


def complete_all(connection: Connection, done: Iterable[Completion]) -> None:
    """Note that tasks are done; one that was asked for afresh meanwhile waits for its new turn."""
    rows = [
        {"this": task.id, "new_url": url, "new_host": stored_host(url), "new_status": status, "now": now}
        for task, url, status, now in done
    ]
    if rows:
        connection.execute(_COMPLETE, rows)


def fail(connection: Connection, task: Task, error: HarvestError, *, now: datetime) -> State:
    """Note why a task failed; a broken answer is asked for again, up to MAX_ATTEMPTS times."""
    again = isinstance(error, BadAnswer | HungUp | Blocked | Unreachable) and task.attempts < MAX_ATTEMPTS
    final = State.GONE if isinstance(error, Gone) else State.WITHHELD if isinstance(error, Withheld) else State.FAILED
    state = State.WAITING if again and final is State.FAILED else final
    why: dict[str, Any] = {"error": type(error).__name__, "message": str(error), "status": error.status}
    if isinstance(error, Withheld) and error.host:  # of several addresses, the one that is withheld
        why["host"] = error.host[: Host.length]
    _change(connection, task, {"state": state, "reread": True, **why, "last_at": now})
    return state


def release(connection: Connection, task: Task, host: str | None = None) -> None:
    """Let a claimed task wait again, as if it had not been tried; for a host, where one is named: a redirect's, say."""
    waits_for = {"host": host[: Host.length]} if host else {}
    _change(connection, task, {"state": State.WAITING, "attempts": task.attempts - 1, **waits_for})


def reclaim(connection: Connection, source_name: str) -> int:
    """Let every task in work wait again: whoever worked on it is dead. Returns how many there were."""
    lost = (tasks.c.source == source_name) & (tasks.c.state == State.WORKING)
    change: dict[str, Any] = {"state": State.WAITING, "attempts": tasks.c.attempts - 1}
    return connection.execute(update(tasks).where(lost).values(change)).rowcount


def retry(
    connection: Connection,
    error: str | None,
    source_name: str | None,
    *,
    kinds: Collection[str] = (),
    states: Collection[State] = (State.FAILED,),
    hosts: Collection[str] | None = None,
) -> int:
    """Let failed tasks wait again. Returns how many there are.

    Args:
        connection: In a transaction.
        error: Only those of this class of error.
        source_name: Only those of this source.
        kinds: Only those of these kinds; none: of all.
        states: In which they are.
        hosts: Only those of these hosts; None: of all.
    """
    wanted: list[ColumnElement[bool]] = [tasks.c.state.in_(states)]
    wanted += [tasks.c.kind.in_(kinds)] if kinds else []
    wanted += [tasks.c.error == error] if error else []
    wanted += [] if hosts is None else [tasks.c.host.in_(hosts)]
    wanted += [tasks.c.source == source_name] if source_name else []
    change = {"state": State.WAITING, "attempts": 0}
    return connection.execute(update(tasks).where(and_(*wanted)).values(change)).rowcount


def is_known(connection: Connection, source_name: str, request: Request) -> bool:
    """Say whether a request is a task already."""
    same = (tasks.c.source == source_name) & (tasks.c.kind == request.kind) & (tasks.c.key == request.identity)
    return connection.execute(select(tasks.c.id).where(same)).first() is not None


def by_key(connection: Connection, source_name: str, kind: str, keys: Collection[str]) -> dict[str, Row[Any]]:
    """Return the tasks of a kind that have one of these keys, by key."""
    wanted = (tasks.c.source == source_name) & (tasks.c.kind == kind) & tasks.c.key.in_(keys)
    return {row.key: row for row in connection.execute(select(tasks).where(wanted))}


def set_state(
    connection: Connection, task_id: int, state: State, error: HarvestError | None = None, *, reread: bool = False
) -> None:
    """Set how a task stands without having asked: its times and attempts stay.

    Args:
        connection: In a transaction.
        task_id: Which task.
        state: How it stands.
        error: Why the answer that we have cannot be used; the next one is read, whatever it is.
        reread: Read the next answer, even where it is the one that we have.
    """
    change: dict[str, Any] = {"state": state, "reread": reread or error is not None}
    change |= {"error": type(error).__name__ if error else None, "message": str(error) if error else None}
    connection.execute(update(tasks).where(tasks.c.id == task_id).values(change))


def invalidate(connection: Connection, source_name: str, kinds: Collection[str], keys: Collection[str]) -> None:
    """Ask again for what was had under some keys, and read it, changed or not: what it adds to has changed."""
    if not keys:
        return
    wanted = (tasks.c.source == source_name) & tasks.c.kind.in_(kinds) & tasks.c.key.in_(keys)
    change = {"state": State.WAITING, "attempts": 0, "reread": True}
    connection.execute(update(tasks).where(wanted & (tasks.c.state == State.DONE)).values(change))


def set_context(connection: Connection, task_id: int, context: Mapping[str, Any]) -> None:
    """Tell a task anew what the asking page knew."""
    connection.execute(update(tasks).where(tasks.c.id == task_id).values(context=dict(context)))


def _change(connection: Connection, task: Task, change: dict[str, Any]) -> None:
    """Change a task in work; one that was asked for afresh meanwhile waits for its new turn."""
    in_work = (tasks.c.id == task.id) & (tasks.c.state == State.WORKING)
    connection.execute(update(tasks).where(in_work).values(change))
