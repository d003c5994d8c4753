"""What a load's own rows cost the server: all that is written is recorded, then sent again with nothing computed."""

import pickle
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from pymysql.connections import Connection as Driver
from sqlalchemy import Connection, create_engine, text

from harvest.catalogue import load_data
from harvest.catalogue.database import open_catalogue

WRITING = (b"INSERT", b"UPDATE", b"DELETE", b"CREATE TEMPORARY", b"DROP TEMPORARY", b"COMMIT")


@contextmanager
def recorded(file: Path) -> Iterator[None]:
    """Record each statement that writes and, where it loads rows, the bytes of these rows."""
    execute: Callable[..., None] = Driver._execute_command  # type: ignore[attr-defined]  # noqa: SLF001
    load = load_data._ask  # noqa: SLF001
    with file.open("wb") as out:

        def executing(driver: Any, command: int, said: str | bytes) -> None:
            said = said.encode() if isinstance(said, str) else bytes(said)
            if said.lstrip().startswith(WRITING):
                pickle.dump((said, None), out)
            execute(driver, command, said)

        def loading(connection: Connection, statement: str, packets: Iterable[bytes]) -> Any:
            content = b"".join(packets)
            pickle.dump((statement, content), out)
            return load(connection, statement, load_data._packets([content]))  # noqa: SLF001

        with mock.patch.object(Driver, "_execute_command", executing), mock.patch.object(load_data, "_ask", loading):
            yield


def replay(file: Path, address: str) -> Callable[[], None]:
    """Make a fresh catalogue; return what sends it the same on one connection, in the same transactions."""
    catalogue = open_catalogue(address, create=True)

    def send() -> None:
        with catalogue.connect() as connection:
            driver: Any = connection.connection.driver_connection
            for statement, content in _recorded_in(file):
                if content is None:
                    driver.query(statement)
                else:
                    load_data._ask(connection, statement, load_data._packets([content]))  # noqa: SLF001
        catalogue.dispose()

    return send


def server_cpu(address: str) -> float | None:
    """Return the CPU seconds that the server has taken so far; None: there is none, or this system does not tell."""
    if address.startswith("sqlite"):
        return None
    engine = create_engine(address)
    with engine.connect() as connection:
        process, folder = connection.execute(text("SELECT @@pid_file, @@datadir")).one()
    engine.dispose()
    figures = Path(f"/proc/{Path(folder, process).read_text().strip()}/stat")
    if not figures.exists():
        return None
    user, system = figures.read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / 100  # ticks: a hundred a second on every Linux


def _recorded_in(file: Path) -> Iterator[tuple[Any, bytes | None]]:
    with file.open("rb") as given:
        while given.peek(1):
            yield pickle.load(given)
