"""A MariaDB of one's own, as it comes, for as long as a benchmark runs."""

import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError


@contextmanager
def private_mariadb(*settings: str) -> Iterator[str]:
    """Start a server with its own data and an empty database; give the database's address.

    Args:
        settings: Further options of `mariadbd`.
    """
    with tempfile.TemporaryDirectory() as folder:
        port = _free_port()
        own = ["--no-defaults", f"--datadir={folder}/data"]
        install = ["mariadb-install-db", *own, "--auth-root-authentication-method=normal", "--skip-test-db"]
        subprocess.run(install, check=True, capture_output=True)
        user = ["--user=root"] if os.geteuid() == 0 else []
        serve = ["mariadbd", *own, *user, "--bind-address=127.0.0.1", f"--port={port}", f"--socket={folder}/socket"]
        with subprocess.Popen([*serve, *settings], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
            try:
                yield _database(f"mysql+pymysql://root@127.0.0.1:{port}", server)
            finally:
                server.terminate()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _database(address: str, server: subprocess.Popen[bytes]) -> str:
    engine = create_engine(f"{address}/mysql")
    while server.poll() is None:
        try:
            with engine.begin() as connection:
                connection.execute(text("CREATE DATABASE bench CHARACTER SET utf8mb4"))
        except OperationalError:
            time.sleep(0.1)
        else:
            engine.dispose()
            return f"{address}/bench"
    raise RuntimeError("MariaDB did not start")
