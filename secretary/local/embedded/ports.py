"""Find free ports on the loopback, and which server answers on one."""

import secrets
import socket
import urllib.error
import urllib.request
from http.client import HTTPException

LOOPBACK = "127.0.0.1"
OWN = range(20_000, 32_000)
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # past any proxy of this machine


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
        with DIRECT.open(f"http://{LOOPBACK}:{port}/healthz", timeout=5) as answer:
            return str(answer.headers.get("x-run", ""))
    except urllib.error.HTTPError as error:
        with error:
            return str(error.headers.get("x-run", ""))
    except HTTPException:
        return ""  # it speaks something else
    except OSError:
        return None
