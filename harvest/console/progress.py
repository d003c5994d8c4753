"""How a run shows that it goes on: a bar on a terminal, a line now and then elsewhere."""

import logging
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from tqdm import tqdm
from tqdm.contrib.logging import logging_redirect_tqdm

from harvest.console.program import Settings

INTERVAL = 30.0  # seconds between two lines
log = logging.getLogger(__name__)

Watch = Callable[[Mapping[str, int]], None]


@contextmanager
def progress(name: str, *, bar: bool, total: int | None, clock: Callable[[], float]) -> Iterator[Watch]:
    """Yield a function that shows a run's counts.

    Args:
        name: What runs.
        bar: Draw a bar; else log a line every INTERVAL.
        total: Objects to come, where it is known.
        clock: Monotonic seconds.
    """
    if not bar:
        yield _lines(name, clock)
        return
    with logging_redirect_tqdm(), tqdm(total=total, unit=" objects", desc=name) as line:

        def draw(counts: Mapping[str, int]) -> None:
            line.set_postfix_str(describe(counts, "images", "requests", "gone", "failed"), refresh=False)
            line.update(counts["objects"] - line.n)

        yield draw


def describe(counts: Mapping[str, int], *names: str) -> str:
    """Write counts in words: "12 images, 3 gone"; the ones that are 0 are left out behind the first."""
    return ", ".join(f"{counts[name]} {name}" for place, name in enumerate(names) if counts[name] or not place)


def _lines(name: str, clock: Callable[[], float]) -> Watch:
    last = clock()

    def tell(counts: Mapping[str, int]) -> None:
        nonlocal last
        if clock() - last >= INTERVAL:
            last = clock()
            log.info("%s: %s", name, describe(counts, "objects", "images", "requests", "gone", "failed"))

    return tell


@contextmanager
def bar(settings: Settings, name: str) -> Iterator[Callable[[int], object]]:
    """Show on a terminal how much was done."""
    hidden = settings.quiet or not sys.stderr.isatty()
    with logging_redirect_tqdm(), tqdm(desc=name, unit=" checked", disable=hidden) as line:
        yield line.update
