"""Every answer as it came, in WARC files (ISO 28500): what was harvested can be read again without a request.

One gzip member a record, so that a record is found by its offset alone. The bodies are kept decoded: the header that
named the encoding is kept under another name.
"""

import gzip
import hashlib
import io
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, BinaryIO
from urllib.parse import quote

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from harvest.errors import BadInput, HarvestError
from harvest.files import set_aside, set_tail_aside
from harvest.response import Response

COMPRESSION = 6  # of gzip; 9 takes half as long again, and several times as long for long lists, to save a hundredth
MAX_FILE = 1024**3  # bytes; a fuller file is followed by the next
_ASCII = "".join(map(chr, range(128)))
_HOP_BY_HOP = ("content-encoding", "transfer-encoding", "content-length", "connection", "keep-alive")


class ArchiveError(HarvestError):
    """The archive does not hold what the catalogue says it holds."""


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where an answer lies."""

    file: str  # relative to the data folder
    offset: int
    length: int  # bytes, of the compressed record
    digest: str  # SHA-256 of the body


class Archive:
    """The answers of one source, appended in order.

    Args:
        data: The data folder.
        source: The source's name.
        last: The last record that the catalogue knows. What lies behind it in its file was never committed, and is cut.
        max_file: Bytes; a fuller file is followed by the next.
    """

    def __init__(self, data: Path, source_name: str, last: Pointer | None, *, max_file: int = MAX_FILE) -> None:
        self._data = data
        self._source = source_name
        self._max_file = max_file
        self._number = int(Path(last.file).name.split(".")[0].rsplit("-", 1)[1]) if last else 1
        self._file = self._open(last.offset + last.length if last else 0)
        for path in sorted((data / self._name()).parent.glob(f"{source_name}-*.warc.gz")):
            if path.name > Path(self._name()).name:  # a killed run began it and never committed anything of it
                set_aside(data, path)

    def append(self, response: Response, now: datetime) -> Pointer:
        """Write an answer; `sync` makes it safe against a power cut."""
        if self._file.tell() > self._max_file:
            self.close()
            self._number += 1
            self._file = self._open(0)
        offset = self._file.tell()
        write_record(self._file, response, now)
        digest = hashlib.sha256(response.body).hexdigest()
        return Pointer(self._name(), offset, self._file.tell() - offset, digest)

    def sync(self) -> None:
        """Return when all that was appended is on the disk."""
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Bring all to the disk and close the file."""
        self.sync()
        self._file.close()

    def _name(self) -> str:
        return f"archive/{self._source}/{self._source}-{self._number:05}.warc.gz"

    def _open(self, committed: int) -> BinaryIO:
        """Open the current file for appending behind its committed end; what lies there is moved to lost+found.

        A file that is shorter than the catalogue says (another data folder, a lost disk) is left as it is: the next
        number is begun, so that no pointer ever comes to point at another answer.
        """
        path = self._data / self._name()
        path.parent.mkdir(parents=True, exist_ok=True)
        size = path.stat().st_size if path.exists() else 0
        if size < committed:
            self._number += 1
            return self._open(0)
        if not committed:
            set_aside(self._data, path)
        elif size > committed:
            set_tail_aside(self._data, path, committed)
        file = path.open("ab")
        file.seek(committed)
        return file


def expect_own(data: Path, source_name: str, last: Pointer | None) -> None:
    """Make sure that a data folder holds the answers that the catalogue knows of, and no other catalogue's.

    Args:
        data: The data folder.
        source_name: The source's name.
        last: The last answer that the catalogue knows; None: it has never harvested the source.

    Raises:
        BadInput: It is another catalogue's folder, or another folder's catalogue.
    """
    folder = data / "archive" / source_name
    if last is None and any(folder.glob("*.warc.gz")):
        raise BadInput(
            f"{folder} holds answers that belong to another catalogue: name that one with "
            f"--catalogue, or another folder with --data; where the catalogue is lost, move archive/{source_name} away"
        )
    if last is not None and not folder.exists():
        raise BadInput(
            f"{folder} is not there, though the catalogue knows of answers in it: name this catalogue's folder with "
            "--data; where its files are lost, make that folder, empty, and see 'harvest doctor'"
        )


def read_answer(data: Path, pointer: Pointer) -> tuple[Mapping[str, str], bytes]:
    """Read an answer's headers (names in lower case) and body.

    Raises:
        ArchiveError: The file, the record or the digest is not what the catalogue says.
    """
    path = data / pointer.file
    try:
        with path.open("rb") as file:
            file.seek(pointer.offset)
            member = file.read(pointer.length)
        record = next(iter(ArchiveIterator(io.BytesIO(member))))
        headers = {name.lower(): value for name, value in record.http_headers.headers}
        body: bytes = record.content_stream().read()
    except (OSError, StopIteration, ArchiveLoadFailed, AttributeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no record there"  # warcio's words hold raw bytes
        raise ArchiveError(f"{path} at {pointer.offset}: no readable answer ({reason})") from error
    if hashlib.sha256(body).hexdigest() != pointer.digest:
        raise ArchiveError(f"{path} at {pointer.offset}: the answer is not the one that was archived (other SHA-256)")
    return headers, body


def _as_ascii(text: str) -> str:
    """Percent-encode what a WARC file's headers may not hold: museums send what they like."""
    return quote(text, safe=_ASCII, errors="replace")


def write_record(file: IO[bytes], response: Response, now: datetime) -> None:
    """Append an answer to a WARC file, as one gzip member."""
    kept = [(name, value) for name, value in response.headers.items() if name not in _HOP_BY_HOP]
    if encoding := response.headers.get("content-encoding"):
        kept.append(("x-archive-orig-content-encoding", encoding))
    kept.append(("content-length", str(len(response.body))))
    kept = [(_as_ascii(name), _as_ascii(value)) for name, value in kept]
    whole = io.BytesIO()
    writer = WARCWriter(whole, gzip=False)
    record = writer.create_warc_record(
        response.url,
        "response",
        payload=io.BytesIO(response.body),
        length=len(response.body),  # else warcio copies it into a temporary file to find out
        http_headers=StatusAndHeaders(f"{response.status} OK", kept, protocol="HTTP/1.1"),
        warc_headers_dict={"WARC-Date": now.strftime("%Y-%m-%dT%H:%M:%SZ")},
    )
    writer.write_record(record)
    file.write(gzip.compress(whole.getvalue(), COMPRESSION, mtime=0))
