"""A museum that costs nothing to read, as a source of the harvest: what is measured is the engine, not a parser.

`crawl_scrapy` reads its pages by the same functions.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from harvest.records import Artist, Attribution, Dating, Image, ObjectRecord, Term
from harvest.request import Request
from harvest.response import Response
from harvest.source import Option, Parsed, Selection

TITLE = "Museum of the Benchmark"
HOST = "museum.example"
IMAGE_HOST = "images.museum.example"
PACE: Mapping[str, float] = {}
OPTIONS: tuple[Option, ...] = ()
BLOCK_MARKS: tuple[bytes, ...] = ()
QUOTA_MARKS: tuple[bytes, ...] = ()
START = f"https://{HOST}/list/0"
FACTS = (b'<script type="application/json">', b"</script>")  # what a page tells stands between them


def start(wanted: Selection) -> list[Request]:
    """Ask for the first list; with `blank`, its pages are taken to tell of nothing."""
    return [Request("listing", START, context={"kind": "blank" if wanted.options.get("blank") else "object"})]


def parse_listing(response: Response) -> Sequence[Parsed]:
    """Return each page on the list, and the next list."""
    pages, following = read_listing(response.body)
    context = response.request.context
    found = [Request(context["kind"], url, url.rpartition("/")[2]) for url in pages]
    return found + [Request("listing", url, context=context) for url in following]


def parse_object(response: Response) -> Sequence[Parsed]:
    """Return the one object of a page."""
    return [_record(response.url, read_object(response.body))]


def parse_blank(_response: Response) -> Sequence[Parsed]:
    """Return nothing."""
    return []


def read_listing(body: bytes) -> tuple[list[str], list[str]]:
    """Read the addresses of pages, and the one of the next list if there is one."""
    listed = json.loads(body)
    return listed["pages"], listed["next"]


def read_object(body: bytes) -> dict[str, Any]:
    """Read what a page tells of its object."""
    begin = body.index(FACTS[0]) + len(FACTS[0])
    told: dict[str, Any] = json.loads(body[begin : body.index(FACTS[1], begin)])
    return told


def _record(url: str, told: Mapping[str, Any]) -> ObjectRecord:
    return ObjectRecord(
        told["id"],
        url,
        told["title"],
        dating=Dating(f"c. {told['year']}", told["year"] - 5, told["year"] + 5),
        rights="Public domain",
        attributions=(Attribution(Artist(told["artist"], told["artist"].title())),),
        terms=tuple(Term(field, told[field]) for field in ("genre", "style", "medium")),
        images=(Image(told["image"], (told["image"],)),),
        fields={"tags": told["tags"]},
    )
