"""The body of an answer, unpacked: whole, and no larger than it may be, or an error."""

import zlib
from collections.abc import Callable, Iterator

from harvest.errors import BadAnswer

ENCODINGS = {"Accept-Encoding": "gzip"}  # a second one would save nothing, and unpack by other rules
_GZIP = 16 + zlib.MAX_WBITS
_PART = 1024**2  # bytes to unpack at once: a few packed bytes can hold very many


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
    """Give each part of a body on as it comes, as `read_body` does for the whole.

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
        return member.decompress(packed, _PART)
    except zlib.error as error:
        raise BadAnswer(f"{where}: expected gzip, as its Content-Encoding says ({error})") from None
