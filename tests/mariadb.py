"""A MariaDB server of one's own, for the tests and the benchmarks."""

import itertools
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import OperationalError

NewDatabase = Callable[[], str]


@contextmanager
def private_mariadb(*settings: str, charset: str = "utf8mb4") -> Iterator[NewDatabase]:
    """Start a server with its own data; calling what this gives makes an empty database and gives its address.

    Args:
        settings: Further options of `mariadbd`.
        charset: Of the databases.
    """
    with tempfile.TemporaryDirectory() as folder:
        port = _free_port()
        own = ["--no-defaults", f"--datadir={folder}/data", f"--tmpdir={folder}"]
        install = ["mariadb-install-db", *own, "--auth-root-authentication-method=normal", "--skip-test-db"]
        subprocess.run(install, check=True, capture_output=True)
        user = ["--user=root"] if os.geteuid() == 0 else []
        serve = ["mariadbd", *own, *user, "--bind-address=127.0.0.1", f"--port={port}", f"--socket={folder}/socket"]
        log = Path(folder, "log")
        with log.open("wb") as output, subprocess.Popen([*serve, *settings], stdout=output, stderr=output) as server:
            address, numbers = f"mysql+pymysql://root@127.0.0.1:{port}", itertools.count()
            root = create_engine(f"{address}/mysql")
            try:
                _wait_until_it_answers(root, server, log)
                yield lambda: _make_database(root, address, f"database{next(numbers)}", charset)
            finally:
                root.dispose()
                server.terminate()


def _make_database(root: Engine, address: str, name: str, charset: str) -> str:
    with root.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} CHARACTER SET {charset}"))
    return f"{address}/{name}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_it_answers(root: Engine, server: subprocess.Popen[bytes], log: Path) -> None:
    while server.poll() is None:
        try:
            root.connect().close()
        except OperationalError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"MariaDB ended before it answered: {log.read_text()}")
