"""Time that passes only when somebody waits, and a throttle that remembers whom it let through."""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from harvest.engine.harvester import Harvester, Outcome
from harvest.engine.scheduler import Limits
from harvest.errors import Cancelled
from harvest.http.fetcher import Fetcher
from harvest.http.throttle import Throttle
from harvest.queue.runs import Run
from harvest.source import Selection, Source, name_of

START = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Clock:
    """Time that passes only when somebody waits. Safe to use from several threads; can be ended as a Pause can."""

    def __init__(self) -> None:
        self.seconds = START.timestamp()
        self._lock = threading.Lock()
        self._ended = threading.Event()

    def now(self) -> float:
        with self._lock:
            return self.seconds

    def today(self) -> datetime:
        return datetime.fromtimestamp(self.now(), UTC)

    def wait(self, seconds: float) -> None:
        if self._ended.is_set():
            raise Cancelled("the run ends")
        with self._lock:
            self.seconds += seconds

    def set(self) -> None:
        self._ended.set()

    @property
    def passed(self) -> float:
        return self.now() - START.timestamp()


class WatchedThrottle(Throttle):
    """A throttle that notes when it let each request through."""

    def __init__(self, *about: object) -> None:
        super().__init__(*about)  # type: ignore[arg-type]
        self.let: defaultdict[str, list[float]] = defaultdict(list)

    @contextmanager
    def slot(self, host: str) -> Iterator[float]:
        with super().slot(host) as asked_at:
            self.let[host].append(asked_at)
            yield asked_at

    def least_gap(self, host: str) -> float:
        times = sorted(self.let[host])
        return min((later - earlier for earlier, later in pairwise(times)), default=float("inf"))


def run_harvest(
    source: Source,
    catalogue: Engine,
    fetcher: Fetcher,
    data: Path,
    clock: Clock,
    *,
    now: Callable[[], datetime] | None = None,
    selection: Selection | None = None,
    limits: Limits | None = None,
    options: Mapping[str, Any] | None = None,
) -> Outcome:
    """Harvest in a run of its own, by a clock that passes only when somebody waits."""
    with Run(name_of(source), catalogue, data, now=now or clock.today, options=options) as run:
        return Harvester(
            source,
            run,
            fetcher,
            clock=clock.now,
            stop_signal=clock,  # type: ignore[arg-type]
            selection=selection or Selection(),
            limits=limits or Limits(),
        ).harvest()
