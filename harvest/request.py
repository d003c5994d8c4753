"""What a source asks for: requests, the options that choose them, and what the user wanted."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

METERED = "metered"  # the kind of requests to a source's metered interface, which take the user's keys
FROM_METER = "API "  # how the origin of what it says begins


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
class Meter:
    """A source's metered interface: asked only with the user's keys, after all else and at a pace of its own.

    What is to be asked there are requests of the kind METERED; the source reads a session's key by `session_key`.
    """

    under: str  # what its addresses begin with
    login: str  # the address that opens a session
    keys: Mapping[str, str]  # parameters of that address, and what they are called for people; in the order of the file
    session: str  # the parameter of the other addresses, which shows the session's key
    option: str  # that names the file with the keys
    pace: float  # seconds between two requests


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
    fallback: "Request | None" = None  # to be asked for where this one cannot be had

    @property
    def identity(self) -> str:
        """The key, or the address where no key was given."""
        return self.key or self.url


@dataclass(frozen=True, slots=True)
class Part:
    """Which of a source's tasks a run works on."""

    scopes: Collection[str] | None = None  # those of these scopes; None: all
    least_works: int | None = None  # none of an artist of whom the source has fewer works
    is_metered: bool = False  # those, too, that take keys


def scopes_of(starting: Iterable[Request]) -> frozenset[str] | None:
    """Return the parts of the source that the starting requests belong to; None: all of it."""
    scopes = {request.scope for request in starting}
    return None if None in scopes else frozenset(scope for scope in scopes if scope is not None)
