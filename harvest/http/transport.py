"""One exchange over HTTP: the body unpacked, whole and no larger than it may be, or an error."""

import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Protocol

import requests
from requests.adapters import HTTPAdapter

from harvest.errors import BadAnswer
from harvest.http.throttle import MAX_CONNECTIONS

ENCODINGS = {"Accept-Encoding": "gzip"}  # a second one would save nothing, and unpack by other rules
_GZIP = 16 + zlib.MAX_WBITS
_CHUNK_BYTES = 1024**2  # bytes to unpack at once: a few packed bytes can hold very many

TIMEOUT = (10, 60)  # seconds to connect, between two reads
MAX_EXCHANGE = 600.0  # seconds for a whole body; a slower one is trickling
MAX_DOWNLOAD = 6 * 3600.0  # the same for a file
MAX_BODY = 256 * 1024**2  # bytes, unpacked; the largest original scans are near 100 MB
MAX_FILE = 8 * 1024**3  # bytes, unpacked; the largest museum tables have some 300 MB
MARKED_BYTES = 8192  # bytes of a body in which a mark is looked for


def read_body(chunks: Iterator[bytes], encoding: str, *, most: int, where: str) -> bytes:
    """Put a body together.

    Args:
        chunks: What comes over the line.
        encoding: The Content-Encoding.
        most: Bytes that the unpacked body may have.
        where: Whose body it is, for the message.

    Raises:
        BadAnswer: It is larger, packed in a way that was not asked for, or ends before its packing does.
    """
    body = bytearray()
    pour_body(chunks, encoding, body.extend, most=most, first=0, where=where)
    return bytes(body)


def pour_body(
    chunks: Iterator[bytes], encoding: str, write: Callable[[bytes], object], *, most: int, first: int, where: str
) -> bytes:
    """Pass each part of a body on as it comes, as `read_body` does for the whole.

    Args:
        chunks: What comes over the line.
        encoding: The Content-Encoding.
        write: Takes the parts.
        most: Bytes that the unpacked body may have.
        first: Bytes of its beginning that are wanted.
        where: Whose body it is, for the message.

    Returns:
        Its beginning.

    Raises:
        BadAnswer: As `read_body`; what was written until then is no body.
    """
    packed = encoding.strip().lower() not in ("", "identity")
    if packed and encoding.strip().lower() not in ("gzip", "x-gzip"):
        raise BadAnswer(f"{where}: expected gzip or no Content-Encoding, got {encoding[:60]!r}")
    beginning, length = b"", 0
    for part in _unpacked(chunks, where) if packed else chunks:
        beginning += part[: first - len(beginning)] if len(beginning) < first else b""
        length += len(part)
        if length > most:
            raise BadAnswer(f"{where}: more than {most} bytes")
        write(part)
    return beginning


def _unpacked(chunks: Iterator[bytes], where: str) -> Iterator[bytes]:
    """Unpack gzip members behind one another; what follows the last and is none is no part of the body."""
    member, begun = zlib.decompressobj(_GZIP), False
    for chunk in chunks:
        rest = chunk
        while rest:
            if member.eof:
                if not rest.startswith(b"\x1f"):
                    break
                member = zlib.decompressobj(_GZIP)
            begun = True
            yield _part(member, rest, where)
            rest = member.unconsumed_tail or member.unused_data
    if begun and not member.eof:
        raise BadAnswer(f"{where}: cut short, for its packing has no end")


def _part(member: "zlib._Decompress", packed: bytes, where: str) -> bytes:
    try:
        return member.decompress(packed, _CHUNK_BYTES)
    except zlib.error as error:
        raise BadAnswer(f"{where}: expected gzip, as its Content-Encoding says ({error})") from None


def open_session(agent: str) -> requests.Session:
    """Open a session whose User-Agent says who asks; it keeps no cookies."""
    session = requests.Session()
    session.headers["User-Agent"] = agent
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))  # a guest without a past
    # Behind a mirror all hosts are one, to which pages and images have their connections.
    session.mount("http://", HTTPAdapter(pool_maxsize=2 * MAX_CONNECTIONS))
    session.mount("https://", HTTPAdapter(pool_maxsize=2 * MAX_CONNECTIONS))
    return session


class Writable(Protocol):
    """Where a body goes that is not held in memory."""

    def write(self, data: bytes, /) -> object:
        """Take the next part."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """What came over the line."""

    status: int
    headers: dict[str, str]
    body: bytes  # of one that went into a file: its beginning
    asked_at: float  # by the throttle's clock


def within(seconds: float, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield chunks, one network packet each, as long as there is time: who sends one a minute never times out."""
    deadline = time.monotonic() + seconds
    for chunk in chunks:
        if time.monotonic() > deadline:
            raise requests.Timeout(f"still sending after {seconds:.0f} s")
        yield chunk


def reason(error: BaseException) -> str:
    """Return the innermost cause of an error, in its own words."""
    inner = error
    while inner.args and isinstance(inner.args[-1], BaseException):
        inner = inner.args[-1]
    return str(inner) or type(inner).__name__
