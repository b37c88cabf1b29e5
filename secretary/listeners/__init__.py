"""Keep listening sockets longer than the processes that answer on them, so that a restart refuses no connection.

`keep` binds the addresses and holds them; `use` runs a server with the sockets that it gets from there. While one
server stops and the next one starts, the kernel keeps new connections in the one queue that all servers accept from. A
socket that each server binds for itself (SO_REUSEPORT) has its own queue: what waits there is reset when it closes.

The servers get their sockets as systemd hands them out (LISTEN_PID, LISTEN_FDS, from descriptor 3 on): where systemd
runs the service, its .socket units take the place of `keep`.
"""

import os
import socket

FIRST_DESCRIPTOR = 3  # sd_listen_fds(3): SD_LISTEN_FDS_START


def inherited() -> list[socket.socket]:
    """Return the listening sockets that this very process was started with; none where no keeper hands them out."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return []
    number = int(os.environ.get("LISTEN_FDS", "0"))
    return [socket.socket(fileno=descriptor) for descriptor in range(FIRST_DESCRIPTOR, FIRST_DESCRIPTOR + number)]
