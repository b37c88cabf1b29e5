"""Open pages as a browser does the first time: on a connection of its own, and with all that a page links."""

import http.client
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookies import SimpleCookie
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
    """Return the page; that to which the answer to a form leads. Anything but a page ends the measurement."""
    cookies = {"csrf": CSRF} | ({"session": visit.session} if visit.session else {})
    status, body, headers = _asked(visit, cookies)
    if visit.form is not None and status == http.client.FOUND:
        cookies |= {
            name: each.value for name, each in SimpleCookie("; ".join(headers.get_all("Set-Cookie", []))).items()
        }
        status, body, _ = _asked(Visit(visit.port, headers["Location"]), cookies)
    if status != http.client.OK:
        raise SystemExit(f"{visit.path} answers {status}")
    return body


def first_load(visit: Visit) -> int:
    """Return the bytes of the page and of what it links, as they are sent to a browser that has nothing of it yet."""
    page = fetch(visit)
    linked = {Visit(visit.port, found.decode()) for found in LINKED.findall(page)}
    return len(page) + sum(len(fetch(each)) for each in linked)


def _asked(visit: Visit, cookies: Mapping[str, str]) -> tuple[int, bytes, http.client.HTTPMessage]:
    headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()), "Accept-Encoding": "gzip"}
    body = None
    if visit.form is not None:
        body = urlencode({**visit.form, "csrfmiddlewaretoken": CSRF})
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    connection = http.client.HTTPConnection("127.0.0.1", visit.port, timeout=60)
    connection.request("GET" if body is None else "POST", visit.path, body, headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, content, answer.headers
