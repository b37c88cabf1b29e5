"""Measure sign-ups, 8 at once: the product's own function in 8 processes, new people, durable commits.

Processes and not threads: the waits for locks in the database are of interest, not those for Python's.
"""

import multiprocessing
import resource
import threading
import time
from collections import Counter
from collections.abc import Sequence
from datetime import date
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from typing import Any

from django.db import connection, connections

from benchmarks.rig.counting import install
from benchmarks.rig.environment import Environment
from benchmarks.rig.measure import Stretch, percentile
from secretary.kernel.time import clock
from subscriptions.enrolment.consent_texts import live_data_types, texts_for
from subscriptions.enrolment.sign_up import sign_up
from subscriptions.identity.contract import Person
from subscriptions.models import DataType

AT_ONCE = 8
WARM_UP = 20  # sign-ups of each process before the clock starts: connections, plans, caches
KINDS = 3  # data types that each person chooses
LOOK_SECONDS = 0.02
WAITING = """
SELECT coalesce(wait_event_type || ':' || wait_event, '') FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle' AND backend_type = 'client backend'
"""


def run(environment: Environment, *, size: int, channel: str) -> dict[str, Any]:
    each = max(1, size // AT_ONCE)
    codes = list(DataType.objects.live().values_list("code", flat=True))[:KINDS]
    context = multiprocessing.get_context("fork")
    start, answers = context.Barrier(AT_ONCE + 1), context.Queue()
    connections.close_all()  # a connection must not be shared with a child
    signers = [context.Process(target=_sign_up_many, args=(n, each, codes, start, answers)) for n in range(AT_ONCE)]
    for signer in signers:
        signer.start()
    start.wait(120)
    stretch, looker = Stretch(environment), _Looker()
    start.wait(120)
    seconds = [took for _ in signers for took in answers.get(timeout=1200)]
    stretch.end()
    looker.end()
    for signer in signers:
        signer.join(60)
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return stretch.report(
        len(seconds),
        at_once=AT_ONCE,
        p50_ms=percentile(seconds, 0.5),
        p95_ms=percentile(seconds, 0.95),
        signers_cpu_ms_per_item=round((spent.ru_utime + spent.ru_stime) * 1000 / (AT_ONCE * (each + WARM_UP)), 2),
        **looker.report(),
    )


def _sign_up_many(number: int, each: int, codes: Sequence[str], start: Barrier, answers: "Queue[list[float]]") -> None:
    """Sign up people, in a process of its own."""
    install()
    texts = texts_for(live_data_types(codes))
    seconds = []
    for turn in range(-WARM_UP, each):
        if turn == 0:
            start.wait(120)  # all are warm
            start.wait(120)  # the clock runs
        person = _person(number * (each + WARM_UP) + turn + WARM_UP)
        began = time.perf_counter()
        sign_up(
            person=person,
            channels=["kakaotalk", "sms"],
            data_types=codes,
            consents=texts,
            language="ko",
            now=clock.now(),
        )
        seconds.append(time.perf_counter() - began)
    answers.put(seconds[WARM_UP:])
    connection.close()


def _person(number: int) -> Person:
    """Return a made-up person, under a number that is not assigned."""
    return Person(ci=f"{number:086d}==", name="홍길동", birth_date=date(1960, 1, 2), phone=f"+8210{number:08d}")


class _Looker:
    """Looks every 20 ms at what the database's processes wait for."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()
        self._looks = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def end(self) -> None:
        self._over.set()
        self._thread.join(10)

    def report(self) -> dict[str, Any]:
        """Return the figures. `…waiting…`: of how many at once, on average, were waiting for it."""
        looks = max(1, self._looks)
        shares = {name: round(times / looks, 3) for name, times in self._seen.most_common(6) if name}
        locks = sum(times for name, times in self._seen.items() if name.startswith("Lock:"))
        return {"waiting_for_a_lock": round(locks / looks, 3), "waiting_for": shares, "looks": self._looks}

    def _look(self) -> None:
        with connection.cursor() as cursor:
            while not self._over.wait(LOOK_SECONDS):
                cursor.execute(WAITING)
                self._seen.update(name for (name,) in cursor.fetchall())
                self._looks += 1
        connection.close()
