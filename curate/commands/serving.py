"""Serving pages or answers on this machine until Ctrl-C or SIGTERM comes."""

import logging
import socket
from typing import TYPE_CHECKING

from waitress import wasyncore
from waitress.server import create_server

from curate.errors import CurateError

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def listen(host: str, port: int) -> socket.socket:
    """Listen at a port of this machine.

    Raises:
        CurateError: Somebody else does, or the address is not this machine's.
    """
    try:
        return socket.create_server((host, port))
    except OSError as error:
        raise CurateError(
            f"cannot listen at {host}:{port} ({error.strerror}): choose another --port or --host"
        ) from None


def serve(application: "WSGIApplication", listening: socket.socket, *, threads: int) -> None:
    """Answer requests until a signal unwinds it, as it unwinds every other command; answers on their way are given.

    Raises:
        KeyboardInterrupt: Always. Waitress' own `run` would take it for a usual end.
    """
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # that a request waits for a thread is no warning
    sockets: dict[int, socket.socket] = {}  # of all who are connected
    server = create_server(application, map=sockets, sockets=[listening], threads=threads)
    try:
        wasyncore.loop(server.adj.asyncore_loop_timeout, server.adj.asyncore_use_poll, sockets)
    finally:
        server.task_dispatcher.shutdown()
