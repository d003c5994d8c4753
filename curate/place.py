"""Where a build's pictures may lie beside the disk: an address of `fsspec`, such as s3://BUCKET/FOLDER.

A build is written there as it lies in `builds/`: its pictures first, then its tables, and `build.json` last. So what
has a `build.json` there is whole. Keys are read by each driver from its own environment: an address holds no password.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from curate.errors import CurateError
from curate.executor import Executor

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

BATCH_SIZE = 32  # files that a worker writes side by side
MARK = "build.json"
PICTURES = "images"

Progress = Callable[[Iterable[Any], int], Iterable[Any]]  # steps and how many → the same steps


def check_address(address: str) -> None:
    """Refuse an address at which nothing can be written.

    Raises:
        CurateError: It is none, holds a password, its driver is absent, or nothing is there.
    """
    if "://" not in address:
        raise CurateError(f"{address!r} is no address: expected PROTOCOL://PLACE, such as s3://BUCKET/FOLDER")
    if urlsplit(address).password is not None:
        raise CurateError("an address is kept in build.json and must hold no password: give it to its driver otherwise")
    files, root = opened(address)
    place = root if "/" not in root else root.partition("/")[0] or root  # a bucket; of a path, the whole
    try:
        files.ls(place)
    except FileNotFoundError as error:
        raise CurateError(f"nothing is at {address} ({error}): make the bucket or folder first") from None
    except PermissionError as error:
        raise CurateError(f"{address} may not be listed ({error}): get the right to list and write there") from None


def opened(address: str) -> "tuple[AbstractFileSystem, str]":
    """Return the file system of an address, and the path in it.

    Raises:
        CurateError: Its driver is absent, or no such protocol is known.
    """
    try:
        from fsspec.core import url_to_fs
    except ModuleNotFoundError as error:
        raise CurateError(f"{address} needs fsspec ({error}): pip install 'raisonne[cluster]'") from None
    try:
        files, root = url_to_fs(address)
    except ImportError as error:
        raise CurateError(f"{address} needs another library: {error}, here and on each worker") from None
    except ValueError as error:
        raise CurateError(f"{address} cannot be opened: {error}") from None
    return files, root.rstrip("/")


def read(build: Path, address: str, name: str) -> bytes:
    """Return the content of a build's file: the one here, or, where the build has an address and none is here, there.

    Raises:
        FileNotFoundError: There is none.
    """
    if not address or (build / name).exists():
        return (build / name).read_bytes()
    files, root = opened(address)
    return bytes(files.cat_file(f"{root}/{name}"))


def mark(address: str) -> bytes | None:
    """Return the build.json of the build that lies whole at an address."""
    files, root = opened(address)
    files.invalidate_cache()
    return bytes(files.cat_file(f"{root}/{MARK}")) if files.exists(f"{root}/{MARK}") else None


def publish(part: Path, address: str, executor: Executor, progress: Progress) -> None:
    """Write a build's folder to an address, the mark that it is whole last; then remove the pictures here.

    Raises:
        CurateError: What was written is not there afterwards.
    """
    files, root = opened(address)
    if files.exists(f"{root}/{MARK}"):
        files.rm_file(f"{root}/{MARK}")  # not whole until all is written anew
    paths = sorted(str(path.relative_to(part)) for path in part.rglob("*") if path.is_file())
    pictures = [path for path in paths if path.startswith(f"{PICTURES}/")]
    batches = [pictures[start : start + BATCH_SIZE] for start in range(0, len(pictures), BATCH_SIZE)]
    for _ in progress(executor.map(partial(_write, part.absolute(), address), batches, 1), len(batches)):
        pass
    _write(part, address, [path for path in paths if path not in {MARK, *pictures}])
    files.invalidate_cache()
    there = {name.removeprefix(f"{root}/"): facts["size"] for name, facts in files.find(root, detail=True).items()}
    lacking = [path for path in paths if path != MARK and there.get(path) != (part / path).stat().st_size]
    if lacking:
        raise CurateError(
            f"{address} lacks {len(lacking):,} of {len(paths):,} files after they were written there (first: "
            f"{lacking[0]}): name a place that keeps them, or build without --pictures"
        )
    _write(part, address, [MARK])


def _write(part: Path, address: str, names: Sequence[str]) -> None:
    files, root = opened(address)
    files.put([str(part / name) for name in names], [f"{root}/{name}" for name in names])
