import socket
from pathlib import Path
from typing import Any

import pytest
import requests

from secretary.kernel.http import outbound
from secretary.kernel.http.outbound import OutboundRefused
from tests.notifications.sources.source import Source, serving


@pytest.fixture
def source() -> Any:
    with serving(lambda _query: (200, {}, b"hello")) as running:
        yield running


def answering(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """A name server that gives these addresses, one a call, and the names that it was queried for."""
    asked: list[str] = []
    answers = iter(addresses)

    def getaddrinfo(host: str, port: int, *args: Any, **kwargs: Any) -> list[Any]:
        asked.append(host)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        address = host if host.replace(".", "").isdigit() else next(answers)
        return [(family, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1", "100.100.100.200",
        "168.63.129.16", "0.0.0.0", "224.0.0.1", "255.255.255.255", "240.0.0.1", "192.0.2.1", "198.18.0.1",
        "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1",
        "fec0::1", "feff::1", "192.0.0.8", "192.0.0.10", "192.88.99.1", "64:ff9b:1::1", "5f00::1", "3fff::1",
        "100:0:0:1::1", "::7f00:1", "::10.0.0.1", "100::1", "2001:2::1", "2001:10::1", "2001:20::1",
        "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "2002:7f00:1::", "2002:a00:1::",
    ],
)  # fmt: skip
def test_an_address_inside_is_refused(address: str) -> None:
    with pytest.raises(OutboundRefused, match="forbidden_address"):
        outbound.check_address(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "27.101.0.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"])
def test_an_address_of_the_public_internet_is_fine(address: str) -> None:
    outbound.check_address(address)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "10.1.2.3", "192.168.0.1", "fc00::1"])
def test_private_addresses_are_fine_where_they_are_allowed(address: str) -> None:
    outbound.check_address(address, allow_private=True)


@pytest.mark.parametrize(
    "address",
    [
        *("169.254.169.254", "fe80::1", "fd00:ec2::254", "100.100.100.200", "224.0.0.1", "0.0.0.0", "240.0.0.1"),
        *("fec0::1", "192.88.99.1", "64:ff9b:1::1", "::7f00:1"),
    ],
)
def test_metadata_and_multicast_are_refused_even_then(address: str) -> None:
    with pytest.raises(OutboundRefused):
        outbound.check_address(address, allow_private=True)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("file:///etc/passwd", "bad_scheme"),
        ("gopher://1.1.1.1/", "bad_scheme"),
        ("//1.1.1.1/", "bad_scheme"),
        ("http:///path", "bad_url"),
        ("http://user@1.1.1.1/", "bad_url"),
        ("http://1.1.1.1:99999/", "bad_url"),
        ("http://[::1/", "bad_url"),
    ],
)
def test_a_url_that_is_no_plain_web_address_is_refused(url: str, code: str) -> None:
    with pytest.raises(OutboundRefused, match=code):
        outbound.check_url(url)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_loopback_is_refused_by_number_and_by_name(source: Source, host: str) -> None:
    with pytest.raises(OutboundRefused, match="forbidden_address"):
        outbound.session().get(source.url.replace("127.0.0.1", host))
    assert source.queries == []


def test_a_host_is_refused_for_one_forbidden_address(monkeypatch: pytest.MonkeyPatch) -> None:
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in ("1.1.1.1", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kwargs: both)
    with pytest.raises(OutboundRefused):
        outbound.resolve("agency.example", 80)


def test_connects_to_the_address_that_was_checked_under_the_hosts_name(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The second answer would be the cloud's metadata service: it is never queried.
    asked = answering(monkeypatch, "127.0.0.1", "169.254.169.254")
    url = source.url.replace("127.0.0.1", "agency.example")
    assert outbound.session(allow_private=True).get(url).text == "hello"
    assert asked == ["agency.example", "127.0.0.1"]  # the latter by the socket, which gets a number
    assert source.hosts[0].startswith("agency.example:")


def test_a_name_that_turns_inward_is_refused(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, "127.0.0.1")
    with pytest.raises(OutboundRefused, match="forbidden_address"):
        outbound.session().get(source.url.replace("127.0.0.1", "agency.example"))
    assert source.queries == []


def test_a_redirect_is_refused(source: Source) -> None:
    source.answer = lambda _query: (307, {"Location": source.url}, b"")
    with pytest.raises(OutboundRefused, match="redirect"):
        outbound.session(allow_private=True).get(source.url)
    assert len(source.queries) == 1


def test_the_environments_proxy_is_not_used(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    assert outbound.session(allow_private=True).get(source.url).text == "hello"


def test_tries_the_next_address_of_a_host(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    port = int(source.url.split(":")[2].split("/")[0])
    monkeypatch.setattr(outbound, "resolve", lambda *_args, **_kwargs: ["127.0.0.2", "127.0.0.1"])
    assert outbound.session(allow_private=True).get(f"http://agency.example:{port}/").text == "hello"


def test_a_refused_connection_is_an_ordinary_network_error(source: Source) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(requests.ConnectionError):
        outbound.session(allow_private=True).get(f"http://127.0.0.1:{port}/")


def test_waits_no_longer_than_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound, "READ_SECONDS", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(requests.ReadTimeout):
        outbound.session(allow_private=True).get(f"http://127.0.0.1:{silent.getsockname()[1]}/")


def test_passwords_of_the_environment_are_not_sent(
    source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login sample password sample")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    prepared = outbound.session().prepare_request(requests.Request("GET", source.url))
    assert "Authorization" not in prepared.headers
