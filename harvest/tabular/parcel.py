"""A table with the list of its pictures, as the data folder keeps it: a tar of the file as it came, and the list.

So what was read once can be read again by a better mapping, without the file and the folder that it came from.
"""

import io
import json
import tarfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from harvest.errors import Unparsed
from harvest.source import Writable
from harvest.tabular.pictures import File

_PICTURES, _TABLE = "pictures.jsonl", "table"


class Parcel(NamedTuple):
    """What was kept of a source."""

    content: bytes  # of the table's file
    files: list[File] | None  # its pictures; None: no folder was named
    suffix: str = ""  # of the table's file


def pack(table: Path, files: Iterable[File] | None, into: Writable) -> None:
    """Write a parcel; the same table and pictures are the same bytes."""
    with tarfile.open(mode="w|", fileobj=_Stream(into), format=tarfile.PAX_FORMAT) as archive:
        if files is not None:
            lines = "".join(f"{json.dumps([file.version, file.name])}\n" for file in files)
            _add(archive, _PICTURES, lines.encode())
        _add(archive, _TABLE + table.suffix.lower(), table.read_bytes())


def unpack(path: Path) -> Parcel:
    """Read a kept parcel.

    Raises:
        Unparsed: It is none.
    """
    content, files, suffix = None, None, ""
    try:
        with tarfile.open(path, "r|gz") as archive:
            for member in archive:
                body = archive.extractfile(member)
                if body is not None and member.name == _PICTURES:
                    files = [File(name, version) for version, name in map(json.loads, body.read().splitlines())]
                elif body is not None:
                    content, suffix = body.read(), PurePosixPath(member.name).suffix
    except (tarfile.TarError, ValueError) as error:
        raise Unparsed(f"{path.name}: expected a table with its pictures' names, got {error}") from None
    if content is None:
        raise Unparsed(f"{path.name}: expected a table, got none")
    return Parcel(content, files, suffix)


class _Stream(io.RawIOBase):
    """What tarfile writes to."""

    def __init__(self, into: Writable) -> None:
        self._into = into

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        part = bytes(data)  # type: ignore[call-overload]
        self._into.write(part)
        return len(part)


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    archive.addfile(info, io.BytesIO(content))
