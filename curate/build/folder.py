"""The build's folder: written aside, and there under its name only when it is whole."""

import filecmp
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from curate.errors import CurateError
from harvest.files import FolderInUse, fit_name, is_folder_name, lock, rename, sync_tree


def check_name(name: str) -> None:
    """Refuse a name that is no plain, visible folder name.

    Raises:
        CurateError: It is empty, hidden, a path or too long.
    """
    if not is_folder_name(name):
        raise CurateError(
            f"{name!r} cannot name a build: choose a --name of letters and digits, without separators or a leading dot"
        )


@contextmanager
def aside(builds: Path, name: str, *, program: str = "curate build") -> Iterator[Path]:
    """Yield an empty folder to write into; what is not published when the block ends is removed.

    Only one build at a time is written in `builds`; what a killed one left is removed first.

    Args:
        builds: The folder of all builds, or exports.
        name: Of what is written.
        program: That writes there.

    Raises:
        CurateError: Another build is being written.
    """
    builds.mkdir(exist_ok=True)
    with ExitStack() as stack:
        try:
            stack.enter_context(lock(builds))
        except FolderInUse:
            raise CurateError(f"another '{program}' is writing into {builds}: wait until it has ended") from None
        for stale in builds.glob(".*.part"):
            # Named anew first: a process of the killed build that has not ended yet may still write into it.
            shutil.rmtree(stale.rename(tempfile.mkdtemp(prefix=".", suffix=".part", dir=builds)))
        part = builds / f".{fit_name(name)}.{os.getpid()}.part"  # nor does such a process write into this one
        part.mkdir()
        try:
            yield part
        finally:
            if part.exists():
                shutil.rmtree(part)


def holds(target: Path, part: Path, *, without: str | None = None) -> bool:
    """Return whether a folder holds every file of another, byte for byte, but for those of one folder in it."""
    files = [path.relative_to(part) for path in part.rglob("*") if path.is_file()]
    files = [file for file in files if file.parts[0] != without]
    return all((target / file).is_file() and filecmp.cmp(part / file, target / file, shallow=False) for file in files)


def publish(part: Path, target: Path) -> None:
    """Put the finished folder under its name, once all of it is on the disk; a damaged one there makes way."""
    sync_tree(part)
    damaged = part.with_name(f".{target.name}.damaged.part")  # a stale one is removed at the next build
    if target.exists():
        target.rename(damaged)
    rename(part, target)
    shutil.rmtree(damaged, ignore_errors=True)
