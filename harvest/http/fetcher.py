"""One request over HTTP: robots.txt, the host's turn, redirects hop by hop, a complete body or an error."""

import math
import threading
import time
from collections.abc import Callable, Collection, Mapping
from typing import NoReturn
from urllib.parse import urljoin, urlsplit

import requests
from urllib3.exceptions import HTTPError, ReadTimeoutError

from harvest.errors import BadAnswer, Blocked, Cancelled, Gone, HungUp, Later, Stopped
from harvest.http.robots import Robots
from harvest.http.status import NOT_MODIFIED, Marks, timestamp
from harvest.http.throttle import BURST, Throttle
from harvest.http.transport import (
    ENCODINGS,
    MARKED_BYTES,
    MAX_BODY,
    MAX_DOWNLOAD,
    MAX_EXCHANGE,
    MAX_FILE,
    TIMEOUT,
    Answer,
    Writable,
    pour_body,
    read_body,
    reason,
    within,
)
from harvest.http.url import Mirror, canonical, host_of
from harvest.request import Request
from harvest.response import Response

MAX_REDIRECTS = 5
MAX_DELAY = 3600.0  # seconds; a host whose robots.txt asks for longer gaps is one to be asked by other means


class Fetcher:
    """Fetches answers as a polite guest. Safe to use from several threads.

    Args:
        session: An open requests session; its User-Agent says who asks.
        throttle: The hosts' turns.
        mirror: Where to send the requests instead of to the hosts themselves.
        marks: By which the source tells that it does not serve us.
        most: Requests that may be sent; None: any number.
        ignored: Hosts whose robots.txt is not asked for.
        today: Seconds since 1970, for a Retry-After that names a date.
    """

    def __init__(
        self,
        session: requests.Session,
        throttle: Throttle,
        *,
        mirror: Mirror | None = None,
        marks: Marks | None = None,
        most: int | None = None,
        ignored: Collection[str] = (),
        today: Callable[[], float] = time.time,
    ) -> None:
        self._session = session
        self._throttle = throttle
        self._mirror = mirror
        self._marks = marks or Marks()
        self._most = most
        self._today = today
        self._robots = Robots(self._read_robots, throttle.clock, ignored)
        self._lock = threading.Lock()
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
        url, answer = self._follow(request.url, known or {}, None)
        return Response(request, url, answer.status, answer.headers, answer.body)

    def download(self, request: Request, into: Writable, known: Mapping[str, str] | None = None) -> Response:
        """Ask as `fetch` does, and write the body of an answer with status 200 as it comes, whatever its size.

        Args:
            request: What to ask for.
            into: Where the decoded body goes. Where an error is raised, what was written is not worth anything.
            known: As for `fetch`.

        Returns:
            The answer, without its body.
        """
        url, answer = self._follow(request.url, known or {}, into)
        return Response(request, url, answer.status, answer.headers, b"")

    def _follow(self, wanted: str, known: Mapping[str, str], into: Writable | None) -> tuple[str, Answer]:
        url = _canonical(wanted, wanted)
        for _hop in range(MAX_REDIRECTS + 1):
            self._obey_robots(url)
            answer = self._ask(url, known, into)
            if answer.status not in (301, 302, 303, 307, 308):
                self._judge(url, answer, conditional=bool(known))
                return url, answer
            self._throttle.succeeded(host_of(url), answer.asked_at)
            url = self._next_hop(url, answer.headers.get("location", ""))
        raise BadAnswer(f"{wanted}: more than {MAX_REDIRECTS} redirects, the last to {url}")

    def _ask(self, url: str, headers: Mapping[str, str], into: Writable | None = None) -> Answer:
        host = host_of(url)
        address = self._mirror.locate(url) if self._mirror else url
        with self._throttle.slot(host) as asked_at:
            self._count()
            try:
                return self._exchange(address, headers, asked_at, into)
            except (requests.ConnectionError, requests.Timeout, ReadTimeoutError) as error:
                rest = self._throttle.disconnected(host, asked_at)
                message = f"{host} cannot be reached or hung up ({reason(error)}); it rests for {rest:.0f} s"
                # A host that hung up on everyone lately is down or overrun: that is no task's own failure.
                raise (HungUp if self._throttle.streak(host) <= BURST else Later)(message) from error
            except (requests.RequestException, HTTPError, ValueError) as error:  # requests reads a Location itself
                raise BadAnswer(f"{url}: the answer is cut short or malformed ({reason(error)})") from error

    def _count(self) -> None:
        with self._lock:
            if self._most is not None and self.requests >= self._most:
                raise Cancelled("no more requests may be sent")
            self.requests += 1

    def _exchange(self, address: str, headers: Mapping[str, str], asked_at: float, into: Writable | None) -> Answer:
        options = {"timeout": TIMEOUT, "allow_redirects": False, "stream": True}
        with self._session.get(address, headers={**headers, **ENCODINGS}, **options) as answer:  # type: ignore[arg-type]
            named = {name.lower(): value for name, value in answer.headers.items()}
            chunks = iter(lambda: answer.raw.read1(65536, decode_content=False), b"")
            encoding = named.get("content-encoding", "")
            if into is None or answer.status_code != 200:
                body = read_body(within(MAX_EXCHANGE, chunks), encoding, most=MAX_BODY, where=address)
            else:
                in_time = within(MAX_DOWNLOAD, chunks)
                body = pour_body(in_time, encoding, into.write, most=MAX_FILE, first=MARKED_BYTES, where=address)
            return Answer(answer.status_code, named, body, asked_at)

    def _judge(self, url: str, answer: Answer, *, conditional: bool) -> None:
        host = host_of(url)
        self._expect_quota(host, answer)
        if answer.status in (429, 503):
            self._rest(host, answer)
        self._expect_service(url, answer)
        self._throttle.succeeded(host, answer.asked_at)
        if answer.status in (404, 410):
            raise Gone(f"{url}: {answer.status}", status=answer.status)
        if answer.status != 200 and not (conditional and answer.status == NOT_MODIFIED):
            raise BadAnswer(f"{url}: status {answer.status}", status=answer.status)

    def _expect_quota(self, host: str, answer: Answer) -> None:
        """Stop where the source says that the quota is spent, whatever status it says so with."""
        if any(mark in answer.body[:MARKED_BYTES] for mark in self._marks.spent):
            raise Stopped(f"{host} says that the quota is spent: go on in an hour, with the same command")

    def _expect_service(self, url: str, answer: Answer) -> None:
        """Stop where the source does not serve us any more."""
        start = answer.body[:MARKED_BYTES]
        is_html = "html" in answer.headers.get("content-type", "").lower()
        if answer.status == 403 or (is_html and any(mark in start for mark in self._marks.blocked)):
            raise Blocked(
                f"{host_of(url)} blocks us (status {answer.status} for {url}): wait a day, then go on with the same "
                f"command and a slower pace, such as --pace {host_of(url)}=5",
                status=answer.status,
            )

    def _rest(self, host: str, answer: Answer) -> NoReturn:
        wanted = self._retry_after(answer.headers.get("retry-after"))
        rest = self._throttle.rejected(host, answer.asked_at, wanted)
        raise Later(f"{host} answered {answer.status}; it rests for {rest:.0f} s")

    def _obey_robots(self, url: str) -> None:
        host = host_of(url)
        delay = self._robots.delay(host)
        if delay > MAX_DELAY:
            raise Stopped(
                f"robots.txt of {host} asks for {delay:.0f} s between two requests: ask the museum for another way, "
                f"or go on with --ignore-robots {host}"
            )
        self._throttle.slow_down(host, delay)
        if not self._robots.allow(host, url):
            raise BadAnswer(f"{url}: robots.txt of {host} forbids it")

    def _read_robots(self, host: str) -> str:
        """Read a host's robots.txt: what goes wrong is the host's matter, not that of the task that came first."""
        asked_at = self._throttle.clock()
        try:
            return self._ask_for_robots(host)
        except HungUp as error:
            raise Later(str(error)) from error
        except BadAnswer as error:
            rest = self._throttle.disconnected(host, asked_at)
            raise Later(f"{error}; without it nothing may be asked there, and it rests for {rest:.0f} s") from error

    def _ask_for_robots(self, host: str) -> str:
        """Read a host's robots.txt by RFC 9309, 2.3.1: unavailable (4xx) allows all, unreachable (5xx) nothing."""
        url = f"https://{host}/robots.txt"
        for _hop in range(MAX_REDIRECTS + 1):
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
            seconds = float(value) if value.strip().isdecimal() else timestamp(value) - self._today()
        except (ValueError, OverflowError):
            return None
        return seconds if 0 < seconds < math.inf else None

    def _next_hop(self, url: str, location: str) -> str:
        if not location:
            raise BadAnswer(f"{url}: a redirect without a Location")
        told = location.encode("latin-1", "replace").decode("utf-8", "replace")  # as browsers read it
        try:
            resolved = self._mirror.canonicalise(told, url) if self._mirror else urljoin(url, told)
        except ValueError as error:
            raise BadAnswer(f"{url}: a redirect to {told!r}, which is no address ({error})") from None
        return _canonical(resolved, f"{url}: a redirect")


def _canonical(url: str, where: str) -> str:
    """Return an address in its canonical form, if it is one that can be asked."""
    try:
        address = canonical(url)
        is_one = urlsplit(address).scheme in ("http", "https") and host_of(address)
    except ValueError:
        is_one = False
    if not is_one:
        raise BadAnswer(f"{where}: expected an http address, got {url!r}")
    return address
