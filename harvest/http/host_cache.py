"""What is read once of each host, and kept for a day: its robots.txt, say."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

MAX_AGE = 24 * 3600.0  # seconds (RFC 9309, 2.4)
RulesT = TypeVar("RulesT")


class HostCache(Generic[RulesT]):
    """The rules of every host that is asked. Safe to use from several threads.

    Args:
        read: Asks a host for them.
        clock: Monotonic seconds.
        max_age: In seconds, after which they are read anew.
    """

    def __init__(self, read: Callable[[str], RulesT], clock: Callable[[], float], max_age: float = MAX_AGE) -> None:
        self._read = read
        self._clock = clock
        self._max_age = max_age
        self._rules: dict[str, tuple[RulesT, float]] = {}  # and when they were read
        self._locks: dict[str, threading.Lock] = {}

    def get(self, host: str) -> RulesT:
        """Return a host's rules; one thread reads them while others that ask for the same host wait."""
        with self._locks.setdefault(host, threading.Lock()):
            known = self._rules.get(host)
            if known is None or self._clock() - known[1] > self._max_age:
                known = self._rules[host] = (self._read(host), self._clock())
            return known[0]
