"""One row for each run of a harvest: who ran it, with which options, how it ended, what it found."""

import os
import socket
from collections.abc import Mapping
from datetime import datetime
from importlib.metadata import version
from typing import Any

from sqlalchemy import Connection, update

from harvest.tables import insert_row, runs


def begin(connection: Connection, source: str, options: Mapping[str, Any], moment: datetime) -> int:
    """Note that a run begins; give its id."""
    row = {
        "source": source,
        "version": version("raisonne"),
        "options": dict(options),
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "started_at": moment,
    }
    return insert_row(connection, runs, row)


def end(connection: Connection, run: int, reason: str, counts: Mapping[str, int], moment: datetime) -> None:
    """Note how a run ended."""
    change = {"ended_at": moment, "finish_reason": reason, "counts": dict(counts)}
    connection.execute(update(runs).where(runs.c.id == run).values(change))
