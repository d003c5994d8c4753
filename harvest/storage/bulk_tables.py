"""A museum's bulk table at rest: taken in, checked whole, kept under the SHA-256 of its bytes, read row by row.

It lies in `tables/` of the data folder, packed by gzip; under its name there is never anything but a table that was
found to be one. Tables hold line breaks within quotes, so only the csv module says where a row ends.
"""

import bz2
import csv
import gzip
import hashlib
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO

from harvest import source as source_module
from harvest.errors import Unparsed
from harvest.files import rename, sync
from harvest.source import BulkTable, TableSource
from harvest.storage.archive import ArchiveError, Pointer

FOLDER = "tables"
CHUNK_BYTES = 1 << 20  # bytes at a time
_LEVEL = 1  # of packing: on these tables, 9 takes ten times as long and saves a fifth
_POINTER = b"version https://git-lfs"  # how a file begins that only stands for one in Git's large file storage
_FOREIGN = {
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"\x28\xb5\x2f\xfd": "a file packed by zstd",
    b"\xd0\xcf\x11\xe0": "a spreadsheet (.xls)",
}
_REMEDY = ": run 'harvest doctor --repair', then the harvest"
_UNREADABLE = (EOFError, lzma.LZMAError, OSError, zlib.error, zipfile.BadZipFile, RuntimeError)


class TableWriter:
    """A table on its way into the data folder: packed and hashed as it comes; taken away again unless it is kept.

    Args:
        data: The data folder.
        source: The source's name; a run that holds it is the only one to write this file.
        table: What is to come.
    """

    def __init__(self, data: Path, source_name: str, table: BulkTable) -> None:
        self.path = data / FOLDER / f"{source_name}.part"
        self._data = data
        self._table = table

    def __enter__(self) -> "TableWriter":
        """Begin the file."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self.path.open("wb")
        self._packed = self._pack()
        self.begin()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _value: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Take it away, unless it was kept."""
        self._packed.close()
        self._file.close()
        self.path.unlink(missing_ok=True)

    def begin(self) -> None:
        """Begin anew, with nothing."""
        self._packed.close()  # what it still holds would be written into the next one
        self._file.seek(0)
        self._file.truncate()
        self._packed = self._pack()
        self._hash = hashlib.sha256()
        self._begun = False

    def write(self, data: bytes, /) -> None:
        """Take the next part.

        Raises:
            Unparsed: It is only a pointer to the table.
        """
        if not self._begun and data.startswith(_POINTER):
            raise Unparsed(
                "a Git LFS pointer, which only stands for the table: download the table itself from "
                f"{self._table.url} and name it with --{self._table.option}"
            )
        self._begun = True
        self._hash.update(data)
        self._packed.write(data)

    def finish(self) -> str:
        """Bring all to the disk; return its SHA-256."""
        self._packed.close()
        self._file.flush()
        sync(self.path)
        return self._hash.hexdigest()

    def keep(self) -> Pointer:
        """Give the finished file its name; return where it lies."""
        digest = self._hash.hexdigest()
        name = f"{FOLDER}/{digest}.{'tar' if self._table.is_given else 'csv'}.gz"
        size = self.path.stat().st_size
        rename(self.path, self._data / name)
        return Pointer(name, 0, size, digest)

    def _pack(self) -> gzip.GzipFile:
        return gzip.GzipFile("", "wb", _LEVEL, self._file, mtime=0)  # the same table is the same bytes


def unpacked(path: Path, table: BulkTable) -> Iterator[bytes]:
    """Yield a file's bytes: a plain one's, or what is packed in a .gz, .bz2, .xz or .zip, by its content, not its name.

    Raises:
        Unparsed: It cannot be read to its end, or is packed in another way.
    """
    if path.exists() and not path.is_file() and not path.is_dir():
        raise Unparsed("a pipe or device, no file")
    try:
        with path.open("rb") as file:
            start = file.read(4)
            file.seek(0)
            if name := next((name for magic, name in _FOREIGN.items() if start.startswith(magic)), None):
                raise Unparsed(f"{name}: expected {table.name}, plain or in a .gz, .bz2, .xz or .zip")
            if start.startswith(b"\x1f\x8b"):
                yield from _parts(gzip.GzipFile(fileobj=file))
            elif start.startswith(b"BZh"):
                with bz2.open(file) as packed:
                    yield from _parts(packed)
            elif start == b"\xfd7zX":
                with lzma.open(file) as packed_by_xz:
                    yield from _parts(packed_by_xz)
            elif start == b"PK\x03\x04":
                with zipfile.ZipFile(file) as archive, archive.open(_member(archive, table)) as member:
                    yield from _parts(member)
            else:
                yield from _parts(file)
    except _UNREADABLE as error:
        raise Unparsed(f"cannot be read to its end ({error}): get the file once more") from error


def _member(archive: zipfile.ZipFile, table: BulkTable) -> str:
    members = archive.namelist()
    if "xl/workbook.xml" in members:
        raise Unparsed(f"a spreadsheet (.xlsx): take {table.name} as the museum gives it")
    names = [name for name in members if name.lower().endswith(".csv")]
    named = [name for name in names if name.rpartition("/")[2] == table.name] or names
    if len(named) != 1:
        raise Unparsed(f"expected one {table.name} in the zip file, found {', '.join(named) or 'no .csv'}")
    return named[0]


def _parts(file: IO[bytes] | gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile) -> Iterator[bytes]:
    while part := file.read(CHUNK_BYTES):
        yield part


class Rows:
    """The rows of a kept table; iterating gives one after another, the header first and blank lines left out.

    Args:
        path: The file, packed by gzip.
    """

    left_out: Sequence[str] = ()  # a table of which a row cannot be read is refused
    no_objects: Sequence[str] = ()  # a museum's table for all holds objects and nothing else
    unread: Collection[str] = ()

    def __init__(self, path: Path) -> None:
        self._path = path
        self.number = 0  # of the row given last, the header being 1

    def __iter__(self) -> Iterator[list[str]]:
        """Yield each row.

        Raises:
            Unparsed: It is no UTF-8, or no CSV; the message says which row.
        """
        try:
            for row in self._read("strict"):
                self.number += 1
                yield row
        except csv.Error as error:
            self.number += 1
            raise self.fault(f"no CSV, or a quote that is never closed ({error})") from None
        except UnicodeDecodeError:  # found in a block that was read ahead
            self.number = 0
            for row in self._read("surrogateescape"):
                self.number += 1
                if any("\udc80" <= character <= "\udcff" for cell in row for character in cell):
                    raise self.fault(f"expected UTF-8, got {', '.join(row)[:80]!a}") from None

    def fault(self, reason: str) -> Unparsed:
        """Return an error that names the row given last."""
        return Unparsed(f"row {self.number}: {reason}")

    def _read(self, errors: str) -> Iterator[list[str]]:
        with gzip.open(self._path) as packed, io.TextIOWrapper(packed, "utf-8-sig", errors, newline="") as text:
            yield from filter(None, csv.reader(text, strict=True))


def rows_of(source: TableSource, path: Path) -> source_module.Rows:
    """Return the rows of a kept table, as its source reads it."""
    own: Callable[[Path], source_module.Rows] | None = getattr(source, "rows", None)
    return own(path) if own else Rows(path)


def check(source: TableSource, path: Path) -> set[str]:
    """Read a table to its end and make sure that it is the source's, whole; return its keys, damaged rows' too.

    Raises:
        Unparsed: It is not; the message names the row and the reason.
    """
    rows, keys = rows_of(source, path), set[str]()
    header: list[str] = []
    place = 0
    for row in rows:
        try:
            if not header:
                header, place = row, _check_header(row, source)
            else:
                key = _check_row(row, header, place, source)
                if key in keys:
                    raise Unparsed(f"a second row with the {source.TABLE.key} {key[:40]!r}")
                keys.add(key)
        except Unparsed as error:
            raise rows.fault(str(error)) from None
    if not keys:
        reason = next((f": {reason}" for reason in (*rows.left_out, *rows.no_objects)), "")
        raise Unparsed(f"no row behind the header{reason}" if header else "empty")
    return keys | set(rows.unread)


def expect(data: Path, pointer: Pointer) -> None:
    """Make sure that a kept table is what was kept.

    Raises:
        ArchiveError: It is not.
    """
    digest = hashlib.sha256()
    try:
        with gzip.open(data / pointer.file) as file:
            for part in _parts(file):
                digest.update(part)
    except _UNREADABLE as error:
        raise ArchiveError(f"{pointer.file}: expected a whole table, got {error}{_REMEDY}") from error
    if digest.hexdigest() != pointer.digest:
        raise ArchiveError(f"{pointer.file}: its SHA-256 is another, {digest.hexdigest()}{_REMEDY}")


def _check_header(header: Sequence[str], source: TableSource) -> int:
    """Make sure that these are the table's columns; return the place of its key."""
    table = source.TABLE
    for mark, name in ((";", "semicolons"), ("\t", "tabs")):
        if len(header) == 1 and f"{mark}{table.key}{mark}" in f"{mark}{header[0]}{mark}":
            raise Unparsed(
                f"expected columns parted by commas, got {name}: a spreadsheet has saved the table anew; take "
                f"{table.name} as the museum gives it"
            )
    source.check_table(header)
    if header.count(table.key) != 1 or len(set(header)) != len(header):
        raise Unparsed(f"expected columns each of its own name, one of them {table.key}, got {', '.join(header)[:200]}")
    return header.index(table.key)


def _check_row(row: Sequence[str], header: Sequence[str], place: int, source: TableSource) -> str:
    """Make sure that a row is the table's; return its key."""
    if len(row) != len(header):
        raise Unparsed(f"expected {len(header)} columns, got {len(row)}, the first of them {row[0][:40]!r}")
    source.check_row(dict(zip(header, row, strict=True)))
    key = row[place]
    if not key or key != key.strip():
        raise Unparsed(f"expected a {source.TABLE.key} without blanks around it, got {key[:40]!r}")
    return key
