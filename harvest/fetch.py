"""One request over HTTP: robots.txt, the host's turn, redirects hop by hop, a complete body or an error."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import NoReturn
from urllib.parse import urljoin

import requests

from harvest.errors import BadAnswer, Cancelled, Gone, HungUp, Later, Stopped
from harvest.gate import Gate
from harvest.mirror import Mirror, canonical, host_of
from harvest.request import Request
from harvest.response import Response
from harvest.robots import Robots

TIMEOUT = (10, 60)  # seconds to connect, between two reads
LONGEST_EXCHANGE = 600.0  # seconds for a whole body; a slower one is trickling
LARGEST_BODY = 256 * 1024**2  # bytes; the largest original scans are near 100 MB
MOST_REDIRECTS = 5
MARKED = 8192  # bytes of a body in which a mark is looked for
NOT_MODIFIED = 304


@dataclass(frozen=True, slots=True)
class Marks:
    """What a source's answers hold when it does not serve us."""

    blocked: Sequence[bytes] = ()  # in an HTML page
    spent: Sequence[bytes] = ()  # in any body, whatever its status: the quota is spent


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: dict[str, str]
    body: bytes
    asked_at: float  # by the gate's clock


class Fetcher:
    """Fetches answers as a polite guest. Safe to use from several threads.

    Args:
        session: An open requests session; its User-Agent says who asks.
        gate: The hosts' turns.
        mirror: Where to send the requests instead of to the hosts themselves.
        marks: By which the source tells that it does not serve us.
        most: Requests that may be sent; None: any number.
        ignored: Hosts whose robots.txt is not asked for.
        today: Seconds since 1970, for a Retry-After that names a date.
    """

    def __init__(
        self,
        session: requests.Session,
        gate: Gate,
        *,
        mirror: Mirror | None = None,
        marks: Marks | None = None,
        most: int | None = None,
        ignored: Collection[str] = (),
        today: Callable[[], float] = time.time,
    ) -> None:
        self._session = session
        self._gate = gate
        self._mirror = mirror
        self._marks = marks or Marks()
        self._most = most
        self._today = today
        self._robots = Robots(self._read_robots, gate.clock, ignored)
        self.requests = 0  # sent, robots.txt included

    def fetch(self, request: Request, known: Mapping[str, str] | None = None) -> Response:
        """Ask, and follow redirects hop by hop.

        Args:
            request: What to ask for.
            known: Conditional headers about what is known of it; the answer may then have status 304 and no body.

        Raises:
            Stopped: The host blocks us, the quota is spent, or robots.txt cannot be had.
            Later: The host asks for patience or cannot be reached.
            Gone: The source has it no longer.
            BadAnswer: Anything else that is no complete answer.
            Cancelled: No more may be asked.
        """
        url = canonical(request.url)
        for _hop in range(MOST_REDIRECTS + 1):
            self._obey_robots(url)
            answer = self._ask(url, known or {})
            if answer.status not in (301, 302, 303, 307, 308):
                self._judge(url, answer)
                return Response(request, url, answer.status, answer.headers, answer.body)
            self._gate.welcome(host_of(url), answer.asked_at)
            url = self._next_hop(url, answer.headers.get("location", ""))
        raise BadAnswer(f"{request.url}: more than {MOST_REDIRECTS} redirects, the last to {url}")

    def _ask(self, url: str, headers: Mapping[str, str]) -> _Answer:
        host = host_of(url)
        address = self._mirror.locate(url) if self._mirror else url
        with self._gate.turn(host) as asked_at:
            self._count()
            try:
                return self._exchange(address, headers, asked_at)
            except (requests.ConnectionError, requests.Timeout) as error:
                rest = self._gate.hang_up(host, asked_at)
                reason = f"{host} cannot be reached or hung up ({_reason(error)}); it rests for {rest:.0f} s"
                raise HungUp(reason) from error
            except requests.RequestException as error:
                raise BadAnswer(f"{url}: the answer is cut short or malformed ({_reason(error)})") from error

    def _count(self) -> None:
        if self._most is not None and self.requests >= self._most:
            raise Cancelled("no more requests may be sent")
        self.requests += 1

    def _exchange(self, address: str, headers: Mapping[str, str], asked_at: float) -> _Answer:
        begun = time.monotonic()
        options = {"timeout": TIMEOUT, "allow_redirects": False, "stream": True}
        with self._session.get(address, headers=dict(headers), **options) as answer:  # type: ignore[arg-type]
            body = bytearray()
            for chunk in answer.iter_content(65536):
                body += chunk
                if len(body) > LARGEST_BODY:
                    raise BadAnswer(f"{address}: more than {LARGEST_BODY} bytes")
                if time.monotonic() - begun > LONGEST_EXCHANGE:
                    raise requests.Timeout(f"{len(body)} bytes in {LONGEST_EXCHANGE:.0f} s")
            named = {name.lower(): value for name, value in answer.headers.items()}
            return _Answer(answer.status_code, named, bytes(body), asked_at)

    def _judge(self, url: str, answer: _Answer) -> None:
        host = host_of(url)
        if answer.status in (429, 503):
            self._rest(host, answer)
        self._expect_service(url, answer)
        self._gate.welcome(host, answer.asked_at)
        if answer.status in (404, 410):
            raise Gone(f"{url}: {answer.status}")
        if answer.status not in (200, NOT_MODIFIED):
            raise BadAnswer(f"{url}: status {answer.status}")

    def _expect_service(self, url: str, answer: _Answer) -> None:
        """Stop where the source does not serve us any more, whatever status it says so with."""
        start = answer.body[:MARKED]
        if any(mark in start for mark in self._marks.spent):
            raise Stopped(f"{host_of(url)} says that the quota is spent: go on in an hour, with the same command")
        is_html = "html" in answer.headers.get("content-type", "").lower()
        if answer.status == 403 or (is_html and any(mark in start for mark in self._marks.blocked)):
            raise Stopped(
                f"{host_of(url)} blocks us (status {answer.status} for {url}): wait a day, then go on with the same "
                f"command and a slower pace, such as --pace {host_of(url)}=5"
            )

    def _rest(self, host: str, answer: _Answer) -> NoReturn:
        wanted = self._retry_after(answer.headers.get("retry-after"))
        rest = self._gate.refuse(host, answer.asked_at, wanted)
        raise Later(f"{host} answered {answer.status}; it rests for {rest:.0f} s")

    def _obey_robots(self, url: str) -> None:
        host = host_of(url)
        self._gate.slow_down(host, self._robots.delay(host))
        if not self._robots.allow(host, url):
            raise BadAnswer(f"{url}: robots.txt of {host} forbids it")

    def _read_robots(self, host: str) -> str:
        """Read a host's robots.txt by RFC 9309, 2.3.1: unavailable (4xx) allows all, unreachable (5xx) nothing."""
        url = f"https://{host}/robots.txt"
        for _hop in range(MOST_REDIRECTS + 1):
            answer = self._ask(url, {})
            if answer.status == 429:
                self._rest(host, answer)
            if answer.status >= 500:
                raise Stopped(
                    f"robots.txt of {host} answers {answer.status}, so nothing may be asked there: go on later"
                )
            if answer.status not in (301, 302, 303, 307, 308):
                return answer.body.decode("utf-8", "replace") if answer.status == 200 else ""
            url = self._next_hop(url, answer.headers.get("location", ""))
        return ""  # "crawlers SHOULD follow at least five"; behind more, it counts as unavailable

    def _retry_after(self, value: str | None) -> float | None:
        """Read Retry-After as seconds from now (RFC 9110, 10.2.3); 0, a time past and nonsense are as no header."""
        if not value:
            return None
        try:
            seconds = float(value) if value.strip().isdecimal() else _timestamp(value) - self._today()
        except (ValueError, OverflowError):
            return None
        return seconds if seconds > 0 else None

    def _next_hop(self, url: str, location: str) -> str:
        if not location:
            raise BadAnswer(f"{url}: a redirect without a Location")
        return self._mirror.canonicalise(location, url) if self._mirror else canonical(urljoin(url, location))


def _timestamp(value: str) -> float:
    return parsedate_to_datetime(value).timestamp()


def _reason(error: requests.RequestException) -> str:
    inner: BaseException = error
    while inner.args and isinstance(inner.args[-1], BaseException):
        inner = inner.args[-1]
    return str(inner) or type(inner).__name__
