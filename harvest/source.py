"""What a museum's module states, and where the modules are found."""

import pkgutil
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from importlib import import_module
from typing import Any, Literal, Protocol, TypeGuard

from harvest.errors import Unparsed
from harvest.records import FROM_WIKIDATA, Artist, Damage, Deleted, Halt, ObjectRecord, Supplement
from harvest.request import Request
from harvest.response import Response

Row = Mapping[str, str]

Parsed = Request | ObjectRecord | Supplement | Deleted | Artist | Halt | Damage

KEYED = "metered"  # the kind of requests to a source's keyed API


@dataclass(frozen=True, slots=True)
class Option:
    """A command-line option of one source; its value reaches `start` as `selection.options[name]`."""

    flag: str  # "--artist"; without dashes, it is an argument
    help: str
    metavar: str = "TEXT"
    multiple: bool = False  # may be given several times; the value is a tuple
    # a str, an int of at least 1, a bool, a pathlib.Path of a file, of a folder, or of either
    kind: Literal["text", "number", "flag", "file", "folder", "path"] = "text"
    required: bool = False
    enrichment: str | None = None  # the module of `harvest/enrichment/` that reads the files, and joins them afterwards

    @property
    def name(self) -> str:
        """The option's name without dashes: "artist"."""
        return self.flag.removeprefix("--").replace("-", "_")


@dataclass(frozen=True, slots=True)
class BulkTable:
    """A source's bulk table, an object a row; a run loads it before it asks for anything else."""

    name: str
    url: str
    option: str  # that names a file to load in its place
    key: str  # the column that identifies an object
    part: str | None = None  # the field of the terms that names the scopes
    is_given: bool = False  # nobody publishes it: only a file of the user's brings it


@dataclass(frozen=True, slots=True)
class KeyedApi:
    """A source's keyed API: asked only with the user's keys, after all else and at a pace of its own.

    Requests to it are of the kind KEYED; the source's `session_key` reads the key of a session.
    """

    under: str  # what its addresses begin with
    login: str  # the address that opens a session
    keys: Mapping[str, str]  # parameters of that address, and their names for people, in the order of the file
    session: str  # the parameter of the other addresses that holds the session's key
    option: str  # that names the file with the keys
    pace: float  # seconds between two requests


@dataclass(frozen=True, slots=True)
class Selection:
    """What the user selected of a source."""

    options: Mapping[str, Any] = field(default_factory=dict)
    since: datetime | None = None  # when the last complete harvest of the same scope began, in UTC; None: there is none
    works: Collection[str] | None = None  # only these, by their ids; None: all that the options select


@dataclass(frozen=True, slots=True)
class Scope:
    """Which of a source's tasks a run works on."""

    scopes: Collection[str] | None = None  # those of these scopes; None: all
    least_works: int | None = None  # none of an artist of whom the source has fewer works
    is_metered: bool = False  # also those of the keyed API


class Source(Protocol):
    """A module of `harvest/sources/`: facts, `start`, and a `parse_KIND` for each kind of request it makes.

    Facts that only some museums need stand in FACTS with their defaults. A source whose scope is not that of the
    requests it starts with has a function `scope(selection) -> Scope`.
    """

    __name__: str
    TITLE: str
    PACE: Mapping[str, float]  # seconds between two requests, by host
    OPTIONS: tuple[Option, ...]
    BLOCK_MARKS: tuple[bytes, ...]  # in an HTML page: the site's gatekeeper has blocked us
    QUOTA_MARKS: tuple[bytes, ...]  # in an answer of any status: the quota is spent

    def start(self, selection: Selection) -> Iterable[Request]:
        """Yield the first requests."""
        ...


class Writable(Protocol):
    """What takes bytes one after another."""

    def write(self, data: bytes, /) -> object:
        """Take the next part."""
        ...


class Rows(Protocol):
    """The rows of a kept table; iterating gives one after another, the header first."""

    @property
    def left_out(self) -> Sequence[str]:
        """Why rows that may tell of objects are not among those given, once all were: they are damaged."""
        ...

    @property
    def no_objects(self) -> Sequence[str]:
        """Why rows tell of no object, once all were given: a sum, a signature, a heading. That is no failure."""
        ...

    @property
    def unread(self) -> Collection[str]:
        """The keys in rows that are damaged, once all were given: of their objects nothing is known any more."""
        ...

    def __iter__(self) -> Iterator[list[str]]:
        """Yield each row; raise Unparsed where it cannot be read."""
        ...

    def fault(self, reason: str) -> Unparsed:
        """Return an error that names the row given last."""
        ...


class TableSource(Source, Protocol):
    """A source with a bulk table.

    One whose table is no CSV has functions of its own: `pack(file, into)` writes what is kept of a file of the user's,
    `rows(path) -> Rows` reads it again, and `salt() -> str` says by what it is read: by another, rows are read anew.
    """

    TABLE: BulkTable

    def check_table(self, header: Sequence[str]) -> None:
        """Raise Unparsed where these are not the table's columns."""
        ...

    def check_row(self, row: Row) -> None:
        """Raise Unparsed where a row cannot be one of the table's."""
        ...

    def parse_row(self, row: Row) -> ObjectRecord:
        """Return the object of a row."""
        ...

    def ask_about(self, row: Row, selection: Selection) -> Request | None:
        """Return the request for what the table does not say of an object; None: there is none."""
        ...


class KeyedSource(Source, Protocol):
    """A source with a keyed API."""

    KEYED_API: KeyedApi

    def session_key(self, response: Response) -> str:
        """Return the key of a session; raise Unparsed where there is none."""
        ...


FACTS: Mapping[str, Any] = {
    "EXPECTED": {},  # the share of objects that carries a field; a streak of objects without one ends the run
    "FILL": {},  # beside EXPECTED: the share of paintings that carries a label, for a smoke run to be held against
    # Kinds of requests that a new round does not repeat: windows in time; and further answers about an object, with its
    # source_id as their key, which are repeated when its record has changed.
    "NEVER_REFRESHED": (),
    # Origins of the terms that outlive a change of their object's record, for nobody asks for them again.
    "LASTING_ORIGINS": (),
    "LISTINGS_PER_ARTIST": 0,  # pages that an artist takes besides one for each work
    "KEYED_API": None,  # a KeyedApi
    "REPORT": None,  # a named query that is shown after a run
    "ONLY_FOR_IMAGES": (),  # kinds of requests whose answers only lead to images: --no-images leaves them
    # Kinds of requests that a host may keep for whom has logged in (status 401): they are withheld then, not failed.
    "MAY_NEED_LOGIN": (),
    "COMMAND": None,  # of `harvest`, by which it is harvested; None: its name
    "UNOFFERED": (),  # names of the options of every source that this one does not take
    "FOLDER": None,  # a pathlib.Path: where its pictures lie, if they do on this machine
    "COUNTS": (),  # kinds of requests that only count what there is; --dry-run makes them
}


def fact(source: Source, name: str) -> Any:
    """Return one of the FACTS of a source, its own or the default."""
    return getattr(source, name, FACTS[name])


def lasting_origins(source: Source) -> frozenset[str]:
    """Return the origins of the terms that a changed record leaves: the source's own ones, and what enrichment adds."""
    return frozenset({FROM_WIKIDATA, *fact(source, "LASTING_ORIGINS")})


def paces(source: Source) -> dict[str, float]:
    """Return the seconds between two requests, by host, and those of the keyed API under KEYED."""
    keyed_api: KeyedApi | None = fact(source, "KEYED_API")
    return {**source.PACE, **({KEYED: keyed_api.pace} if keyed_api else {})}


def scopes_of(starting: Iterable[Request]) -> frozenset[str] | None:
    """Return the scopes of the requests that a source starts with; None: all of the source."""
    scopes = {request.scope for request in starting}
    return None if None in scopes else frozenset(scope for scope in scopes if scope is not None)


def scope_of(source: Source, selection: Selection) -> Scope:
    """Return the scope that is selected: by the source's own function `scope`, or by the requests it starts with."""
    own: Callable[[Selection], Scope] | None = getattr(source, "scope", None)
    scope = own(selection) if own else Scope(scopes_of(source.start(selection)))
    keyed_api: KeyedApi | None = fact(source, "KEYED_API")
    return replace(scope, is_metered=keyed_api is not None and selection.options.get(keyed_api.option) is not None)


def name_of(source: Source) -> str:
    """Return the source's name in the catalogue and on the command line: its file's name."""
    return source.__name__.rpartition(".")[2]


def sources() -> dict[str, Source]:
    """Import every source there is, by name."""
    folder = import_module("harvest.sources")
    names = sorted(module.name for module in pkgutil.iter_modules(folder.__path__))
    return {name: import_module(f"harvest.sources.{name}") for name in names}


def has_table(source: Source) -> TypeGuard[TableSource]:
    """Return whether a source has a bulk table."""
    return hasattr(source, "TABLE")


def is_given(source: Source) -> bool:
    """Return whether a source is a table that only its user brings."""
    return has_table(source) and source.TABLE.is_given


def has_keyed_api(source: Source) -> TypeGuard[KeyedSource]:
    """Return whether a source has a keyed API."""
    return fact(source, "KEYED_API") is not None
