"""One exchange with one host over HTTP: the body unpacked, whole and no larger than it may be, or an error.

What requests and urllib3 raise ends here. The errors do not say which address was asked: the caller knows.
"""

import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Protocol

import requests
from requests.adapters import HTTPAdapter
from requests.utils import prepend_scheme_if_needed
from urllib3.exceptions import HTTPError, LocationParseError, ReadTimeoutError
from urllib3.util import Url, parse_url

from harvest.errors import BadAnswer, BadInput, HungUp
from harvest.http.throttle import MAX_CONNECTIONS

ENCODINGS = {"Accept-Encoding": "gzip"}  # a second one would save nothing, and unpack by other rules
BEGINNING_BYTES = 8192  # bytes of a body in which a source's marks are looked for
_GZIP = 16 + zlib.MAX_WBITS
_CHUNK_BYTES = 1024**2  # bytes to unpack at once: a few packed bytes can hold very many


@dataclass(frozen=True, slots=True)
class ExchangeLimits:
    """How long an exchange may take, and how much may come."""

    connect_seconds: float = 10.0
    read_seconds: float = 60.0  # between two reads
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


def open_session(agent: str) -> requests.Session:
    """Open a session whose User-Agent says who asks; it keeps no cookies, and sends no password from ~/.netrc.

    Proxies and certificates are taken from the environment, as requests does: HTTPS_PROXY, REQUESTS_CA_BUNDLE.
    """
    session = requests.Session()
    session.auth = _without_password  # else requests looks for one in ~/.netrc
    session.headers["User-Agent"] = agent
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    # Behind a mirror all hosts are one, to which pages and images have their connections.
    session.mount("http://", HTTPAdapter(pool_maxsize=2 * MAX_CONNECTIONS))
    session.mount("https://", HTTPAdapter(pool_maxsize=2 * MAX_CONNECTIONS))
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
    try:
        with session.get(
            address, headers={**headers, **ENCODINGS}, timeout=timeout, allow_redirects=False, stream=True
        ) as answer:
            names = {name.lower(): value for name, value in answer.headers.items()}
            chunks = iter(lambda: answer.raw.read1(65536, decode_content=False), b"")
            encoding = names.get("content-encoding", "")
            if into is None or answer.status_code != 200:
                body = read_body(_in_time(chunks, limits.body_seconds), encoding, max_bytes=limits.body_bytes)
            else:
                in_time = _in_time(chunks, limits.file_seconds)
                body = pour_body(in_time, encoding, into.write, max_bytes=limits.file_bytes)
            return Answer(answer.status_code, names, body, asked_at)
    except (requests.ConnectionError, requests.Timeout, ReadTimeoutError) as error:
        raise HungUp(_cause(error)) from error
    except (requests.RequestException, HTTPError, ValueError) as error:  # requests reads a Location itself
        raise BadAnswer(f"the answer is cut short or malformed ({_cause(error)})") from error


def _without_password(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


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
    member, has_begun = zlib.decompressobj(_GZIP), False
    for chunk in chunks:
        rest = chunk
        while rest:
            if member.eof:
                if not rest.startswith(b"\x1f"):
                    break
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


def _in_time(chunks: Iterator[bytes], seconds: float) -> Iterator[bytes]:
    """Yield chunks, one network packet each, as long as there is time: who sends one a minute never times out."""
    deadline = time.monotonic() + seconds
    for chunk in chunks:
        if time.monotonic() > deadline:
            raise requests.Timeout(f"still sending after {seconds:.0f} s")
        yield chunk


def _cause(error: BaseException) -> str:
    """Return the innermost cause of an error, in its own words."""
    inner = error
    while inner.args and isinstance(inner.args[-1], BaseException):
        inner = inner.args[-1]
    return str(inner) or type(inner).__name__
