"""The museum that the harvests are measured on: real HTTP on loopback, in a process of its own, with a log."""

import json
import multiprocessing
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from itertools import pairwise
from multiprocessing.connection import Connection
from random import Random

from PIL import Image

from bench.engine.example import FACTS, HOST, IMAGE_HOST
from tests.museum.answer import HTML, JPEG, JSON, Answer
from tests.museum.collection import Collection
from tests.museum.server import Museum

PER_LIST = 100
PAGE = 6_000  # bytes of a page, about
SIDES = (160, 120)  # of an image, in pixels; noise, so that its file has some 12 kB
CHANGED = datetime(2026, 1, 1, tzinfo=UTC)
WORDS = ("oil", "canvas", "signed", "lower", "left", "lost", "drawing", "bought", "heirs", "shown", "lent", "cleaned")
LAST = None  # bids the museum to close


@dataclass(frozen=True, slots=True)
class Visit:
    """One request as the museum saw it."""

    url: str  # canonical
    at: float  # of time.monotonic, in seconds
    status: int
    bytes: int  # of the body that was sent


@dataclass(frozen=True, slots=True)
class Host:
    """The museum as its visitors know it."""

    url: str  # stands for `https:/`
    size: int  # how many answers it has
    line: Connection

    def visits(self) -> list[Visit]:
        """Return the requests since the last time, by when they came."""
        self.line.send("visits")
        return sorted(self.line.recv(), key=lambda visit: visit.at)

    def count(self) -> int:
        """Count the requests since the last `visits`."""
        self.line.send("count")
        return int(self.line.recv())


@contextmanager
def museum(objects: int, *, validators: bool = True) -> Iterator[Host]:
    """Open a museum of so many objects, each with a page and an image.

    Args:
        objects: How many.
        validators: Whether its answers carry ETag and Last-Modified.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, objects, validators), daemon=True)
    process.start()
    try:
        url, size = ours.recv()
        yield Host(url, size, ours)
    finally:
        ours.send(LAST)
        process.join()


def gaps(times: Iterable[float]) -> list[float]:
    """Return the seconds between each moment and the next."""
    return [later - earlier for earlier, later in pairwise(sorted(times))]


def _serve(line: Connection, objects: int, validators: bool) -> None:
    answers = dict(_answers(objects, CHANGED if validators else None))

    def site(host: str, path: str, _query: Mapping[str, str]) -> Answer | None:
        return answers.get(host + path)

    with Museum(Collection((), ()), sites=[site]) as opened:
        line.send((opened.url, len(answers)))
        while (wish := line.recv()) is not LAST:
            if wish == "count":
                line.send(len(opened.asked))
                continue
            line.send([_visit(each.host + each.path, each.at, each.status, answers) for each in opened.asked])
            opened.forget()


def _visit(asked: str, at: float, status: int, answers: Mapping[str, Answer]) -> Visit:
    sent = len(answers[asked].body) if status == 200 else 0
    return Visit(f"https://{asked}", at, status, sent)


def _answers(objects: int, changed: datetime | None) -> Iterator[tuple[str, Answer]]:
    for first in range(0, objects, PER_LIST):
        pages = [f"https://{HOST}/object/{number}" for number in range(first, min(first + PER_LIST, objects))]
        following = [f"https://{HOST}/list/{first // PER_LIST + 1}"] if first + PER_LIST < objects else []
        listing = json.dumps({"pages": pages, "next": following}).encode()
        yield f"{HOST}/list/{first // PER_LIST}", Answer(listing, JSON, changed=changed)
    for number in range(objects):
        yield f"{HOST}/object/{number}", Answer(_page(number), HTML, changed=changed)
        yield f"{IMAGE_HOST}/{number}.jpg", Answer(_picture(number), JPEG, changed=changed)


def _page(number: int) -> bytes:
    dice = Random(number)
    told = {
        "id": str(number),
        "title": f"Painting {number}",
        "year": dice.randint(1500, 1900),
        "artist": f"artist-{dice.randrange(50)}",
        "genre": dice.choice(("portrait", "landscape", "still life")),
        "style": dice.choice(("baroque", "realism")),
        "medium": "oil",
        "image": f"https://{IMAGE_HOST}/{number}.jpg",
        "tags": dice.choices(WORDS, k=8),
    }
    text = " ".join(dice.choices(WORDS, k=PAGE // 7))
    facts = FACTS[0].decode() + json.dumps(told) + FACTS[1].decode()
    return f"<!DOCTYPE html><html><head>{facts}</head><body><p>{text}</p></body></html>".encode()


def _picture(number: int) -> bytes:
    width, height = SIDES
    file = BytesIO()
    Image.frombytes("RGB", SIDES, Random(number).randbytes(3 * width * height)).save(file, "JPEG")
    return file.getvalue()
