"""The server: real HTTP on loopback, every host under one address, and misbehaviour on request.

`http://127.0.0.1:PORT/HOST/PATH` stands for `https://HOST/PATH`.
"""

import contextlib
import socket
import struct
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, unquote

from tests.museum.answer import Answer, Site, missing
from tests.museum.collection import Collection
from tests.museum.misbehaviour import Misbehaviour
from tests.museum.sites import open_sites

RULES = ("/robots.txt", "/.well-known/tdmrep.json")  # what a host says to all robots
WELL = Misbehaviour()  # nothing set: the answer goes out as it is
HANG_UP = struct.pack("ii", 1, 0)  # SO_LINGER on, 0 seconds: closing sends a reset


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, as it came, and the status it got; status 0: the connection was reset before an answer."""

    method: str
    host: str
    path: str  # with its query, percent-encoded as it came
    at: float  # of time.monotonic, in seconds
    headers: Mapping[str, str]  # names in lower case
    status: int


class Museum:
    """A running museum: `with Museum(collection) as museum: ask(museum.url)`.

    Args:
        collection: What hangs in it.
        misbehaviours: Faults from the start; of those that strike, the first in the list does.
        layout: Of WikiArt's pages: "2018", "2026" or "both".
        port: 0 takes any free one.
        sites: What answers, in place of every site that we know.
    """

    def __init__(
        self,
        collection: Collection,
        misbehaviours: Iterable[Misbehaviour] = (),
        *,
        layout: str = "both",
        port: int = 0,
        sites: Iterable[Site] | None = None,
    ) -> None:
        self.sites = tuple(sites) if sites is not None else open_sites(collection, layout=layout)
        self.closing = threading.Event()
        self._lock = threading.Lock()
        self._asked: list[Asked] = []
        self._faults = [(fault, [0]) for fault in misbehaviours]
        self._server = _Server(self, port)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="museum", daemon=True)

    @property
    def url(self) -> str:
        """The address that stands for `https:/`."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def asked(self) -> list[Asked]:
        """Every request so far, in the order of the answers."""
        with self._lock:
            return list(self._asked)

    def address(self, url: str) -> str:
        """Return where a page of the real site lies here."""
        return f"{self.url}/{url.removeprefix('https://')}"

    def misbehave(self, *faults: Misbehaviour) -> None:
        """Add faults; each counts its requests from now on."""
        with self._lock:
            self._faults += [(fault, [0]) for fault in faults]

    def calm(self) -> None:
        """Forget all faults."""
        with self._lock:
            self._faults.clear()

    def forget(self) -> None:
        """Empty the log of requests."""
        with self._lock:
            self._asked.clear()

    def note(self, asked: Asked) -> None:
        """Write a request into the log."""
        with self._lock:
            self._asked.append(asked)

    def fault_for(self, asked: str) -> Misbehaviour:
        """Count a request ("HOST/PATH?QUERY") with every fault that matches it, and give the first that strikes."""
        with self._lock:
            struck = WELL
            for fault, count in self._faults:
                if fault.matches(asked):
                    struck = fault if struck is WELL and fault.strikes(count[0]) else struck
                    count[0] += 1
            return struck

    def answer(self, host: str, path: str, query: Mapping[str, str]) -> Answer:
        """Return what the site says, or that there is no such host."""
        answers = (site(host, path, query) for site in self.sites)
        return next((answer for answer in answers if answer is not None), None) or missing()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.hang_up()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    """One thread for each connection; closing ends them all and waits for them."""

    daemon_threads = False
    request_queue_size = 128

    def __init__(self, museum: Museum, port: int) -> None:
        self.museum = museum
        self._lock = threading.Lock()
        self._lines: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), _Handler)

    def process_request(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        """Keep the connection, so that it can be ended."""
        if isinstance(request, socket.socket):
            with self._lock:
                self._lines.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        """Let go of a connection that has ended."""
        with self._lock:
            self._lines.discard(request)
        super().shutdown_request(request)

    def handle_error(self, *about: Any) -> None:
        """Say nothing of clients that go away: they are tested for just that."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(*about)

    def hang_up(self) -> None:
        """End every open connection."""
        with self._lock:
            for line in self._lines:
                with contextlib.suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # one packet for headers and body, where they fit
    server: _Server

    def do_GET(self) -> None:
        """Answer a request, well or badly."""
        at = time.monotonic()
        host, path = self._target()
        fault = self.server.museum.fault_for(host + path)
        self.server.museum.closing.wait(fault.delay)
        answer = self._conditional(self._well(host, path), fault)
        status = 0 if fault.reset and fault.cut is None else answer.status
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.museum.note(Asked(self.command, host, path, at, headers, status))
        if fault.line is not None:
            self._send_forever(fault.line, fault)
        elif status:
            self._send(answer, fault)
        if fault.reset:
            self._reset()

    do_HEAD = do_GET  # noqa: N815 - the base class asks for this name

    def log_message(self, *_about: object) -> None:
        """Keep quiet: the museum has a log of its own."""

    def _target(self) -> tuple[str, str]:
        host, _, path = self.path.removeprefix("/").partition("/")
        return host, f"/{path}"

    def _well(self, host: str, target: str) -> Answer:
        path, _, query = target.partition("?")
        return self.server.museum.answer(host, unquote(path), dict(parse_qsl(query)))

    def _conditional(self, well: Answer, fault: Misbehaviour) -> Answer:
        """Return the answer that is sent: "not modified" to whom has it, and changed where a fault says so."""
        validators = well.validators
        known = self.headers.get("If-None-Match"), self.headers.get("If-Modified-Since")
        fresh = validators and (known[0] == validators["ETag"] or known == (None, validators["Last-Modified"]))
        if fresh and fault.status is None and fault.body is None:
            return replace(well, body=b"", status=304, headers={**well.headers, **validators, **fault.headers})
        body = well.body if fault.body is None else fault.body
        status = fault.status or (well.status if fault.body is None else 200)
        sound = validators if (body, status) == (well.body, well.status) else {}
        return replace(well, body=body, status=status, headers={**well.headers, **sound, **fault.headers})

    def _send(self, answer: Answer, fault: Misbehaviour) -> None:
        self.send_response_only(answer.status)
        own = {"Server": "museum", "Date": self.date_time_string(), "Content-Type": answer.content_type}
        headers = {**own, **answer.headers}
        if fault.endless:
            headers["Transfer-Encoding"] = "chunked"
        elif answer.status != 304:
            headers.setdefault("Content-Length", str(len(answer.body)))
        if fault.cut is not None or fault.extra:
            self.close_connection = True  # said to no one: the client must find out
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self._send_body(answer.body[: fault.cut] + fault.extra, fault)
        self.wfile.flush()

    def _send_body(self, body: bytes, fault: Misbehaviour) -> None:
        if fault.pause:
            self.wfile.write(body[: len(body) // 2])
            self.wfile.flush()
            self.server.museum.closing.wait(fault.pause)
            body = body[len(body) // 2 :]
        while fault.endless and not self.server.museum.closing.is_set():
            self.wfile.write(b"%x\r\n%s\r\n" % (len(body or b" "), body or b" "))
        if fault.drip:
            self._drip(body, fault.drip)
        elif not fault.endless:
            self.wfile.write(body)

    def _send_forever(self, line: bytes, fault: Misbehaviour) -> None:
        self.close_connection = True
        self.wfile.write(line)
        while not self.server.museum.closing.wait(fault.drip):
            self.wfile.write(fault.forever)
            self.wfile.flush()

    def _drip(self, body: bytes, seconds: float) -> None:
        for place in range(len(body)):
            self.wfile.write(body[place : place + 1])
            self.wfile.flush()
            if self.server.museum.closing.wait(seconds):
                return

    def _reset(self) -> None:
        """Close so that the client's system reports a reset, not an end."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, HANG_UP)
        self.wfile.flush()
        self.connection.close()
