"""What all tests share: no socket beyond this machine, a real MariaDB, one harvested museum."""

import itertools
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

hypothesis.settings.register_profile("house", deadline=None, derandomize=True)  # no test asserts a time, or is chance
hypothesis.settings.load_profile("house")

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
IN_CI = os.environ.get("CI") == "true"

LOOPBACK = ("127.0.0.1", "::1", "localhost")


def need(condition: bool, what: str) -> None:
    """Skip a test that needs something this machine lacks; where CI=true, fail it."""
    if not condition:
        (pytest.fail if IN_CI else pytest.skip)(f"needs {what}")


@pytest.fixture(autouse=True, scope="session")
def no_socket_beyond_this_machine() -> Iterator[None]:
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if isinstance(address, tuple) and address[0] not in LOOPBACK:
            raise AssertionError(f"a test tried to reach {address[0]}")
        connect(self, address)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real samples and paintings beside the checkout, which is no part of the project."""
    need(SHARED.is_dir(), "the folder ../shared with real samples")
    return SHARED


@pytest.fixture(scope="session")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], str]]:
    """A real MariaDB server; calling the fixture makes an empty database and gives its address."""
    need(shutil.which("mariadbd") is not None, "mariadbd (Debian: mariadb-server)")
    folder = tmp_path_factory.mktemp("mariadb")
    port = _free_port()
    defaults = ["--no-defaults", f"--datadir={folder / 'data'}"]
    install = ["mariadb-install-db", *defaults, "--auth-root-authentication-method=normal", "--skip-test-db"]
    subprocess.run(install, check=True, capture_output=True)
    serve = ["mariadbd", *defaults, "--bind-address=127.0.0.1", f"--port={port}", f"--socket={folder / 'socket'}"]
    user = ["--user=root"] if os.geteuid() == 0 else []
    with (folder / "log").open("wb") as log, subprocess.Popen([*serve, *user], stdout=log, stderr=log) as server:
        try:
            numbers = itertools.count()
            root = create_engine(f"mysql+pymysql://root@127.0.0.1:{port}/mysql")
            _wait_until_it_answers(root, server, folder / "log")

            def database() -> str:
                name = f"test{next(numbers)}"
                with root.connect() as connection:
                    connection.execute(text(f"CREATE DATABASE {name} CHARACTER SET latin1"))
                return f"mysql+pymysql://root@127.0.0.1:{port}/{name}"

            yield database
            root.dispose()
        finally:
            server.terminate()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_it_answers(engine: object, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        assert server.poll() is None, log.read_text()
        try:
            engine.connect().close()  # type: ignore[attr-defined]
        except OperationalError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"MariaDB does not answer: {log.read_text()}")
