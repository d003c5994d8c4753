"""Addresses: canonical ones as the sources know them, and where a mirror of them answers."""

import re
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import quote, unquote, urljoin, urlsplit, urlunsplit

import idna

from harvest.errors import BadInput

# What RFC 3986 lets stand in a path or query; "%" too, for an address may come encoded already.
_SAFE = "/%:@!$&'()*+,;=~-._?"
_ENCODED = re.compile(r"%[0-9A-Fa-f]{2}")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_AUTHORITY = re.compile(r"(?P<host>\[[0-9a-fA-F:.]+\]|[^\s\\@%:\[\]]*)(?::(?P<port>\d{0,5}))?")
_USERINFO = re.compile(r"//[^/?#]*@")
_DEFAULT_PORTS = {"http": "80", "https": "443"}


def canonical(url: str) -> str:
    """Return an address in the form in which it is checked, sent and kept (RFC 3986, 6.2.2).

    It names no dot segments, encodes what it must and no more, and does so in capitals. requests and urllib3 make such
    addresses no different: what is sent is what was checked.

    Raises:
        ValueError: Libraries could read several hosts from it, or it holds a user name or password.
    """
    parts = urlsplit(url.strip())
    path = _without_dots(encode(parts.path))
    return urlunsplit((parts.scheme, _canonical_authority(parts.netloc, parts.scheme), path, encode(parts.query), ""))


def encode(part: str, *, errors: str = "strict") -> str:
    """Percent-encode what a path or query may not hold, in the one form that RFC 3986, 6.2.2, prefers."""
    return _ENCODED.sub(_normal, quote(_STRAY_PERCENT.sub("%25", part), safe=_SAFE, errors=errors))


def redacted(url: str) -> str:
    """Return an address for a message: without a user name and password."""
    return _USERINFO.sub("//…@", url)


def has_userinfo(url: str) -> bool:
    """Return whether an address holds a user name or password."""
    try:
        return "@" in url and "@" in urlsplit(url).netloc
    except ValueError:
        return "@" in url


def _normal(encoded: re.Match[str]) -> str:
    character = unquote(encoded[0], "latin-1")
    return character if _UNRESERVED.fullmatch(character) else encoded[0].upper()


def _without_dots(path: str) -> str:
    """Remove dot segments (RFC 3986, 5.2.4), and slashes that requests would remove from the beginning."""
    segments: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del segments[max(1, len(segments) - 1) :]  # the first one is empty: the root
        elif segment != ".":
            segments.append(segment)
    if path.endswith(("/.", "/..")):
        segments.append("")
    joined = "/".join(segments)
    return f"/{joined.lstrip('/')}" if path.startswith("/") else joined


def _canonical_authority(authority: str, scheme: str) -> str:
    match = _AUTHORITY.fullmatch(authority)
    if match is None:
        raise ValueError("expected a host and perhaps a port, got more or something else")
    host, port = match["host"].lower(), match["port"]
    if not host.isascii():
        host = idna.encode(host, uts46=True).decode()  # as requests does; IDNAError is a ValueError
    return f"{host}:{port}" if port and port != _DEFAULT_PORTS.get(scheme) else host


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
