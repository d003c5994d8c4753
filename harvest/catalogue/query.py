"""Questions to the catalogue in SQL, on a connection that can read and nothing else."""

import difflib
import math
import re
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import URL, Connection, Engine, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from harvest.catalogue.database import MYSQL_SESSION, OF_OPTIONS, NoCatalogue, parse_url, reader, unreachable
from harvest.errors import BadInput

UNKNOWN_NAMES = (1054, 1146)  # MySQL: a column, a table
LISTS = {  # of the tables and their columns
    "sqlite": "SELECT name, sql FROM sqlite_schema",
    "mysql": "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = DATABASE()",
}
QUESTIONS = ("SELECT", "WITH", "EXPLAIN", "SHOW", "DESCRIBE", "DESC", "VALUES", "TABLE")
_READING = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE)
_COMMENT = re.compile(r"\s+|--[^\n]*(?:\n|$)|/\*.*?\*/", re.DOTALL)
# MySQL: SELECT … INTO OUTFILE writes on the server, LOAD_FILE reads its files, and /*! … */ is a comment to us but code
# to the server.
_SLY = re.compile(r"\b(?:outfile|dumpfile|load_file)\b|/\*M?!", re.IGNORECASE)
_SLY_FUNCTIONS = ("fts3_tokenizer", "load_extension")  # SQLite: these take addresses and libraries
_STEPS = 10_000  # of SQLite's machine, less than a millisecond, between two looks at what signals came


class Answer(NamedTuple):
    """A query's result."""

    columns: Sequence[str]
    rows: Iterable[Sequence[Any]]


def named_queries() -> dict[str, str]:
    """Return the queries that come with the program, by name."""
    folder = files("harvest.sql").joinpath("queries")
    queries = {path.name.removesuffix(".sql"): path.read_text("utf-8") for path in folder.iterdir()}
    return dict(sorted(queries.items()))


@contextmanager
def ask(url: str | URL, question: str) -> Iterator[Answer]:
    """Put one question to the catalogue; rows are fetched as they are read, while the block lasts.

    Args:
        url: The catalogue.
        question: One SQL statement, or the name of a query that comes with the program.

    Raises:
        CatalogueError: There is no catalogue.
        BadInput: The question is none, or the engine refuses it, at once or on the way.
    """
    statement = named_queries().get(question, question)
    _expect_question(statement)
    address = parse_url(url)
    try:
        engine = _read_only(address)
        connection = engine.connect()
    except (DBAPIError, *OF_OPTIONS) as error:
        raise unreachable(address, error) from error
    with connection, _interruptible(connection):
        driver: Any = connection.connection.driver_connection
        try:
            _forbid_writing(connection)
            options = {"no_parameters": True, "stream_results": True}
            result = connection.exec_driver_sql(statement, execution_options=options)
            columns = tuple(result.keys()) if result.returns_rows else ()
            if len(set(columns)) < len(columns):
                raise BadInput(f"two columns have one name ({', '.join(columns)}): give one another with AS")
            yield Answer(columns, (tuple(map(_plain, row)) for row in result) if result.returns_rows else ())
        except DBAPIError as error:
            raise BadInput(f"the catalogue refuses the query: {_in_words(error)}") from error
        finally:
            if unread := getattr(driver, "_result", None):  # PyMySQL's, which would read all that is still to come
                unread.unbuffered_active = False
            connection.invalidate()


def _in_words(error: DBAPIError) -> str:
    """Return what the engine says, and how to list the tables where it does not know a name."""
    cause: Any = error.orig
    sentence = str(cause.args[-1] if cause.args else cause)
    is_server = isinstance(cause.args[0] if cause.args else None, int)
    is_unknown = cause.args[0] in UNKNOWN_NAMES if is_server else sentence.startswith("no such ")
    lists = LISTS["mysql" if is_server else "sqlite"]
    return f'{sentence}; to list the tables with their columns: harvest sql "{lists}"' if is_unknown else sentence


@contextmanager
def _interruptible(connection: Connection) -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end a query of SQLite's.

    Python sees a signal only between two steps of its own, so SQLite calls it now and then. An exception that is raised
    there ends the query, and sqlite3 hands it to nobody but the hook for unraisable ones.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.driver_connection
    driver.set_progress_handler(lambda: 0, _STEPS)
    stops: list[BaseException] = []
    hook = sys.unraisablehook

    def keep(unraisable: "sys.UnraisableHookArgs") -> None:
        if isinstance(unraisable.exc_value, KeyboardInterrupt):
            stops.append(unraisable.exc_value)
        else:
            hook(unraisable)

    sys.unraisablehook = keep
    sqlite3.enable_callback_tracebacks(True)  # noqa: FBT003 - has no name
    try:
        yield
    except BadInput:
        if stops:
            raise stops[0] from None
        raise
    finally:
        sqlite3.enable_callback_tracebacks(False)  # noqa: FBT003 - has no name
        sys.unraisablehook = hook


def _plain(value: Any) -> Any:
    """Return numbers alike on every engine: MySQL sums integers into decimals; JSON knows no infinity."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _expect_question(statement: str) -> None:
    rest = statement
    while match := _COMMENT.match(rest):
        rest = rest[match.end() :]
    word = re.match(r"\w*", rest.lstrip("("))
    if word is None or word[0].upper() not in QUESTIONS or _SLY.search(statement):
        names = ", ".join(named_queries())
        near = difflib.get_close_matches(statement.strip(), named_queries(), n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise BadInput(
            f"{hint}expected a query that only reads (SELECT …) or one of the names {names}; "
            f"got: {statement.strip()[:60]!r}"
        )


def _read_only(address: URL) -> Engine:
    if address.get_backend_name() != "sqlite":
        return create_engine(
            address, poolclass=NullPool, connect_args={"charset": "utf8mb4", "init_command": MYSQL_SESSION}
        )
    path = Path(str(address.database)).absolute()
    if not path.exists():
        raise NoCatalogue(f"no catalogue at {path}: run 'harvest SOURCE' first, or name another with --catalogue")
    return create_engine("sqlite://", creator=lambda: reader(path), poolclass=NullPool)


def _forbid_writing(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        connection.exec_driver_sql("START TRANSACTION READ ONLY")
        return
    # The file being read-only leaves ATTACH and VACUUM INTO, which write others.
    driver: Any = connection.connection.driver_connection
    driver.set_authorizer(_authorise)


def _authorise(action: int, _first: str | None, second: str | None, *_: object) -> int:
    is_sly = action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in _SLY_FUNCTIONS
    return sqlite3.SQLITE_OK if action in _READING and not is_sly else sqlite3.SQLITE_DENY
