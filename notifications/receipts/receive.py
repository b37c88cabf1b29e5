"""Receive callbacks of gateways at the edge of the application, before sessions, languages and URL routing.

A gateway that sends no batches reports once per message: thousands a second. Django's routing to a view costs more
than all processing of such a report, so this runs in front of it.
"""

import logging
import re
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any

from django.conf import settings

from notifications.channels.contract import Callback, ForgedCallback, Receipt, UnreadableCallback
from notifications.delivery.gateways import channel_of_gateway
from notifications.receipts.receipt_writer import receipt_writer
from secretary.kernel.audit.security_log import log_refusal
from secretary.kernel.database.outage import RETRY_AFTER, is_outage
from secretary.kernel.database.retry import is_busy
from secretary.kernel.database.runs import is_of_another_run
from secretary.kernel.http.addresses import outermost
from secretary.kernel.time import clock

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
logger = logging.getLogger(__name__)
CALLBACK_PATH = re.compile(r"/webhooks/([-a-zA-Z0-9_]+)/")


def receive(*, gateway: str, path: str, headers: Mapping[str, str], body: bytes, peer: str) -> HTTPStatus:
    """Authenticate the raw body, store each event once, and return the answer.

    `path` with its query, as it was called; `headers` by lower-case names; `peer`: the address of the connection,
    normally a proxy's. Raises the database's error.
    """
    receipts = read_callback(gateway=gateway, path=path, headers=headers, body=body, peer=peer)
    if isinstance(receipts, HTTPStatus):
        return receipts
    receipt_writer().write(gateway=gateway, receipts=receipts, now=clock.now())
    return HTTPStatus.OK


def read_callback(
    *, gateway: str, path: str, headers: Mapping[str, str], body: bytes, peer: str
) -> list[Receipt] | HTTPStatus:
    """Return the authentic receipts of a callback, or the reason why there are none. Uses no database."""
    adapter = channel_of_gateway(gateway)
    if adapter is None:
        return HTTPStatus.NOT_FOUND
    if is_of_another_run(headers):
        log_refusal("callback", gateway=gateway)
        return HTTPStatus.UNAUTHORIZED
    if len(body) > settings.WEBHOOK_MAX_BYTES:
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    caller = outermost(peer=peer, forwarded_for=headers.get("x-forwarded-for", ""))
    try:
        return adapter.receive(Callback("POST", f"{settings.CALLBACK_BASE_URL}{path}", headers, body, caller))
    except ForgedCallback:
        log_refusal("callback", gateway=gateway)
        return HTTPStatus.UNAUTHORIZED
    except UnreadableCallback:
        return HTTPStatus.BAD_REQUEST


class CallbacksFirst:
    """A WSGI application that answers POSTs to /webhooks/<gateway>/ itself and passes everything else on."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        found = CALLBACK_PATH.fullmatch(environ["PATH_INFO"])
        if found is None or environ["REQUEST_METHOD"] != "POST" or not environ.get("CONTENT_LENGTH"):
            return self._application(environ, start_response)
        if not environ["CONTENT_LENGTH"].isdecimal():
            status = HTTPStatus.BAD_REQUEST
        elif int(environ["CONTENT_LENGTH"]) > settings.WEBHOOK_MAX_BYTES:
            status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE  # unread
        else:
            status = _received(found.group(1), environ)
        retry = RETRY_AFTER if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
        start_response(f"{status.value} {status.phrase}", [("Content-Length", "0"), *retry.items()])
        return []


def _received(gateway: str, environ: Mapping[str, Any]) -> HTTPStatus:
    """Return the answer of `receive`; while the database is down, one that makes the gateway call again."""
    try:
        return receive(
            gateway=gateway,
            path=_path(environ),
            headers=_headers(environ),
            body=_body(environ),
            peer=environ.get("REMOTE_ADDR", ""),
        )
    except Exception as error:
        if not (is_outage(error) or is_busy(error)):
            raise
        logger.warning("receipts of %s are not stored: %s", gateway, error)
        return HTTPStatus.SERVICE_UNAVAILABLE


def _path(environ: Mapping[str, Any]) -> str:
    query = environ.get("QUERY_STRING")
    return f"{environ['PATH_INFO']}?{query}" if query else str(environ["PATH_INFO"])


def _headers(environ: Mapping[str, Any]) -> dict[str, str]:
    headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name.startswith("HTTP_")}
    return {**headers, "content-type": environ.get("CONTENT_TYPE", "")}


def _body(environ: Mapping[str, Any]) -> bytes:
    body: bytes = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    return body
