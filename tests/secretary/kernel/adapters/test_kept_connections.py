"""Kept connections report as truly as libcurl what became of a request, and never give one to two connections."""

import errno
import socket
import ssl
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from secretary.kernel.adapters.answer_bytes import read_answer
from secretary.kernel.adapters.kept_connections import KeptConnections, origin_of
from secretary.kernel.adapters.timing import Timing
from secretary.kernel.adapters.transport import BulkHttp, Fate, HttpAnswer, HttpRequest
from tests.secretary.kernel.adapters.test_transport import certificates as certificates
from tests.support.gateway_stub import CLOSE, RESET, SILENCE, Received, gateway, http

HEADERS = {"Content-Type": "text/plain"}
OK = http(200, b"ok")


def knowing(url: str, *, connections: int = 4, max_answer: int = 4_000_000, **seconds: Any) -> BulkHttp:
    """Return a pool that has had an answer by libcurl, and must not ask libcurl again."""
    timing = Timing(**seconds)
    pool = BulkHttp(connections=connections, timing=timing, max_answer=max_answer, one_by_one=True)
    assert pool.perform([HttpRequest(url, HEADERS, b"first")])[0].status == 200

    def refuse(*_: object) -> None:
        raise AssertionError("libcurl was asked")

    pool._start = refuse  # type: ignore[method-assign,assignment]
    return pool


def post(pool: BulkHttp, url: str, *bodies: bytes) -> list[HttpAnswer]:
    return pool.perform([HttpRequest(url, HEADERS, body) for body in bodies])


def test_each_request_arrives_once_and_has_its_own_answer() -> None:
    bodies = [str(number).encode() for number in range(200)]
    with gateway(lambda request: http(200, request.body)) as stub:
        pool = knowing(stub.url + "/path?x=1", connections=7)
        for _ in range(2):
            assert [answer.body for answer in post(pool, stub.url + "/path?x=1", *bodies)] == bodies
    assert Counter(request.body for request in stub.received) == {b"first": 1, **dict.fromkeys(bodies, 2)}
    by_curl, *others = stub.received
    assert {(each.method, each.target) for each in others} == {("POST", "/path?x=1")}
    for each in others:
        assert each.headers | {"content-length": ""} | {"accept": "*/*"} == by_curl.headers | {"content-length": ""}


def test_an_answer_that_does_not_come_whole_is_lost_and_its_request_sent_once() -> None:
    half = b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf"
    two = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nokk"
    in_parts = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"
    endless = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nx"
    longer = (endless, in_parts.replace(b"\r\n5\r\n", b"\r\n" + b"f" * 20 + b"\r\n"))  # than any memory
    garbage = (b"\x00\xff garbage", b"HTTP/1.1 200")
    cases = (CLOSE, RESET, SILENCE, half, two, in_parts, *longer, *garbage, http(200, b"x" * 5000))
    for content in cases:
        with gateway(lambda request, content=content: content if request.body == b"x" else OK) as stub:  # type: ignore[misc]
            seconds = 1.0 if content == SILENCE else 30.0
            pool = knowing(stub.url, total_seconds=seconds, max_answer=1000)
            answers = post(pool, stub.url, b"x", b"y")
            assert [answer.fate for answer in answers] == [Fate.LOST, Fate.ANSWERED], content[:40]
            assert post(pool, stub.url, b"z")[0].body == b"ok"
            assert Counter(request.body for request in stub.received) == Counter((b"first", b"x", b"y", b"z")), content


def test_whole_answers_of_any_shape_are_read() -> None:
    in_parts = b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"
    shapes = (
        (OK, 200, b"ok", True),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\n" + OK, 200, b"ok", True),
        (http(429, b"", Retry_After="7"), 429, b"", True),
        (http(200, b"ok", Connection="close"), 200, b"ok", False),
        (OK + b"more", 200, b"ok", False),
        (in_parts, 201, b"ok", False),
        (b"HTTP/1.1 204 X\r\nA: b\r\n\r\n", 204, b"", False),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, b"ok", False),
    )
    for content, status, body, is_kept in shapes:
        found = read_answer(content, has_ended=False)
        assert found is not None, content
        assert (found.answer.fate, found.answer.status, found.answer.body, found.is_kept) == (
            Fate.ANSWERED,
            status,
            body,
            is_kept,
        )
        for end in range(len(content) if is_kept else 0):
            assert read_answer(content[:end], has_ended=False) is None, (content, end)
            cut = read_answer(content[:end], has_ended=True)
            assert cut is not None and cut.answer.fate is Fate.LOST, (content, end)
    for end in range(len(in_parts)):
        assert read_answer(in_parts[:end], has_ended=False) is None, end
    until_closed = b"HTTP/1.1 200 OK\r\nA: b\r\n\r\nok"
    assert read_answer(until_closed, has_ended=False) is None
    closed = read_answer(until_closed, has_ended=True)
    assert closed is not None and closed.answer.body == b"ok"
    waits = read_answer(http(429, b"", Retry_After="7"), has_ended=False)
    assert waits is not None and waits.answer.retry_after() == 7.0


def test_a_connection_that_was_closed_meanwhile_is_not_used() -> None:
    with gateway(lambda request: http(200, b"ok", Connection="close") if request.body == b"x" else OK) as stub:
        pool = knowing(stub.url, connections=1)
        assert post(pool, stub.url, b"x", b"y")[1].body == b"ok"
    with gateway(lambda _: OK) as stub:
        pool = knowing(stub.url, connections=1)
        assert post(pool, stub.url, b"x")[0].status == 200
        assert pool._kept is not None
        [kept] = pool._kept._all.values()
        kept.socket.shutdown(socket.SHUT_RD)  # as if the gateway had closed it
        assert post(pool, stub.url, b"y")[0].status == 200
        assert kept.socket.fileno() == -1


def test_what_cannot_be_opened_is_left_to_libcurl_unsent(monkeypatch: pytest.MonkeyPatch) -> None:
    with gateway(lambda _: http(200, b"ok", Connection="close")) as stub:
        pool = BulkHttp(one_by_one=True)
        assert post(pool, stub.url, b"first")[0].status == 200
        url = stub.url
    assert [answer.fate for answer in post(pool, url, b"x", b"y")] == [Fate.NOT_SENT] * 2  # nothing listens any more

    def without_descriptors(_: KeptConnections) -> socket.socket:
        raise OSError(errno.EMFILE, "too many open files")

    with gateway(lambda _: OK) as stub:
        pool = BulkHttp(one_by_one=True)
        assert post(pool, stub.url, b"first")[0].status == 200
        monkeypatch.setattr(KeptConnections, "_begun", without_descriptors)
        assert [answer.body for answer in post(pool, stub.url, b"x", b"y")] == [b"ok"] * 2


def test_what_it_does_not_take_goes_by_libcurl() -> None:
    with gateway(lambda request: http(200, request.method.encode() + request.body[:1])) as stub:
        pool = BulkHttp(one_by_one=True)
        assert post(pool, stub.url, b"first")[0].status == 200
        requests = [
            HttpRequest(stub.url, HEADERS, b"a"),
            HttpRequest(stub.url, HEADERS),
            HttpRequest(stub.url, HEADERS, b"b", repeatable=True),
            HttpRequest(stub.url, HEADERS, b"c" * 100_000),
            HttpRequest(stub.url + "/other", HEADERS, b"d"),
            HttpRequest(stub.url, {"X": "한"}, b"e"),
        ]
        answers = pool.perform(requests)
        assert [answer.body for answer in answers[:5]] == [b"POSTa", b"GET", b"POSTb", b"POSTc", b"POSTd"]
        assert answers[5].fate is Fate.UNSENDABLE
        assert Counter(request.body[:1] for request in stub.received) == Counter([*b"f a b c d".split(), b""])


def test_time_ends_a_batch_and_lets_go_once() -> None:
    calls: list[str] = []

    def slowly(request: Received) -> bytes:
        if request.body == b"first":
            return OK
        time.sleep(0.1)
        return OK

    with gateway(slowly) as stub:
        pool = knowing(stub.url, connections=2, patience_seconds=0.05, let_go=lambda: calls.append("let go"))
        calls.clear()  # the first answer may have been slow by itself
        assert [answer.status for answer in post(pool, stub.url, *[b"x"] * 6)] == [200] * 6
        assert calls == ["let go"]
    with gateway(lambda request: SILENCE if request.body == b"x" else OK) as stub:
        pool = knowing(stub.url, connections=1, total_seconds=1.0, batch_seconds=0.3)
        answers = post(pool, stub.url, b"x", b"x", b"x")
        assert [answer.fate for answer in answers] == [Fate.LOST, Fate.NOT_SENT, Fate.NOT_SENT]
        assert len(stub.received) == 2


def test_what_was_interrupted_answers_no_later_request() -> None:
    """A task whose time is over leaves requests under way; their answers are about none of the next ones."""

    def slowly(request: Received) -> bytes:
        if request.body.startswith(b"slow"):
            time.sleep(0.2)
        return http(200, request.body)

    for one_by_one in (True, False):
        errors = list[TimeoutError]()

        def interrupt(errors: list[TimeoutError] = errors) -> None:
            if errors:
                raise errors.pop()

        with gateway(slowly) as stub:
            timing = Timing(patience_seconds=0.05, let_go=interrupt)
            pool = BulkHttp(connections=2, timing=timing, one_by_one=one_by_one)
            assert post(pool, stub.url, b"first")[0].status == 200
            errors.append(TimeoutError())
            with pytest.raises(TimeoutError):
                post(pool, stub.url, b"slow-1", b"slow-2")
            bodies = [b"a", b"b", b"c"]
            assert [answer.body for answer in post(pool, stub.url, *bodies)] == bodies, one_by_one


def test_a_certificate_is_checked_and_its_name(certificates: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / "cert.pem", certificates / "key.pem")
    trusted = str(certificates / "cert.pem")
    with gateway(lambda _: OK, wrap=lambda plain: context.wrap_socket(plain, server_side=True)) as stub:
        port = int(stub.url.rpartition(":")[2])
        for host, authorities, is_answered in (
            ("127.0.0.1", trusted, True),
            ("localhost", trusted, False),  # not the name that the certificate has
            ("127.0.0.1", "/dev/null", False),
        ):
            monkeypatch.setenv("SSL_CERT_FILE", authorities)
            url = f"https://{host}:{port}/"
            kept = KeptConnections(connections=2, timing=Timing(connect_seconds=60.0), max_answer=1000)
            origin = origin_of(url)
            assert origin is not None
            kept.learn(origin, "127.0.0.1", port)
            answers: list[HttpAnswer | None] = [None] * 5
            requests = [HttpRequest(url, HEADERS, b"x") for _ in answers]
            kept.perform(requests, answers, give_up_at=time.monotonic() + 60.0, patience=lambda: 1.0)
            expected = [b"ok"] * 5 if is_answered else [None] * 5
            assert [answer and answer.body for answer in answers] == expected, (host, authorities)
    assert len(stub.received) == 5
