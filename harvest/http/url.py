"""Addresses: canonical ones as the sources know them, and where a mirror of them answers."""

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from harvest.errors import BadInput

# What RFC 3986 lets stand in a path or query; "%" too, for an address may come encoded already.
_SAFE = "/%:@!$&'()*+,;=~-._?"


def canonical(url: str) -> str:
    """Percent-encode what an address may not hold, and leave what is encoded already."""
    parts = urlsplit(url.strip())
    return urlunsplit((parts.scheme, parts.netloc, encode(parts.path), encode(parts.query), ""))


def encode(part: str, *, errors: str = "strict") -> str:
    """Percent-encode what a path or query may not hold, and leave what is encoded already."""
    return quote(part, safe=_SAFE, errors=errors)


def host_of(url: str) -> str:
    """Return the host that a canonical address names."""
    return urlsplit(url).hostname or ""


def authority(host: str) -> str:
    """Return a host as an address names it: an IPv6 address in brackets."""
    return f"[{host}]" if ":" in host else host


@dataclass(frozen=True, slots=True)
class Mirror:
    """Another place that answers for all hosts: `BASE/HOST/PATH` for `https://HOST/PATH`."""

    base: str  # no trailing slash

    @classmethod
    def at(cls, url: str) -> "Mirror":
        """Read a mirror's address.

        Raises:
            BadInput: It is no http address.
        """
        try:
            parts = urlsplit(url)
            is_valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:  # a port that is none, half an IPv6 address
            is_valid = False
        if "@" in url:  # it would stand in the catalogue and in messages
            raise BadInput("--mirror with a user name or password: expected an address such as http://127.0.0.1:8080")
        if not is_valid:
            raise BadInput(f"--mirror {url}: expected an address such as http://127.0.0.1:8080")
        return cls(url.rstrip("/"))

    @property
    def is_loopback(self) -> bool:
        """Whether it is on this machine, where no pace and no contact address are needed."""
        host = host_of(self.base)
        try:
            return host == "localhost" or ip_address(host).is_loopback
        except ValueError:
            return False

    def locate(self, url: str) -> str:
        """Return where the mirror answers for a canonical address."""
        parts = urlsplit(url)
        return f"{self.base}/{parts.netloc}{parts.path}{'?' + parts.query if parts.query else ''}"

    def canonicalise(self, location: str, asked: str) -> str:
        """Return the canonical address of a Location, which may be given as the site gives it or as the mirror does.

        Args:
            location: Of the answer.
            asked: The canonical address that was asked.
        """
        ours = f"{self.base}/{urlsplit(asked).netloc}/"
        absolute = urljoin(self.locate(asked), location)
        if absolute.startswith(ours) or location.startswith(f"{self.base}/"):
            return canonical(f"https://{absolute.removeprefix(self.base).lstrip('/')}")
        return canonical(urljoin(asked, location))
