"""A tiny HTTP server on loopback that answers what a test sets, byte by byte."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

CLOSE = b""  # an answer that is no answer: the connection is closed
RESET = b"<reset>"
SILENCE = b"<silence>"


@dataclass
class Received:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.target).query).items()}


@dataclass
class Stub:
    url: str
    answer: Callable[[Received], bytes]
    received: list[Received] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)


def http(status: int, body: bytes = b"", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@contextmanager
def gateway(
    answer: Callable[[Received], bytes], *, wrap: Callable[[socket.socket], socket.socket] | None = None
) -> Iterator[Stub]:
    """Serve `answer(request)`; its bytes go out as they are. `wrap` may put TLS around a connection."""
    listener = socket.create_server(("127.0.0.1", 0))
    scheme = "https" if wrap else "http"
    stub = Stub(f"{scheme}://127.0.0.1:{listener.getsockname()[1]}", answer)
    threads = [threading.Thread(target=_accept, args=(listener, stub, wrap), daemon=True)]
    threads[0].start()
    try:
        yield stub
    finally:
        stub.over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        threads[0].join(5)


def _accept(listener: socket.socket, stub: Stub, wrap: Callable[[socket.socket], socket.socket] | None) -> None:
    while not stub.over.is_set():
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_serve, args=(connection, stub, wrap), daemon=True).start()


def _serve(connection: socket.socket, stub: Stub, wrap: Callable[[socket.socket], socket.socket] | None) -> None:
    try:
        with wrap(connection) if wrap else connection as stream:
            while (request := _read(stream)) and _answer(stream, stub, request):
                pass
    except OSError:
        connection.close()


def _answer(stream: socket.socket, stub: Stub, request: Received) -> bool:
    stub.received.append(request)
    content = stub.answer(request)
    if content == SILENCE:
        stub.over.wait(60)
        return False
    if content == RESET:
        linger = (1).to_bytes(4, "little") + (0).to_bytes(4, "little")
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        return False
    stream.sendall(content)
    return b"\r\n\r\n" in content and _whole(content)


def _whole(content: bytes) -> bool:
    head, _, body = content.partition(b"\r\n\r\n")
    return f"content-length: {len(body)}".encode() in head.lower()


def _read(stream: socket.socket) -> Received | None:
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = stream.recv(65536)
        if not chunk:
            return None
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    while len(body) < int(headers.get("content-length", "0")):
        body += stream.recv(65536)
    method, target, _ = first.split(" ")
    return Received(method, target, headers, body)
