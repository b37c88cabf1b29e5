"""Find free ports on the loopback, and which server answers on one."""

import secrets
import socket

LOOPBACK = "127.0.0.1"
OWN = range(20_000, 32_000)
ANSWER_SECONDS = 5.0
ASKED = "GET /healthz HTTP/1.1\r\nHost: {}:{}\r\nConnection: close\r\n\r\n"
LONGEST_HEAD = 65_536  # bytes of an answer, up to its body


def is_free(port: int) -> bool:
    """Return whether a server could listen on `port` now (a port in TIME_WAIT counts as free)."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def random_free() -> int:
    """Return a port below those that systems use for outgoing connections, which could occupy it before the server.
    No other call, of this process or another, returns it while this process runs."""
    drawn = (secrets.choice(OWN) for _ in range(1000))
    return next(port for port in drawn if is_free(port) and _reserved(port))


def _reserved(port: int) -> bool:
    """Take the number until this process ends, and return whether it was to be had. A server may be a long time in
    starting, and starts again on the same port. Datagrams have port numbers of their own, and none is sent here."""
    mark = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        mark.bind((LOOPBACK, port))
    except OSError:
        mark.close()
        return False
    mark.detach()  # stays open
    return True


def next_free(wanted: int, *, used: set[int]) -> int:
    """`wanted`, or the first free port above it that is not in `used` and was not drawn; `used` then holds it."""
    near = range(wanted, wanted + 1000)
    port = next(port for port in near if port not in used and is_free(port) and (port == wanted or _reserved(port)))
    used.add(port)
    return port


def who_answers(port: int) -> str | None:
    """Return the token of the start to which the server on `port` belongs (header x-run of /healthz), None where none
    answers.

    "": another server, which knows nothing of it.
    """
    try:
        with socket.create_connection((LOOPBACK, port), timeout=ANSWER_SECONDS) as connection:
            connection.sendall(ASKED.format(LOOPBACK, port).encode())
            head = _head(connection)
    except OSError:
        return None
    status, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return headers.get("x-run", "") if status.startswith("HTTP/") else ""


def _head(connection: socket.socket) -> bytes:
    """Return what is before the body. Plain, for ./run lives long: `urllib` and what that loads are 6 MB."""
    head = b""
    while b"\r\n\r\n" not in head and len(head) < LONGEST_HEAD and (more := connection.recv(LONGEST_HEAD)):
        head += more
    return head.partition(b"\r\n\r\n")[0]
