"""The body of an answer, unpacked: whole, and no larger than it may be, or an error."""

import zlib
from collections.abc import Iterator

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
    packed = encoding.strip().lower() not in ("", "identity")
    if packed and encoding.strip().lower() not in ("gzip", "x-gzip"):
        raise BadAnswer(f"{where}: expected gzip or no Content-Encoding, got {encoding[:60]!r}")
    body = bytearray()
    for part in _unpacked(chunks, where) if packed else chunks:
        body += part
        if len(body) > most:
            raise BadAnswer(f"{where}: more than {most} bytes")
    return bytes(body)


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
