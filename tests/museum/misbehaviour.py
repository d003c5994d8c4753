"""How a server can fail a client, as pure data: the server acts it out."""

import gzip
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.museum.answer import HTML

GATE = b"""<!DOCTYPE html><html><head><title>Attention Required! | Cloudflare</title></head>
<body><h1>Sorry, you have been blocked</h1></body></html>"""
WALL = b"""<html style="height:100%"><head><META NAME="ROBOTS" CONTENT="NOINDEX, NOFOLLOW"></head><body>
<iframe src="/_Incapsula_Resource?CWUDNSAI=20&incident_id=1-2">Request unsuccessful. Incapsula incident ID: 1-2</iframe>
</body></html>"""


@dataclass(frozen=True, slots=True)
class Misbehaviour:
    """One fault: where it happens, how often, and what comes; what is not set stays as it should be."""

    where: str = ""  # a regular expression, searched for in "HOST/PATH?QUERY" as it was asked
    times: int | None = 1  # how many requests suffer; None: all
    after: int = 0  # how many requests that match are answered well first
    every: int = 1  # from then on, which suffer: 1 each, 2 every other …
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)  # added to the answer's own, or in place of them
    body: bytes | None = None
    delay: float = 0.0  # seconds before the first byte
    pause: float = 0.0  # seconds in the middle of the body
    drip: float = 0.0  # seconds between any two bytes of the body
    cut: int | None = None  # so many bytes of the body are sent, of a length that promised all; then the line closes
    extra: bytes = b""  # sent behind what the length promised
    reset: bool = False  # the connection is reset; with `cut`, after that many bytes, else before any answer
    endless: bool = False  # the body never ends
    line: bytes | None = None  # what goes over the line in place of any answer
    forever: bytes = b""  # comes behind it again and again, `drip` seconds apart

    def matches(self, asked: str) -> bool:
        """Is this about that request ("HOST/PATH?QUERY")?"""
        return re.search(self.where, asked) is not None

    def strikes(self, earlier: int) -> bool:
        """Does a matching request suffer that has this many matching ones before it?"""
        turn, rest = divmod(earlier - self.after, self.every)
        return turn >= 0 and rest == 0 and (self.times is None or turn < self.times)


_CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
_PACKED = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"
# Answers that never end, by what of them does not; no read of them takes too long.
ENDLESS: Mapping[str, Misbehaviour] = {
    "header": Misbehaviour(times=None, line=b"HTTP/1.1 200 OK\r\nX-Drip: ", forever=b"x", drip=0.02),
    "interim": Misbehaviour(times=None, line=b"", forever=b"HTTP/1.1 100 Continue\r\n\r\n"),
    "slow interim": Misbehaviour(times=None, line=b"", forever=b"HTTP/1.1 100 Continue\r\n\r\n", drip=0.02),
    "trailers": Misbehaviour(times=None, line=_CHUNKED + b"0\r\n", forever=b"X-Trailer: x\r\n"),
    "slow trailers": Misbehaviour(times=None, line=_CHUNKED + b"0\r\n", forever=b"X-Trailer: x\r\n", drip=0.02),
    "chunk sizes": Misbehaviour(times=None, line=_CHUNKED, forever=b"1;x=%b\r\n<\r\n" % (b"y" * 60_000)),
    "a chunk size": Misbehaviour(times=None, line=_CHUNKED, forever=b"0", drip=0.02),
    "gzip members": Misbehaviour(times=None, line=_PACKED, forever=gzip.compress(b"", mtime=0) * 1000),
}


def too_many(where: str = "", *, retry_after: str = "2", times: int | None = 1, after: int = 0) -> Misbehaviour:
    """Answer 429 with a time to wait."""
    headers = {"Retry-After": retry_after}
    return Misbehaviour(where, times, after, status=429, headers=headers, body=b"Too Many Requests")


def failing(where: str = "", *, status: int = 503, times: int | None = 1, after: int = 0) -> Misbehaviour:
    """Answer with an error of the server's."""
    body = f"<html><body><h1>{status}</h1></body></html>".encode()
    return Misbehaviour(where, times, after, status=status, headers={"Content-Type": HTML}, body=body)


def blocked(where: str = "", *, times: int | None = None, after: int = 0) -> Misbehaviour:
    """Answer 403 with a page as a gatekeeper before a site sends it."""
    headers = {"Content-Type": HTML, "Server": "cloudflare", "CF-RAY": "8f00000000000000-MUC"}
    return Misbehaviour(where, times, after, status=403, headers=headers, body=GATE)


def walled(where: str = "", *, times: int | None = None, after: int = 0) -> Misbehaviour:
    """Answer 200 with a gatekeeper's page, as the MET's API did in 2019."""
    return Misbehaviour(where, times, after, headers={"Content-Type": HTML}, body=WALL)


def quota_spent(where: str = "", *, times: int | None = None, after: int = 0) -> Misbehaviour:
    """Answer 500 with WikiArt's words for a spent quota."""
    body = b'{"Exception":{"Message":"Free API limit exceeded"}}'
    headers = {"Content-Type": "application/json"}
    return Misbehaviour(where, times, after, status=500, headers=headers, body=body)


def redirected(where: str, to: str, *, status: int = 302, times: int | None = 1) -> Misbehaviour:
    """Answer with another address, given as the real site would: with `https://` and its host."""
    return Misbehaviour(where, times, status=status, headers={"Location": to}, body=b"")


def cut_short(where: str = "", *, at: int = 100, times: int | None = 1) -> Misbehaviour:
    """Send the first bytes of a body that should be longer."""
    return Misbehaviour(where, times, cut=at)


def dropped(where: str = "", *, times: int | None = 1, after: int = 0) -> Misbehaviour:
    """Reset the connection before any answer."""
    return Misbehaviour(where, times, after, reset=True)


def slow(
    where: str = "", *, delay: float = 0.0, pause: float = 0.0, drip: float = 0.0, times: int | None = 1
) -> Misbehaviour:
    """Let a client wait, in seconds: before the answer, in the middle of it, or for each of its bytes."""
    return Misbehaviour(where, times, delay=delay, pause=pause, drip=drip)


def html_instead(where: str = "", *, times: int | None = 1) -> Misbehaviour:
    """Answer 200 with a page, whatever was due."""
    body = b"<!DOCTYPE html><html><body><h1>We will be back soon</h1></body></html>"
    return Misbehaviour(where, times, headers={"Content-Type": HTML}, body=body)


def bomb(where: str = "", *, megabytes: int = 200, times: int | None = 1) -> Misbehaviour:
    """Send a small body that unpacks to very much."""
    packed = gzip.compress(bytes(1_000_000), mtime=0) * megabytes  # members behind one another are one stream
    return Misbehaviour(where, times, headers={"Content-Encoding": "gzip"}, body=packed)


def opted_out(where: str = "", says: str = "noai, noimageai", *, header: str = "X-Robots-Tag") -> Misbehaviour:
    """Say in a header of every answer that it is not for AI, or not for mining: "tdm-reservation", "1"."""
    return Misbehaviour(where, times=None, headers={header: says})


def reserving(host: str, rules: object) -> Misbehaviour:
    """Publish a tdmrep.json."""
    body, headers = json.dumps(rules).encode(), {"Content-Type": "application/json"}
    return Misbehaviour(f"{host}/.well-known/tdmrep.json$", times=None, status=200, headers=headers, body=body)
