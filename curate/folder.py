"""The build's folder: written aside, and there under its name only when it is whole."""

import fcntl
import filecmp
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from curate.errors import CurateError


def check_name(name: str) -> None:
    """Refuse a name that is no plain, visible folder name.

    Raises:
        CurateError: It is empty, hidden, a path or too long.
    """
    is_plain = name.isprintable() and not set(name) & set("/\\") and len(name.encode()) <= 200  # bytes; systems: 255
    if not name.strip() or name.startswith(".") or not is_plain:
        raise CurateError(
            f"{name!r} cannot name a build: choose a --name of letters and digits, without separators or a leading dot"
        )


@contextmanager
def aside(builds: Path, name: str) -> Iterator[Path]:
    """Yield an empty folder to write into; what is not published when the block ends is removed.

    Only one build at a time is written in `builds`; what a killed one left is removed first.

    Raises:
        CurateError: Another build is being written.
    """
    builds.mkdir(exist_ok=True)
    with _locked(builds):
        for stale in builds.glob(".*.part"):
            shutil.rmtree(stale)
        part = builds / f".{name}.part"
        part.mkdir()
        try:
            yield part
        finally:
            if part.exists():
                shutil.rmtree(part)


def holds(target: Path, part: Path) -> bool:
    """Say whether a folder holds every file of another, byte for byte."""
    files = [path.relative_to(part) for path in part.rglob("*") if path.is_file()]
    return all((target / file).is_file() and filecmp.cmp(part / file, target / file, shallow=False) for file in files)


def publish(part: Path, target: Path) -> None:
    """Put the finished folder under its name, once all of it is on the disk; a damaged one there makes way."""
    for directory, _, files in os.walk(part, topdown=False):
        for file in files:
            _sync(Path(directory, file))
        _sync(Path(directory))
    damaged = part.with_name(f".{target.name}.damaged.part")  # a stale one is removed at the next build
    if target.exists():
        target.rename(damaged)
    part.rename(target)
    shutil.rmtree(damaged, ignore_errors=True)
    _sync(target.parent)


@contextmanager
def _locked(builds: Path) -> Iterator[None]:
    """Hold the folder; a killed process lets go of it by itself."""
    descriptor = os.open(builds, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise CurateError(f"another 'curate build' is writing into {builds}: wait until it has ended") from None
    finally:
        os.close(descriptor)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
