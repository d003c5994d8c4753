"""How a program shows that it goes on: a bar on a terminal, a line now and then elsewhere."""

import logging
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import NoReturn, TypeVar

from tqdm import tqdm
from tqdm.contrib.logging import logging_redirect_tqdm

from harvest.console.text import duration

log = logging.getLogger(__name__)

Clock = Callable[[], float]  # monotonic seconds
Watch = Callable[[Mapping[str, int]], None]
StepT = TypeVar("StepT")


class Interval:
    """Says when the next line is due.

    Args:
        seconds: Between two lines.
        clock: What they are measured by.
    """

    def __init__(self, seconds: float, clock: Clock = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._last = clock()

    def is_over(self) -> bool:
        """Return whether it is time, and begin anew if so."""
        if self._clock() - self._last < self._seconds:
            return False
        self._last = self._clock()
        return True


def has_bar() -> bool:
    """Return whether a bar is drawn: stderr is a terminal, and is not to be kept quiet."""
    return sys.stderr.isatty() and log.isEnabledFor(logging.INFO)


@contextmanager
def bar(name: str | None, unit: str, *, total: int | None = None, leave: bool = False) -> "Iterator[tqdm[NoReturn]]":
    """Yield a bar, with log lines above it; where none can be drawn, one that shows nothing.

    Args:
        name: What runs.
        unit: What is counted.
        total: How many there will be, where it is known.
        leave: Let it stand when all is done.
    """
    is_drawn = has_bar()
    redirected = logging_redirect_tqdm() if is_drawn else nullcontext()
    with redirected, tqdm(total=total, unit=unit, desc=name, leave=leave, disable=not is_drawn) as line:
        yield line


def track(steps: Iterable[StepT], total: int, *, unit: str) -> Iterator[StepT]:
    """Yield the steps, with a bar that counts them."""
    with bar(None, unit, total=total) as line:
        for step in steps:
            yield step
            line.update()


@contextmanager
def counter(
    name: str, unit: str, *, total: int, interval: float = 10.0, clock: Clock = time.monotonic
) -> Iterator[Callable[[int], None]]:
    """Yield a function that is told how many more are done: a bar, or a line each `interval` seconds.

    The time that is left is told by what comes behind the first answer, which may have been there already.
    """
    due = Interval(interval, clock)
    done, first, began = 0, 0, 0.0
    with bar(name, unit, total=total) as line:

        def count(number: int) -> None:
            nonlocal done, first, began
            done += number
            if not first:
                first, began = number, clock()
                line.initial = number
            line.update(number)
            if line.disable and due.is_over():
                left = (total - done) * (clock() - began) / (done - first) if done > first else 0
                told = f", about {duration(left)} left" if left > 0 else ""
                log.info("%s: %s of %s%s%s", name, f"{done:,}", f"{total:,}", unit, told)

        yield count


@contextmanager
def progress(name: str, *, total: int | None, interval: float = 30.0, clock: Clock = time.monotonic) -> Iterator[Watch]:
    """Yield a function that is told a harvest's counts: a bar, or a line each `interval` seconds.

    Args:
        name: What runs.
        total: Objects to come, where it is known.
        interval: Seconds between two lines.
        clock: What they are measured by.
    """
    due = Interval(interval, clock)
    with bar(name, " objects", total=total, leave=True) as line:

        def show(counts: Mapping[str, int]) -> None:
            if line.disable:
                if due.is_over():
                    log.info("%s: %s", name, describe(counts, "objects", "images", "requests", "gone", "failed"))
                return
            line.set_postfix_str(describe(counts, "images", "requests", "gone", "failed"), refresh=False)
            line.update(counts["objects"] - line.n)

        yield show


def describe(counts: Mapping[str, int], *names: str) -> str:
    """Return counts in words: "12 images, 3 gone"; the ones that are 0 are left out behind the first."""
    return ", ".join(f"{counts[name]} {name}" for place, name in enumerate(names) if counts[name] or not place)
