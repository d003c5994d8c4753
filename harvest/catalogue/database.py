"""The catalogue at rest: opening it on any engine, upgrading its schema, reading paintings from it."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError

from harvest.catalogue.load_data import CLIENT_FLAG
from harvest.errors import BadInput

DRIVERS = ("sqlite", "mysql+pymysql", "mariadb+pymysql")
LOCK_WAIT = 30  # seconds for another process's transaction
MYSQL_SESSION = (
    "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00', "
    "group_concat_max_len = 1048576"  # MySQL's 1,024 bytes would cut a long medium line in silence
)


class CatalogueError(BadInput):
    """A catalogue that cannot be opened."""


class NoCatalogue(CatalogueError):
    """There is none yet at this address."""


def open_catalogue(url: str, *, create: bool = False) -> Engine:
    """Open the catalogue and bring its schema up to date.

    Args:
        url: An SQLAlchemy URL with one of DRIVERS.
        create: Make the tables (and SQLite's file) where there are none. A MySQL database must exist.

    Raises:
        CatalogueError: The address is wrong, nothing is there, or the schema is newer than this program.
    """
    address = parse_url(url)
    if address.get_backend_name() == "sqlite":
        _prepare_file(address, create=create)
    try:
        engine = _engine(address)
        with engine.begin() as connection:
            _upgrade(connection, address, create=create)
    except IntegrityError:  # another process made the tables in this very moment
        return open_catalogue(url)
    except (DBAPIError, OSError, TypeError, ValueError) as error:  # the last two: of options behind "?"
        raise unreachable(address, error) from error
    return engine


def parse_url(url: str) -> URL:
    """Read a catalogue's address.

    Raises:
        CatalogueError: It is none, or of an engine that is not supported.
    """
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):  # the text may hold a password: it is not repeated
        raise CatalogueError(
            "the catalogue's address is not an SQLAlchemy URL: expected mysql+pymysql://USER:PASSWORD@HOST/NAME "
            "or sqlite:///FILE (percent-encode special characters in the password)"
        ) from None
    if address.drivername not in DRIVERS:
        raise CatalogueError(
            f"a catalogue at {address.drivername}:// is not supported: "
            "expected mysql+pymysql://USER:PASSWORD@HOST/NAME or sqlite:///FILE"
        )
    if "@" in (address.host or ""):
        raise CatalogueError("the password in the catalogue's address holds an '@': percent-encode it as %40")
    if not address.database or address.database == ":memory:":
        raise CatalogueError(
            f"{redacted(address)} names no database: expected mysql+pymysql://…/NAME or sqlite:///FILE"
        )
    return address


def unreachable(address: URL, error: Exception) -> CatalogueError:
    """Tell in one line why a catalogue could not be opened."""
    inner = getattr(error, "orig", None) or error
    cause = inner.args[-1] if inner.args else inner
    return CatalogueError(
        f"cannot open the catalogue {redacted(address)}: {cause}; check the address and that it can be written"
    )


def redacted(address: URL) -> str:
    """Write a catalogue's address without any part in which a password may stand."""
    user = f"{address.username}@" if address.username else ""
    port = f":{address.port}" if address.port else ""
    return f"{address.drivername}://{user}{address.host or ''}{port}/{address.database}"


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


def _upgrade(connection: Connection, address: URL, *, create: bool) -> None:
    config = migrations()
    script = ScriptDirectory.from_config(config)
    current = MigrationContext.configure(connection).get_current_revision()
    if current is None and not create:
        raise NoCatalogue(f"{redacted(address)} holds no catalogue yet: run 'harvest SOURCE' first")
    if current is not None and current not in {revision.revision for revision in script.walk_revisions()}:
        raise CatalogueError(
            f"the catalogue {redacted(address)} has schema {current}, which is newer than this program knows "
            f"({script.get_current_head()}): update raisonne; nothing was changed"
        )
    if current != script.get_current_head():
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


@contextmanager
def opened(url: str) -> Iterator[Engine]:
    """Open a catalogue that is there, for as long as a block takes."""
    catalogue = open_catalogue(url)
    try:
        yield catalogue
    finally:
        catalogue.dispose()
