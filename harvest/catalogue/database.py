"""The catalogue at rest: opening it on any engine, and upgrading its schema.

One process at a time upgrades. SQLite does it in one transaction, and is copied before; MySQL commits each change of a
table at once, so every migration can be run again, wherever it was killed.
"""

import logging
import os
import re
import shutil
import sqlite3
from collections.abc import Callable, Container, Iterator
from contextlib import ExitStack, closing, contextmanager
from importlib.resources import files
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any
from urllib.parse import quote

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import NullPool

from harvest.catalogue.load_data import CLIENT_FLAG
from harvest.errors import BadInput
from harvest.files import rename, sync

DRIVERS = ("sqlite", "mysql+pymysql", "mariadb+pymysql")
MAX_PORT = 65535
EXPECTED_PORT = (
    f"expected HOST:PORT with a number from 1 to {MAX_PORT}, or HOST alone "
    "(percent-encode special characters in the password)"
)
UNKNOWN_USER = (1045, 1698)  # or a wrong password
UNKNOWN_DATABASE = 1049
NO_RIGHT_TO_DATABASE, NO_RIGHT_TO_TABLE = 1044, 1142  # the first also where there is none of this name
NO_SERVER = 2003
RIGHTS = (  # on a server's database, of a user who harvests
    "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, REFERENCES, "
    "CREATE VIEW, SHOW VIEW, CREATE TEMPORARY TABLES"
)
MAX_NAMED = 5  # tables, in a message
LOCK_WAIT = 30  # seconds for another process's transaction
UNKNOWN_OPTION = re.compile("unexpected keyword argument ('.*')")  # as Python writes it
OF_OPTIONS = (OSError, TypeError, ValueError, AttributeError)  # of a driver that is given nonsense behind "?"
MYSQL_SESSION = (
    "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00', "
    "group_concat_max_len = 1048576"  # MySQL's 1,024 bytes would cut a long medium line in silence
)
_MYSQL_LOCK = "SHA1(CONCAT('raisonne: upgrade of ', DATABASE()))"  # a server's locks have a name for all databases
log = logging.getLogger(__name__)


class CatalogueError(BadInput):
    """A catalogue that cannot be opened."""


class NoCatalogue(CatalogueError):
    """There is none yet at this address."""


def free_bytes(folder: Path) -> int:
    """Return how much may still be written to a folder's disk."""
    return shutil.disk_usage(folder).free


def open_catalogue(url: str | URL, *, create: bool = False, room: Callable[[Path], int] = free_bytes) -> Engine:
    """Open the catalogue and bring its schema up to date; of a SQLite file, the older state is kept beside it.

    Args:
        url: An SQLAlchemy URL with one of DRIVERS.
        create: Make the tables (and SQLite's file) where there are none. A MySQL database must exist.
        room: Returns the bytes that are free in a folder.

    Raises:
        CatalogueError: The address is wrong, nothing is there, the schema is newer than this program, or there is no
            room for the upgrade.
    """
    address = parse_url(url)
    if address.get_backend_name() == "sqlite":
        _prepare_file(address, create=create)
    try:
        with ExitStack() as stack:
            engine = _engine(address)
            stack.callback(engine.dispose)  # unless all goes well
            with engine.begin() as connection:
                _upgrade(connection, address, create=create, room=room)
            stack.pop_all()
    except (DBAPIError, *OF_OPTIONS) as error:
        raise unreachable(address, error) from error
    return engine


def parse_url(url: str | URL) -> URL:
    """Read a catalogue's address.

    Raises:
        CatalogueError: It is none, or of an engine that is not supported.
    """
    try:
        address = make_url(url)
    except ValueError:  # of its port, which may be a part of the password: it is not repeated
        raise CatalogueError(f"the port in the catalogue's address is none: {EXPECTED_PORT}") from None
    except ArgumentError:  # the text may hold a password: it is not repeated
        raise CatalogueError(
            "the catalogue's address is not an SQLAlchemy URL: expected mysql+pymysql://USER:PASSWORD@HOST/NAME "
            "or sqlite:///FILE (percent-encode special characters in the password)"
        ) from None
    if address.drivername not in DRIVERS:
        raise CatalogueError(
            f"a catalogue at {address.drivername}:// is not supported: "
            "expected mysql+pymysql://USER:PASSWORD@HOST/NAME or sqlite:///FILE"
        )
    of_server = "" if address.get_backend_name() == "sqlite" else f"{address.host or ''}{address.database or ''}"
    if "@" in of_server:  # what is taken for host or database is part of the password, then: it is not repeated
        raise CatalogueError(
            "the password in the catalogue's address holds an '@': percent-encode it as %40 (and '/' as %2F)"
        )
    if address.port is not None and not 0 < address.port <= MAX_PORT:  # else the driver asks another one
        raise CatalogueError(f"there is no port {address.port}: {EXPECTED_PORT}")
    if not address.database or address.database == ":memory:":
        raise CatalogueError(
            f"{redacted(address)} names no database: expected mysql+pymysql://…/NAME or sqlite:///FILE"
        )
    if address.get_backend_name() == "sqlite" and isinstance(url, str) and "?" in url:
        raise CatalogueError(
            f"{redacted(address)} has options behind a '?': expected none; name the folder of a file whose "
            "path holds a '?' with --data"
        )
    return address


def unreachable(address: URL, error: Exception) -> CatalogueError:
    """Tell in one line why a catalogue could not be opened, and what to do."""
    inner = getattr(error, "orig", None) or error
    number, cause = inner.args[0] if inner.args else None, str(inner.args[-1] if inner.args else inner)
    for value in chain(*address.normalized_query.values()):  # in quotes, a driver repeats an option that it cannot use
        cause = cause.replace(repr(value), "'…'")
    name = f"`{address.database}`"
    remedy = "check the address and that it can be written"
    if unknown := UNKNOWN_OPTION.search(cause):
        cause, remedy = f"its driver has no option {unknown[1]}", "leave it out behind the '?' of the address"
    elif address.query and isinstance(
        inner, (TypeError, ValueError, AttributeError)
    ):  # Python's words, not the driver's
        cause = f"its driver cannot use the value of {' or of '.join(address.query)}"
        remedy = "correct it behind the '?' of the address (times are whole seconds), or leave it out"
    elif number == NO_SERVER:
        remedy = "is the server running, and is this its address?"
    elif number in UNKNOWN_USER:
        remedy = (
            "check the user and the password, and that the server has this user for the host that you come from "
            "(as an administrator: SELECT user, host FROM mysql.user)"
        )
    elif number == NO_RIGHT_TO_DATABASE:
        remedy = (
            f"check its name, for it may be misspelt or not exist; else, as an administrator, GRANT {RIGHTS} ON "
            f"{name}.* TO this user"
        )
    elif number == NO_RIGHT_TO_TABLE:
        remedy = (
            f"as an administrator, GRANT {RIGHTS} ON {name}.* TO this user; then the same command goes on with the "
            "tables that are there"
        )
    elif number == UNKNOWN_DATABASE:
        remedy = f"check its name, or make it: CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
    return CatalogueError(f"cannot open the catalogue {redacted(address)}: {cause}; {remedy}")


def redacted(address: URL) -> str:
    """Write a catalogue's address without any part in which a password may stand."""
    user = f"{address.username}@" if address.username else ""
    port = f":{address.port}" if address.port else ""
    return f"{address.drivername}://{user}{address.host or ''}{port}/{address.database or ''}"


def migrations() -> Config:
    """Return Alembic's configuration: the migrations of the installed package."""
    config = Config()
    folder = str(files("harvest.sql").joinpath("migrations"))
    config.set_main_option("script_location", folder.replace("%", "%%"))
    return config


def _prepare_file(address: URL, *, create: bool) -> None:
    path = Path(str(address.database))
    if create:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CatalogueError(
                f"cannot make the folder {path.parent}: {error.strerror}; name another with --data"
            ) from error
    elif not path.exists():
        raise NoCatalogue(f"no catalogue at {path}: run 'harvest SOURCE' first, or name another with --catalogue")


def _engine(address: URL) -> Engine:
    if address.get_backend_name() == "sqlite":
        path = Path(str(address.database))
        if path.exists() and not is_writable(path):
            return create_engine(address, creator=lambda: reader(path), poolclass=NullPool)
        engine = create_engine(address, connect_args={"timeout": LOCK_WAIT})
        event.listen(engine, "connect", _set_up_sqlite)
        return engine
    return create_engine(
        address,
        isolation_level="READ COMMITTED",
        pool_pre_ping=True,
        connect_args={"charset": "utf8mb4", "init_command": MYSQL_SESSION, "client_flag": CLIENT_FLAG},
    )


def _set_up_sqlite(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")  # a commit outlives a power cut
    connection.execute("PRAGMA foreign_keys = ON")


def _upgrade(connection: Connection, address: URL, *, create: bool, room: Callable[[Path], int]) -> None:
    config = migrations()
    script = ScriptDirectory.from_config(config)
    head = str(script.get_current_head())
    known = {None if create else head, *(revision.revision for revision in script.walk_revisions())}
    if _revision(connection, address, known, head) == head:
        return
    with _alone(connection, address):
        current = _revision(connection, address, known, head)
        if current not in (None, head):
            log.info("upgrading the catalogue %s from schema %s to %s", redacted(address), current, head)
            if address.get_backend_name() == "sqlite":
                keep_copy(Path(str(address.database)), head, room)
        if current is None:
            _expect_empty(connection, address)
        if current != head:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def _revision(connection: Connection, address: URL, known: Container[str | None], head: str) -> str | None:
    """Return the schema that a catalogue has; None: no tables yet."""
    current = MigrationContext.configure(connection).get_current_revision()
    if current in known:
        return current
    if current is None:
        raise NoCatalogue(f"{redacted(address)} holds no catalogue yet: run 'harvest SOURCE' first")
    raise CatalogueError(
        f"the catalogue {redacted(address)} has schema {current}, which is newer than this program knows "
        f"({head}): update raisonne; nothing was changed"
    )


def _expect_empty(connection: Connection, address: URL) -> None:
    """Refuse a database that holds somebody else's tables, before any is made; a catalogue half made is gone on with.

    Raises:
        CatalogueError: It holds tables, and not Alembic's, which is the first that a catalogue gets.
    """
    inspector = inspect(connection)
    names = sorted([*inspector.get_table_names(), *inspector.get_view_names()])
    if names and "alembic_version" not in names:
        more = f" … and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
        raise CatalogueError(
            f"{redacted(address)} holds tables that are not a catalogue's: {', '.join(names[:MAX_NAMED])}{more}; a "
            "new catalogue needs an empty database: name another with --catalogue; nothing was changed"
        )


@contextmanager
def _alone(connection: Connection, address: URL) -> Iterator[None]:
    """Wait until no other process makes or upgrades this catalogue, and keep all others waiting meanwhile."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield
        return
    if connection.exec_driver_sql(f"SELECT GET_LOCK({_MYSQL_LOCK}, {LOCK_WAIT})").scalar_one() != 1:
        raise CatalogueError(f"another program is upgrading the catalogue {redacted(address)}: try again later")
    try:
        yield
        connection.exec_driver_sql("COMMIT")  # before the lock is let go: who waits for it looks at once
    finally:
        if not connection.invalidated:
            connection.exec_driver_sql(f"SELECT RELEASE_LOCK({_MYSQL_LOCK})")


def keep_copy(path: Path, revision: str, room: Callable[[Path], int]) -> None:
    """Copy a SQLite catalogue that is about to be upgraded, unless the very same copy is there.

    Args:
        path: The catalogue, in which nobody else writes meanwhile.
        revision: To which it is to be upgraded; the copy lies beside it, as FILE.before-REVISION.
        room: Returns the bytes that are free in a folder.

    Raises:
        CatalogueError: There is no room for the copy and the upgrade, or it cannot be written.
    """
    copy, number = path.with_name(f"{path.name}.before-{revision}"), 0
    try:
        with closing(reader(path)) as source:
            while (is_there := copy.exists()) and not _is_same(source, copy):
                number += 1
                copy = path.with_name(f"{path.name}.before-{revision}.{number}")
            (pages,), (size,) = (source.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "page_size"))
            needed, free = pages * size * (1 if is_there else 2), room(path.parent)  # at most, all its pages change
            if free < needed:
                raise CatalogueError(
                    f"the catalogue {path} cannot be upgraded: a copy of it and the upgrade need {needed / 1e6:,.1f} "
                    f"MB beside it, and {free / 1e6:,.1f} MB are free; make room and run the same command again; "
                    "nothing was changed"
                )
            if not is_there:
                _write_copy(source, copy)
    except (OSError, sqlite3.Error) as error:
        raise CatalogueError(
            f"the catalogue {path} cannot be upgraded, for it cannot be copied to {copy}: {error}; nothing was changed"
        ) from error
    log.info("a copy of the catalogue as it was lies at %s", copy)


def _write_copy(source: sqlite3.Connection, copy: Path) -> None:
    """Copy a SQLite file; what bears the copy's name is whole and on the disk."""
    part = copy.with_name(f"{copy.name}.part")
    part.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(part)) as target:
            target.execute("PRAGMA journal_mode = OFF")  # half a copy is of no use
            source.backup(target)
        sync(part)
        rename(part, copy)
    finally:
        part.unlink(missing_ok=True)


def _is_same(source: sqlite3.Connection, copy: Path) -> bool:
    """Return whether a copy holds what its source holds, row by row: files of one content may differ in their bytes."""
    try:
        with closing(reader(copy, "immutable=1")) as other:
            return all(ours == theirs for ours, theirs in zip_longest(_content(source), _content(other)))
    except sqlite3.Error:
        return False


def _content(connection: sqlite3.Connection) -> Iterator[tuple[object, ...]]:
    tables = connection.execute("SELECT name, type, sql FROM sqlite_master ORDER BY name").fetchall()
    yield from tables
    for name in (name for name, kind, _ in tables if kind == "table"):
        yield from connection.execute(f'SELECT * FROM "{name}"')  # noqa: S608 - a name that the file itself gives


def is_writable(path: Path) -> bool:
    """Return whether a SQLite file can be written, and the files that SQLite makes beside it."""
    return all(os.access(place, os.W_OK) for place in (path, path.absolute().parent))


def reader(path: Path, options: str | None = None) -> sqlite3.Connection:
    """Open a SQLite file that cannot be written on this connection.

    In WAL mode, SQLite makes files beside the one that it reads. Where it may not, the file is opened as one that
    nobody changes: without locks, and past the log of what is not in the file yet. That is right only while there is no
    such log, which each writer makes when it opens the file and takes away when the last one closes it.
    """
    if options is None:
        is_at_rest = not path.with_name(f"{path.name}-wal").exists()
        options = "mode=ro" if is_writable(path) or not is_at_rest else "immutable=1"
    return sqlite3.connect(f"file:{quote(str(path.absolute()))}?{options}", uri=True, check_same_thread=False)


@contextmanager
def opened(url: str | URL) -> Iterator[Engine]:
    """Open a catalogue that is there, for as long as a block takes."""
    catalogue = open_catalogue(url)
    try:
        yield catalogue
    finally:
        catalogue.dispose()
