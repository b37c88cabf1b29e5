"""Between our processes, PostgreSQL and the broker: where the address requires TLS, nothing goes out in clear."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from django.db.utils import ConnectionHandler
from kombu.exceptions import OperationalError as BrokerAway
from psycopg2 import OperationalError

from sandbox.tls import ensure_certificates
from secretary import env
from secretary.celery import app
from secretary.ops import health

SECRET = "hush-hush"
HELLO = b"\x16\x03"  # a TLS record that holds a handshake
ASKS_FOR_TLS = b"\x00\x00\x00\x08\x04\xd2\x16\x2f"  # PostgreSQL's SSLRequest


class Listener:
    """Takes connections on the loopback and keeps what came in clear, and what came through TLS once it stood."""

    def __init__(self, folder: Path, postgresql_says: bytes = b"") -> None:
        self.clear, self.sealed = b"", b""
        self._says = postgresql_says
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(folder / "server.pem", folder / "server.key")
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                taken, _ = self._server.accept()
                with taken, suppress(OSError):
                    taken.settimeout(5)
                    self._talk(taken)

    def _talk(self, taken: socket.socket) -> None:
        if self._says:
            self.clear += taken.recv(8)
            taken.sendall(self._says)
        first = taken.recv(2, socket.MSG_PEEK)
        if first[:2] != HELLO:
            self.clear += taken.recv(4096)
            return
        with self._context.wrap_socket(taken, server_side=True) as sealed:
            self.sealed += sealed.recv(4096)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return ensure_certificates(tmp_path)


@pytest.fixture
def listen(folder: Path) -> Iterator[Callable[..., Listener]]:
    started: list[Listener] = []

    def start(**given: Any) -> Listener:
        started.append(Listener(folder, **given))
        return started[-1]

    yield start
    for listener in started:
        listener.close()


def probe(url: str, settings: Any) -> None:
    settings.REDIS_URL = url
    assert health.broker() == "unreachable"  # it is no broker


def publish(url: str, settings: Any) -> None:
    ours = Celery("secretary", broker=url)
    ours.conf.update(broker_transport_options=app.conf.broker_transport_options, task_publish_retry=False)
    with pytest.raises((BrokerAway, OSError, ssl.SSLError, ConnectionError)), ours.connection() as connection:
        connection.ensure_connection(max_retries=1, timeout=3)


@pytest.mark.parametrize("use", [probe, publish], ids=["the health check", "Celery"])
@pytest.mark.parametrize("options", ["", "?ssl_cert_reqs=required"])
def test_a_broker_that_we_do_not_trust_gets_no_password(
    listen: Any, settings: Any, monkeypatch: pytest.MonkeyPatch, use: Any, options: str
) -> None:
    broker = listen()
    monkeypatch.setenv("REDIS_URL", f"rediss://:{SECRET}@127.0.0.1:{broker.port}/0{options}")
    use(env.broker("REDIS_URL", ""), settings)
    assert (broker.clear, broker.sealed) == (b"", b"")


@pytest.mark.parametrize("use", [probe, publish], ids=["the health check", "Celery"])
def test_a_broker_of_our_authority_gets_it_through_tls(listen: Any, folder: Path, settings: Any, use: Any) -> None:
    broker = listen()
    options = f"ssl_cert_reqs=required&ssl_ca_certs={folder / 'ca.pem'}"
    use(f"rediss://:{SECRET}@127.0.0.1:{broker.port}/0?{options}", settings)
    assert broker.clear == b""
    assert SECRET.encode() in broker.sealed


def connect(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    database = ConnectionHandler({"default": env.database("DATABASE_URL")})["default"]
    with pytest.raises(OperationalError):
        database.connect()


@pytest.mark.parametrize(("says", "trusted"), [(b"N", True), (b"S", False)], ids=["no TLS there", "unknown authority"])
def test_a_database_that_we_do_not_trust_gets_no_name_and_no_password(
    listen: Any, folder: Path, monkeypatch: pytest.MonkeyPatch, says: bytes, trusted: bool, tmp_path: Path
) -> None:
    database = listen(postgresql_says=says)
    authority = folder / "ca.pem" if trusted else ensure_certificates(tmp_path / "another") / "ca.pem"
    connect(
        monkeypatch,
        f"postgresql://app:{SECRET}@127.0.0.1:{database.port}/x?sslmode=verify-full&sslrootcert={authority}",
    )
    assert (database.clear, database.sealed) == (ASKS_FOR_TLS, b"")


def test_a_database_of_our_authority_is_spoken_to_through_tls(
    listen: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = listen(postgresql_says=b"S")
    connect(
        monkeypatch,
        f"postgresql://app:{SECRET}@127.0.0.1:{database.port}/x?sslmode=verify-full&sslrootcert={folder / 'ca.pem'}",
    )
    assert database.clear == ASKS_FOR_TLS
    assert b"user\x00app" in database.sealed
