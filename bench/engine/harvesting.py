"""One harvest of the bench's museum, put together as the command `harvest` does it.

Run: python -m bench.engine.harvesting MUSEUM_URL FOLDER, as the process that stands beside Scrapy's
"""

import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy

from bench.engine import example
from harvest.catalogue.database import open_catalogue
from harvest.engine.harvester import Harvester, Outcome
from harvest.engine.scheduler import Limits
from harvest.http import transport
from harvest.http.fetcher import Fetcher
from harvest.http.throttle import StopSignal, Throttle
from harvest.http.url import Mirror
from harvest.queue.runs import Run
from harvest.source import Selection


@dataclass(slots=True)
class WatchedThrottle(Throttle):
    """The harvest's own throttle, which also tells when it let requests through."""

    passed: list[float] = field(default_factory=list)

    @contextmanager
    def slot(self, host: str) -> Iterator[float]:
        """Wait for the host's turn."""
        # `super()` without arguments looks for the class as it was before `slots` made another of it.
        with super(WatchedThrottle, self).slot(host) as at:
            self.passed.append(at)
            yield at


@dataclass(frozen=True, slots=True)
class Harvest:
    """What is wanted of the museum."""

    url: str  # of the museum
    pace: float = 0.0  # seconds between two requests to a host
    objects: int | None = None
    images: bool = False
    blank: bool = False  # pages that tell of no object
    passed: list[float] = field(default_factory=list)  # when requests were let through

    def run(self, data: Path, catalogue: sqlalchemy.Engine) -> Outcome:
        """Harvest."""
        stop_signal = StopSignal()
        throttle = WatchedThrottle({}, self.pace, time.monotonic, stop_signal.wait, passed=self.passed)
        with transport.open_session("raisonne-bench", is_public=False) as session:
            fetcher = Fetcher(session, throttle, mirror=Mirror.at(self.url))
            now = lambda: datetime.now(UTC)  # noqa: E731
            with Run("example", catalogue, data, now=now) as run:
                harvester = Harvester(
                    example,
                    run,
                    fetcher,
                    clock=time.monotonic,
                    stop_signal=stop_signal,
                    selection=Selection({"blank": self.blank}),
                    limits=Limits(self.objects, images=self.images),
                )
                return harvester.harvest()


def sqlite_in(folder: Path) -> sqlalchemy.Engine:
    """Open a catalogue in a folder."""
    return open_catalogue(f"sqlite:///{folder / 'catalogue.sqlite'}", create=True)


def main(arguments: Sequence[str]) -> None:
    """Harvest all with images, and print what the start alone took."""
    url, folder = arguments
    catalogue = sqlite_in(Path(folder))
    start = time.process_time()
    outcome = Harvest(url, images=True).run(Path(folder), catalogue)
    print(json.dumps({"start": start, "reason": outcome.finish_reason}))


if __name__ == "__main__":
    main(sys.argv[1:])
