"""Read bodies that come in chunks (RFC 9112 §7.1), up to a limit, and hand them on with their length.

WSGI states how long a body is by CONTENT_LENGTH alone, and Django reads a request without one as empty: a signed push
in chunks was answered as forged. Gunicorn ends the stream behind the last chunk, and reports it
(`wsgi.input_terminated`).
"""

import io
import json
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class WholeBody:
    """A WSGI application around another one. `most`: bytes, beyond which the answer is 413."""

    def __init__(self, application: Application, most: int) -> None:
        self._application, self._most = application, most

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if "HTTP_TRANSFER_ENCODING" not in environ:
            return self._application(environ, start_response)
        if not environ.get("wsgi.input_terminated"):
            return _refused(start_response, HTTPStatus.LENGTH_REQUIRED, "send the body with a Content-Length")
        try:
            body = environ["wsgi.input"].read(self._most + 1)
        except OSError:  # what gunicorn raises for chunks that are none, or a body that breaks off
            return _refused(start_response, HTTPStatus.BAD_REQUEST, "the chunks of the body cannot be read")
        if len(body) > self._most:
            return _refused(start_response, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"at most {self._most} bytes")
        del environ["HTTP_TRANSFER_ENCODING"]
        environ |= {"CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body)}
        return self._application(environ, start_response)


def _refused(start_response: Callable[..., Any], status: HTTPStatus, detail: str) -> list[bytes]:
    body = json.dumps({"code": status.phrase.lower().replace(" ", "_"), "detail": detail}).encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body))), ("Connection", "close")]
    start_response(f"{status.value} {status.phrase}", headers)
    return [body]
