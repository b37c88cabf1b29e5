"""Receive callbacks of gateways at the edge of the application, before sessions, languages and URL routing.

A gateway that sends no batches reports once per message: thousands a second. Django's routing to a view costs more
than all processing of such a report, so this runs in front of it. Requests wait a moment for the commit that holds
their receipts together: nothing is acknowledged before it. One thread per process writes, on its own connection; it
also enqueues a task at most once per ENQUEUE_SECONDS, for the last time after the last receipt.
"""

import logging
import queue
import re
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from datetime import datetime
from http import HTTPStatus
from typing import Any, NamedTuple

from django.conf import settings
from django.db import OperationalError, close_old_connections, connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from notifications.channels.contract import Callback, ForgedCallback, Receipt, UnreadableCallback
from notifications.delivery.gateways import channel_of_gateway
from notifications.receipts.receipts import take_receipts
from secretary.kernel.audit.security_log import log_refusal
from secretary.kernel.database.outage import RETRY_AFTER, is_outage
from secretary.kernel.database.retry import is_busy
from secretary.kernel.enqueue import enqueue
from secretary.kernel.http.addresses import is_of_another_run, outermost
from secretary.kernel.time import clock

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
logger = logging.getLogger(__name__)
CALLBACK_PATH = re.compile(r"/webhooks/([-a-zA-Z0-9_]+)/")
# After the first receipt others share its commit, as long as they keep arriving, and for a limited time.
QUIET_SECONDS, GATHER_SECONDS = 0.004, 0.02
MOST_AT_ONCE = 2000
ANSWER_SECONDS = 10.0
ENQUEUE_SECONDS = 0.25
IDLE_SECONDS = 5.0  # a connection that was idle for so long is checked before it is used


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
    """Return the authentic receipts of a callback, or the reason why there are none. Uses no database.

    A gateway that signs its address signs the one that was set when the message went out, which may have been web's own
    before there was a receiver: either of the two is ours.
    """
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
        for base in dict.fromkeys((settings.CALLBACK_BASE_URL, settings.PUBLIC_BASE_URL)):
            with suppress(ForgedCallback):
                return adapter.receive(Callback("POST", f"{base}{path}", headers, body, caller))
    except UnreadableCallback:
        return HTTPStatus.BAD_REQUEST
    log_refusal("callback", gateway=gateway)
    return HTTPStatus.UNAUTHORIZED


@csrf_exempt
@require_POST
def gateway_callback(request: HttpRequest, gateway: str) -> HttpResponse:
    """Receive a gateway's callback, where no `CallbacksFirst` runs in front."""
    if int(request.headers.get("content-length") or 0) > settings.WEBHOOK_MAX_BYTES:
        return HttpResponse(status=413)
    headers = {name.lower(): value for name, value in request.headers.items()}
    peer = str(request.META.get("REMOTE_ADDR", ""))
    status = receive(gateway=gateway, path=request.get_full_path(), headers=headers, body=request.body, peer=peer)
    return HttpResponse(status=status)


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


# ── one commit for the receipts of many requests ──
class Parcel(NamedTuple):
    gateway: str
    receipts: Sequence[Receipt]
    now: datetime


class ReceiptStore:
    """Writes parcels from one thread, and remembers which tasks must be enqueued."""

    def __init__(self) -> None:
        self._stored_at = self._enqueued_at = 0.0
        self.owed: set[str] = set()

    def store(self, parcels: Sequence[Parcel]) -> None:
        """Commit the parcels. Raises the database's error."""
        if time.monotonic() - self._stored_at > IDLE_SECONDS:
            close_old_connections()
        try:
            self._take(parcels)
        except Exception as error:
            if not is_outage(error):
                raise
            self._take(parcels)  # perhaps only this connection failed: a new one is tried
        self._stored_at = time.monotonic()

    def _take(self, parcels: Sequence[Parcel]) -> None:
        by_gateway: dict[str, list[Receipt]] = defaultdict(list)
        for parcel in parcels:
            by_gateway[parcel.gateway] += parcel.receipts
        try:
            for gateway, receipts in by_gateway.items():
                applied = take_receipts(gateway=gateway, receipts=receipts, now=parcels[0].now)
                if applied is None:
                    self.owed.add("receipts")
                elif applied.free:
                    self.owed.add("deliver")
        except Exception:
            connection.close()
            raise

    def enqueue(self) -> None:
        """Enqueue the tasks that must be, unless they were enqueued a moment ago."""
        if self.owed and time.monotonic() - self._enqueued_at >= ENQUEUE_SECONDS:
            for task in self.owed:
                enqueue(task)
            self._enqueued_at, self.owed = time.monotonic(), set()


class ReceiptWriter:
    """The writer for threads that wait: requests of gunicorn."""

    def __init__(self) -> None:
        self._parcels: queue.SimpleQueue[tuple[Parcel, Future[None]]] = queue.SimpleQueue()
        self._store = ReceiptStore()
        threading.Thread(target=self._work, name="receipt-writer", daemon=True).start()

    def write(self, *, gateway: str, receipts: Sequence[Receipt], now: datetime) -> None:
        """Return when the receipts are committed. Raises the database's error, or a time-out."""
        done: Future[None] = Future()
        self._parcels.put((Parcel(gateway, receipts, now), done))
        try:
            done.result(ANSWER_SECONDS)
        except TimeoutError as error:
            raise silence() from error

    def _work(self) -> None:
        while True:
            collected = self._collect(ENQUEUE_SECONDS if self._store.owed else None)
            failure: Exception | None = None
            try:
                if collected:
                    self._store.store([parcel for parcel, _ in collected])
            except Exception as error:
                failure = error  # each waiting request raises it and answers 5xx, so that the gateway sends again
            for _, done in collected:
                done.set_exception(failure) if failure else done.set_result(None)
            self._store.enqueue()

    def _collect(self, wait: float | None) -> list[tuple[Parcel, "Future[None]"]]:
        """Collect the waiting receipts and those that arrive meanwhile; block for the first, without a limit where no
        task must be enqueued."""
        collected: list[tuple[Parcel, Future[None]]] = []
        try:
            collected.append(self._parcels.get(timeout=wait))
            size, end = len(collected[0][0].receipts), time.monotonic() + GATHER_SECONDS
            while size < MOST_AT_ONCE and time.monotonic() < end:
                collected.append(self._parcels.get(timeout=QUIET_SECONDS))
                size += len(collected[-1][0].receipts)
        except queue.Empty:
            return collected
        return collected


def silence() -> OperationalError:
    return OperationalError(f"no commit within {ANSWER_SECONDS:.0f} s")


_starting = threading.Lock()
_of_this_process: ReceiptWriter | None = None


def receipt_writer() -> ReceiptWriter:
    """Return the writer of this process, started by one thread with the first receipt (after gunicorn has forked)."""
    global _of_this_process
    with _starting:
        _of_this_process = _of_this_process or ReceiptWriter()
        return _of_this_process
