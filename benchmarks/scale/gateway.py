"""Measure the stub gateway alone, driven by a client that does nothing but send: it must not be what limits `pipeline`.

The client's requests are made beforehand, in the size of ours; the reports are answered by a server that reads nothing
of them but where they end.
"""

import asyncio
import json
import time
from collections.abc import Iterator
from typing import Any

from benchmarks.pipeline import stats
from benchmarks.rig.environment import Environment
from benchmarks.rig.measure import described

BATCH, CONNECTIONS = 500, 4
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


def run(environment: Environment, *, size: int, channel: str) -> dict[str, Any]:
    """`channel`: batches or one by one."""
    environment.start_stub()
    requests = list(_requests(environment, size, channel))
    before = stats(environment)["cpu_seconds"]
    began = time.monotonic()
    accepted, reported = asyncio.run(_drive(environment, requests, size))
    spent = stats(environment)["cpu_seconds"] - before
    return {
        "channel": channel,
        "seconds": round(time.monotonic() - began, 3),
        "accepted_per_second": round(size / accepted),
        "rate_per_second": round(size / reported),  # accepted, reported and answered
        "cpu_ms_per_item": round(spent * 1000 / size, 4),  # the stub's: 1 / this is the most that one CPU carries
        "most_per_second": round(size / spent),
        **described(),
    }


async def _drive(environment: Environment, requests: list[bytes], size: int) -> tuple[float, float]:
    """Return the seconds until all were accepted, and until all reports were answered."""
    server = await asyncio.get_running_loop().create_server(_Answering, "127.0.0.1", environment.receiver_port)
    async with server:
        began = time.monotonic()
        waiting = iter(requests)
        await asyncio.gather(*(_send(environment.stub_port, waiting) for _ in range(CONNECTIONS)))
        accepted = time.monotonic() - began
        while (await asyncio.to_thread(stats, environment))["acknowledged"] < size:
            await asyncio.sleep(0.02)
        return accepted, time.monotonic() - began


async def _send(port: int, waiting: Iterator[bytes]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for request in waiting:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0]))
    writer.close()


class _Answering(asyncio.Protocol):
    """Says 200 to each request."""

    def __init__(self) -> None:
        self._data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._data += data
        while True:
            head, found, rest = self._data.partition(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0]) if found else 0
            if not found or len(rest) < length:
                return
            self._data = rest[length:]
            self._transport.write(OK)


def _requests(environment: Environment, size: int, channel: str) -> Iterator[bytes]:
    if channel == "sms":
        for number in range(size):
            callback = (
                f"http%3A%2F%2F127.0.0.1%3A{environment.receiver_port}%2Fwebhooks%2Ftwilio%2F%3Fref%3Dps-{number}"
            )
            body = f"To=%2B821000000000&From=%2B15005550006&Body={'x' * 200}&StatusCallback={callback}"
            yield _post("/2010-04-01/Accounts/AC/Messages.json", body.encode())
        return
    for start in range(0, size, BATCH):
        numbers = range(start, min(start + BATCH, size))
        people = [
            {
                "recipientNo": "01000000000",
                "recipientGroupingKey": f"ps-{number}",
                "templateParameter": {"name": "x" * 30, "amount": "x" * 8, "place": "x" * 40},
            }
            for number in numbers
        ]
        batch = {"senderKey": "0" * 40, "templateCode": "bench", "recipientList": people}
        yield _post("/alimtalk/v2.3/appkeys/benchmark/messages", json.dumps(batch).encode())


def _post(path: str, body: bytes) -> bytes:
    return f"POST {path} HTTP/1.1\r\nHost: stub\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
