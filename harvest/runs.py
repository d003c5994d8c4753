"""One row for each run of a harvest, and the lease by which at most one of them holds a source."""

import os
import socket
from collections.abc import Mapping
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from harvest.errors import BadInput, Stopped
from harvest.tables import insert_row, leases, runs

HEARTBEAT = 20.0  # seconds between two signs of life
SILENCE = timedelta(minutes=3)  # after which a run on another host, or behind a reused process number, counts as dead


class Held(BadInput):
    """Another run holds the source."""


def begin(connection: Connection, source: str, options: Mapping[str, Any], moment: datetime) -> int:
    """Take the source's lease and note that a run begins; give its id.

    A lease whose process is dead on this host is taken over at once, another host's once its heartbeat is silent.

    Raises:
        Held: A run that is alive holds the source.
        sqlalchemy.exc.IntegrityError: Another run took the lease in this very moment.
    """
    holder = connection.execute(select(runs).join(leases).where(leases.c.source == source)).one_or_none()
    if holder is not None and _is_alive(holder, moment):
        raise Held(
            f"run {holder.id} (process {holder.pid} on {holder.host}) has been harvesting {source} since "
            f"{holder.started_at:%Y-%m-%d %H:%M} UTC: wait until it ends, or stop it"
        )
    row = {
        "source": source,
        "version": version("raisonne"),
        "options": dict(options),
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "started_at": moment,
        "heartbeat_at": moment,
    }
    run = insert_row(connection, runs, row)
    if holder is None:
        connection.execute(insert(leases).values(source=source, run_id=run))
    else:
        _end_dead(connection, holder, moment)
        connection.execute(update(leases).where(leases.c.source == source).values(run_id=run))
    return run


def hold(connection: Connection, source: str, run: int) -> None:
    """Make sure, within a transaction, that the run still holds its source.

    Raises:
        Stopped: Another run took it over.
    """
    holder = connection.execute(select(leases.c.run_id).where(leases.c.source == source)).scalar_one_or_none()
    if holder != run:
        raise Stopped(f"run {holder} took {source} over while this one was silent: nothing is lost, that one goes on")


def beat(connection: Connection, run: int, moment: datetime) -> None:
    """Give a sign of life."""
    connection.execute(update(runs).where(runs.c.id == run).values(heartbeat_at=moment))


def end(connection: Connection, run: int, reason: str, counts: Mapping[str, int], moment: datetime) -> None:
    """Note how a run ended, and let go of its source."""
    change = {"ended_at": moment, "heartbeat_at": moment, "finish_reason": reason, "counts": dict(counts)}
    connection.execute(update(runs).where(runs.c.id == run).values(change))
    connection.execute(delete(leases).where(leases.c.run_id == run))


def _end_dead(connection: Connection, holder: Row[Any], moment: datetime) -> None:
    if holder.ended_at is None:
        change = {"ended_at": moment, "finish_reason": "killed"}
        connection.execute(update(runs).where(runs.c.id == holder.id).values(change))


def _is_alive(holder: Row[Any], moment: datetime) -> bool:
    is_silent = moment - holder.heartbeat_at > SILENCE
    return not is_silent and (holder.host != socket.gethostname() or _exists(holder.pid))


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's process
        return True
    return True
