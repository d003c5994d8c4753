"""How each source stands: what is done and left, what the paintings say, who is at work, how long it will take."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from harvest.catalogue.schema import images, objects
from harvest.engine import plan
from harvest.http.throttle import DEFAULT_PACE
from harvest.queue import counts, responses, runs
from harvest.queue.completeness import completeness
from harvest.queue.tasks import State
from harvest.source import Scope, Source, paces


@dataclass(frozen=True, slots=True)
class RunStatus:
    """The run in work, or the last one."""

    id: int
    is_in_work: bool
    finish_reason: str | None  # None: in work
    host: str
    pid: int
    started_at: datetime
    ended_at: datetime | None  # of a killed one: its last sign of life


@dataclass(frozen=True, slots=True)
class Status:
    """One source."""

    source: str
    run: RunStatus | None
    objects: int
    deleted: int  # of them: the source has them no longer
    fill: Mapping[str, int]  # paintings, and how many of them carry each label and all five
    images: Mapping[str, int]  # by state
    tasks: Mapping[str, Mapping[str, int]]  # by lane and state
    withheld: Mapping[str, int]  # by host: what its robots.txt asks not to take
    opted_out: Mapping[str, int]  # by host: images opted out of AI or of text and data mining
    closed: Mapping[str, int]  # by host: what it shows only to whom has logged in
    answers_per_hour: float | None  # in the run in work or the last one that asked
    hours_left: float | None  # for what waits, at the source's pace; None: the pace of this source is not known


def status_of(connection: Connection, name: str, source: Source | None, now: datetime) -> Status:
    """Return how a source stands.

    Args:
        connection: To read on.
        name: The source's name.
        source: Its module, which may be gone.
        now: Now.
    """
    last, asking = runs.last(connection, name), runs.last(connection, name, without=runs.OFFLINE)
    count, of_source = select(func.count()), objects.c.source == name
    columns = (images.c.state, func.count().label("images"))
    by_state = select(*columns).join(objects).where(of_source).group_by(images.c.state).order_by(images.c.state)
    hours_left = None
    if source is not None:
        waiting = counts.count_by_host(connection, name, Scope(is_metered=True), State.WAITING)
        hours_left = plan.hours(waiting, paces(source), DEFAULT_PACE)
    rate = None
    if asking is not None:
        run = _run_status(connection, asking, now)
        seconds = max(1.0, ((run.ended_at or now) - run.started_at).total_seconds())  # times are whole seconds
        rate = responses.count(connection, name, run.started_at) / seconds * 3600
    return Status(
        name,
        _run_status(connection, last, now) if last else None,
        connection.execute(count.where(of_source)).scalar_one(),
        connection.execute(count.where(of_source, objects.c.deleted_at.is_not(None))).scalar_one(),
        completeness(connection, name),
        {row.state: row.images for row in connection.execute(by_state)},
        counts.count_by_lane(connection, name),
        counts.count_withheld(connection, name),
        counts.count_opted_out(connection, name),
        counts.count_closed(connection, name),
        rate,
        hours_left,
    )


def _run_status(connection: Connection, run: Row[Any], now: datetime) -> RunStatus:
    holder = runs.holder(connection, run.source)
    in_work = run.ended_at is None and holder is not None and holder.id == run.id and runs.is_alive(run, now)
    reason = None if in_work else run.finish_reason or runs.FinishReason.KILLED
    ended_at = None if in_work else run.ended_at or run.heartbeat_at
    return RunStatus(run.id, in_work, reason, run.host, run.pid, run.started_at, ended_at)
