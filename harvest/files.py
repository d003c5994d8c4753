"""What a repair takes away is kept: moved to `lost+found/` in the data folder, under the path where it lay."""

import os
import shutil
from pathlib import Path

FOLDER = "lost+found"


def set_aside(data: Path, path: Path) -> None:
    """Move a file out of the way; one that is not there any more is no matter."""
    if path.exists():
        path.replace(_place(data, path))


def set_tail_aside(data: Path, path: Path, end: int) -> None:
    """Copy what lies behind a file's end out of the way, then cut it."""
    with path.open("r+b") as file:
        file.seek(end)
        with _place(data, path).open("wb") as tail:
            shutil.copyfileobj(file, tail)
            tail.flush()
            os.fsync(tail.fileno())
        file.truncate(end)
        os.fsync(file.fileno())


def _place(data: Path, path: Path) -> Path:
    """Find a free name for a file, and make its folder."""
    place = data / FOLDER / path.relative_to(data)
    place.parent.mkdir(parents=True, exist_ok=True)
    number = 0
    while place.exists():
        number += 1
        place = place.with_name(f"{path.name}.{number}")
    return place
