"""How fast a run goes and how long it will take: measured on its own first steps, and said as soon as they are done."""

import time
from collections.abc import Callable

from harvest.console.text import duration


class Pace:
    """Measures steps; what comes before the first one is done, compiling above all, does not count.

    Args:
        clock: Monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.first: tuple[float, int] | None = None
        self.last = (0.0, 0)

    def reach(self, step: int) -> None:
        """Take note that so many steps are done."""
        self.last = (self.clock(), step)
        self.first = self.first or self.last

    @property
    def seconds(self) -> float:
        """Return how long it has been measured."""
        return self.last[0] - self.first[0] if self.first else 0.0

    @property
    def rate(self) -> float:
        """Return steps a second, 0 where nothing is measured yet."""
        return (self.last[1] - self.first[1]) / self.seconds if self.first and self.seconds else 0.0

    def left(self, steps: int) -> str:
        """Say how long it takes until so many steps are done."""
        return duration((steps - self.last[1]) / self.rate)
