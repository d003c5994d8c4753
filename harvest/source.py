"""What a museum's module gives, and where the modules are found."""

import pkgutil
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from importlib import import_module
from typing import Any, Protocol

import harvest.sources
from harvest.errors import Unparsed
from harvest.records import Artist, Deleted, Halt, ObjectRecord, Supplement
from harvest.request import METERED, Meter, Option, Part, Request, Wanted, scopes_of
from harvest.response import Response
from harvest.soundness import check

Found = Request | ObjectRecord | Supplement | Deleted | Artist | Halt


class Source(Protocol):
    """A module of `harvest/sources/`: facts, `start`, and a `parse_KIND` for each kind of request it makes.

    Facts that only some museums need stand in FACTS, with what holds for the others.
    """

    __name__: str
    TITLE: str
    PACE: Mapping[str, float]  # seconds between two requests, by host
    OPTIONS: tuple[Option, ...]
    BLOCKED: tuple[bytes, ...]  # what an HTML page holds by which the site's gatekeeper turns us away
    SPENT: tuple[bytes, ...]  # what an answer holds that says the quota is spent, whatever its status

    def start(self, wanted: Wanted) -> Iterable[Request]:
        """Ask for the first answers."""
        ...


FACTS: Mapping[str, Any] = {
    "USUAL": {},  # which share of the objects carries a field; a row of objects without one of the usual ends the run
    # Kinds of requests that are not asked again in a new round: windows in time; and further answers about an object,
    # with its source_id as their key, which are asked for again when its record has changed.
    "ONCE": (),
    "LISTS": 0,  # pages that an artist takes besides one for each work
    "METER": None,  # a Meter
    "REPORT": None,  # a named query that is shown after a run
    "SURVEY": (),  # kinds of requests that only tell how much there is; --dry-run asks for them
}


def fact(source: Source, name: str) -> Any:
    """Give one of the FACTS of a source, its own or the usual one."""
    return getattr(source, name, FACTS[name])


def paces(source: Source) -> dict[str, float]:
    """Give the seconds between two requests, by host, and what is metered under that name."""
    meter: Meter | None = fact(source, "METER")
    return {**source.PACE, **({METERED: meter.pace} if meter else {})}


def part_of(source: Source, wanted: Wanted) -> Part:
    """Say which part of a source is wanted: by its own function `scopes`, or by what it starts with."""
    own: Callable[[Wanted], Collection[str] | None] | None = getattr(source, "scopes", None)
    scopes = own(wanted) if own else scopes_of(source.start(wanted))
    meter: Meter | None = fact(source, "METER")
    has_keys = meter is not None and wanted.options.get(meter.option) is not None
    return Part(scopes, wanted.options.get("min_works"), has_keys)


def name_of(source: Source) -> str:
    """Give the source's name in the catalogue and on the command line: its file's name."""
    return source.__name__.rpartition(".")[2]


def sources() -> dict[str, Source]:
    """Import every source there is, by name."""
    names = sorted(module.name for module in pkgutil.iter_modules(harvest.sources.__path__))
    return {name: import_module(f"harvest.sources.{name}") for name in names}


def parse(source: Source, response: Response) -> list[Found]:
    """Read an answer with the parser of its kind.

    Raises:
        TaskFailed: The parser cannot read it.
    """
    parser: Callable[[Response], Iterator[Found]] | None = getattr(source, f"parse_{response.request.kind}", None)
    if parser is None:
        raise Unparsed(f"{name_of(source)} has no parse_{response.request.kind}: the task is of another version")
    found = list(parser(response))
    check(found, response.url)
    return found
