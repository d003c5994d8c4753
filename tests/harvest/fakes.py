"""Time that passes only when somebody waits, and a throttle that remembers whom it let through."""

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import pairwise

from harvest.errors import Cancelled
from harvest.http.throttle import Throttle

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
