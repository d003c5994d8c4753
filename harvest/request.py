"""What a source asks for: requests, the options that choose them, and what the user wanted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Option:
    """A command-line option of one source; its value reaches `start` as `wanted.options[name]`."""

    flag: str  # "--artist"
    help: str
    metavar: str = "TEXT"
    multiple: bool = False  # may be given several times; the value is a tuple

    @property
    def name(self) -> str:
        """The option's name without dashes: "artist"."""
        return self.flag.removeprefix("--").replace("-", "_")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the user asked a source for."""

    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Request:
    """One answer wanted from a source: a durable task, unique by (source, kind, key).

    Its answer goes to the source's `parse_KIND`.
    """

    kind: str
    url: str  # canonical: https, no mirror
    key: str = ""  # what identifies it within its kind; the address where nothing is shorter
    scope: str | None = None  # the part of the source it belongs to: an artist, a department; None: all of it
    context: Mapping[str, Any] = field(default_factory=dict)  # what the asking page knew; JSON

    @property
    def identity(self) -> str:
        """The key, or the address where no key was given."""
        return self.key or self.url


def scopes_of(starting: Iterable[Request]) -> set[str] | None:
    """Give the parts of the source that the starting requests belong to; None: all of it."""
    scopes = {request.scope for request in starting}
    return None if None in scopes else {scope for scope in scopes if scope is not None}
