"""Serve a gateway that costs as little as it can: NHN Alimtalk v2.3 (batches) and Twilio (one by one), all delivered.

It keeps every reference that it was given, so that a message sent twice shows, and reports back over kept-alive
connections: NHN's hooks in batches, Twilio's status callbacks signed and one by one. `GET /stats` returns the counts.
"""

import argparse
import asyncio
import base64
import hmac
import json
import os
import re
import time
from collections import deque
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import count
from typing import Any
from urllib.parse import quote, unquote, urlsplit

REPORT_BATCH = 500
REPORT_SECONDS = 0.02  # between collecting reports and sending them
CODE = "code-"  # the beginning of their references
LENGTH = re.compile(rb"(?i)\r\ncontent-length: *([0-9]+)")
# What it answers and reports, as bytes: it shares the machine with what is measured.
ANSWER = (
    b'{"header":{"resultCode":0,"resultMessage":"SUCCESS","isSuccessful":true},'
    b'"message":{"requestId":"%s","sendResults":[%s]}}'
)
RESULT = b'{"recipientSeq":%d,"resultCode":0,"recipientGroupingKey":"%s"}'
REPORT = b'{"appKey":"%s","event":"MESSAGE_RESULT_UPDATE","hooks":[%s]}'
HOOK = (
    b'{"hookId":"%s-%d","kakaoMessageType":"ALIMTALK_NORMAL","requestId":"%s","recipientSeq":%d,'
    b'"receiveDate":"%s","resultCode":"1000","recipientGroupingKey":"%s"}'
)
KEY = re.compile(rb'"recipientGroupingKey": ?"([^"\\]+)"')


class Gateway:
    """What was accepted, what is still to be reported, and the connections that report."""

    def __init__(self, webhooks: Sequence[str], connections: int, *, hold: bool, latency: float = 0.0) -> None:
        self.webhooks, self.hold, self.latency = webhooks, hold, latency
        self.sids = count(1)
        self.seen: set[str] = set()
        self.codes: dict[str, float] = {}  # sign-in codes: when each came
        self.accepted = self.twice = self.acknowledged = self.refused = 0
        self.hooks: deque[bytes] = deque()
        self.callbacks: deque[tuple[str, str, str]] = deque()  # SID, to, URL
        self.reporters = [Reporter(self, webhooks[nth % len(webhooks)]) for nth in range(connections)]

    def stats(self) -> dict[str, Any]:
        names = ("accepted", "twice", "acknowledged", "refused")
        return {**{name: getattr(self, name) for name in names}, "waiting": len(self.hooks) + len(self.callbacks)}

    def take(self, reference: str) -> int:
        self.twice += reference in self.seen
        self.seen.add(reference)
        self.accepted += 1
        if reference.startswith(CODE):
            self.codes[reference] = time.time()
        return next(self.sids)

    def alimtalk(self, body: bytes) -> bytes:
        """Read the one field that it needs, without parsing; a recipient that lacks it ends the measurement."""
        keys = KEY.findall(body)
        assert keys and len(keys) == body.count(b'"recipientNo"')
        self._take_all(keys)
        request_id, at = b"b%d" % next(self.sids), time.strftime("%Y-%m-%d %H:%M:%S.0").encode()
        numbered = list(enumerate(keys, start=1))
        self.hooks.extend([HOOK % (request_id, number, request_id, number, at, key) for number, key in numbered])
        return ANSWER % (request_id, b",".join([RESULT % (number, key) for number, key in numbered]))

    def _take_all(self, keys: Sequence[bytes]) -> None:
        references = b" ".join(keys).decode().split(" ")
        new = set(references)
        self.twice += len(references) - len(new - self.seen)
        self.seen |= new
        self.accepted += len(references)
        self.codes |= {reference: time.time() for reference in references if reference.startswith(CODE)}

    def text_message(self, body: bytes) -> bytes:
        """Read the two fields that it needs; a message that lacks one ends the measurement."""
        fields = dict([part.split("=", 1) for part in body.decode().split("&")])
        url, to = unquote(fields["StatusCallback"]), unquote(fields["To"])
        sid = f"SM{self.take(url.partition('ref=')[2]):032x}"
        self.callbacks.append((sid, to, url))
        return f'{{"sid":"{sid}","status":"queued","error_code":null}}'.encode()

    def next_report(self, base: str) -> bytes | None:
        """Return one whole HTTP request to the receiver at `base`, or None where there is nothing to report."""
        if self.hold:
            return None
        if self.hooks:
            hooks = [self.hooks.popleft() for _ in range(min(REPORT_BATCH, len(self.hooks)))]
            return _post(base, "/webhooks/nhn/", *_nhn_report(hooks))
        if self.callbacks:
            sid, to, url = self.callbacks.popleft()
            return _post(base, url[url.index("/webhooks/") :], *_twilio_report(sid, to, url))
        return None

    def enqueue(self) -> None:
        for reporter in self.reporters:
            reporter.send()

    async def report(self) -> None:
        while True:
            await asyncio.sleep(REPORT_SECONDS)
            if not self.hold and (self.hooks or self.callbacks):
                self.enqueue()


class Reporter(asyncio.Protocol):
    """One kept-alive connection to one of our receivers, with one request under way at most."""

    def __init__(self, gateway: Gateway, base: str) -> None:
        self.gateway, self.base = gateway, base
        self.transport: asyncio.Transport | None = None
        self.sent: bytes | None = None
        self.connecting: asyncio.Future[Any] | None = None
        self.answer = b""

    def send(self) -> None:
        """Report one thing, unless one is under way. Connects only with something to report."""
        if self.sent is not None:
            return
        self.sent = self.gateway.next_report(self.base)
        if self.sent is None:
            return
        if self.transport is None:
            self._connect()
        else:
            self.transport.write(self.sent)

    def _connect(self) -> None:
        address = urlsplit(self.base)
        host, port = str(address.hostname), address.port or 80
        connecting = asyncio.get_running_loop().create_connection(lambda: self, host, port)
        self.connecting = asyncio.ensure_future(connecting)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        if self.sent is not None:
            transport.write(self.sent)

    def data_received(self, data: bytes) -> None:
        self.answer += data
        if b"\r\n\r\n" not in self.answer:
            return  # answers of the receiver have no body
        ok = self.answer.startswith(b"HTTP/1.1 200")
        assert self.sent is not None
        if ok:
            self.gateway.acknowledged += max(1, self.sent.count(b"hookId"))
            self.sent = None
        else:
            self.gateway.refused += 1
            asyncio.get_running_loop().call_later(0.1, self._again)
        closing = b"\r\nconnection: close" in self.answer.lower()
        self.answer = b""
        if closing and self.transport is not None:
            self.transport.close()
        elif ok:
            self.send()

    def _again(self) -> None:
        if self.transport is not None and self.sent is not None:
            self.transport.write(self.sent)

    def connection_lost(self, _: Exception | None) -> None:
        self.transport, self.answer = None, b""
        if self.sent is None:
            self.send()
        else:
            self._connect()  # it was closed under a report: once more


class Server(asyncio.Protocol):
    """Just enough HTTP/1.1 for our transport: a request line, headers, a body of stated length."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.data = self.data + data if self.data else data
        head, found, rest = self.data.partition(b"\r\n\r\n")
        if not found:
            return
        length = _length(head)
        if len(rest) < length:
            return
        self.data = rest[length:]
        path = head.split(b" ", 2)[1]
        body = self._answer(path, rest[:length])
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nContent-Type: application/json\r\n\r\n" % len(body) + body
        if self.gateway.latency and path.startswith((b"/alimtalk", b"/2010-04-01")):
            asyncio.get_running_loop().call_later(self.gateway.latency, self.transport.write, answer)
        else:
            self.transport.write(answer)

    def _answer(self, path: bytes, body: bytes) -> bytes:
        if path.startswith(b"/alimtalk"):
            return self.gateway.alimtalk(body)
        if path.startswith(b"/2010-04-01"):
            return self.gateway.text_message(body)
        if path == b"/codes":
            return json.dumps(self.gateway.codes).encode()
        if path == b"/release":
            self.gateway.hold = False
        return json.dumps({**self.gateway.stats(), "cpu_seconds": sum(os.times()[:2])}).encode()


def _length(head: bytes) -> int:
    found = LENGTH.search(head)
    return int(found.group(1)) if found else 0


def _nhn_report(hooks: list[bytes]) -> tuple[bytes, Mapping[str, str]]:
    body = REPORT % (os.environ["NHN_APP_KEY"].encode(), b",".join(hooks))
    secret = os.environ["NHN_WEBHOOK_SECRET"]
    return body, {"Content-Type": "application/json", "X-Toast-Webhook-Signature": secret}


def _twilio_report(sid: str, to: str, url: str) -> tuple[bytes, Mapping[str, str]]:
    """Signed by twilio.com/docs/usage/security: HMAC-SHA1 over the URL and the sorted fields."""
    account, sender, token = _twilio_account()
    text = (
        f"{url}AccountSid{account}ApiVersion2010-04-01From{sender}"
        f"MessageSid{sid}MessageStatusdeliveredSmsSid{sid}SmsStatusdeliveredTo{to}"
    )
    body = (
        f"AccountSid={account}&ApiVersion=2010-04-01&From={quote(sender)}"
        f"&MessageSid={sid}&MessageStatus=delivered&SmsSid={sid}&SmsStatus=delivered&To={quote(to)}"
    )
    signature = base64.b64encode(hmac.digest(token, text.encode(), "sha1")).decode()
    return body.encode(), {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": signature}


@cache
def _twilio_account() -> tuple[str, str, bytes]:
    """Return what every report has, read once: the environment encodes and decodes each time that it is read."""
    environment = os.environ
    token = environment["TWILIO_AUTH_TOKEN"].encode()
    return environment["TWILIO_ACCOUNT_SID"], environment["TWILIO_FROM"], token


def _post(base: str, path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    lines = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
    head = f"POST {path} HTTP/1.1\r\nHost: {_host(base)}\r\nContent-Length: {len(body)}\r\n{lines}\r\n"
    return head.encode() + body


@cache
def _host(base: str) -> str:
    return urlsplit(base).netloc


async def serve(host: str, port: int, gateway: Gateway) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Server(gateway), host, port)
    await asyncio.gather(server.serve_forever(), gateway.report())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--webhooks", required=True, help="bases of our receipt addresses, comma-separated")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--hold", action="store_true", help="report nothing before GET /release")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--latency-ms", type=float, default=0.0, help="how long an answer to a message takes")
    options = parser.parse_args()
    latency = options.latency_ms / 1000
    gateway = Gateway(options.webhooks.split(","), options.connections, hold=options.hold, latency=latency)
    asyncio.run(serve(options.host, options.port, gateway))


if __name__ == "__main__":
    main()
