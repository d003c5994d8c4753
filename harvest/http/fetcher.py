"""One request over HTTP: robots.txt, the host's slot, redirects hop by hop, a complete body or an error."""

import threading
import time
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import requests

from harvest.errors import BadAnswer, Cancelled, HarvestError, HungUp, Later, OptedOut, Reserved, Unreachable
from harvest.http.auth import KeyAuth
from harvest.http.connection import expect_public
from harvest.http.folder import is_local, read_local
from harvest.http.opt_out import Reservations, opt_out_of
from harvest.http.redirects import MAX_REDIRECTS, canonical_address, follow
from harvest.http.robots import Robots
from harvest.http.status import NO_MARKS, Marks, raise_for_status
from harvest.http.throttle import Throttle
from harvest.http.transport import DEFAULT_LIMITS, Answer, ExchangeLimits, Writable, exchange
from harvest.http.url import Mirror, host_of
from harvest.request import Request
from harvest.response import Response
from harvest.source import KEYED


class Fetcher:
    """Fetches answers as a polite guest. Safe to use from several threads.

    Args:
        session: An open requests session; its User-Agent says who asks.
        throttle: The hosts' pace and rests.
        mirror: Where to send the requests instead of to the hosts themselves.
        marks: By which the source tells that it does not serve us.
        auth: Of the source's keyed interface.
        limits: Of time and size, for each exchange.
        max_requests: That may be sent; None: any number.
        ignored: Hosts whose robots.txt is not asked for.
        ignored_opt_outs: Hosts whose images are taken, whoever opts them out.
        folder: Of the user's, with pictures that are not asked for but read.
        today: Seconds since 1970, for a Retry-After that names a date.
    """

    def __init__(
        self,
        session: requests.Session,
        throttle: Throttle,
        *,
        mirror: Mirror | None = None,
        marks: Marks = NO_MARKS,
        auth: KeyAuth | None = None,
        limits: ExchangeLimits = DEFAULT_LIMITS,
        max_requests: int | None = None,
        ignored: Collection[str] = (),
        ignored_opt_outs: Collection[str] = (),
        folder: Path | None = None,
        today: Callable[[], float] = time.time,
    ) -> None:
        self._session = session
        self._throttle = throttle
        self._mirror = mirror
        self._marks = marks
        self._auth = auth
        self._limits = limits
        self._max_requests = max_requests
        self._today = today
        self._robots = Robots(self._send, throttle, mirror, ignored, today)
        self._reservations = Reservations(self._ask, throttle, mirror, today)
        self.ignored_opt_outs = frozenset(ignored_opt_outs)
        self._folder = folder
        self._lock = threading.Lock()
        self.requests = 0  # sent, robots.txt included

    def fetch(self, request: Request, conditions: Mapping[str, str] | None = None) -> Response:
        """Ask, and follow redirects hop by hop; at the source's keyed interface, ask with its keys.

        Args:
            request: What to ask for.
            conditions: Headers that ask for it only if it has changed (not at the keyed interface); the answer may
                then have status 304 and no body.

        Raises:
            Stopped: The host blocks us, the quota is spent, robots.txt cannot be had, or the session has ended.
            Later: The host asks for patience or cannot be reached.
            Gone: The source has it no longer.
            BadAnswer: Anything else that is no complete answer.
            NotPublic: It leads into a private network, or a redirect does.
            Cancelled: No more may be asked.
        """
        if self._auth is not None and self._auth.covers(request.url):
            return self._fetch_with_keys(request, self._auth)
        url, answer = self._follow(request.url, conditions or {}, None)
        return Response(request, url, answer.status, answer.headers, answer.body)

    def download(self, request: Request, into: Writable, conditions: Mapping[str, str] | None = None) -> Response:
        """Ask as `fetch` does, and write the body of an answer with status 200 as it comes, whatever its size.

        Args:
            request: What to ask for.
            into: Where the decoded body goes. Where an error is raised, what was written is not worth anything.
            conditions: As for `fetch`.

        Returns:
            The answer, without its body.
        """
        url, answer = self._follow(request.url, conditions or {}, into)
        return Response(request, url, answer.status, answer.headers, b"")

    def fetch_image(self, request: Request, opt_out: str | None = None) -> Response:
        """Ask for an image as `fetch` does, unless it is opted out of AI or of text and data mining.

        Args:
            request: What to ask for.
            opt_out: What the page that shows it says against it; None: nothing.

        Raises:
            OptedOut: That page, or the image's own answer, says so.
            Reserved: A host says so, its own or one that it redirects to.
        """
        if is_local(request.url):
            return read_local(self._folder, request)
        host = host_of(canonical_address(request.url, request.url))
        if host in self.ignored_opt_outs:
            return self.fetch(request)
        if opt_out is not None:
            raise OptedOut(f"{request.url}: opted out by the page that shows it ({opt_out})", host=host)

        def expect_free(url: str) -> None:
            if rule := self._reservations.reserved(url):
                raise Reserved(f"{request.url}: opted out ({rule})", host=host)

        url, answer = self._follow(request.url, {}, None, expect_free)
        response = Response(request, url, answer.status, answer.headers, answer.body)
        if said := opt_out_of(response):
            raise OptedOut(f"{request.url}: opted out by its answer ({said})", host=host)
        return response

    def resting(self) -> Mapping[str, float]:
        """Return the hosts that may not be asked now, and in how many seconds they may."""
        return self._throttle.resting()

    def wait(self, seconds: float) -> None:
        """Wait.

        Raises:
            Cancelled: The run ends.
        """
        self._throttle.wait(seconds)

    def rest(self, host: str) -> None:
        """Wait until a host has rested, for who has nobody else to ask."""
        self._throttle.rest(host)

    def close(self, host: str) -> None:
        """Ask a host no more."""
        self._throttle.close(host)

    def _fetch_with_keys(self, request: Request, auth: KeyAuth) -> Response:
        url = request.url
        with self._throttle.slot(KEYED):
            self._robots.obey(url)
            with auth.signed(url) as address:
                answer = self._send(address)
                raise_for_status(answer, url, self._throttle, marks=self._marks, has_keys=True, today=self._today)
        response = Response(request, url, answer.status, {}, answer.body)
        auth.expect_no_key(response)
        return response

    def _follow(
        self,
        wanted: str,
        conditions: Mapping[str, str],
        into: Writable | None,
        expect: Callable[[str], None] = lambda _url: None,
    ) -> tuple[str, Answer]:
        def ask(url: str) -> Answer:
            expect(url)
            return self._ask(url, conditions, into)

        url, answer = follow(canonical_address(wanted, wanted), ask, self._mirror)
        if answer.is_redirect:
            raise BadAnswer(f"{wanted}: more than {MAX_REDIRECTS} redirects, the last to {url}")
        raise_for_status(
            answer, url, self._throttle, marks=self._marks, is_conditional=bool(conditions), today=self._today
        )
        return url, answer

    def _ask(self, url: str, conditions: Mapping[str, str] | None = None, into: Writable | None = None) -> Answer:
        """Send one request, where robots.txt allows it; a redirect is an answer, too."""
        self._robots.obey(url)
        answer = self._send(url, conditions, into)
        if answer.is_redirect:
            self._throttle.succeeded(host_of(url), answer.asked_at)
        return answer

    def _send(self, url: str, conditions: Mapping[str, str] | None = None, into: Writable | None = None) -> Answer:
        """Send one request in its host's turn, to the mirror where there is one."""
        host = host_of(url)
        address = self._mirror.locate(url) if self._mirror else url
        if self._throttle.is_online and self._throttle.is_unreachable(host):
            raise HungUp(f"{host} cannot be reached: it has answered nothing in this run", host=host)
        if self._mirror is None:
            expect_public(host)
        with self._throttle.slot(host) as asked_at:
            with self._lock:
                if self._max_requests is not None and self.requests >= self._max_requests:
                    raise Cancelled("no more requests may be sent")
                self.requests += 1
            try:
                answer = exchange(
                    self._session, address, conditions or {}, asked_at=asked_at, into=into, limits=self._limits
                )
            except HungUp as error:
                raise self._hung_up(host, asked_at, error) from error
            except BadAnswer as error:
                self._throttle.answered(host)
                raise BadAnswer(f"{url}: {error}") from error
            self._throttle.answered(host)
            return answer

    def _hung_up(self, host: str, asked_at: float, error: HungUp) -> HarvestError:
        """Let a host rest that cannot be reached or hung up, and say whose matter that is: ours, where none answers."""
        rest = self._throttle.disconnected(host, asked_at)
        message = f"{host} cannot be reached or hung up ({error})"
        if self._throttle.is_online:
            return HungUp(f"{message}; it rests for {rest:.0f} s", host=host)
        if not self._throttle.is_unreachable(host):
            return Later(f"{message}; next try in {rest:.0f} s", host=host)
        return Unreachable(f"{message}: see whether there is a network, then run the same command again", host=host)
