"""Configure how gunicorn runs the web application: `gunicorn --config python:secretary.web_server secretary.wsgi`.

What depends on the machine (where it listens, how much it says) is on the command line.
"""

import socket
from pathlib import Path
from typing import Any

worker_class = "secretary.web_worker.HealthFirst"
workers, threads = 2, 32  # receipts that come one by one wait in threads for the commit they share
keepalive = 15  # seconds; gateways report over the same connections
preload_app = True  # imported once, and its memory shared
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  (heartbeats touch no disk)
control_socket_disable = True
graceful_timeout = 30  # seconds for requests under way; docker-compose.yml stops the container after more than that


def when_ready(server: Any) -> None:
    """Have the kernel hand connections over with their first request, which comes a moment after them: the main threads
    are called once for both. Who sends nothing for a second is handed over all the same."""
    for listener in server.LISTENERS:
        if hasattr(socket, "TCP_DEFER_ACCEPT") and listener.sock.family in (socket.AF_INET, socket.AF_INET6):
            listener.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 1)


def post_fork(server: Any, worker: Any) -> None:
    """Show the worker the signals that come before it has handlers of its own (web_worker.py, `init_signals`)."""
    worker.inherited_signals = server.SIG_QUEUE
