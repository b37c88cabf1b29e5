#!/bin/sh
# redis-py 8.1.0 by its defaults sends an increment again whose answer was lost: one call counts twice. findings/README.md
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check redis==8.1.0
"$work/venv/bin/python" - <<'PYTHON'
import socket
import threading

import redis

counted: list[int] = []


def arguments(stream) -> list[bytes]:
    parts = []
    for _ in range(int(stream.readline()[1:] or 0)):
        length = int(stream.readline()[1:])
        parts.append(stream.read(length + 2)[:-2])
    return parts


def answer(connection: socket.socket) -> None:
    """A server that counts as Redis does, and whose connection breaks once after counting, before it has answered."""
    with connection, connection.makefile("rb") as stream:
        while parts := arguments(stream):
            if parts[0] == b"HELLO":
                connection.sendall(b"%1\r\n+proto\r\n:3\r\n")
            elif parts[0] == b"INCRBY":
                counted.append(len(counted) + 1)
                if len(counted) == 1:
                    connection.shutdown(socket.SHUT_RDWR)
                    return
                connection.sendall(b":%d\r\n" % counted[-1])
            else:
                connection.sendall(b"+OK\r\n")


def serve(server: socket.socket) -> None:
    while True:
        answer(server.accept()[0])


server = socket.create_server(("127.0.0.1", 0))
threading.Thread(target=serve, args=(server,), daemon=True).start()
client = redis.Redis(host="127.0.0.1", port=server.getsockname()[1])
result = client.incr("messages sent today")
print("redis-py", redis.__version__)
print("one call of incr: no error, result", result, "· counted by the server:", counted)
assert (result, counted) == (2, [1, 2]), "it changed: an increment is not sent again"
PYTHON
