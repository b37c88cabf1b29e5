"""The transport reports truly whether a request may have been acted upon."""

import ipaddress
import os
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from secretary.kernel.adapters.timing import Timing
from secretary.kernel.adapters.transport import BulkHttp, Fate, HttpAnswer, HttpRequest
from tests.support.gateway_stub import CLOSE, RESET, SILENCE, Received, gateway, http

HEADERS = {"Content-Type": "text/plain"}
OK = http(200, b"ok")


def post(url: str, body: bytes = b"hello", *, max_answer: int = 4_000_000, **seconds: float) -> HttpAnswer:
    return BulkHttp(timing=Timing(**seconds), max_answer=max_answer).perform([HttpRequest(url, HEADERS, body)])[0]  # type: ignore[arg-type]


def test_answers_come_in_the_order_of_the_requests() -> None:
    with gateway(lambda request: http(200, request.body)) as stub:
        requests = [HttpRequest(stub.url, HEADERS, str(number).encode()) for number in range(300)]
        answers = BulkHttp(connections=7).perform(requests)
    assert [answer.body for answer in answers] == [str(number).encode() for number in range(300)]


def test_a_request_arrives_as_it_was_given() -> None:
    with gateway(lambda _: OK) as stub:
        post(f"{stub.url}/path?x=1", "한글".encode())
    request = stub.received[0]
    assert (request.method, request.target, request.body.decode()) == ("POST", "/path?x=1", "한글")
    assert request.headers["content-type"] == "text/plain"
    assert "expect" not in request.headers


def test_a_post_and_a_question_share_a_connection_pool() -> None:
    with gateway(lambda request: http(200, request.method.encode())) as stub:
        pool = BulkHttp(connections=1)
        both = [
            HttpRequest(stub.url, HEADERS, b"x"),
            HttpRequest(stub.url, HEADERS),
            HttpRequest(stub.url, HEADERS, b"y"),
        ]
        assert [answer.body for answer in pool.perform(both)] == [b"POST", b"GET", b"POST"]
        assert [request.body for request in stub.received] == [b"x", b"", b"y"]


def test_a_post_is_not_repeated_when_a_kept_connection_drops_the_answer() -> None:
    """libcurl by itself sends it twice here."""
    with gateway(lambda request: CLOSE if request.body == b"second" else OK) as stub:
        pool = BulkHttp(connections=1)
        pool.perform([HttpRequest(stub.url, HEADERS, b"first")])
        answer = pool.perform([HttpRequest(stub.url, HEADERS, b"second")])[0]
        after = pool.perform([HttpRequest(stub.url, HEADERS, b"third")])[0]
    assert answer.fate is Fate.LOST
    assert after.fate is Fate.ANSWERED
    assert [request.body for request in stub.received] == [b"first", b"second", b"third"]


def test_a_post_that_only_asks_goes_out_again_when_the_kept_connection_was_dead() -> None:
    answers = {b"first": [OK], b"second": [OK, CLOSE]}
    with gateway(lambda request: answers[request.body].pop()) as stub:
        pool = BulkHttp(connections=1)
        pool.perform([HttpRequest(stub.url, HEADERS, b"first")])
        answer = pool.perform([HttpRequest(stub.url, HEADERS, b"second", repeatable=True)])[0]
    assert (answer.fate, answer.body) == (Fate.ANSWERED, b"ok")
    assert [request.body for request in stub.received] == [b"first", b"second", b"second"]


@pytest.mark.parametrize(
    "answer",
    [
        CLOSE,
        RESET,
        b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf",
        b"\x00\xff garbage",
        b"HTTP/1.1 200",
    ],
    ids=["closed", "reset", "half", "no-http", "half-head"],
)
def test_an_answer_that_is_cut_off_is_lost(answer: bytes) -> None:
    with gateway(lambda _: answer) as stub:
        assert post(stub.url).fate is Fate.LOST
    assert len(stub.received) == 1


def test_no_answer_in_time_is_lost() -> None:
    with gateway(lambda _: SILENCE) as stub:
        assert post(stub.url, total_seconds=1.0).fate is Fate.LOST


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http://no-such-host.invalid/", "ftp://127.0.0.1/", "no url"])
def test_what_never_left_is_not_sent(url: str) -> None:
    assert post(url).fate is Fate.NOT_SENT


def test_a_server_that_speaks_no_tls_is_not_sent_anything() -> None:
    with gateway(lambda _: OK) as stub:
        answer = post(stub.url.replace("http", "https"), connect_seconds=0.5)
    assert answer.fate is Fate.NOT_SENT
    assert stub.received == []


def test_a_connection_that_is_never_taken_up_is_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        fillers = [socket.socket() for _ in range(8)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        answer = post(url, connect_seconds=0.3)
        for filler in fillers:
            filler.close()
    assert answer.fate is Fate.NOT_SENT


def test_a_redirect_is_answered_and_not_followed() -> None:
    with gateway(lambda _: http(302, Location="http://127.0.0.1:1/")) as stub:
        assert post(stub.url).status == 302


def test_an_answer_over_the_size_limit_is_lost() -> None:
    with gateway(lambda _: http(200, b"x" * 5000)) as stub:
        assert post(stub.url, max_answer=1000).fate is Fate.LOST


def test_what_a_batch_has_no_time_to_start_is_not_sent() -> None:
    with gateway(lambda _: SILENCE) as stub:
        pool = BulkHttp(connections=1, timing=Timing(total_seconds=1.0, batch_seconds=0.3))
        answers = pool.perform([HttpRequest(stub.url, HEADERS, b"x")] * 3)
    assert [answer.fate for answer in answers] == [Fate.LOST, Fate.NOT_SENT, Fate.NOT_SENT]
    assert len(stub.received) == 1


@pytest.mark.parametrize(("patience", "times"), [(0.05, 1), (60.0, 0)])
def test_what_must_not_be_held_is_let_go_of_once_where_a_server_is_slow(patience: float, times: int) -> None:
    calls: list[str] = []

    def slowly(request: Received) -> bytes:
        time.sleep(0.1)
        return OK

    with gateway(slowly) as stub:
        timing = Timing(patience_seconds=patience, let_go=lambda: calls.append("let go"))
        answers = BulkHttp(connections=2, timing=timing).perform([HttpRequest(stub.url, HEADERS, b"x")] * 6)
    assert [answer.status for answer in answers] == [200] * 6
    assert len(calls) == times


def test_a_forked_process_opens_connections_of_its_own() -> None:
    with gateway(lambda _: OK) as stub:
        pool = BulkHttp(connections=1)
        pool.perform([HttpRequest(stub.url, HEADERS, b"parent")])
        before = pool._multi
        pool._pid = -1  # as a child sees it
        pool.perform([HttpRequest(stub.url, HEADERS, b"child")])
        assert pool._multi is not before
        assert pool._pid == os.getpid()


def test_retry_after_is_read_as_seconds_or_as_a_date() -> None:
    with gateway(lambda _: http(429, Retry_After="17")) as stub:
        assert post(stub.url).retry_after() == 17.0
    date = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    with gateway(lambda _: http(429, Retry_After=date)) as stub:
        assert 3500 < (post(stub.url).retry_after() or 0) < 3700
    with gateway(lambda _: http(429, Retry_After="soon")) as stub:
        assert post(stub.url).retry_after() is None


@pytest.mark.parametrize("value", ["²", "-5", "", "soon", "Sat, 10 Oct 2099 10:10:99999999999999 GMT"])
def test_a_retry_after_that_makes_no_sense_is_none(value: str) -> None:
    assert asked_to_wait(value) is None


@pytest.mark.parametrize("value", ["9" * 30, "9" * 400, "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_a_vendor_cannot_put_us_off_for_longer_than_a_day(value: str) -> None:
    assert asked_to_wait(value) == 86_400.0


def asked_to_wait(value: str) -> float | None:
    return HttpAnswer(Fate.ANSWERED, 429, raw_headers=f"Retry-After: {value}\r\n".encode("latin-1")).retry_after()


def test_an_answer_shows_no_body() -> None:
    assert "010" not in repr(HttpAnswer(Fate.ANSWERED, 200, b"01000000000"))
    assert "010" not in repr(HttpRequest("http://x/", {}, b"01000000000"))


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(pem)
    return folder


@pytest.fixture
def tls_gateway(certificates: Path) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / "cert.pem", certificates / "key.pem")
    context.load_verify_locations(certificates / "cert.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    with gateway(lambda _: OK, wrap=lambda plain: context.wrap_socket(plain, server_side=True)) as stub:
        yield stub.url


def test_a_client_certificate_is_shown(tls_gateway: str, certificates: Path) -> None:
    cert, key = str(certificates / "cert.pem"), str(certificates / "key.pem")
    pool = BulkHttp(certificate=cert, key=key, ca=cert)
    assert pool.perform([HttpRequest(tls_gateway, HEADERS, b"x")])[0].body == b"ok"


def test_a_gateway_with_an_unknown_certificate_gets_nothing(tls_gateway: str) -> None:
    assert post(tls_gateway).fate is Fate.NOT_SENT


def test_without_a_client_certificate_nothing_is_answered(tls_gateway: str, certificates: Path) -> None:
    pool = BulkHttp(ca=str(certificates / "cert.pem"))
    assert pool.perform([HttpRequest(tls_gateway, HEADERS, b"x")])[0].fate is not Fate.ANSWERED


def test_threads_with_pools_of_their_own_do_not_disturb_each_other() -> None:
    results: list[bytes] = []
    with gateway(lambda request: http(200, request.body)) as stub:

        def run(word: bytes) -> None:
            results.extend(a.body for a in BulkHttp(connections=3).perform([HttpRequest(stub.url, HEADERS, word)] * 40))

        threads = [threading.Thread(target=run, args=(word,)) for word in (b"a", b"b")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(results) == [b"a"] * 40 + [b"b"] * 40
