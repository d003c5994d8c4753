"""When a host may be asked: its pace, how many connections it takes, and patience with one that asks for it.

Two clocks run for each host: the *pace* between two requests, for which its visitors wait, and the *rest* that it needs
after it refused us, for which nobody waits who could ask another host.
"""

import math
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random

from harvest.errors import Cancelled, Resting, Stopped

DEFAULT_PACE = 1.0  # seconds between two requests to a host that the source names no pace for
FIRST_REST = 2.0  # seconds after the first refusal; doubled with each further one in a row
MAX_REST = 300.0  # seconds
PATIENCE = 3600.0  # seconds a host may keep us waiting before we leave it alone for the rest of the run
MAX_CONNECTIONS = 8  # to one host
BURST = 3  # connections hung up on in a row, from which on the pace itself is slowed down
TRIES = 3  # connections in a row that fail to a host that has never answered, until it counts as unreachable
_POLL = 0.2  # seconds between two looks at whether the run ends, while all connections are in use


class StopSignal:
    """Waiting that can be ended. Safe to use from several threads."""

    def __init__(self) -> None:
        self._ended = threading.Event()

    def wait(self, seconds: float) -> None:
        """Wait.

        Raises:
            Cancelled: It was ended meanwhile, or before.
        """
        if self._ended.wait(seconds):
            raise Cancelled("the run ends")

    def set(self) -> None:
        """Let nobody wait any longer."""
        self._ended.set()


@dataclass(slots=True)
class _Host:
    pace: float  # seconds between two requests
    connections: int = 0  # in use
    turn: threading.Lock = field(default_factory=threading.Lock)  # held by the one that waits for the pace
    last: float = float("-inf")  # when a request was let through
    rests_until: float = 0.0
    refusals: int = 0  # in a row; the answers of one moment are one event
    refused_at: float = float("-inf")  # the last event
    refused_since: float | None = None  # the first event of the row
    has_answered: bool = False  # whatever it said


@dataclass(slots=True)
class Throttle:
    """Lets requests through, each host at its own pace. Safe to use from several threads."""

    pace: Mapping[str, float]  # seconds between two requests, by host
    default: float  # for a host that is not named
    clock: Callable[[], float]  # monotonic seconds
    wait: Callable[[float], None]  # waits so many seconds; raises Cancelled when the run ends meanwhile
    rng: Random = field(default_factory=Random)  # of the jitter
    _hosts: dict[str, _Host] = field(default_factory=dict)
    _lock: threading.Condition = field(default_factory=threading.Condition)  # notified when a connection comes free

    @contextmanager
    def slot(self, host: str) -> Iterator[float]:
        """Wait until the host may be asked, hold one of its connections, and yield the time at which that began.

        Raises:
            Resting: It rests.
            Cancelled: The run ends.
        """
        state = self._host(host)
        self._connect(state)
        try:
            yield self._wait(host, state)
        finally:
            with self._lock:
                state.connections -= 1
                self._lock.notify_all()

    def slow_down(self, host: str, pace: float) -> None:
        """Widen the gap between requests to a host, as its robots.txt may ask; never narrows it."""
        state = self._host(host)
        with self._lock:
            state.pace = max(state.pace, pace)

    def resting(self) -> dict[str, float]:
        """Return the hosts that rest, and for how many seconds; those that are closed for ever."""
        with self._lock:
            now = self.clock()
            return {host: state.rests_until - now for host, state in self._hosts.items() if state.rests_until > now}

    def rest(self, host: str) -> None:
        """Wait until a host has rested, for who has nobody else to ask.

        Raises:
            Cancelled: The run ends.
        """
        while (seconds := self.resting().get(host, 0.0)) > 0:
            self.wait(seconds)

    def close(self, host: str) -> None:
        """Let nobody ask a host any more."""
        state = self._host(host)
        with self._lock:
            state.rests_until = math.inf

    def answered(self, host: str) -> None:
        """Note that a host sent something, whatever it was: it is there."""
        self._host(host).has_answered = True

    @property
    def is_online(self) -> bool:
        """Whether any host has answered: then there is a network."""
        with self._lock:
            return any(state.has_answered for state in self._hosts.values())

    def is_unreachable(self, host: str) -> bool:
        """Return whether a host has never answered, however often it was tried: it may not exist."""
        return not self._host(host).has_answered and self.streak(host) >= TRIES

    def streak(self, host: str) -> int:
        """Return the number of a host's refusals since its last good answer; those of one moment are one."""
        return self._host(host).refusals

    def succeeded(self, host: str, asked_at: float) -> None:
        """Note a good answer. One that was asked for before the last refusal says nothing of the time since."""
        state = self._host(host)
        with self._lock:
            if asked_at > state.refused_at:
                state.refusals, state.refused_since = 0, None

    def rejected(self, host: str, asked_at: float, wanted: float | None = None) -> float:
        """Note that a host refused us, and let it rest.

        Args:
            host: Who refused.
            asked_at: When the request was let through: the answers of one moment are one event.
            wanted: Seconds that the host itself named (Retry-After), if it did.

        Returns:
            The seconds that it will rest.

        Raises:
            Stopped: It would keep us waiting for longer than PATIENCE.
        """
        state = self._host(host)
        with self._lock:
            now = self.clock()
            if asked_at > state.refused_at:
                state.refusals += 1
                state.refused_at = now
                state.refused_since = now if state.refused_since is None else state.refused_since
                backoff = min(MAX_REST, FIRST_REST * 2.0 ** (state.refusals - 1)) * self.rng.uniform(1.0, 1.25)
                state.rests_until = max(state.rests_until, now + backoff)
            state.rests_until = max(state.rests_until, now + (wanted or 0.0))
            waiting = state.rests_until - (state.refused_since if state.refused_since is not None else now)
            rest = state.rests_until - now
        if waiting > PATIENCE:
            span = f"{rest / 60:.0f} minutes" if rest < 7200 else f"{rest / 3600:.1f} hours"
            raise Stopped(f"{host} asks for patience: go on in {span}, with the same command", host=host)
        return rest

    def disconnected(self, host: str, asked_at: float) -> float:
        """Note that a host hung up on us; a burst of that means that we ask too fast."""
        rest = self.rejected(host, asked_at)
        state = self._host(host)
        with self._lock:
            if state.refusals >= BURST:
                state.pace = min(2 * max(state.pace, 0.05), 60.0)
        return rest

    def _host(self, host: str) -> _Host:
        with self._lock:
            if host not in self._hosts:
                self._hosts[host] = _Host(self.pace.get(host, self.default))
            return self._hosts[host]

    def _connect(self, state: _Host) -> None:
        """Wait for one of the connections that the host's pace is worth; fewer, once it was slowed down."""
        while True:
            self.wait(0.0)  # nobody asks any more once the run ends
            with self._lock:
                if self._lock.wait_for(lambda: state.connections < connections(state.pace), _POLL):
                    state.connections += 1
                    return

    def _wait(self, host: str, state: _Host) -> float:
        """Wait for the pace; return the time."""
        with state.turn:  # one looks at the clock; were it all, each request would wake them all
            while True:
                with self._lock:
                    now = self.clock()
                    if state.rests_until > now:
                        raise Resting(f"{host} rests", host=host)
                    due = state.last + state.pace
                    if due <= now:
                        state.last = now
                        return now
                self.wait(due - now)  # and look again: the host may have refused another request meanwhile


def connections(pace: float) -> int:
    """Return how many connections a pace is worth: as many as requests a second, at least one."""
    return max(1, int(min(MAX_CONNECTIONS, 1 / pace))) if pace > 0 else MAX_CONNECTIONS
