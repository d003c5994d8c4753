"""One exchange with one host over HTTP: the body unpacked, whole and no larger than it may be, or an error.

What requests and urllib3 raise ends here. The errors do not say which address was asked: the caller knows.
"""

import ast
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Protocol

import requests
from requests.utils import prepend_scheme_if_needed
from urllib3.exceptions import HTTPError, LocationParseError, ReadTimeoutError
from urllib3.util import Url, parse_url

from harvest.errors import BadAnswer, BadInput, HungUp
from harvest.http.connection import ALLOWANCE, Adapter, Allowance
from harvest.http.throttle import MAX_CONNECTIONS

ENCODINGS = {"Accept-Encoding": "gzip"}  # a second one would save nothing, and unpack by other rules
BEGINNING_BYTES = 8192  # bytes of a body in which a source's marks are looked for
_GZIP = 16 + zlib.MAX_WBITS
MAX_MEMBERS = 10_000  # of gzip in one body; such as are made to be read from anywhere have 64 KiB each
_BYTES = re.compile(r"""\bb(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""")
MAX_CAUSE = 300  # characters; some libraries repeat what they could not read
_CHUNK_BYTES = 1024**2  # bytes to unpack at once: a few packed bytes can hold very many


@dataclass(frozen=True, slots=True)
class ExchangeLimits:
    """How long an exchange may take, and how much may come."""

    connect_seconds: float = 10.0
    read_seconds: float = 60.0  # between two reads
    head_bytes: int = 4 * 1024**2  # over the line, all interim answers included
    body_seconds: float = 600.0  # for a whole body; a slower one is trickling
    file_seconds: float = 6 * 3600.0  # for a body that goes into a file
    body_bytes: int = 256 * 1024**2  # unpacked; the largest original scans are near 100 MB
    file_bytes: int = 8 * 1024**3  # unpacked; the largest museum tables have some 300 MB


DEFAULT_LIMITS = ExchangeLimits()


class Writable(Protocol):
    """Where a body goes that is not held in memory."""

    def write(self, data: bytes, /) -> object:
        """Take the next part."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """What a host sent."""

    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes  # unpacked; of one that went into a file: its beginning
    asked_at: float  # by the throttle's clock

    @property
    def beginning(self) -> bytes:
        """The part of the body in which a source's marks are looked for."""
        return self.body[:BEGINNING_BYTES]

    @property
    def is_redirect(self) -> bool:
        """Whether the answer names another address to ask."""
        return self.status in (301, 302, 303, 307, 308)


def open_session(agent: str, *, is_public: bool = True) -> requests.Session:
    """Open a session whose User-Agent says who asks; it keeps no cookies, and sends no password from ~/.netrc.

    Proxies and certificates are those of the environment (`HTTPS_PROXY`, `REQUESTS_CA_BUNDLE`).

    Args:
        agent: Who asks.
        is_public: Refuse addresses that are not public; a mirror's may be anywhere.
    """
    session = requests.Session()
    session.auth = lambda request: request  # without a password; else requests looks for one in ~/.netrc
    session.headers["User-Agent"] = agent
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    # Behind a mirror all hosts are one, to which pages and images have their connections.
    for scheme in ("http://", "https://"):
        session.mount(scheme, Adapter(is_public=is_public, connections=2 * MAX_CONNECTIONS))
    return session


def expect_proxies(proxies: Mapping[str, str]) -> None:
    """Make sure that the proxies of the environment can be asked: by scheme, as urllib.request.getproxies has them.

    Raises:
        BadInput: One of them is no proxy's address; the message does not repeat it.
    """
    given = {scheme: proxies[scheme] for scheme in ("http", "https", "all") if proxies.get(scheme)}
    for scheme, address in given.items():
        try:
            parts = parse_url(prepend_scheme_if_needed(address, "http"))  # type: ignore[no-untyped-call]
        except LocationParseError:
            parts = Url()
        if not parts.host or parts.scheme not in ("http", "https", "socks5", "socks5h"):
            raise BadInput(
                f"{scheme.upper()}_PROXY in the environment: expected http://USER:PASSWORD@HOST:PORT, with special "
                "characters in the password percent-encoded ('@' as %40, '/' as %2F)"
            )


def exchange(
    session: requests.Session,
    address: str,
    headers: Mapping[str, str],
    *,
    asked_at: float,
    into: Writable | None = None,
    limits: ExchangeLimits = DEFAULT_LIMITS,
) -> Answer:
    """Send one GET request and read its answer to the end; follow no redirect.

    Args:
        session: An open session.
        address: Where to ask; the mirror's, if there is one.
        headers: Beside the session's own.
        asked_at: The time by the throttle's clock, for the answer.
        into: Where the body of an answer with status 200 goes, in place of memory.
        limits: Of time and size.

    Raises:
        HungUp: The host cannot be reached, hung up or took too long; the message is the innermost cause.
        BadAnswer: The answer is cut short, malformed or too large.
    """
    timeout = (limits.connect_seconds, limits.read_seconds)
    allowance = Allowance(limits.connect_seconds + limits.read_seconds, limits.head_bytes)
    ALLOWANCE.set(allowance)
    try:
        with session.get(
            address, headers={**headers, **ENCODINGS}, timeout=timeout, allow_redirects=False, stream=True
        ) as answer:
            names = {name.lower(): value for name, value in answer.headers.items()}
            chunks = iter(lambda: answer.raw.read1(65536, decode_content=False), b"")
            encoding = names.get("content-encoding", "")
            if into is None or answer.status_code != 200:
                allowance.renew(limits.body_seconds, 2 * limits.body_bytes)
                body = read_body(chunks, encoding, max_bytes=limits.body_bytes)
            else:
                allowance.renew(limits.file_seconds, 2 * limits.file_bytes)
                body = pour_body(chunks, encoding, into.write, max_bytes=limits.file_bytes)
            return Answer(answer.status_code, names, body, asked_at)
    except (requests.ConnectionError, requests.Timeout, ReadTimeoutError) as error:
        raise HungUp(_cause(error)) from error
    except (requests.RequestException, HTTPError, ValueError) as error:  # requests reads a Location itself
        raise BadAnswer(f"the answer is cut short or malformed ({_cause(error)})") from error


def read_body(chunks: Iterator[bytes], encoding: str, *, max_bytes: int) -> bytes:
    """Return a whole body, as `pour_body` passes it on."""
    body = bytearray()
    pour_body(chunks, encoding, body.extend, max_bytes=max_bytes)
    return bytes(body)


def pour_body(chunks: Iterator[bytes], encoding: str, write: Callable[[bytes], object], *, max_bytes: int) -> bytes:
    """Unpack a body, pass each part of it on as it comes, and return its beginning.

    Args:
        chunks: What comes over the line.
        encoding: The Content-Encoding.
        write: Takes the parts.
        max_bytes: That the unpacked body may have.

    Raises:
        BadAnswer: It is larger, packed in a way that was not asked for, or ends before its packing does. What was
            written until then is no body.
    """
    packed = encoding.strip().lower() not in ("", "identity")
    if packed and encoding.strip().lower() not in ("gzip", "x-gzip"):
        raise BadAnswer(f"expected gzip or no Content-Encoding, got {encoding[:60]!r}")
    beginning, length = b"", 0
    for part in _unpacked(chunks) if packed else chunks:
        if len(beginning) < BEGINNING_BYTES:
            beginning += part[: BEGINNING_BYTES - len(beginning)]
        length += len(part)
        if length > max_bytes:
            raise BadAnswer(f"more than {max_bytes} bytes")
        write(part)
    return beginning


def _unpacked(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Unpack gzip members behind one another; what follows the last and is none is no part of the body."""
    member, members, has_begun = zlib.decompressobj(_GZIP), 1, False
    for chunk in chunks:
        rest = chunk
        while rest:
            if member.eof:
                if not rest.startswith(b"\x1f"):
                    break
                members += 1
                if members > MAX_MEMBERS:
                    raise BadAnswer(f"more than {MAX_MEMBERS} gzip members")
                member = zlib.decompressobj(_GZIP)
            has_begun = True
            try:
                part = member.decompress(rest, _CHUNK_BYTES)
            except zlib.error as error:
                raise BadAnswer(f"expected gzip, as its Content-Encoding says ({error})") from None
            yield part
            rest = member.unconsumed_tail or member.unused_data
    if has_begun and not member.eof:
        raise BadAnswer("cut short, for its packing has no end")


def _cause(error: BaseException) -> str:
    """Return the innermost cause of an error: the system's own words, where it was the system's.

    Bytes as Python writes them are told as text, or as how many they are.
    """
    inner = error
    while isinstance(reason := getattr(inner, "reason", None) or (inner.args and inner.args[-1]), BaseException):
        inner = reason
    system = inner.__cause__ if isinstance(inner.__cause__, OSError) else inner
    words = (system.strerror if isinstance(system, OSError) else None) or str(inner) or type(inner).__name__
    text = _BYTES.sub(_as_text, words)
    return text if len(text) <= MAX_CAUSE else f"{text[:MAX_CAUSE]} …"


def _as_text(literal: re.Match[str]) -> str:
    """Return what stands for bytes as Python writes them: their text, or how many they are."""
    try:
        value = bytes(ast.literal_eval(literal[0]))
    except (SyntaxError, ValueError):  # it only looks like it
        return literal[0]
    text = value.decode("ascii", "replace")
    return repr(text) if text.isprintable() and "\ufffd" not in text else f"({len(value)} bytes)"
