"""One request over HTTP: robots.txt, the host's turn, redirects hop by hop, a complete body or an error."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin

import requests
from protego import Protego

from harvest.errors import BadAnswer, Gone, HarvestError, Later, Stopped
from harvest.gate import Gate
from harvest.mirror import Mirror, canonical, host_of
from harvest.request import Request
from harvest.response import Response

TIMEOUT = (10, 60)  # seconds to connect, between two reads
LARGEST_BODY = 256 * 1024**2  # bytes; the largest original scans are near 100 MB
MOST_REDIRECTS = 5
PRODUCT = "raisonne"  # the name by which robots.txt knows us


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: dict[str, str]
    body: bytes


class Fetcher:
    """Fetches answers as a polite guest.

    Args:
        session: An open requests session; its User-Agent says who asks.
        gate: The hosts' turns.
        mirror: Where to send the requests instead of to the hosts themselves.
        clock: Seconds since 1970, for a Retry-After that names a date.
    """

    def __init__(
        self,
        session: requests.Session,
        gate: Gate,
        *,
        mirror: Mirror | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._session = session
        self._gate = gate
        self._mirror = mirror
        self._clock = clock
        self._robots: dict[str, Protego] = {}
        self.requests = 0  # sent, robots.txt included

    def fetch(self, request: Request) -> Response:
        """Ask, and follow redirects hop by hop.

        Raises:
            Stopped: The host blocks us, or its robots.txt cannot be had.
            Later: The host asks for patience or cannot be reached.
            Gone: The source has it no longer.
            BadAnswer: Anything else that is no complete answer.
        """
        url = canonical(request.url)
        for _hop in range(MOST_REDIRECTS + 1):
            self._obey_robots(url)
            answer = self._ask(url)
            if answer.status not in (301, 302, 303, 307, 308):
                self._judge(url, answer)
                return Response(request, url, answer.status, answer.headers, answer.body)
            url = self._next_hop(url, answer.headers.get("location", ""))
        raise BadAnswer(f"{request.url}: more than {MOST_REDIRECTS} redirects, the last to {url}")

    def _ask(self, url: str) -> _Answer:
        host = host_of(url)
        self._gate.wait(host)
        self.requests += 1
        try:
            return self._exchange(self._mirror.locate(url) if self._mirror else url)
        except (requests.ConnectionError, requests.Timeout) as error:
            raise self._later(host, None, f"{host} cannot be reached or hung up ({_reason(error)})") from error
        except requests.RequestException as error:
            raise BadAnswer(f"{url}: the answer is cut short or malformed ({_reason(error)})") from error

    def _exchange(self, address: str) -> _Answer:
        with self._session.get(address, timeout=TIMEOUT, allow_redirects=False, stream=True) as answer:
            chunks = bytearray()
            for chunk in answer.iter_content(65536):
                chunks += chunk
                if len(chunks) > LARGEST_BODY:
                    raise BadAnswer(f"{address}: more than {LARGEST_BODY} bytes")
            headers = {name.lower(): value for name, value in answer.headers.items()}
            return _Answer(answer.status_code, headers, bytes(chunks))

    def _judge(self, url: str, answer: _Answer) -> None:
        host = host_of(url)
        if answer.status in (429, 503):
            asked = self._retry_after(answer.headers.get("retry-after"))
            raise self._later(host, asked, f"{host} answered {answer.status}")
        if answer.status == 403:
            raise Stopped(f"{host} answered 403 to {url}: it blocks us; wait a day, then go on at a slower --pace")
        self._gate.welcome(host)
        if answer.status in (404, 410):
            raise Gone(f"{url}: {answer.status}")
        if answer.status != 200:
            raise BadAnswer(f"{url}: status {answer.status}")

    def _obey_robots(self, url: str) -> None:
        host = host_of(url)
        if host not in self._robots:
            self._robots[host] = self._read_robots(host)
            self._gate.slow_down(host, float(self._robots[host].crawl_delay(PRODUCT) or 0))
        if not self._robots[host].can_fetch(url, PRODUCT):
            raise BadAnswer(f"{url}: robots.txt of {host} forbids it")

    def _read_robots(self, host: str) -> Protego:
        """Read a host's robots.txt by RFC 9309, 2.3.1: unavailable (4xx) allows all, unreachable (5xx) nothing."""
        answer = self._ask(f"https://{host}/robots.txt")
        if answer.status in (429, 503):
            asked = self._retry_after(answer.headers.get("retry-after"))
            raise self._later(host, asked, f"{host} answered {answer.status} to robots.txt")
        if answer.status >= 500:
            raise Stopped(f"robots.txt of {host} answers {answer.status}, so nothing may be asked there; go on later")
        return Protego.parse(answer.body.decode("utf-8", "replace") if answer.status == 200 else "")

    def _later(self, host: str, asked: float | None, what: str) -> HarvestError:
        delay = self._gate.postpone(host, asked)
        return Later(f"{what}; it rests for {delay:.0f} s")

    def _retry_after(self, value: str | None) -> float | None:
        """Read Retry-After as seconds from now (RFC 9110, 10.2.3); nonsense is as no header."""
        if not value:
            return None
        try:
            seconds = float(value) if value.strip().isdecimal() else _timestamp(value) - self._clock()
        except ValueError:
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
