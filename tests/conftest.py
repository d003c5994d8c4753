"""What all tests share: no socket beyond this machine, a real MariaDB, one harvested museum."""

import logging
import os
import shutil
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from sqlalchemy import Connection, Engine, event

from tests.mariadb import NewDatabase, private_mariadb

hypothesis.settings.register_profile("house", deadline=None, derandomize=True)  # no test asserts a time, or is chance
hypothesis.settings.load_profile("house")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a shell's background job is started so, and all its children
    signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
IN_CI = os.environ.get("CI") == "true"

# Modules that take minutes; begun first, no worker is left with one of them at the end.
LONG = ("tests/test_whole_way.py", "tests/train/paper/", "tests/harvest/engine/test_torture.py", "tests/curate/build/")

LOOPBACK = ("127.0.0.1", "::1", "localhost")


def need(condition: bool, what: str) -> None:
    """Skip a test that needs something this machine lacks; where CI=true, fail it."""
    if not condition:
        (pytest.fail if IN_CI else pytest.skip)(f"needs {what}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests of long modules first."""
    items.sort(
        key=lambda item: next((place for place, long in enumerate(LONG) if item.nodeid.startswith(long)), len(LONG))
    )


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
def mariadb() -> Iterator[NewDatabase]:
    """A real MariaDB server; calling the fixture makes an empty database and gives its address."""
    need(shutil.which("mariadbd") is not None, "mariadbd (Debian: mariadb-server)")
    # No test ends the server, so that nothing need reach the disk: most of its time was waiting for that.
    unsynced = ("--debug-no-sync", "--innodb-flush-log-at-trx-commit=0", "--innodb-flush-method=nosync")
    with private_mariadb(*unsynced, charset="latin1") as new_database:  # what our tables must not depend on
        yield new_database


@pytest.fixture(autouse=True)
def logging_is_as_in_a_new_process() -> None:
    """Undo the levels that a program run in this process has set (`-q` silences the tests after it)."""
    for package in ("harvest", "curate", "train", "urllib3"):
        logging.getLogger(package).setLevel(logging.NOTSET)


@pytest.fixture(autouse=True, scope="session")
def connected() -> Iterator[set[Engine]]:
    """The engines that a test, or what it shares with others, has opened connections of."""
    engines: set[Engine] = set()

    def remember(connection: Connection) -> None:
        engines.add(connection.engine)

    event.listen(Engine, "engine_connect", remember)
    yield engines
    event.remove(Engine, "engine_connect", remember)


@pytest.fixture(autouse=True)
def catalogues_are_closed(connected: set[Engine]) -> Iterator[None]:
    """Close the connections that a test leaves in its engines' pools: Python 3.13 warns of each to SQLite."""
    yield
    while connected:
        connected.pop().dispose()
