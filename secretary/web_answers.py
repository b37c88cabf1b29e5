"""Write the head of an answer in few steps, and what gunicorn finds out anew for each request once.

Each answer has the same dozen headers, whose names gunicorn looks through by themselves, and each of their values; it
reads the address of each caller as a number to see whether that is a proxy, and opens the log for each request.
"""

from functools import lru_cache
from types import SimpleNamespace
from typing import Any, Final

from gunicorn.http import wsgi
from gunicorn.http.message import Request
from gunicorn.http.parser import RequestParser

from secretary.kernel.time.clock import http_date_now

CALLERS = 1_000  # whose address a process remembers
LENGTH: Final = "Content-Length"
# Tokens, of which none is about the connection (RFC 9110 §7.6.1); as pages and their middleware write them.
PLAIN: Final = frozenset(
    (
        *("Allow", "Cache-Control", "Content-Disposition", "Content-Language", LENGTH, "Content-Type"),
        *("Content-Security-Policy", "Cross-Origin-Opener-Policy", "ETag", "Expires", "Last-Modified", "Location"),
        *("Referrer-Policy", "Set-Cookie", "Strict-Transport-Security", "Vary", "X-Content-Type-Options"),
        *("X-Frame-Options", "X-Request-ID"),
    )
)


class _Pieces(list[bytes]):
    """Stands for a socket, and takes what is sent."""

    sendall = list.append


class HeadersAlong(wsgi.Response):  # type: ignore[misc]  # gunicorn has no types
    """Sends the headers with the first piece of the body, and not before it: one call less, and one packet."""

    sock: Any

    def process_headers(self, headers: list[tuple[str, str]]) -> None:
        """Take headers of known names with one look at all their values; others as gunicorn does, which also says what
        is wrong with them."""
        values = [value for name, value in headers if type(value) is str and name in PLAIN]
        if len(values) < len(headers) or not wsgi.HEADER_VALUE_RE.fullmatch("".join(values)):
            super().process_headers(headers)
            return
        for name, value in headers:
            if name == LENGTH:
                self.response_length = int(value)
            self.headers.append((name, value.strip(" \t")))

    def default_headers(self) -> list[str]:
        if self.upgrade or self.chunked:
            lines: list[str] = super().default_headers()
            return lines
        major, minor = self.req.version
        connection = "close" if self.should_close() else "keep-alive"
        return [
            f"HTTP/{major}.{minor} {self.status}\r\nServer: {self.version}\r\n"
            f"Date: {http_date_now()}\r\nConnection: {connection}\r\n"
        ]

    def write(self, arg: bytes) -> None:
        if self.headers_sent or self.chunked:
            super().write(arg)
            return
        client, pieces = self.sock, _Pieces()
        self.sock = pieces
        try:
            super().write(arg)
        finally:
            self.sock = client
            client.sendall(b"".join(pieces))


class KnownCaller(Request):  # type: ignore[misc]
    """A request whose caller's address was looked at before: what is trusted does not change in a process."""

    def _peer_is_trusted_proxy(self) -> bool:
        peer = self.peer_addr
        return _is_trusted(self.cfg, peer[0]) if isinstance(peer, tuple) else bool(super()._peer_is_trusted_proxy())


@lru_cache(CALLERS)
def _is_trusted(config: Any, address: str) -> bool:
    return bool(Request._peer_is_trusted_proxy(SimpleNamespace(cfg=config, peer_addr=(address, 0))))


def begin(config: Any) -> None:
    """Answer so in this process. Raises AttributeError where gunicorn has another name for what is replaced."""
    wsgi.Response = HeadersAlong
    _ = Request._peer_is_trusted_proxy, wsgi.base_environ
    RequestParser.mesg_class = KnownCaller
    if config.errorlog == "-":  # else its file may be opened anew
        kept = wsgi.base_environ(config)
        wsgi.base_environ = lambda _config: kept.copy()
