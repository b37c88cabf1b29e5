"""What is written in fewer steps is what gunicorn writes."""

from types import SimpleNamespace
from typing import Any

import pytest
from gunicorn.config import Config
from gunicorn.http import wsgi
from gunicorn.http.errors import InvalidResponseHeader, InvalidResponseHeaderName
from gunicorn.http.message import Request

from secretary.web_answers import HeadersAlong, KnownCaller

PAGE = [("Content-Type", "text/html"), ("Set-Cookie", " csrf=c; Path=/"), ("Vary", "Cookie"), ("Content-Length", "4")]


class Client:
    """What a response sends to it."""

    def __init__(self, method: str = "GET", length: int = 4) -> None:
        self.packets: list[bytes] = []
        request = SimpleNamespace(version=(1, 1), method=method, should_close=lambda: False)
        self.response: Any = HeadersAlong(request, self, Config())
        self.response.start_response("200 OK", [("Content-Length", str(length))])

    def sendall(self, packet: bytes) -> None:
        self.packets.append(packet)


def test_the_headers_go_along_with_the_first_piece_of_the_body() -> None:
    client = Client()
    client.response.write(b"pa")
    client.response.write(b"ge")
    client.response.close()
    first, second = client.packets
    assert first.startswith(b"HTTP/1.1 200 OK\r\n") and first.endswith(b"\r\nContent-Length: 4\r\n\r\npa")
    assert second == b"ge"
    with pytest.raises(TypeError):
        (broken := Client()).response.write("page")
    assert [packet[-4:] for packet in broken.packets] == [b"\r\n\r\n"]


def test_headers_without_a_body_are_sent_too() -> None:
    for client in (Client("HEAD"), Client(length=0)):
        client.response.write(b"")
        client.response.close()
        assert [packet[-4:] for packet in client.packets] == [b"\r\n\r\n"]


def _begun(headers: list[Any], kind: Any, method: str = "GET") -> Any:
    request = SimpleNamespace(version=(1, 1), method=method, should_close=lambda: False)
    response = kind(request, None, Config())
    response.start_response("200 OK", headers)
    return response


def _undated(response: Any) -> list[str]:
    lines = "".join(response.default_headers()).split("\r\n")
    return [line for line in lines if not line.startswith("Date: ")]


@pytest.mark.parametrize(
    "headers",
    [PAGE, [*PAGE, ("Connection", "close"), ("X-Unknown", "1")], PAGE[:-1], [*PAGE, ("Upgrade", "websocket")], []],
)
def test_the_head_of_an_answer_is_gunicorns(headers: list[Any]) -> None:
    ours, theirs = (_begun(headers, kind) for kind in (HeadersAlong, wsgi.Response))
    for name in ("headers", "response_length", "chunked", "upgrade", "status_code"):
        assert getattr(ours, name) == getattr(theirs, name)
    assert _undated(ours) == _undated(theirs)


@pytest.mark.parametrize("value", ["a\r\nSet-Cookie: b", "a\n", "a\0", "\u2014"])
def test_a_value_that_would_be_another_header_is_refused(value: str) -> None:
    with pytest.raises(InvalidResponseHeader):
        _begun([*PAGE, ("Location", value)], HeadersAlong)


def test_what_is_no_header_is_refused() -> None:
    with pytest.raises(InvalidResponseHeaderName):
        _begun([*PAGE, ("Content Type", "text/html")], HeadersAlong)
    with pytest.raises(TypeError):
        _begun([*PAGE, ("Location", 1)], HeadersAlong)


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "::1", "fe80::1%eth0", "nothing"])
def test_whom_gunicorn_trusts_is_trusted_each_time(address: str) -> None:
    config = Config()
    config.set("forwarded_allow_ips", "127.0.0.1,::1")
    for _ in range(2):
        caller = KnownCaller.__new__(KnownCaller)
        caller.cfg, caller.peer_addr = config, (address, 1)
        assert caller._peer_is_trusted_proxy() is Request._peer_is_trusted_proxy(caller)
        assert caller._peer_is_trusted_proxy() is (address in ("127.0.0.1", "::1"))
