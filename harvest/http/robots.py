"""What hosts allow, by RFC 9309."""

import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from protego import Protego

PRODUCT = "raisonne"  # the name by which robots.txt knows us
KEPT = 24 * 3600.0  # seconds (RFC 9309, 2.4)


@dataclass(slots=True)
class Robots:
    """The robots.txt of each host, read once a day. Safe to use from several threads."""

    read: Callable[[str], str]  # gives a host's robots.txt; "" where it has none
    clock: Callable[[], float]  # monotonic seconds
    ignored: Collection[str] = ()  # hosts whose robots.txt the user chose to ignore
    _kept: dict[str, tuple[Protego, float]] = field(default_factory=dict)
    _locks: dict[str, threading.Lock] = field(default_factory=dict)

    def of(self, host: str) -> Protego:
        """Return a host's rules; one thread reads them while others that ask for the same host wait."""
        with self._locks.setdefault(host, threading.Lock()):
            rules, read_at = self._kept.get(host, (None, 0.0))
            if rules is None or self.clock() - read_at > KEPT:
                rules = Protego.parse("" if host in self.ignored else self.read(host))
                self._kept[host] = (rules, self.clock())
            return rules

    def allow(self, host: str, url: str) -> bool:
        """Say whether a host lets us ask for an address."""
        return bool(self.of(host).can_fetch(url, PRODUCT))

    def delay(self, host: str) -> float:
        """Return the seconds between two requests that a host asks for; 0 where it asks for none."""
        return float(self.of(host).crawl_delay(PRODUCT) or 0.0)
