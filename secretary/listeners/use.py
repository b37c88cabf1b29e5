"""Run a server on a socket of the keeper's: with the socket in place as systemd would have put it there."""

import fcntl
import os
import select
import signal
import socket
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import NoReturn

from secretary.listeners import FIRST_DESCRIPTOR
from secretary.listeners.keep import BACKLOG, Address

KEEPER_SECONDS = 30.0
LOOK_SECONDS = 0.1
OUT_OF_THE_WAY = 100  # descriptors that no socket of ours has been given
KEEPER_GONE = 75  # EX_TEMPFAIL of sysexits.h: start me again
FORWARDED = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGUSR1)


class NoKeeper(Exception):
    """No process holds a socket of this name there."""


def use(name: str, command: Sequence[str], *, at: Path, private: Address | None) -> int:
    """Run `command` on the keeper's socket `name`; its exit code, or KEEPER_GONE. Raises NoKeeper, OSError.

    `private` is an address of its own on which it answers as well: a health probe there reaches this very process.
    """
    keeper, listener = _asked_for(name, at)
    sockets = [listener]
    if private is not None:
        sockets.append(socket.create_server(private, backlog=BACKLOG))
    child = os.fork()
    if child == 0:
        _become(command, sockets)
    for each in sockets:
        each.close()

    def forward(number: int, frame: FrameType | None) -> None:
        os.kill(child, number)

    for number in FORWARDED:
        signal.signal(number, forward)
    return _watch(child, keeper)


def _asked_for(name: str, at: Path) -> tuple[socket.socket, socket.socket]:
    """Return the connection to the keeper, and the socket; waits a while for a keeper that is just being started."""
    end = time.monotonic() + KEEPER_SECONDS
    keeper = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    while keeper.connect_ex(str(at)):
        if time.monotonic() > end:
            raise NoKeeper(f"no keeper answers at {at}")
        time.sleep(LOOK_SECONDS)
    keeper.sendall(name.encode("ascii"))
    _, descriptors, _, _ = socket.recv_fds(keeper, 1, 1)
    if not descriptors:
        raise NoKeeper(f"the keeper at {at} has no socket {name!r}")
    return keeper, socket.socket(fileno=descriptors[0])


def _become(command: Sequence[str], sockets: Sequence[socket.socket]) -> NoReturn:
    """In the child: the sockets from descriptor 3 on, then the server itself."""
    try:
        copies = [fcntl.fcntl(each, fcntl.F_DUPFD_CLOEXEC, OUT_OF_THE_WAY) for each in sockets]
        for place, descriptor in enumerate(copies, FIRST_DESCRIPTOR):
            os.dup2(descriptor, place)
        handed = {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": str(len(copies))}
        os.execvpe(command[0], [*command], {**os.environ, **handed})  # noqa: S606  (no shell)
    except OSError as error:
        os.write(2, f"{command[0]}: {error.strerror}\n".encode())
    os._exit(127)


def _watch(child: int, keeper: socket.socket) -> int:
    """Wait until the server has ended. A keeper's end ends it too, gracefully: its socket leads nowhere from now on."""
    gone = False
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return KEEPER_GONE if gone else _exit_code(status)
        if gone:
            time.sleep(LOOK_SECONDS)
        elif select.select([keeper], [], [], LOOK_SECONDS)[0]:
            gone = True
            os.kill(child, signal.SIGTERM)


def _exit_code(status: int) -> int:
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code  # as shells report a signal
