"""How much of the permitted rate is used, and whether the pace is ever undercut."""

import multiprocessing
import socket
import time
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from threading import Event
from typing import Any
from unittest import mock

from bench.engine.harvesting import Harvest, sqlite_in
from bench.engine.measure import Row, Scale, folder
from bench.engine.museum import Host, gaps, museum

TITLE = "Achieved of the permitted rate, and the least gap between two requests"
NOTES = """
share: (requests - 1) x pace / seconds between the first and the last, by the museum's clock. control: the share that a
process gets beside it, at the same time, that does nothing but wait: what this machine allowed just then.
Gaps in ms: as the throttle let requests through, as they were sent, as the museum's threads came to read them. The
first is never under the pace; the others are where the system held the earlier request up (early: share of sent gaps
more than 1 ms under the pace; most in 1 s: requests sent within any second). CPU: ms per request."""
PACES = ((1.0, 20), (0.1, 200), (0.0125, 1600))  # seconds between two requests, how many of them
QUICK = ((0.05, 20), (0.0125, 60))


def rounds(scale: Scale) -> Iterator[list[Row]]:
    """Harvest once at each pace a round."""
    paces = QUICK if scale.quick else PACES
    with museum(max(count for _, count in paces)) as host:
        while True:
            yield [_row(host, pace, count) for pace, count in paces]


def _row(host: Host, pace: float, count: int) -> Row:
    harvest = Harvest(host.url, pace, objects=count - 2)  # without robots.txt and a list
    with folder() as data, _sending() as sent, _control(pace, count) as control:
        catalogue, begun = sqlite_in(data), time.process_time()
        harvest.run(data, catalogue)
        spent = time.process_time() - begun
        catalogue.dispose()
    visits = host.visits()
    seen, early = gaps([visit.at for visit in visits]), [gap < pace - 0.001 for gap in gaps(sent)]
    return {
        "permitted": f"{1 / pace:g}/s",
        "requests": len(visits),
        "share %": 100 * len(seen) * pace / sum(seen),
        "control %": control.recv(),
        "pace": 1000 * pace,
        "least gap: throttle": 1000 * min(gaps(harvest.passed)),
        "sent": 1000 * min(gaps(sent)),
        "museum": 1000 * min(seen),
        "early %": 100 * sum(early) / len(early),
        "most in 1 s": _most_within(1.0, sent),
        "CPU": 1000 * spent / len(visits),
    }


@contextmanager
def _control(pace: float, count: int) -> Iterator[Connection]:
    """Have a process wait at a pace, and nothing else; it tells its share at the end."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_only_wait, args=(theirs, pace, count), daemon=True)
    process.start()
    ours.recv()  # it is ready
    yield ours
    process.join()


def _only_wait(line: Connection, pace: float, count: int) -> None:
    line.send(None)
    pause, begun = Event(), time.monotonic()
    due = begun + pace
    for _ in range(count):
        pause.wait(max(0.0, due - time.monotonic()))
        due = time.monotonic() + pace
    line.send(100 * count * pace / (time.monotonic() - begun))


@contextmanager
def _sending() -> Iterator[list[float]]:
    """Yield a list that fills with the times at which requests are sent."""
    times, send = [], socket.socket.sendall

    def timed(self: socket.socket, data: Any, *flags: int) -> None:
        if bytes(data[:4]) == b"GET ":
            times.append(time.monotonic())
        send(self, data, *flags)

    with mock.patch.object(socket.socket, "sendall", timed):
        yield times


def _most_within(span: float, times: list[float]) -> int:
    moments = sorted(times)
    return max(bisect_right(moments, begin + span) - first for first, begin in enumerate(moments))
