"""Runs: one row for each, and the lease by which at most one of them holds a source.

`Run` is the whole protocol: take the lease, let tasks of dead runs wait again, show signs of life, hold the lease in
each transaction, end with a reason.
"""

import enum
import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Self

from sqlalchemy import Connection, Engine, Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from harvest.catalogue.schema import insert_row, leases, runs
from harvest.errors import BadInput, Stopped
from harvest.queue import responses, tasks
from harvest.queue.completeness import completeness
from harvest.storage.archive import expect_own
from harvest.version import version

HEARTBEAT = 20.0  # seconds between two signs of life
WINDOWS = "windows"  # among a run's options: names of the windows on changes that it was begun with
SILENCE = timedelta(minutes=3)  # after which a run on another host, or behind a reused process number, counts as dead

_AHEAD = "%s: a run began at %s by a clock that was ahead: all is asked for that has changed since the one before"
log = logging.getLogger(__name__)

Watch = Callable[[Mapping[str, int]], object]


class FinishReason(enum.StrEnum):
    """Why a run ended, as the catalogue keeps it."""

    COMPLETE = "complete"  # nothing is left to do
    INCOMPLETE = "incomplete"  # what it was started with could not be had, or a list not be read to its end
    SURVEYED = "surveyed"  # the lists that tell how much there is were read
    LIMIT = "limit"  # as many objects as were asked for
    MAX_REQUESTS = "max-requests"
    MAX_MINUTES = "max-minutes"
    STOPPED = "stopped"  # by the source, or another run took it over
    LOADED = "loaded"  # a bulk table
    REPARSED = "reparsed"
    REPAIRED = "repaired"
    PURGED = "purged"
    INTERRUPTED = "interrupted"  # by an error or a signal
    KILLED = "killed"  # found dead by a later run

    @property
    def is_whole(self) -> bool:
        """Whether the catalogue then holds all that the source has: its completeness is kept with the run."""
        return self in (FinishReason.COMPLETE, FinishReason.REPARSED)


OFFLINE = (
    FinishReason.REPARSED,
    FinishReason.REPAIRED,
    FinishReason.PURGED,
    FinishReason.LOADED,
)  # how the runs end that ask for nothing
NO_HARVEST = frozenset({"doctor", "reparse", "table", "purge"})  # options of the runs that ask for no objects


class Held(BadInput):
    """Another run holds the source."""


class Run:
    """One run, which holds its source from `with` to the end of the block.

    Args:
        source_name: The source's name.
        catalogue: An open catalogue.
        data: The data folder.
        now: The time in UTC.
        options: What is kept with the run, for the record.
        watch: Called with a run's counts after every commit.
    """

    def __init__(
        self,
        source_name: str,
        catalogue: Engine,
        data: Path,
        *,
        now: Callable[[], datetime],
        options: Mapping[str, Any] | None = None,
        watch: Watch = lambda _counts: None,
    ) -> None:
        self.source_name = source_name
        self.catalogue = catalogue
        self.data = data
        self.now = now
        self.watch = watch
        self.id = 0  # once it has begun: its row's
        self.is_open = False
        self._options = dict(options or {})

    def __enter__(self) -> Self:
        """Take the lease; tasks that a dead run had in work wait again.

        Raises:
            Held: Another run holds the source.
        """
        with uninterrupted(), self.catalogue.begin() as connection:
            self.id = begin(connection, self.source_name, self._options, self.now())
            tasks.reclaim(connection, self.source_name)
        self._seen_at = self.now()
        self.is_open = True
        return self

    def __exit__(
        self, _type: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Let go of the source; a run that did not end itself was interrupted, one that was refused never was."""
        if self.is_open and isinstance(error, BadInput):
            self.withdraw()
        elif self.is_open:
            self.end(FinishReason.INTERRUPTED)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Begin a transaction in which the source is this run's; it shows a sign of life when one is due.

        Raises:
            Stopped: Another run took the source over.
        """
        with uninterrupted(), self.catalogue.begin() as connection:
            hold(connection, self.source_name, self.id)
            if (self.now() - self._seen_at).total_seconds() >= HEARTBEAT:
                self._beat(connection)
            yield connection

    @contextmanager
    def alive(self) -> Iterator[None]:
        """Show signs of life from a thread of its own while a block takes its time, as a download does."""
        ended = threading.Event()

        def beat_until_the_end() -> None:
            while not ended.wait(HEARTBEAT):
                with self.catalogue.begin() as connection:
                    self._beat(connection)

        thread = threading.Thread(target=beat_until_the_end, daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def record(self, connection: Connection, **options: Any) -> None:
        """Keep more options with the run."""
        self._options |= options
        connection.execute(update(runs).where(runs.c.id == self.id).values(options=self._options))

    def end(self, reason: FinishReason, counts: Mapping[str, Any] | None = None) -> None:
        """End: keep the reason and the counts, and let go of the source; what is still in work waits again."""
        self.is_open = False
        with uninterrupted(), self.catalogue.begin() as connection:
            if _is_held(connection, self.source_name, self.id):
                tasks.reclaim(connection, self.source_name)
            fill = {"fill": completeness(connection, self.source_name)} if reason.is_whole else {}
            end(connection, self.id, reason, {**(counts or {}), **fill}, self.now())

    def withdraw(self) -> None:
        """Let go of the source, and leave no row: what the user gave was refused before anything was touched."""
        self.is_open = False
        with uninterrupted(), self.catalogue.begin() as connection:
            connection.execute(delete(leases).where(leases.c.run_id == self.id))
            connection.execute(delete(runs).where(runs.c.id == self.id))

    def _beat(self, connection: Connection) -> None:
        self._seen_at = self.now()
        beat(connection, self.id, self._seen_at)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Put the first Ctrl-C or SIGTERM off to the end of a block; a second one interrupts it.

    What a signal raises may come between any two steps of SQLAlchemy's: a transaction may then stay open, unknown to
    anybody, and on SQLite the one in which the run is to end waits for it in vain.
    """
    if threading.current_thread() is not threading.main_thread():  # to which alone signals come
        yield
        return
    both = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    handlers = {number: handler for number, handler in both.items() if callable(handler)}  # neither ignored nor deadly
    put_off: list[int] = []

    def put_off_first(number: int, frame: FrameType | None) -> None:
        if put_off:
            handlers[signal.Signals(number)](number, frame)
        put_off.append(number)

    for number in handlers:
        signal.signal(number, put_off_first)
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        for came in put_off[:1]:
            signal.raise_signal(came)


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
        "version": version(),
        "options": dict(options),
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "started_at": now,
        "heartbeat_at": now,
    }
    run = insert_row(connection, runs, row)
    _take(connection, source_name, run, held_by)
    if held_by is not None:
        killed = {"ended_at": now, "finish_reason": FinishReason.KILLED}
        dead = (runs.c.id == held_by.id) & runs.c.ended_at.is_(None)
        connection.execute(update(runs).where(dead).values(killed))
    return run


def holder(connection: Connection, source_name: str) -> Row[Any] | None:
    """Return the run, alive or dead, that has a source's lease."""
    return connection.execute(select(runs).join(leases).where(leases.c.source == source_name)).one_or_none()


def last(connection: Connection, source_name: str, *, without: Collection[str] = ()) -> Row[Any] | None:
    """Return a source's last run, but for those that ended in one of these ways."""
    ended_so = func.coalesce(runs.c.finish_reason, "").in_(without)
    wanted = select(runs).where((runs.c.source == source_name) & ~ended_so)
    return connection.execute(wanted.order_by(runs.c.id.desc()).limit(1)).one_or_none()


def harvests(connection: Connection, source_name: str, ids: Collection[int] | None = None) -> list[Mapping[str, Any]]:
    """Return the options of a source's runs that asked for objects, or of those among them with these ids, last first.

    What a run noted for itself, its windows on changes, is left out.
    """
    wanted = select(runs.c.id, runs.c.options).where(runs.c.source == source_name).order_by(runs.c.id.desc())
    return [
        {name: value for name, value in row.options.items() if name != WINDOWS}
        for row in connection.execute(wanted)
        if not row.options.keys() & NO_HARVEST and (ids is None or row.id in ids)
    ]


def since(connection: Connection, source_name: str, window: str) -> datetime | None:
    """Say when the last complete harvest of a window on changes began: its first run, however many it took.

    A run that began later than one that came after it had a clock that was ahead: what has changed since is unknown.

    Args:
        connection: To read on.
        source_name: The source's name.
        window: Its name among the `windows` that the runs were begun with.
    """
    wanted = select(runs.c.options, runs.c.started_at, runs.c.finish_reason).where(runs.c.source == source_name)
    began, last_began = None, None
    rows = connection.execute(wanted.order_by(runs.c.id)).all()
    beginnings = [row.started_at for row in rows]
    ahead = {began for number, began in enumerate(beginnings) if began > min(beginnings[number:])}
    for row in rows:
        if window in row.options.get(WINDOWS, ()):
            began = began or row.started_at
            if row.finish_reason == FinishReason.COMPLETE:
                if began in ahead:
                    log.warning(_AHEAD, source_name, began)
                else:
                    last_began = began
                began = None
    return last_began


def expect_own_folder(catalogue: Engine, data: Path, source_name: str) -> None:
    """Make sure that a data folder is this catalogue's, before anything is harvested into it.

    Raises:
        BadInput: It holds another catalogue's responses, or lacks this one's.
    """
    with catalogue.connect() as connection:
        known = responses.last(connection, source_name)
        if known is not None or last(connection, source_name) is None:
            expect_own(data, source_name, known)


def sources(connection: Connection) -> list[str]:
    """Name the sources that have been harvested."""
    return list(connection.execute(select(runs.c.source).distinct().order_by(runs.c.source)).scalars())


def hold(connection: Connection, source_name: str, run_id: int) -> None:
    """Make sure that the run holds its source, and goes on holding it until this transaction ends.

    Raises:
        Stopped: Another run took it over.
    """
    if not _is_held(connection, source_name, run_id):
        holding = select(leases.c.run_id).where(leases.c.source == source_name)
        held_by = connection.execute(holding).scalar_one_or_none()
        raise Stopped(
            f"run {held_by} took {source_name} over while this one was silent: nothing is lost, that one goes on"
        )


def beat(connection: Connection, run_id: int, now: datetime) -> None:
    """Note that the run is alive."""
    connection.execute(update(runs).where(runs.c.id == run_id).values(heartbeat_at=now))


def end(connection: Connection, run_id: int, reason: FinishReason, counts: Mapping[str, Any], now: datetime) -> None:
    """Note how a run ended, and let go of its source."""
    change = {"ended_at": now, "heartbeat_at": now, "finish_reason": reason, "counts": dict(counts)}
    connection.execute(update(runs).where(runs.c.id == run_id).values(change))
    connection.execute(delete(leases).where(leases.c.run_id == run_id))


def is_alive(run: Row[Any], now: datetime) -> bool:
    """Say whether a run that has not ended is still at work: its process is there, or another host heard of lately."""
    if abs(now - run.heartbeat_at) > SILENCE:  # in the future: by a clock that was ahead, and has not shown life since
        return False
    if run.host == socket.gethostname():
        try:
            os.kill(run.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:  # it is there, as somebody else's process
            return True
    return True


def _is_held(connection: Connection, source_name: str, run_id: int) -> bool:
    """Say whether a run holds a source; then nobody takes it before this transaction ends."""
    ours = (leases.c.source == source_name) & (leases.c.run_id == run_id)
    # Written, not read: so nobody takes it before the commit, nor goes on before the last commit of a killed run.
    return connection.execute(update(leases).where(ours).values(run_id=run_id)).rowcount == 1


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
