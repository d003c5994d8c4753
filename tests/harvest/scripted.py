"""A museum whose answers a test writes itself: what an answer holds, in JSON, is what its parser finds."""

import json
import types
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from harvest.catalogue.database import open_catalogue
from harvest.dating import parse_dating
from harvest.engine.harvester import Outcome
from harvest.engine.scheduler import Limits
from harvest.http.fetcher import Fetcher
from harvest.http.throttle import Throttle
from harvest.http.transport import open_session
from harvest.http.url import Mirror
from harvest.maintenance.reparse import Reparser, ReparseResult
from harvest.queue.runs import Run
from harvest.records import Artist, Attribution, Damage, Deleted, Halt, Image, ObjectRecord, Supplement, Term
from harvest.request import Request
from harvest.response import Response
from harvest.source import Option, Parsed, Selection, name_of
from tests.harvest.conftest import rows
from tests.harvest.fakes import Clock, run_harvest
from tests.museum import works
from tests.museum.answer import JPEG, Answer, data, missing
from tests.museum.server import RULES, Museum
from tests.museum.sketches import Sketch

HOST = "box.example.org"
KINDS = ("list", "page", "more", "window")
Answers = dict[str, Any]  # by path: what the answer there holds; a number: that status, and nothing


@dataclass
class ScriptedMuseum:
    """The museum, its source, and a catalogue of it."""

    museum: Museum
    source: Any
    answers: Answers
    data: Path
    url: str
    clock: Clock = field(default_factory=Clock)

    def harvest(
        self, limits: Limits | None = None, *, ignored_opt_outs: Collection[str] = (), **options: Any
    ) -> Outcome:
        """Harvest, a day after whatever was before; the options are the source's own."""
        self._wait_a_day()
        self.museum.forget()
        clock = Clock()  # for nobody but the throttle
        with self.opened() as catalogue, open_session("raisonne-test", is_public=False) as session:
            fetcher = Fetcher(
                session,
                Throttle({}, 0.0, clock.now, clock.wait),
                mirror=Mirror.at(self.museum.url),
                ignored_opt_outs=ignored_opt_outs,
            )
            return run_harvest(
                self.source, catalogue, fetcher, self.data, clock,
                now=self.clock.today, selection=Selection(options), limits=limits, options=options,
            )  # fmt: skip

    def reparse(self) -> ReparseResult:
        """Read all answers again, a day later."""
        self._wait_a_day()
        name, now = name_of(self.source), self.clock.today
        with self.opened() as catalogue, Run(name, catalogue, self.data, now=now) as run:
            return Reparser(self.source, run).reparse()

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        """Ask the catalogue directly."""
        with self.opened() as catalogue:
            return rows(catalogue, statement)

    @property
    def asked(self) -> list[str]:
        """The paths that the last harvest asked for, sorted."""
        return sorted(request.path for request in self.museum.asked if request.path not in RULES)

    @property
    def today(self) -> datetime:
        """When the last harvest was."""
        return self.clock.today()

    @contextmanager
    def opened(self) -> Iterator[Engine]:
        """Open the catalogue for a while."""
        catalogue = open_catalogue(self.url, create=True)
        try:
            yield catalogue
        finally:
            catalogue.dispose()

    def _wait_a_day(self) -> None:
        self.clock.wait(timedelta(days=1).total_seconds())


@contextmanager
def scripted_museum(
    folder: Path,
    url: str,
    answers: Answers,
    *,
    start: Callable[[Selection], Iterator[Request]] | None = None,
    **facts: Any,
) -> Iterator[ScriptedMuseum]:
    """Open a museum.

    Args:
        folder: For its data.
        url: Of its catalogue.
        answers: What it says; may be changed meanwhile.
        start: In place of asking for the list at "/list".
        facts: Of the source.
    """
    folder.mkdir(exist_ok=True)
    with Museum(works.Collection((), ()), sites=[_site(answers)]) as museum:
        yield ScriptedMuseum(museum, scripted_source(start=start or _start, **facts), answers, folder, url)


def scripted_source(name: str = "box", **facts: Any) -> Any:
    """Make a source's module."""
    source = types.ModuleType(f"tests.{name}")
    usual = {
        "TITLE": "A box",
        "PACE": {HOST: 1.0},
        "OPTIONS": (Option("--set", "s"),),
        "BLOCK_MARKS": (),
        "QUOTA_MARKS": (),
    }
    source.__dict__.update(usual | {f"parse_{kind}": parse_items for kind in KINDS} | facts)
    return source


def asks(path: str, kind: str = "page", **fields: Any) -> dict[str, Any]:
    """Write a request: `context`, `scope`, `key`, and `fallback`, which is one itself."""
    return {"is": "request", "kind": kind, "path": path, **fields}


def tells(source_id: str, **fields: Any) -> dict[str, Any]:
    """Write an object."""
    return {"is": "object", "source_id": source_id, **fields}


def adds(source_id: str, **fields: Any) -> dict[str, Any]:
    """Write a supplement to an object."""
    return {"is": "supplement", "source_id": source_id, **fields}


def deletes(source_id: str) -> dict[str, Any]:
    """Write that an object is deleted."""
    return {"is": "deleted", "source_id": source_id}


def halts(reason: str) -> dict[str, Any]:
    """Write that the run must not go on."""
    return {"is": "halt", "reason": reason}


def is_damaged(reason: str) -> dict[str, Any]:
    """Write that not all of an answer can be read."""
    return {"is": "damage", "reason": reason}


def counts(source_id: str, works: int | None) -> dict[str, Any]:
    """Write an artist and the number of their works."""
    return {"is": "artist", "source_id": source_id, "works": works}


def request_of(item: Mapping[str, Any]) -> Request:
    """Read a request."""
    fallback = request_of(item["fallback"]) if "fallback" in item else None
    url, key = f"https://{HOST}{item['path']}", item.get("key", item["path"])
    return Request(item["kind"], url, key, item.get("scope"), item.get("context", {}), fallback)


def parse_items(response: Response) -> Iterator[Parsed]:
    """Read an answer."""
    for item in response.json():
        yield READ[item["is"]](item, response)


def _object(item: Mapping[str, Any], response: Response) -> ObjectRecord:
    title = item.get("title", response.request.context.get("title"))
    return ObjectRecord(url=response.url, **_parts(item) | {"title": title})


def _parts(item: Mapping[str, Any]) -> dict[str, Any]:
    parts = {name: value for name, value in item.items() if name not in ("is", "by")}
    if "by" in item:
        parts["attributions"] = tuple(Attribution(Artist(name)) for name in item["by"])
    if "terms" in item:
        parts["terms"] = tuple(Term(*term) for term in item["terms"])
    if item.get("images") is not None:
        parts["images"] = tuple(_image(path) for path in item["images"])
    if "dating" in item:
        parts["dating"] = parse_dating(item["dating"], "date")
    return parts


def _image(path: str | Mapping[str, str]) -> Image:
    """Read an image; one that the source does not give names its state, too."""
    if not isinstance(path, str):
        return Image(f"https://{HOST}{path['path']}", state=path["state"])
    return Image(f"https://{HOST}{path}", (f"https://{HOST}{path}",), origin="images")


READ: Mapping[str, Callable[[Mapping[str, Any], Response], Parsed]] = {
    "request": lambda item, _: request_of(item),
    "object": _object,
    "supplement": lambda item, _: Supplement(**_parts(item)),
    "deleted": lambda item, _: Deleted(item["source_id"]),
    "halt": lambda item, _: Halt(item["reason"]),
    "damage": lambda item, _: Damage(item["reason"]),
    "artist": lambda item, _: Artist(item["source_id"], works=item["works"]),
}


def _start(_wanted: Selection) -> Iterator[Request]:
    yield Request("list", f"https://{HOST}/list", "/list")


def _site(answers: Answers) -> Callable[[str, str, Mapping[str, str]], Answer | None]:
    def site(host: str, path: str, _query: Mapping[str, str]) -> Answer | None:
        if host != HOST:
            return None
        if path.startswith("/images/"):
            return Answer(Sketch(sum(path.encode())).jpeg(), JPEG)
        item = answers.get(path)
        if isinstance(item, int):
            return Answer(json.dumps([]).encode(), "application/json", item)
        return missing() if item is None else data(item)

    return site
