"""The tests' own environment: nothing outside the loopback is reached, no setting of this machine is seen."""

import asyncio
import os
import socket
import urllib.error
import urllib.request

import pytest
import redis

from tests.plugin import NetworkBlocked


def test_the_world_is_out_of_reach() -> None:
    with pytest.raises(NetworkBlocked):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
    with pytest.raises(NetworkBlocked):
        socket.getaddrinfo("example.com", 443)
    with pytest.raises(NetworkBlocked):
        asyncio.run(asyncio.open_connection("192.0.2.1", 80))


def test_libraries_that_ask_for_a_proxy_get_one_that_is_not_there() -> None:
    with pytest.raises(urllib.error.URLError, match="refused"):
        urllib.request.urlopen("http://192.0.2.1/", timeout=5)


def test_datagrams_do_not_leave_either() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams, pytest.raises(NetworkBlocked):
        datagrams.sendto(b"", ("192.0.2.1", 53))


def test_the_loopback_is_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=5).close()


def test_the_broker_is_this_workers_own_and_empty(broker: redis.Redis) -> None:
    assert broker.dbsize() == 0
    assert os.environ["REDIS_URL"].startswith("redis://:")


def test_settings_of_this_machine_are_not_seen() -> None:
    assert os.environ["LOCAL_ENV"] == "off"
    assert not {"SECRET_KEY", "FIELD_KEYS", "SANDBOX_URL", "PUBLIC_BASE_URL"} & set(os.environ)
