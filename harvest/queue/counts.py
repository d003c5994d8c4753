"""Tasks, counted: by state, lane and host; and what could not be had, by class of error, with examples."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select, true

from harvest.catalogue.schema import runs, tasks
from harvest.errors import BadInput, Damaged, LoginNeeded, OptedOut, Reserved
from harvest.queue.tasks import LOST, Lane, State, within
from harvest.queue.tasks import by_key as tasks_by_key
from harvest.request import Request
from harvest.source import Scope

NO_OBJECTS = "no objects"  # in a run's counts: rows of a table that are rightly none
OPT_OUTS = (OptedOut.__name__, Reserved.__name__)


@dataclass(frozen=True, slots=True)
class Example:
    """One task that failed."""

    source: str
    kind: str
    key: str
    message: str
    url: str
    status: int | None
    attempts: int
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class Failures:
    """All that failed in one way."""

    error: str  # class
    number: int
    examples: Sequence[Example]  # the last ones first


def failures(connection: Connection, source_name: str | None, error: str | None, number: int) -> list[Failures]:
    """Return what failed, the commonest class first.

    Args:
        connection: To read on.
        source_name: Only of this source.
        error: Only of this class.
        number: At most so many examples of each class.

    Raises:
        BadInput: Nothing failed in this way.
    """
    expect_class(connection, source_name, error)
    counted = _count_by_class(connection, source_name)
    columns, order = [tasks.c[name] for name in Example.__dataclass_fields__], (tasks.c.last_at.desc(), tasks.c.id)
    result = []
    for name in sorted(counted, key=lambda name: (-counted[name], name)):
        if error in (None, name):
            question = select(*columns).where(_failed(source_name, name)).order_by(*order).limit(number)
            result.append(Failures(name, counted[name], [Example(*row) for row in connection.execute(question)]))
    return result


def by_source(connection: Connection, source_name: str | None, error: str | None) -> dict[str, int]:
    """Count what failed, by source."""
    question = select(tasks.c.source, func.count().label("tasks")).where(_failed(source_name, error))
    return {row.source: row.tasks for row in connection.execute(question.group_by(tasks.c.source))}


def expect_class(connection: Connection, source_name: str | None, error: str | None) -> None:
    """Make sure that something failed in a way.

    Raises:
        BadInput: Nothing did; the message names the ways there are.
    """
    counted = _count_by_class(connection, source_name)
    if error is not None and error not in counted:
        there = ", ".join(f"{name} ({number})" for name, number in sorted(counted.items()))
        raise BadInput(f"--class {error}: nothing failed so; " + (f"there are {there}" if there else "nothing failed"))


def _count_by_class(connection: Connection, source_name: str | None) -> dict[str, int]:
    columns = (tasks.c.error, func.count().label("tasks"))
    rows = connection.execute(select(*columns).where(_failed(source_name)).group_by(tasks.c.error))
    return {str(row.error): row.tasks for row in rows}


def _failed(source_name: str | None, error: str | None = None) -> ColumnElement[bool]:
    """Write the condition that a task failed, in a source and in a way, or in any."""
    condition = tasks.c.state == State.FAILED
    condition &= tasks.c.source == source_name if source_name else true()
    return condition & (tasks.c.error == error) if error else condition


def has_lost(connection: Connection, source_name: str, scope: Scope, kinds: Collection[str]) -> bool:
    """Return whether a scope's task of one of these kinds could not be had; a damaged one was, and led on."""
    lost = within(source_name, scope) & tasks.c.state.in_(LOST) & tasks.c.kind.in_(kinds)
    lost &= func.coalesce(tasks.c.error, "") != Damaged.__name__
    return connection.execute(select(tasks.c.id).where(lost).limit(1)).first() is not None


def lost(connection: Connection, source_name: str, requests: Iterable[Request]) -> list[Row[Any]]:
    """Return the tasks of requests that could not be had, nor what was to be asked for in their place.

    A damaged answer was had, and led on.
    """
    unmet: list[Row[Any]] = []
    for kind, of_kind in groupby(sorted(requests, key=lambda request: request.kind), lambda request: request.kind):
        by_key = {request.identity.rstrip(" "): request for request in of_kind}
        for key, row in tasks_by_key(connection, source_name, kind, list(by_key)).items():
            other = by_key[key].fallback
            is_lost = row.state in LOST and row.error != Damaged.__name__
            if is_lost and (other is None or lost(connection, source_name, [other])):
                unmet.append(row)
    return unmet


def runs_behind(
    connection: Connection, source_name: str, states: Collection[State], error: str | None = None
) -> set[int]:
    """Return the ids of the runs that worked last on tasks in some states.

    A task that no run has claimed yet counts as those of its scope that one has.

    Args:
        connection: To read on.
        source_name: The source's name.
        states: In which the tasks are.
        error: Only tasks that failed in this way.
    """
    wanted = (tasks.c.source == source_name) & tasks.c.state.in_(states)
    wanted &= tasks.c.error == error if error else true()
    found = set(connection.execute(select(tasks.c.run_id).where(wanted).distinct()).scalars())
    if None in found:
        scopes = select(tasks.c.scope).where(wanted & tasks.c.run_id.is_(None)).distinct()
        beside = (tasks.c.source == source_name) & tasks.c.run_id.is_not(None) & tasks.c.scope.in_(scopes)
        found |= set(connection.execute(select(tasks.c.run_id).where(beside).distinct()).scalars())
    return {run for run in found if run is not None}


def count_gone(connection: Connection, source_name: str | None) -> int:
    """Count what the source, or any, has no longer."""
    gone = (tasks.c.state == State.GONE) & ((tasks.c.source == source_name) if source_name else true())
    return connection.execute(select(func.count()).where(gone)).scalar_one()


def count_withheld(connection: Connection, source_name: str) -> dict[str, int]:
    """Count what hosts ask robots not to take, by host."""
    return _count_withheld(connection, source_name, tasks.c.error.not_in((*OPT_OUTS, LoginNeeded.__name__)))


def count_opted_out(connection: Connection, source_name: str) -> dict[str, int]:
    """Count the images that are opted out of AI or of text and data mining, by host."""
    return _count_withheld(connection, source_name, tasks.c.error.in_(OPT_OUTS))


def count_closed(connection: Connection, source_name: str) -> dict[str, int]:
    """Count what hosts show only to whom has logged in, by host."""
    return _count_withheld(connection, source_name, tasks.c.error == LoginNeeded.__name__)


def _count_withheld(connection: Connection, source_name: str, why: ColumnElement[bool]) -> dict[str, int]:
    columns = (tasks.c.host, func.count().label("tasks"))
    wanted = (tasks.c.source == source_name) & (tasks.c.state == State.WITHHELD) & why
    rows = connection.execute(select(*columns).where(wanted).group_by(tasks.c.host))
    return {row.host or "": row.tasks for row in rows}


def count(connection: Connection, source_name: str) -> dict[str, int]:
    """Count a source's tasks by state."""
    columns = (tasks.c.state, func.count().label("tasks"))
    rows = connection.execute(select(*columns).where(tasks.c.source == source_name).group_by(tasks.c.state))
    return {row.state: row.tasks for row in rows}


def count_by_lane(connection: Connection, source_name: str) -> dict[str, dict[str, int]]:
    """Count a source's tasks by lane, then state."""
    columns = (tasks.c.lane, tasks.c.state, func.count().label("tasks"))
    rows = connection.execute(
        select(*columns).where(tasks.c.source == source_name).group_by(tasks.c.lane, tasks.c.state)
    )
    counted: dict[str, dict[str, int]] = {lane: {} for lane in Lane}
    for row in rows:
        counted[row.lane][row.state] = row.tasks
    return counted


def count_by_host(
    connection: Connection,
    source_name: str,
    scope: Scope,
    state: State,
    *,
    lanes: Collection[Lane] = (),
    but: Collection[str] = (),
) -> Counter[tuple[Lane, str]]:
    """Count tasks in a state by lane and host.

    Args:
        connection: To read on.
        source_name: The source's name.
        scope: Which part of the source.
        state: In which they are.
        lanes: Only those in these lanes; none: in all.
        but: None of these kinds.
    """
    wanted = within(source_name, scope) & (tasks.c.state == state)
    wanted &= tasks.c.lane.in_(lanes) if lanes else true()
    wanted &= tasks.c.kind.not_in(but) if but else true()
    columns = (tasks.c.lane, tasks.c.host, func.count().label("tasks"))
    rows = connection.execute(select(*columns).where(wanted).group_by(tasks.c.lane, tasks.c.host))
    return Counter({(Lane(row.lane), row.host or ""): row.tasks for row in rows})


def count_no_objects(connection: Connection, source_name: str) -> int:
    """Count the rows of a source's table that were passed over as no objects when it was read last."""
    question = select(runs.c.counts).where(runs.c.source == source_name).order_by(runs.c.id.desc())
    read = (row.counts for row in connection.execute(question) if row.counts and NO_OBJECTS in row.counts)
    return next((int(counts[NO_OBJECTS]) for counts in read), 0)
