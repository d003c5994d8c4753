"""robots.txt by RFC 9309: read from each host, kept for a day, and obeyed."""

import json
import re
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from protego import Protego

from harvest.errors import BadAnswer, Blocked, Disallowed, Later, Stopped, TaskFailed, Unreachable
from harvest.http.host_cache import MAX_AGE, HostCache
from harvest.http.redirects import follow
from harvest.http.status import raise_for_status
from harvest.http.throttle import TRIES, Throttle
from harvest.http.transport import Answer
from harvest.http.url import Mirror, authority, host_of

PRODUCT = "raisonne"  # the name by which robots.txt knows us
# Of a name with a version, only the product counts (RFC 9309, 2.2.1).
_VERSION = re.compile(r"(?im)^([ \t]*user-agent[ \t]*:[ \t]*[a-z_-]+)/[^\s#]*")
MAX_BYTES = 500 * 1024  # that are read, as RFC 9309, 2.5, wants at least: longer ones would take a while
MAX_DELAY = 3600.0  # seconds; a host that asks for longer gaps is one to be asked by other means


def withheld_by(host: str) -> str:
    """Say what a person may do where a host withholds something."""
    return f"robots.txt of {host} withholds it: ask the museum for leave, or decide to add --ignore-robots {host}"


@dataclass(slots=True)
class Robots:
    """The robots.txt of every host that is asked. Safe to use from several threads."""

    ask: Callable[[str], Answer]  # sends one request
    throttle: Throttle
    mirror: Mirror | None = None
    ignored: Collection[str] = ()  # hosts whose robots.txt the user chose to ignore
    today: Callable[[], float] = time.time  # seconds since 1970, for a Retry-After that names a date
    max_age: float = MAX_AGE
    max_delay: float = MAX_DELAY
    max_bytes: int = MAX_BYTES
    _rules: HostCache[Protego] = field(init=False)

    def __post_init__(self) -> None:
        self._rules = HostCache(self._rules_of, self.throttle.clock, self.max_age)

    def obey(self, url: str) -> None:
        """Slow down to what the host of an address asks for, and make sure that it lets us ask for the address.

        Raises:
            Disallowed: It does not.
            Stopped: It asks for too long a delay, or its robots.txt cannot be had (Unreachable).
            Later: Its robots.txt cannot be had now.
        """
        host = host_of(url)
        rules = self._rules.get(_origin(url))
        delay = float(rules.crawl_delay(PRODUCT) or 0.0)
        if delay > self.max_delay:
            raise Stopped(
                f"robots.txt of {host} asks for {delay:.0f} s between two requests: ask the museum for another way, "
                f"or go on with --ignore-robots {host}",
                host=host,
            )
        self.throttle.slow_down(host, delay)
        if not rules.can_fetch(url, PRODUCT):
            raise Disallowed(f"{url}: robots.txt of {host} forbids it", host=host)

    def _rules_of(self, origin: str) -> Protego:
        """Read a robots.txt by RFC 9309, 2.3.1: one that is unavailable allows all, one that is unreachable nothing."""
        host = host_of(origin)
        if host in self.ignored:
            return Protego.parse("")
        asked_at = self.throttle.clock()
        try:
            url, answer = follow(f"{origin}/robots.txt", self.ask, self.mirror)
        except BadAnswer as error:
            rest = self.throttle.disconnected(host, asked_at)
            message = f"{error}; without it nothing may be asked there"
            if self.throttle.streak(host) >= TRIES:
                raise Unreachable(f"{message}: go on later, with the same command", host=host) from error
            raise Later(f"{message}, and it rests for {rest:.0f} s", host=host) from error
        if answer.status >= 500:
            message = f"robots.txt of {host} answers {answer.status}, so nothing may be asked there: go on later"
            raise Unreachable(message, host=host)
        try:
            raise_for_status(answer, url, self.throttle, today=self.today)
        except (TaskFailed, Blocked):  # 4xx, or too many redirects
            return Protego.parse("")
        body = answer.body[: self.max_bytes]
        encoding = json.detect_encoding(body)  # UTF-8, as it should be, or the UTF-16 that some editors write
        text = body.decode(encoding, "replace").removeprefix("\ufeff")  # a byte order mark
        return Protego.parse(_VERSION.sub(r"\1", text))


def _origin(url: str) -> str:
    """Return where the robots.txt for an address lies: at its port, where it names one."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.port else f"https://{authority(host_of(url))}"
