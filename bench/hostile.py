"""Harvests a museum that does everything wrong at once, on each engine, and measures time and memory.

Run: python -m bench.hostile [--engine sqlite|mariadb|both]

In it are an image at a host that does not exist, answers that never end (each way that we know), a list that begins
again for ever, a page and a robots.txt that are too large to be read, and eight images of 250 million pixels in 970 kB.
The run must end by itself, record each of these once, and bring all the rest; and both engines must say the same.
"""

import argparse
import contextlib
import json
import multiprocessing
import re
import struct
import tempfile
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

from harvest.http.transport import ExchangeLimits
from harvest.sources.wikiart import LETTERS
from tests.harvest.visits import SAID, visit
from tests.mariadb import private_mariadb
from tests.museum.answer import HTML
from tests.museum.misbehaviour import ENDLESS, Misbehaviour, dropped
from tests.museum.server import Museum
from tests.museum.sketches import sketched
from tests.museum.works import Collection, Work

WORKS = 60
LARGE = 8  # images
SIDE = 15_800  # pixels
NOWHERE = "nowhere.example.org"
WWW = "www.wikiart.org"
LIMITS = ExchangeLimits(connect_seconds=2.0, read_seconds=1.0, body_seconds=3.0, body_bytes=64 * 1024**2)
ITEMS = 200_000  # of a page that takes long to read
ROBOTS = b"Disallow: /nothing/*/there\n" * 800_000  # 21 MB


@dataclass(frozen=True, slots=True)
class Account:
    """What a harvest of the hostile museum came to."""

    finish_reason: str
    failures: tuple[tuple[str, str, int], ...]  # kind, error, how many
    said: tuple[tuple[object, ...], ...]  # every object and image
    seconds: float
    peak: float  # MB of memory at most


def png(side: int) -> bytes:
    """Return a transparent PNG of so many pixels a side, one part at a time."""
    packer, row = zlib.compressobj(9), bytes(1 + 4 * side)
    data = b"".join([*(packer.compress(row) for _ in range(side)), packer.flush()])
    header = struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", data), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )


def hostilities(
    museum: Museum, works: Collection, large: bytes
) -> Iterator[tuple[Misbehaviour, tuple[str, str] | None]]:
    """Yield faults, and of each the kind of request and the class of error that it ends with; None: with none."""
    unused = (work for work in works.works if work.picture is not None)
    abroad = next(unused)
    body = re.sub(rb"uploads\d\.wikiart\.org", NOWHERE.encode(), museum.answer(WWW, _path(abroad), {}).body)
    yield Misbehaviour(_page(abroad), times=None, body=body, headers={"Content-Type": HTML}), None
    yield dropped(NOWHERE, times=None), ("image", "HungUp")
    for fault in ENDLESS.values():
        yield replace(fault, where=_page(next(unused))), ("painting", "")
        yield replace(fault, where=_image(next(unused))), ("image", "")
    slow = b"<ul>" + b"<li><s>" * ITEMS
    yield Misbehaviour(_page(next(unused)), times=None, body=slow), ("painting", "Unparsed")
    query = {"json": "3", "layout": "new", "page": "1"}
    pages = ((f"/en/alphabet/{letter}/", museum.answer(WWW, f"/en/alphabet/{letter}/", query)) for letter in LETTERS)
    letter, shown = next((path, said) for path, page in pages if (said := json.loads(page.body))["Artists"])
    body = json.dumps(shown | {"CanLoadMoreArtists": True}).encode()
    yield Misbehaviour(letter, times=None, body=body, headers={"Content-Type": "text/json"}), ("letter", "Unparsed")
    yield Misbehaviour("uploads1.*robots.txt", times=None, status=200, body=ROBOTS), None
    for _ in range(LARGE):
        headers = {"Content-Type": "image/png"}
        yield Misbehaviour(_image(next(unused)), times=None, body=large, headers=headers), None


def _path(work: Work) -> str:
    return f"/en/{'/'.join(work.key)}"


def _page(work: Work) -> str:
    return f"{re.escape(quote(_path(work)))}$"


def _image(work: Work) -> str:
    return "/images/.*/" + re.escape(quote(work.image_file, safe="()"))


def _harvest(url: str, data: str, catalogue: str) -> Account:
    """Harvest a museum that is open, and judge itself: memory is this process's."""
    begun = time.monotonic()
    visited = visit(url, Path(data), limits=LIMITS, catalogue_url=catalogue)
    counted = visited.ask(
        "SELECT kind, error, COUNT(*) FROM tasks WHERE state <> 'done' GROUP BY kind, error ORDER BY 1, 2"
    )
    status = Path("/proc/self/status").read_text()  # getrusage would count what the parent had when it forked
    peak = int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024  # type: ignore[index]  # Linux always says it
    failures = tuple((str(kind), str(error), int(number)) for kind, error, number in counted)
    said = tuple(visited.ask(SAID))
    visited.catalogue.dispose()
    return Account(str(visited.outcome.finish_reason), failures, said, time.monotonic() - begun, peak)


def harvest_on(catalogue: str, folder: Path, *, large: bytes) -> Account:
    """Open the museum, and harvest it in a process of its own.

    Raises:
        AssertionError: A fault is not recorded, or something else is.
    """
    folder.mkdir(exist_ok=True)
    works = sketched(WORKS)
    with Museum(works) as museum, multiprocessing.get_context("spawn").Pool(1) as pool:
        planned = list(hostilities(museum, works, large))
        museum.misbehave(*(fault for fault, _ in planned))
        account = pool.apply(_harvest, (museum.url, str(folder), catalogue))
    expected = sorted(kind for _, failure in planned if failure for kind in failure[:1])
    recorded = sorted(kind for kind, _, number in account.failures for _ in range(number))
    if (account.finish_reason, recorded) != ("complete", expected):
        raise AssertionError(
            f"expected a complete run with failures of {expected}, got {account.finish_reason} with {account.failures}"
        )
    return account


def main() -> None:
    """Harvest and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--engine", choices=("sqlite", "mariadb", "both"), default="both")
    options = parser.parse_args()
    large = png(SIDE)
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        engines = {"sqlite": f"sqlite:///{folder}/c.sqlite"} if options.engine != "mariadb" else {}
        if options.engine != "sqlite":
            engines["mariadb"] = stack.enter_context(private_mariadb())()
        accounts = {name: harvest_on(url, Path(folder, name), large=large) for name, url in engines.items()}
        for name, account in accounts.items():
            failed = sum(number for *_, number in account.failures)
            print(
                f"{name}: {account.finish_reason} in {account.seconds:.0f} s; {failed} failures, as planted; ", end=""
            )
            print(f"{LARGE} images of {SIDE} x {SIDE} in {len(large) / 1000:.0f} kB each; peak {account.peak:.0f} MB")
        if len({account.said for account in accounts.values()}) > 1:
            raise AssertionError("the engines do not say the same")


if __name__ == "__main__":
    main()
