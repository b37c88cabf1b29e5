"""Give each request an id, of the proxy or caller or our own, on its log lines and on its answer."""

import os
import re
from collections.abc import Callable, Iterable
from typing import Any

from secretary.kernel.log_ids import begin, end
from secretary.kernel.logs import mask

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
HEADER = "X-Request-ID"
WELL_FORMED = re.compile(r"[A-Za-z0-9_-]{8,64}")
BYTES = 8


def request_id(given: str) -> str:
    """`given` where it can stand in a log line: a short word without anything that looks like a person's number."""
    if WELL_FORMED.fullmatch(given) and mask(given) == given:
        return given
    return os.urandom(BYTES).hex()


class RequestIds:
    """A WSGI application around another one."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        made = request_id(environ.get("HTTP_X_REQUEST_ID", ""))

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return start_response(status, [*headers, (HEADER, made)], *rest)

        token = begin(request=made)
        try:
            return self._application(environ, start)
        finally:
            end(token)
