"""What a source asks for: requests, the options that choose them, and what the user wanted."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Option:
    """A command-line option of one source; its value reaches `start` as `wanted.options[name]`."""

    flag: str  # "--artist"
    help: str
    metavar: str = "TEXT"
    multiple: bool = False  # may be given several times; the value is a tuple
    kind: Literal["text", "number", "flag", "file"] = "text"  # a str, an int of at least 1, a bool, a pathlib.Path

    @property
    def name(self) -> str:
        """The option's name without dashes: "artist"."""
        return self.flag.removeprefix("--").replace("-", "_")


@dataclass(frozen=True, slots=True)
class Table:
    """A source's bulk table: every object a row; the run loads it before it asks for anything else."""

    name: str
    url: str
    option: str  # that names a file in its place
    key: str  # the column by which an object is known
    part: str | None = None  # the field of the terms that names the parts, which `scopes` gives


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the user asked a source for."""

    options: Mapping[str, Any] = field(default_factory=dict)
    since: datetime | None = None  # when the last complete harvest of the same part began, in UTC; None: there is none


@dataclass(frozen=True, slots=True)
class Request:
    """One answer wanted from a source: a durable task, unique by (source, kind, key).

    Its answer goes to the source's `parse_KIND`. Wanted again, it stays as it is, unless its context says more than the
    one known, or something else: then it is asked for again, with the new words laid over the old.
    """

    kind: str
    url: str  # canonical: https, no mirror
    key: str = ""  # what identifies it within its kind; the address where nothing is shorter
    scope: str | None = None  # the part of the source it belongs to: an artist, a department; None: all of it
    context: Mapping[str, Any] = field(default_factory=dict)  # what the asking page knew; JSON
    instead: "Request | None" = None  # to be asked for where this one cannot be had

    @property
    def identity(self) -> str:
        """The key, or the address where no key was given."""
        return self.key or self.url


@dataclass(frozen=True, slots=True)
class Part:
    """Which of a source's tasks a run works on."""

    scopes: Collection[str] | None = None  # those of these scopes; None: all
    least_works: int | None = None  # none of an artist of whom the source has fewer works


def scopes_of(starting: Iterable[Request]) -> frozenset[str] | None:
    """Give the parts of the source that the starting requests belong to; None: all of it."""
    scopes = {request.scope for request in starting}
    return None if None in scopes else frozenset(scope for scope in scopes if scope is not None)
