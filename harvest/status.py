"""How each source stands: what is done and left, what the paintings say, who is at work, how long it will take."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from harvest import answers, plan, runs, tasks
from harvest.fill import LABELS, fill, share
from harvest.gate import DEFAULT_PACE
from harvest.layout import table
from harvest.request import Part
from harvest.source import Source, paces
from harvest.tables import images, objects
from harvest.tasks import Lane, State

OFFLINE = ("reparsed", "repaired", "loaded")  # how the runs end that ask for nothing


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
    answers_per_hour: float | None  # in the run in work or the last one that asked
    hours_left: float | None  # for what waits, at the source's pace; None: the pace of this source is not known


def status_of(connection: Connection, name: str, source: Source | None, moment: datetime) -> Status:
    """Say how a source stands.

    Args:
        connection: To read on.
        name: The source's name.
        source: Its module, which may be gone.
        moment: Now.
    """
    last, asking = runs.last(connection, name), runs.last(connection, name, without=OFFLINE)
    held = (objects.c.source == name,)
    return Status(
        name,
        _run_status(connection, last, moment) if last else None,
        connection.execute(select(func.count()).where(*held)).scalar_one(),
        connection.execute(select(func.count()).where(*held, objects.c.deleted_at.is_not(None))).scalar_one(),
        fill(connection, name),
        _images(connection, name),
        tasks.count_by_lane(connection, name),
        _rate(connection, name, _run_status(connection, asking, moment), moment) if asking else None,
        _hours_left(connection, name, source) if source else None,
    )


def text_of(statuses: Sequence[Status]) -> str:
    """Write them as one table, a column for each source."""
    columns = [_lines(status) for status in statuses]
    names = list(dict.fromkeys(name for column in columns for name in column))
    rows = [[name, *(column.get(name) for column in columns)] for name in names]
    return table(["", *(status.source for status in statuses)], rows)


def _run_status(connection: Connection, run: Row[Any], moment: datetime) -> RunStatus:
    holder = runs.holder(connection, run.source)
    in_work = run.ended_at is None and holder is not None and holder.id == run.id and runs.is_alive(run, moment)
    reason = None if in_work else run.finish_reason or "killed"
    ended_at = None if in_work else run.ended_at or run.heartbeat_at
    return RunStatus(run.id, in_work, reason, run.host, run.pid, run.started_at, ended_at)


def _rate(connection: Connection, name: str, run: RunStatus, moment: datetime) -> float:
    seconds = ((run.ended_at or moment) - run.started_at).total_seconds()
    return answers.count(connection, name, run.started_at) / max(1.0, seconds) * 3600  # times are whole seconds


def _images(connection: Connection, name: str) -> dict[str, int]:
    columns = (images.c.state, func.count().label("images"))
    counted = select(*columns).join(objects).where(objects.c.source == name).group_by(images.c.state)
    return {row.state: row.images for row in connection.execute(counted.order_by(images.c.state))}


def _hours_left(connection: Connection, name: str, source: Source) -> float:
    waiting = plan.by_host(connection, name, Part(is_metered=True), State.WAITING)
    return plan.hours(waiting, paces(source), DEFAULT_PACE)


def _lines(status: Status) -> dict[str, str]:
    paintings = status.fill["paintings"]
    lines = {
        "run": _run_text(status.run) if status.run else "none",
        "objects": f"{status.objects}" + (f", {status.deleted} of them deleted" if status.deleted else ""),
        "paintings": str(paintings),
    }
    for label in (*LABELS, "all_five"):
        lines[f"with {label.replace('_', ' ')}"] = f"{status.fill[label]} ({share(status.fill, label):.1%})"
    lines |= {"images": _counts(status.images)}
    lines |= {
        f"tasks: {lane}": _counts(status.tasks[lane])
        for lane in Lane
        if lane in (Lane.PAGES, Lane.IMAGES) or status.tasks[lane]
    }
    lines["rate"] = "" if status.answers_per_hour is None else _rate_text(status.answers_per_hour)
    lines["time left"] = "not known" if status.hours_left is None else f"{status.hours_left:.1f} h at the pace"
    return lines


def _run_text(run: RunStatus) -> str:
    if run.is_in_work:
        return f"{run.id}: in work since {_minute(run.started_at)} (process {run.pid})"
    ended = _minute(run.ended_at) if run.ended_at else "?"
    return f"{run.id}: {run.finish_reason}, {ended}"


def _rate_text(per_hour: float) -> str:
    return f"{per_hour:,.0f} answers/h ({per_hour / 3600:.2f}/s)"


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _counts(counted: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {state}" for state, number in sorted(counted.items()) if number) or "none"
