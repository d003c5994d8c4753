"""How many of WikiArt's pages a second of CPU reads: `python -m bench.parse [--pages 60] [--rounds 5]`.

The pages are the test museum's, at the real size (138 kB, 2,400 elements), in both layouts. Beside our parser: a tree
of the whole page by BeautifulSoup and by lxml alone, of which nothing is read yet.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence

import lxml.html
from bs4 import BeautifulSoup

from harvest.records import ObjectRecord
from harvest.request import Request
from harvest.response import Response
from harvest.sources import wikiart
from tests.museum.collection import generated
from tests.museum.wikiart_around import as_large_as_real
from tests.museum.wikiart_page import painting_page

ARTISTS = 4
GOAL = 40  # pages per second of CPU
OURS, TREE, BARE = "parse_painting", "BeautifulSoup, whole tree", "lxml.html, whole tree"
WAYS: dict[str, Callable[[Response], object]] = {
    OURS: lambda response: _record(response).title,
    TREE: lambda response: BeautifulSoup(response.body, "lxml"),
    BARE: lambda response: lxml.html.fromstring(response.body),
}


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.parse", description=__doc__)
    parser.add_argument("--pages", type=int, default=60, help="each round (60)")
    parser.add_argument("--rounds", type=int, default=5, help="of each way, interleaved (5)")
    options = parser.parse_args(arguments)
    pages = list(_pages(options.pages))
    size = statistics.mean(len(page.body) for page in pages)
    print(f"{len(pages)} pages of {size:,.0f} bytes, medians of {options.rounds} rounds; the goal is {GOAL} for ours\n")
    rates = _rates(pages, options.rounds)
    for name, rate in rates.items():
        print(f"{name:26}{rate:8.1f} pages per CPU second{rate / rates[TREE]:8.2f} x {TREE}")


def _pages(number: int) -> Iterator[Response]:
    works = generated(ARTISTS, -(-number // ARTISTS)).works[:number]
    for work in works:
        key = "/".join(work.key)
        url = f"{wikiart.SITE}/en/{key}"
        body = painting_page(work, around=as_large_as_real(*work.key)).encode()
        response = Response(Request("painting", url, key, work.artist.slug), url, 200, {}, body)
        if _record(response).title != work.title:
            raise RuntimeError(f"{url}: expected {work.title!r}, got {_record(response).title!r}")
        yield response


def _record(response: Response) -> ObjectRecord:
    return next(found for found in wikiart.parse_painting(response) if isinstance(found, ObjectRecord))


def _rates(pages: Sequence[Response], rounds: int) -> dict[str, float]:
    """Return each way's pages per second of CPU: the median of rounds in which all ways take turns."""
    seconds: dict[str, list[float]] = {name: [] for name in WAYS}
    for _ in range(rounds):
        for name, read in WAYS.items():
            begin = time.process_time()
            for page in pages:
                read(page)
            seconds[name].append(time.process_time() - begin)
    return {name: len(pages) / statistics.median(spent) for name, spent in seconds.items()}


if __name__ == "__main__":
    main(sys.argv[1:])
