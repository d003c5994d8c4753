"""What lies in the data folder and can be made again."""

import shutil
from dataclasses import dataclass
from pathlib import Path

CACHE = "cache"


@dataclass(frozen=True, slots=True)
class Cached:
    """One entry of the cache."""

    path: Path
    size: int  # bytes


def cached(data: Path) -> list[Cached]:
    """Return the entries of the cache, the largest first."""
    folder = data / CACHE
    entries = []
    for path in folder.iterdir() if folder.is_dir() else ():
        files = path.rglob("*") if path.is_dir() and not path.is_symlink() else [path]
        size = sum(file.lstat().st_size for file in files if file.is_file() or file.is_symlink())
        entries.append(Cached(path, size))
    return sorted(entries, key=lambda entry: (-entry.size, entry.path.name))


def remove(entry: Cached) -> None:
    """Remove one entry."""
    if entry.path.is_dir() and not entry.path.is_symlink():
        shutil.rmtree(entry.path)
    else:
        entry.path.unlink()
