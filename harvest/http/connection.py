"""Connections that know when to give up, and where not to go.

A page may lead anywhere: without a mirror, a name that resolves to an address in a private network is refused before
anything is sent, on every hop. Behind a proxy, which resolves names itself, the address counts as it is written.
"""

import io
import socket
import time
from contextvars import ContextVar
from http.client import HTTPResponse
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util.connection import create_connection

from harvest.errors import BadAnswer, HungUp, NotPublic

_INTERNAL = ("localhost", "local", "internal", "intranet", "lan", "home", "corp")  # last parts of names


class Allowance:
    """How long an exchange may still take, and how many bytes may come over the line."""

    def __init__(self, seconds: float, number: int) -> None:
        self.renew(seconds, number)

    def renew(self, seconds: float, number: int) -> None:
        """Allow for the next part of the exchange."""
        self._seconds, self._deadline, self._bytes = seconds, time.monotonic() + seconds, number

    def left(self) -> float:
        """Return the seconds that are left.

        Raises:
            HungUp: None is.
        """
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise HungUp(f"still sending after {self._seconds:.0f} s")
        return left

    def take(self, number: int) -> None:
        """Count bytes that came.

        Raises:
            BadAnswer: They are too many.
        """
        self._bytes -= number
        if self._bytes < 0:
            raise BadAnswer("too much comes over the line, and most of it is no body")


ALLOWANCE: ContextVar[Allowance] = ContextVar("ALLOWANCE")  # of the exchange that this thread is about


class _Line(io.RawIOBase):
    """What comes over a socket, within the allowance: also where no single read takes too long."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._seconds: float | None = sock.gettimeout()
        self._raw = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        allowance = ALLOWANCE.get()
        left = allowance.left()
        self._socket.settimeout(left if self._seconds is None else min(left, self._seconds))
        try:
            number = self._raw.readinto(buffer)
        except TimeoutError:
            allowance.left()
            raise HungUp(f"timed out: nothing came for {self._seconds:.0f} s") from None
        allowance.take(number or 0)
        return number

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        self.fp = io.BufferedReader(_Line(sock))


class _Anywhere(HTTPConnection):
    response_class = _Response


class _AnywhereByTls(HTTPSConnection):
    response_class = _Response


class _Public(_Anywhere):
    """Connects to public addresses alone, or to the proxy that the user named."""

    def _new_conn(self) -> socket.socket:
        return super()._new_conn() if self.proxy is not None else _connect(self)


class _PublicByTls(_AnywhereByTls):
    def _new_conn(self) -> socket.socket:
        return super()._new_conn() if self.proxy is not None else _connect(self)


def _connect(connection: HTTPConnection) -> socket.socket:
    """Resolve a name once, and connect to what it resolved to: another answer could name another address.

    Raises:
        NotPublic: One of its addresses is not public.
    """
    name, port = connection.host.strip("[]"), connection.port
    found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(where[0]) for *_, where in found))
    for address in addresses:
        if not _is_public(ip_address(address)):
            raise NotPublic(f"{name} is {address}, no public address: nothing is asked there, unless by --mirror")
    failure = OSError("the name resolves to no address")
    for address in addresses:
        try:
            return create_connection((address, port), connection.timeout, socket_options=connection.socket_options)
        except OSError as error:
            failure = error
    raise failure


def expect_public(host: str) -> None:
    """Refuse a host that is not public as it is written, whoever resolves names.

    Raises:
        NotPublic: It is such an address, in any notation, or a name that only a private network knows.
    """
    try:
        is_public = _is_public(ip_address(host))
    except ValueError:
        try:
            is_public = _is_public(IPv4Address(socket.inet_aton(host)))  # 127.1, 0x7f000001, 2130706433
        except OSError:
            is_public = "." in host.rstrip(".") and host.rstrip(".").rpartition(".")[2].lower() not in _INTERNAL
    if not is_public:
        raise NotPublic(f"{host} is no public address: nothing is asked there, unless by --mirror")


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    inner = address.ipv4_mapped or address.sixtofour if isinstance(address, IPv6Address) else None
    return (inner or address).is_global and not (inner or address).is_multicast


class Adapter(HTTPAdapter):
    """Opens such connections for a requests session.

    Args:
        is_public: Refuse addresses that are not public.
        connections: To keep open, for each host.
    """

    def __init__(self, *, is_public: bool, connections: int) -> None:
        self._pools = _PUBLIC if is_public else _ANYWHERE
        super().__init__(pool_maxsize=connections)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Open the pools."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """Open the pools of a proxy."""
        manager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = self._pools
        return manager


def _pools(
    http: type[HTTPConnection], https: type[HTTPSConnection]
) -> dict[str, type[HTTPConnectionPool] | type[HTTPSConnectionPool]]:
    return {
        "http": type("Pool", (HTTPConnectionPool,), {"ConnectionCls": http}),
        "https": type("PoolByTls", (HTTPSConnectionPool,), {"ConnectionCls": https}),
    }


_ANYWHERE, _PUBLIC = _pools(_Anywhere, _AnywhereByTls), _pools(_Public, _PublicByTls)
