"""Faults by lot, one over another, while records come in: what is drawn depends on the seed alone.

When they come and what they meet does not: a run with the same seed is a like run, not the same one.
"""

import json
import os
import random
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import psycopg2
import redis

from sandbox.agencies.push import PATH, headers
from tests.faults.rig.service import CUT, PEOPLE, WORKERS, Service, fine

AT_GATEWAYS = (
    "latency", "rate_limit", "error", "error_after", "reset", "black_hole", "lose_answer", "garbage", "half_batch",
    "receipts_duplicate", "receipts_reordered", "receipts_early", "receipts_late",
)  # fmt: skip
VALUES: dict[str, dict[str, float]] = {
    "latency": {"seconds": 1.5},
    "rate_limit": {"retry_after": 1},
    "receipts_duplicate": {"times": 3},
    "receipts_late": {"seconds": 3},
}
BATCH = 60  # records of one push
LONGEST_PAUSE = 1.0  # seconds between two faults


@dataclass
class Monkey:
    """`play` until `seconds` are over; afterwards everything that it broke is whole again."""

    service: Service
    seed: int
    pushed: int = 0
    played: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._tricks: dict[str, Callable[[], None]] = {
            "a gateway's fault": self._gateway,
            "a child killed": self._kill_child,
            "workers killed": self._kill_workers,
            "workers stopped as by a deployment": self._stop_workers,
            "web killed": self._kill_web,
            "beat killed": self._kill_beat,
            "broker erased": self._erase_broker,
            "broker frozen": self._freeze_broker,
            "broker restarted empty": self._restart_broker,
            "database crashed": self._crash_database,
            "connections cut": self._cut_connections,
        }

    def play(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        with self._mended():
            while time.monotonic() < end:
                self._push()
                name = self._random.choice(list(self._tricks))
                self.played.append(name)
                self._tricks[name]()
                time.sleep(self._random.uniform(0, LONGEST_PAUSE))

    @contextmanager
    def _mended(self) -> Iterator[None]:
        try:
            yield
        finally:
            self.service.thaw()
            self.service.run_all()

    def _push(self) -> None:
        """As an agency does: the same message again until it is acknowledged."""
        first, self.pushed = self.pushed, self.pushed + BATCH
        records = [fine(number, number % PEOPLE) for number in range(first, first + BATCH)]
        body = json.dumps({"records": records}).encode()
        key = f"push-{self.seed}-{first}"
        self.service.wait_until(lambda: self._acknowledged(key, body))

    def _acknowledged(self, key: str, body: bytes) -> bool:
        request = urllib.request.Request(self.service.url + PATH, body, headers(key, body, int(time.time())))
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return int(answer.status) == 200
        except urllib.error.HTTPError as error:
            with error:
                assert error.code == 503, (error.code, error.read()[:300])
        except OSError:  # web is being started, or was killed before it answered
            pass
        return False

    # ── Tricks ───────────────────────────────────────────────────────────────────────────────────────────────
    def _gateway(self) -> None:
        gateway = self._random.choice(["nhn", "solapi", "twilio", "any"])
        fault = self._random.choice(AT_GATEWAYS)
        count = self._random.randint(1, 4)
        self.played[-1] = f"{fault} at {gateway}"
        self.service.sandbox.fault(gateway, fault, count=count, **VALUES.get(fault, {}))

    def _kill_child(self) -> None:
        children = self.service.children(self._random.choice(WORKERS))
        if children:
            with suppress(ProcessLookupError):
                os.kill(self._random.choice(children), signal.SIGKILL)

    def _kill_workers(self) -> None:
        name = self._random.choice(WORKERS)
        self.service.kill(name)
        self.service.start(name)

    def _stop_workers(self) -> None:
        name = self._random.choice(WORKERS)
        self.service.stop(name)
        self.service.start(name)

    def _kill_web(self) -> None:
        self.service.kill("web")
        self.service.start("web")

    def _kill_beat(self) -> None:
        self.service.kill("beat")
        self.service.start("beat")

    def _erase_broker(self) -> None:
        with suppress(redis.RedisError), self.service.broker() as broker:
            broker.flushall()

    def _freeze_broker(self) -> None:
        pid = int((self.service.valkey.home / "pid").read_text())
        os.kill(pid, signal.SIGSTOP)
        try:
            time.sleep(self._random.uniform(0.5, 3))
        finally:
            os.kill(pid, signal.SIGCONT)

    def _restart_broker(self) -> None:
        self.service.valkey.stop()
        self.service.valkey.start()

    def _crash_database(self) -> None:
        self.service.crash_database()
        time.sleep(self._random.uniform(0, 1))
        self.service.postgres.start()

    def _cut_connections(self) -> None:
        with suppress(psycopg2.OperationalError):
            self.service.rows(CUT)
