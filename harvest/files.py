"""How the three programs write, lock and name what lies in the data folder.

Files and folders are written aside and renamed when they are whole and on the disk: under its name there is never
anything but the whole file. What a repair takes away is kept in `lost+found/`, under the path where it lay.
"""

import errno
import fcntl
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

LOST_AND_FOUND = "lost+found"
MAX_NAME = 200  # bytes of a folder's name; file systems take 255, and what is written aside has a longer one


class FolderInUse(OSError):
    """Another process holds the folder's lock."""


def sync(path: Path) -> None:
    """Return when a file, or a folder's list of names, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(folder: Path) -> None:
    """Return when a folder and all that it holds is on the disk."""
    for directory, _, names in os.walk(folder, topdown=False):
        for name in names:
            sync(Path(directory, name))
        sync(Path(directory))


def rename(part: Path, path: Path) -> None:
    """Give what is on the disk its name, which outlives a power cut too; a file of that name is replaced."""
    part.replace(path)
    sync(path.parent)


@contextmanager
def atomic_write(path: Path) -> Iterator[IO[bytes]]:
    """Yield a file that gets its name when the block ends, and is removed on any error.

    Several threads and processes may write the same file at the same time. A killed one leaves a `.part`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_native_id()}.part")
    try:
        with part.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        rename(part, path)
    finally:
        part.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> Path:
    """Write a text as UTF-8, whole or not at all, "?" for what is no letter; return where it lies."""
    with atomic_write(path) as file:
        file.write(text.encode("utf-8", "replace"))
    return path


@contextmanager
def lock(folder: Path) -> Iterator[None]:
    """Hold a folder; a killed process lets go of it by itself.

    Raises:
        FolderInUse: Another process holds it, or has just given it another name.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_held = os.path.samestat(os.fstat(descriptor), folder.stat())
        except (BlockingIOError, FileNotFoundError):
            is_held = False
        if not is_held:
            raise FolderInUse(errno.EWOULDBLOCK, "in use by another process", str(folder))
        yield
    finally:
        os.close(descriptor)


def is_in_use(folder: Path) -> bool:
    """Say whether another process holds a folder's lock; the question holds it for no longer than it takes to ask."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def is_folder_name(name: str) -> bool:
    """Say whether a name is a plain, visible folder name: not empty, hidden, a path or too long."""
    is_plain = name.isprintable() and not set(name) & set("/\\") and len(name.encode()) <= MAX_NAME
    return bool(name.strip()) and not name.startswith(".") and is_plain


def fit_name(name: str, suffix: str = "") -> str:
    """Return a name with a suffix, the name cut where both together are longer than MAX_NAME."""
    kept = os.fsencode(name)[: max(0, MAX_NAME - len(os.fsencode(suffix)))].decode(errors="ignore")
    return kept + suffix


def set_aside(data: Path, path: Path) -> None:
    """Move a file out of the way; one that is not there any more is no matter."""
    if path.exists():
        place = Path(shutil.move(path, _free_place(data, path)))  # copied where a link leads to another disk
        sync(place) if place.is_file() else None


def set_tail_aside(data: Path, path: Path, end: int) -> None:
    """Copy what lies behind a file's end out of the way, then cut it."""
    with path.open("r+b") as file:
        file.seek(end)
        with _free_place(data, path).open("wb") as tail:
            shutil.copyfileobj(file, tail)
            tail.flush()
            os.fsync(tail.fileno())
        file.truncate(end)
        os.fsync(file.fileno())


def _free_place(data: Path, path: Path) -> Path:
    """Return a free path for a file in `lost+found/`, and make its folder."""
    place = data / LOST_AND_FOUND / path.relative_to(data)
    place.parent.mkdir(parents=True, exist_ok=True)
    number = 0
    while place.exists():
        number += 1
        place = place.with_name(f"{path.name}.{number}")
    return place
