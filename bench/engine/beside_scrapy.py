"""The same museum harvested by us and crawled by Scrapy, each in a process of its own; also killed in the middle."""

import gzip
import json
import os
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy
from sqlalchemy import text

from bench.engine.example import IMAGE_HOST
from bench.engine.harvesting import sqlite_in
from bench.engine.measure import Row, Scale, folder
from bench.engine.museum import Host, Visit, museum

TITLE = "Beside Scrapy: the same lists, pages and images, 8 connections to a host, no delay"
NOTES = """
CPU, wall: of the whole process, start included; ms/request: CPU without the start. "+ cache": with HTTPCACHE (RFC
2616), which keeps every page as our archive does. killed: `kill -9` in the middle, then the same command again.
objects, images, pages: what is found at the end, each counted once; twice, broken: lines of the feed, or rows, that are
there again or cannot be read. asked again: requests for what had been sent before. Ours, alone of them, decodes each
image, syncs each answer to the disk before it counts as had, and writes artists and terms into tables."""
PAUSE = 0.02  # seconds between two looks at how far a crawl is


@dataclass(frozen=True, slots=True)
class Left:
    """What a crawl left behind."""

    objects: Sequence[str]  # as often as they are there
    images: int
    pages: int
    broken: int = 0


@dataclass(frozen=True, slots=True)
class Crawler:
    """A program that crawls the museum into a folder."""

    name: str
    module: str
    left: Callable[[Path], Left]
    options: tuple[str, ...] = ()

    def start(self, host: Host, data: Path) -> subprocess.Popen[str]:
        """Start it, or let it go on."""
        command = [sys.executable, "-m", self.module, host.url, str(data), *self.options]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def rounds(scale: Scale) -> Iterator[list[Row]]:
    """Let each crawl once to the end, and once with a kill in the middle."""
    with museum(scale.objects) as host:
        while True:
            whole = [_whole(host, crawler) for crawler in CRAWLERS]
            first = whole[0]
            for row in whole:
                row |= {"CPU/ours": float(row["CPU s"]) / float(first["CPU s"])}
                row |= {"wall/ours": float(row["wall s"]) / float(first["wall s"])}
            yield [_blank_filled(row) for row in (*whole, *(_killed(host, each) for each in CRAWLERS))]


def _whole(host: Host, crawler: Crawler) -> Row:
    with folder() as data:
        begun = time.monotonic()
        process = crawler.start(host, data)
        said, used = _end(process)
        wall = time.monotonic() - begun
        left = crawler.left(data)
    visits, cpu = host.visits(), used.ru_utime + used.ru_stime
    each = 1000 * (cpu - said["start"]) / len(visits)
    measured: Row = {"CPU s": cpu, "ms/request": each, "wall s": wall}
    row: Row = {"": crawler.name, "requests": len(visits)}
    return row | measured | _told(left, visits)


def _killed(host: Host, crawler: Crawler) -> Row:
    with folder() as data:
        process = crawler.start(host, data)
        while host.count() < host.size // 2 and process.poll() is None:
            time.sleep(PAUSE)
        process.kill()
        process.communicate()
        crawler.start(host, data).communicate()
        left = crawler.left(data)
    visits = host.visits()
    row: Row = {"": f"{crawler.name}, killed", "requests": len(visits)}
    return row | _told(left, visits)


def _told(left: Left, visits: Sequence[Visit]) -> Row:
    sent = Counter(visit.url for visit in visits if visit.bytes)
    return {
        "objects": len(set(left.objects)),
        "images": left.images,
        "pages": left.pages,
        "twice": len(left.objects) - len(set(left.objects)),
        "broken": left.broken,
        "asked again": sent.total() - len(sent),
    }


def _blank_filled(row: Row) -> Row:
    """Return all columns, in one order."""
    empty: Row = dict.fromkeys(("", "requests", "CPU s", "CPU/ours", "ms/request", "wall s", "wall/ours"), "")
    return empty | row


def _end(process: subprocess.Popen[str]) -> tuple[dict[str, float], resource.struct_rusage]:
    said = process.stdout.read() if process.stdout else ""
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{process.args!r} ended with {process.returncode}: {said}")
    return json.loads(said.splitlines()[-1]), used


def _left_by_ours(data: Path) -> Left:
    catalogue = sqlite_in(data)
    with catalogue.connect() as connection:
        objects = [row.source_id for row in connection.execute(text("SELECT source_id FROM objects"))]
        stored = _count(connection, "images WHERE state = 'stored'")
        pages = _count(connection, "answers WHERE file LIKE 'archive/%'")
    catalogue.dispose()
    return Left(objects, stored, pages)


def _count(connection: sqlalchemy.Connection, what: str) -> int:
    return int(connection.execute(text(f"SELECT COUNT(*) FROM {what}")).scalar_one())


def _left_by_scrapy(data: Path) -> Left:
    objects, broken = [], 0
    feed = data / "objects.jsonl"
    for line in feed.read_text().splitlines() if feed.exists() else ():
        try:
            objects.append(json.loads(line)["id"])
        except ValueError:
            broken += 1
    images = sum(path.stat().st_size > 0 for path in (data / "files").rglob("*.jpg"))
    kept = (gzip.decompress(path.read_bytes()) for path in (data / "cache").rglob("meta"))
    pages = sum(IMAGE_HOST.encode() not in meta for meta in kept)
    return Left(objects, images, pages, broken)


CRAWLERS = (
    Crawler("ours", "bench.engine.harvesting", _left_by_ours),
    Crawler("Scrapy", "bench.engine.crawl_scrapy", _left_by_scrapy),
    Crawler("Scrapy + cache", "bench.engine.crawl_scrapy", _left_by_scrapy, ("--cache",)),
)
