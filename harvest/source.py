"""What a museum's module gives, and where the modules are found."""

import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from typing import Protocol

import harvest.sources
from harvest.errors import Unparsed
from harvest.records import Artist, ObjectRecord
from harvest.request import Option, Request, Wanted
from harvest.response import Response
from harvest.soundness import check

Found = Request | ObjectRecord | Artist


class Source(Protocol):
    """A module of `harvest/sources/`: facts, `start`, and a `parse_KIND` for each kind of request it makes."""

    __name__: str
    TITLE: str
    PACE: Mapping[str, float]  # seconds between two requests, by host
    OPTIONS: tuple[Option, ...]
    BLOCKED: tuple[bytes, ...]  # what an HTML page holds by which the site's gatekeeper turns us away
    SPENT: tuple[bytes, ...]  # what an answer holds that says the quota is spent, whatever its status

    def start(self, wanted: Wanted) -> Iterable[Request]:
        """Ask for the first answers."""
        ...


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
