"""What a museum's module gives, and where the modules are found."""

import pkgutil
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from typing import Any, Literal, Protocol, TypeGuard

from harvest.records import Artist, Deleted, Halt, ObjectRecord, Supplement
from harvest.request import Request
from harvest.response import Response

Row = Mapping[str, str]

Parsed = Request | ObjectRecord | Supplement | Deleted | Artist | Halt

KEYED = "metered"  # the kind of requests to a source's metered interface, which take the user's keys


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
class BulkTable:
    """A source's bulk table: every object a row; the run loads it before it asks for anything else."""

    name: str
    url: str
    option: str  # that names a file in its place
    key: str  # the column by which an object is known
    part: str | None = None  # the field of the terms that names the parts, which `scopes` gives


@dataclass(frozen=True, slots=True)
class KeyedApi:
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
class Selection:
    """What the user asked a source for."""

    options: Mapping[str, Any] = field(default_factory=dict)
    since: datetime | None = None  # when the last complete harvest of the same part began, in UTC; None: there is none


@dataclass(frozen=True, slots=True)
class Scope:
    """Which of a source's tasks a run works on."""

    scopes: Collection[str] | None = None  # those of these scopes; None: all
    least_works: int | None = None  # none of an artist of whom the source has fewer works
    is_metered: bool = False  # those, too, that take keys


class Source(Protocol):
    """A module of `harvest/sources/`: facts, `start`, and a `parse_KIND` for each kind of request it makes.

    Facts that only some museums need stand in FACTS, with what holds for the others.
    """

    __name__: str
    TITLE: str
    PACE: Mapping[str, float]  # seconds between two requests, by host
    OPTIONS: tuple[Option, ...]
    BLOCK_MARKS: tuple[bytes, ...]  # what an HTML page holds by which the site's gatekeeper turns us away
    QUOTA_MARKS: tuple[bytes, ...]  # what an answer holds that says the quota is spent, whatever its status

    def start(self, wanted: Selection) -> Iterable[Request]:
        """Ask for the first answers."""
        ...


class TableSource(Source, Protocol):
    """A source that gives a bulk table, beside what every source gives."""

    TABLE: BulkTable

    def check_table(self, header: Sequence[str]) -> None:
        """Raise Unparsed where these are not the table's columns."""
        ...

    def check_row(self, row: Row) -> None:
        """Raise Unparsed where a row cannot be one of the table's."""
        ...

    def parse_row(self, row: Row) -> ObjectRecord:
        """Read a row."""
        ...

    def ask_about(self, row: Row, wanted: Selection) -> Request | None:
        """Ask for what the table does not say of an object."""
        ...


class KeyedSource(Source, Protocol):
    """A source with a metered interface, beside what every source gives."""

    KEYED_API: KeyedApi

    def session_key(self, response: Response) -> str:
        """Read the key of a session; raise Unparsed where there is none."""
        ...


FACTS: Mapping[str, Any] = {
    "EXPECTED": {},  # the share of objects that carries a field; a streak of objects without one ends the run
    # Kinds of requests that are not asked again in a new round: windows in time; and further answers about an object,
    # with its source_id as their key, which are asked for again when its record has changed.
    "NEVER_REFRESHED": (),
    "LISTINGS_PER_ARTIST": 0,  # pages that an artist takes besides one for each work
    "KEYED_API": None,  # a Meter
    "REPORT": None,  # a named query that is shown after a run
    "COUNTS": (),  # kinds of requests that only tell how much there is; --dry-run asks for them
}


def fact(source: Source, name: str) -> Any:
    """Return one of the FACTS of a source, its own or the usual one."""
    return getattr(source, name, FACTS[name])


def paces(source: Source) -> dict[str, float]:
    """Return the seconds between two requests, by host, and what is metered under that name."""
    meter: KeyedApi | None = fact(source, "KEYED_API")
    return {**source.PACE, **({KEYED: meter.pace} if meter else {})}


def scopes_of(starting: Iterable[Request]) -> frozenset[str] | None:
    """Return the parts of the source that the starting requests belong to; None: all of it."""
    scopes = {request.scope for request in starting}
    return None if None in scopes else frozenset(scope for scope in scopes if scope is not None)


def scope_of(source: Source, wanted: Selection) -> Scope:
    """Say which part of a source is wanted: by its own function `scopes`, or by what it starts with."""
    own: Callable[[Selection], Collection[str] | None] | None = getattr(source, "scopes", None)
    scopes = own(wanted) if own else scopes_of(source.start(wanted))
    meter: KeyedApi | None = fact(source, "KEYED_API")
    has_keys = meter is not None and wanted.options.get(meter.option) is not None
    return Scope(scopes, wanted.options.get("min_works"), has_keys)


def name_of(source: Source) -> str:
    """Return the source's name in the catalogue and on the command line: its file's name."""
    return source.__name__.rpartition(".")[2]


def sources() -> dict[str, Source]:
    """Import every source there is, by name."""
    folder = import_module("harvest.sources")
    names = sorted(module.name for module in pkgutil.iter_modules(folder.__path__))
    return {name: import_module(f"harvest.sources.{name}") for name in names}


def has_table(source: Source) -> TypeGuard[TableSource]:
    """Say whether a source gives a bulk table."""
    return hasattr(source, "TABLE")


def has_keyed_api(source: Source) -> TypeGuard[KeyedSource]:
    """Say whether a source has a metered interface."""
    return fact(source, "KEYED_API") is not None
