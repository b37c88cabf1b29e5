"""Open pages as a browser does the first time: on a connection of its own, and with all that a page links."""

import http.client
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

LINKED = re.compile(rb"""(?:href|src)="(/static/[^"]+)\"""")
CSRF = "c" * 32


@dataclass(frozen=True, slots=True)
class Visit:
    """One page at one web process. `session`: the key of the browser's session, or ""."""

    port: int
    path: str
    session: str = ""
    form: Mapping[str, str] | None = None  # posted


def fetch(visit: Visit) -> bytes:
    """Return the page. Anything but a page ends the measurement."""
    status, body = _asked(visit, "GET" if visit.form is None else "POST")
    if status != (http.client.OK if visit.form is None else http.client.FOUND):
        raise SystemExit(f"{visit.path} answers {status}")
    return body


def first_load(visit: Visit) -> int:
    """Return the bytes of the page and of what it links, as they are sent to a browser that has nothing of it yet."""
    page = fetch(visit)
    linked = {Visit(visit.port, found.decode()) for found in LINKED.findall(page)}
    return len(page) + sum(len(fetch(each)) for each in linked)


def _asked(visit: Visit, method: str) -> tuple[int, bytes]:
    cookies = {"csrf": CSRF} | ({"session": visit.session} if visit.session else {})
    headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()), "Accept-Encoding": "gzip"}
    body = None
    if visit.form is not None:
        body = urlencode({**visit.form, "csrfmiddlewaretoken": CSRF})
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    connection = http.client.HTTPConnection("127.0.0.1", visit.port, timeout=60)
    connection.request(method, visit.path, body, headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, content
