"""Where a page may lead: to public addresses alone, also by redirects, and by a proxy where the user has one."""

import contextlib
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from harvest.errors import Later, NotPublic
from harvest.http.connection import expect_public
from harvest.http.fetcher import Fetcher
from harvest.http.throttle import Throttle
from harvest.http.transport import exchange, open_session
from harvest.request import Request
from tests.conftest import need
from tests.museum.server import Museum

NAME = "museum.example.org"
METADATA = "169.254.169.254"  # where clouds answer with their machines' secrets


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.0.0.3", "127.1", "2130706433", "0x7f000001", "0.0.0.0", "10.1.2.3", "172.16.0.1",
        "192.168.1.1", METADATA, "100.64.0.1", "224.0.0.1", "::1", "::", "fe80::1", "fc00::1", "::ffff:127.0.0.1",
        "2002:7f00:1::", "localhost", "LOCALHOST.", "a.localhost", "printer.local", "metadata.internal", "intranet",
    ],
)  # fmt: skip
def test_an_address_that_is_not_public_as_it_is_written_is_refused(host: str) -> None:
    with pytest.raises(NotPublic, match="is no public address: nothing is asked there, unless by --mirror"):
        expect_public(host)


@pytest.mark.parametrize("host", ["www.wikiart.org", "8.8.8.8", "2606:4700::1111", "xn--rijks-9sa.nl", "iiif.micr.io."])
def test_a_public_one_is_not(host: str) -> None:
    expect_public(host)


def resolve(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Have every name resolve to these addresses."""

    def found(_host: str, port: int, *_args: object, **_more: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", found)


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["8.8.8.8", "10.0.0.1"], [METADATA]])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_name_that_resolves_to_a_private_address_is_refused(
    monkeypatch: pytest.MonkeyPatch, museum: Museum, addresses: list[str], scheme: str
) -> None:
    port = museum.url.rpartition(":")[2]
    resolve(monkeypatch, *addresses)
    with open_session("raisonne-test") as session, pytest.raises(NotPublic, match=f"{NAME} is .*, no public address"):
        exchange(session, f"{scheme}://{NAME}:{port}/", {}, asked_at=0.0)
    assert museum.asked == []


def test_a_mirror_may_be_anywhere(monkeypatch: pytest.MonkeyPatch, museum: Museum) -> None:
    resolve(monkeypatch, "127.0.0.1")
    port = museum.url.rpartition(":")[2]
    with open_session("raisonne-test", is_public=False) as session:
        assert exchange(session, f"http://mirror.example.org:{port}/x/", {}, asked_at=0.0).status == 404


@dataclass
class Behind:
    """A museum behind a proxy that resolves names itself, with a certificate of its own."""

    proxy: str
    certificate: Path
    connected: list[str] = field(default_factory=list)  # what the proxy was asked for


class _Museum(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        place = {"/to": f"https://{METADATA}/latest", "/home": "https://[::1]/x"}.get(self.path)
        self.send_response(302 if place else 200 if self.path == "/page" else 404)
        if place:
            self.send_header("Location", place)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_about: object) -> None: ...


@pytest.fixture
def behind(tmp_path: Path) -> Iterator[Behind]:
    need(shutil.which("openssl") is not None, "openssl")
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate]
    names = ["-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}", "-days", "2"]
    subprocess.run([*command, *names], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    here = Behind("", certificate)

    class _Proxy(BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            here.connected.append(self.path)
            self.send_response(200)
            self.end_headers()
            with socket.create_connection(museum.server_address[:2]) as far:
                back = threading.Thread(target=pump, args=(far, self.connection))
                back.start()
                pump(self.connection, far)
                back.join()

        def log_message(self, *_about: object) -> None: ...

    museum = ThreadingHTTPServer(("127.0.0.1", 0), _Museum)
    museum.socket = context.wrap_socket(museum.socket, server_side=True)
    proxy = ThreadingHTTPServer(("127.0.0.1", 0), _Proxy)
    here.proxy = f"http://127.0.0.1:{proxy.server_address[1]}"
    for server in (museum, proxy):
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield here
    for server in (proxy, museum):
        server.shutdown()
        server.server_close()


def pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while part := source.recv(65536):
            sink.sendall(part)
        sink.shutdown(socket.SHUT_WR)


def fetch(path: str, throttle: Throttle) -> Any:
    with open_session("raisonne-test") as session:
        return Fetcher(session, throttle).fetch(Request("x", f"https://{NAME}{path}"))


def test_a_proxy_and_its_certificate_are_the_environments(
    monkeypatch: pytest.MonkeyPatch, behind: Behind, throttle: Throttle
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", behind.proxy)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(behind.certificate))
    assert fetch("/page", throttle).status == 200
    assert set(behind.connected) == {f"{NAME}:443"}


def test_an_unknown_certificate_is_refused(monkeypatch: pytest.MonkeyPatch, behind: Behind, throttle: Throttle) -> None:
    monkeypatch.setenv("HTTPS_PROXY", behind.proxy)
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    with pytest.raises(Later, match="certificate verify failed"):
        fetch("/page", throttle)


@pytest.mark.parametrize("path", ["/to", "/home"])
def test_behind_a_proxy_a_redirect_counts_as_it_is_written(
    monkeypatch: pytest.MonkeyPatch, behind: Behind, throttle: Throttle, path: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", behind.proxy)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(behind.certificate))
    with pytest.raises(NotPublic, match="is no public address"):
        fetch(path, throttle)
    assert set(behind.connected) == {f"{NAME}:443"}
