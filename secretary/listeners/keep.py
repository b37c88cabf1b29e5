"""Bind the listening sockets, and hand copies of them to servers that request one by name over a Unix socket."""

import selectors
import signal
import socket
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

Address = tuple[str, int]
BACKLOG = 2048  # connections that may wait while no server accepts them; the kernel cuts it to net.core.somaxconn
BIND_SECONDS = 60.0  # servers of a keeper that has died still hold its address until they have finished
NAME_BYTES = 64


class Stopped(BaseException):
    """SIGTERM or SIGINT came."""


def keep(addresses: Mapping[str, Address], *, at: Path) -> None:
    """Bind the addresses and hand their sockets out until SIGTERM or SIGINT. Raises OSError where one stays in use."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    with ExitStack() as stack:
        listeners = {name: stack.enter_context(_bound(address)) for name, address in addresses.items()}
        asked = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
        at.unlink(missing_ok=True)
        asked.bind(str(at))
        stack.callback(at.unlink, missing_ok=True)
        at.chmod(0o600)
        asked.listen()
        try:
            _hand_out(asked, listeners)
        except Stopped:
            return


def _hand_out(asked: socket.socket, listeners: Mapping[str, socket.socket]) -> None:
    """Hand out the sockets. Connections stay open while both sides live: their end tells a server that its keeper is
    gone."""
    with selectors.DefaultSelector() as selector:
        selector.register(asked, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is asked:
                    selector.register(asked.accept()[0], selectors.EVENT_READ)
                elif isinstance(key.fileobj, socket.socket) and not _answered(key.fileobj, listeners):
                    selector.unregister(key.fileobj)
                    key.fileobj.close()


def _answered(server: socket.socket, listeners: Mapping[str, socket.socket]) -> bool:
    """Return whether this connection requested a socket that we have, and got it. False ends the connection."""
    try:
        name = server.recv(NAME_BYTES).decode("ascii", "replace")
        if name not in listeners:
            return False
        socket.send_fds(server, [b"1"], [listeners[name].fileno()])
    except OSError:  # it has gone again
        return False
    return True


def _bound(address: Address) -> socket.socket:
    """Return the socket, listening, once its address is free."""
    end = time.monotonic() + BIND_SECONDS
    while True:
        try:
            return socket.create_server(address, backlog=BACKLOG)
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def _stop(number: int, frame: FrameType | None) -> None:
    raise Stopped
