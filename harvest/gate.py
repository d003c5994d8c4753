"""When a host may be asked: a pace for each host, and patience with one that asks for it."""

import random
from collections.abc import Callable, Mapping

from harvest.errors import Stopped

FIRST_DELAY = 2.0  # seconds after the first refusal; doubled with each further one in a row
LONGEST_DELAY = 300.0  # seconds
PATIENCE = 3600.0  # seconds a host may keep us waiting before the run ends


class Gate:
    """Lets requests through, each host at its own pace.

    Args:
        pace: Seconds between two requests, by host.
        default: The pace of a host that is not named.
        clock: Monotonic seconds.
        sleep: Waits for so many seconds.
        seed: Of the jitter.
    """

    def __init__(
        self,
        pace: Mapping[str, float],
        *,
        default: float,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        seed: int = 0,
    ) -> None:
        self._pace = dict(pace)
        self._default = default
        self._clock = clock
        self._sleep = sleep
        self._random = random.Random(seed)  # noqa: S311 - jitter, no secret
        self._next: dict[str, float] = {}  # earliest time of the next request, by host
        self._refusals: dict[str, int] = {}  # in a row, by host
        self._waited: dict[str, float] = {}  # seconds since the last good answer, by host

    def slow_down(self, host: str, pace: float) -> None:
        """Widen the gap between requests to a host, as its robots.txt may ask; never narrows it."""
        self._pace[host] = max(self._pace.get(host, self._default), pace)

    def wait(self, host: str) -> None:
        """Wait for the host's turn."""
        delay = self._next.get(host, 0.0) - self._clock()
        if delay > 0:
            self._sleep(delay)
        self._next[host] = self._clock() + self._pace.get(host, self._default)

    def welcome(self, host: str) -> None:
        """Note a good answer: the host is patient with us again."""
        self._refusals.pop(host, None)
        self._waited.pop(host, None)

    def postpone(self, host: str, asked: float | None) -> float:
        """Note that the host asked for patience, and let it rest.

        Args:
            host: Who asked.
            asked: Seconds that the host itself named (Retry-After), if it did.

        Returns:
            The seconds that it will rest.

        Raises:
            Stopped: It has kept us waiting for longer than PATIENCE.
        """
        refusals = self._refusals.get(host, 0)
        self._refusals[host] = refusals + 1
        backoff = min(LONGEST_DELAY, FIRST_DELAY * 2**refusals) * self._random.uniform(1.0, 1.25)
        delay = max(asked or 0.0, backoff)
        waited = self._waited.get(host, 0.0) + delay
        if waited > PATIENCE:
            raise Stopped(f"{host} asks for patience: it would keep us waiting {waited / 60:.0f} minutes; go on later")
        self._waited[host] = waited
        self._next[host] = max(self._next.get(host, 0.0), self._clock() + delay)
        return delay
