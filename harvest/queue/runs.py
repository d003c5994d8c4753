"""One row for each run of a harvest, and the lease by which at most one of them holds a source."""

import os
import socket
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from harvest.catalogue.schema import insert_row, leases, runs
from harvest.errors import BadInput, Stopped

HEARTBEAT = 20.0  # seconds between two signs of life
WINDOWS = "windows"  # among a run's options: names of the windows on changes that it was begun with
SILENCE = timedelta(minutes=3)  # after which a run on another host, or behind a reused process number, counts as dead


class Held(BadInput):
    """Another run holds the source."""


def begin(connection: Connection, source_name: str, options: Mapping[str, Any], now: datetime) -> int:
    """Take the source's lease and note that a run begins; return its id.

    A lease whose process is dead on this host is taken over at once, another host's once its heartbeat is silent.

    Raises:
        Held: A run that is alive holds the source, or takes it in this very moment.
    """
    held_by = holder(connection, source_name)
    if held_by is not None and is_alive(held_by, now):
        raise Held(
            f"run {held_by.id} (process {held_by.pid} on {held_by.host}) has been harvesting {source_name} since "
            f"{held_by.started_at:%Y-%m-%d %H:%M} UTC: wait until it ends, or stop it"
        )
    row = {
        "source": source_name,
        "version": version("raisonne"),
        "options": dict(options),
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "started_at": now,
        "heartbeat_at": now,
    }
    run = insert_row(connection, runs, row)
    _take(connection, source_name, run, held_by)
    if held_by is not None:
        _end_dead(connection, held_by, now)
    return run


def holder(connection: Connection, source_name: str) -> Row[Any] | None:
    """Return the run, alive or dead, that has a source's lease."""
    return connection.execute(select(runs).join(leases).where(leases.c.source == source_name)).one_or_none()


def last(connection: Connection, source_name: str, *, without: Collection[str] = ()) -> Row[Any] | None:
    """Return a source's last run, but for those that ended in one of these ways."""
    ended_so = func.coalesce(runs.c.finish_reason, "").in_(without)
    wanted = select(runs).where((runs.c.source == source_name) & ~ended_so)
    return connection.execute(wanted.order_by(runs.c.id.desc()).limit(1)).one_or_none()


def since(connection: Connection, source_name: str, window: str) -> datetime | None:
    """Say when the last complete harvest of a window on changes began: its first run, however many it took.

    Args:
        connection: To read on.
        source_name: The source's name.
        window: Its name among the `windows` that the runs were begun with.
    """
    wanted = select(runs.c.options, runs.c.started_at, runs.c.finish_reason).where(runs.c.source == source_name)
    began, found = None, None
    for row in connection.execute(wanted.order_by(runs.c.id)):
        if window in row.options.get(WINDOWS, ()):
            began = began or row.started_at
            if row.finish_reason == "complete":
                began, found = None, began
    return found


def sources(connection: Connection) -> list[str]:
    """Name the sources that have been harvested."""
    return list(connection.execute(select(runs.c.source).distinct().order_by(runs.c.source)).scalars())


def hold(connection: Connection, source_name: str, run_id: int) -> None:
    """Make sure that the run holds its source, and goes on holding it until this transaction ends.

    Raises:
        Stopped: Another run took it over.
    """
    ours = (leases.c.source == source_name) & (leases.c.run_id == run_id)
    # Written, not read: so nobody takes it before the commit, nor goes on before the last commit of a killed run.
    if connection.execute(update(leases).where(ours).values(run_id=run_id)).rowcount != 1:
        held_by = connection.execute(select(leases.c.run_id).where(leases.c.source == source_name)).scalar_one_or_none()
        raise Stopped(
            f"run {held_by} took {source_name} over while this one was silent: nothing is lost, that one goes on"
        )


def beat(connection: Connection, run_id: int, now: datetime) -> None:
    """Note that the run is alive."""
    connection.execute(update(runs).where(runs.c.id == run_id).values(heartbeat_at=now))


def end(connection: Connection, run_id: int, reason: str, counts: Mapping[str, Any], now: datetime) -> None:
    """Note how a run ended, and let go of its source."""
    change = {"ended_at": now, "heartbeat_at": now, "finish_reason": reason, "counts": dict(counts)}
    connection.execute(update(runs).where(runs.c.id == run_id).values(change))
    connection.execute(delete(leases).where(leases.c.run_id == run_id))


def is_alive(run: Row[Any], now: datetime) -> bool:
    """Say whether a run that has not ended is still at work: its process is there, or another host heard of lately."""
    is_silent = now - run.heartbeat_at > SILENCE
    return not is_silent and (run.host != socket.gethostname() or _exists(run.pid))


def _take(connection: Connection, source_name: str, run_id: int, held_by: Row[Any] | None) -> None:
    """Write the lease; of two runs that begin in the same moment, one finds that the other was quicker."""
    mine = (leases.c.source == source_name) & (leases.c.run_id == (held_by.id if held_by else None))
    try:
        if held_by is None:
            connection.execute(insert(leases).values(source=source_name, run_id=run_id))
        elif connection.execute(update(leases).where(mine).values(run_id=run_id)).rowcount != 1:
            raise Held(f"another run of {source_name} has begun in this very moment: wait until it ends, or stop it")
    except IntegrityError:
        raise Held(
            f"another run of {source_name} has begun in this very moment: wait until it ends, or stop it"
        ) from None


def _end_dead(connection: Connection, run: Row[Any], now: datetime) -> None:
    if run.ended_at is None:
        change = {"ended_at": now, "finish_reason": "killed"}
        connection.execute(update(runs).where(runs.c.id == run.id).values(change))


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's process
        return True
    return True
