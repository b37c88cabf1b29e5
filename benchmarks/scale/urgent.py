"""Measure how soon urgent notices leave while `size` ordinary ones wait, and more of those are read and matched.

An agency cancels appointments by signed pushes, several a second, each about another person. The clock runs from the
moment before the push until the gateway's acceptance is written. Sign-in codes are asked for at the same time, and
bundled messages of other people become due. Workers, web and receiver are those of `./run`.
"""

import json
import time
import urllib.request
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from threading import Semaphore
from typing import Any

from django.db import connection

from benchmarks.pipeline import stats
from benchmarks.rig.catalogue import announced_types
from benchmarks.rig.environment import Environment
from benchmarks.rig.measure import Stretch, percentile
from benchmarks.rig.population import ci_of, enrol, fields_of, write_files
from benchmarks.rig.ready import settle
from benchmarks.scale.nation import A_FILE, seed
from notifications.delivery.claim import claim
from notifications.intake.read_feed import read_feed
from notifications.matching.match import match_batches
from notifications.models import AgencyKey, Feed
from secretary.kernel.enqueue import enqueue
from secretary.kernel.http.standard_webhooks import new_secret, secret_bytes, sign
from secretary.kernel.persons.blind_index import ci_index
from secretary.kernel.time import clock
from secretary.kernel.time.clock import kst_date
from subscriptions.models import DataType
from subscriptions.sign_in.phone_codes import issue

URGENT = "vaccination"
FIRST_URGENT, FIRST_CALM = 800_000_000, 810_000_000
A_SECOND = 10  # urgent notices; and one code for every fifth
CODE_EVERY = 5
PUSHERS = (
    4  # pushes under way at the same time; more of them would only fill a web that other work keeps from answering
)
MOST_URGENT, CALM = 3000, 200
LATER_SHARE = 10  # one in so many ordinary records is read while the others are sent
PAUSE, LONGEST, AFTER = 0.05, 900.0, 60.0
SHARES = (0.5, 0.95, 0.99)
GOAL_SECONDS = 5.0
BACKLOG = "SELECT EXISTS (SELECT 1 FROM notifications_due WHERE NOT urgent AND not_before <= clock_timestamp())"
VERIFIED = """
UPDATE subscriptions_contact ct SET verified_at = clock_timestamp() FROM subscriptions_citizenkey k
WHERE k.citizen_id = ct.citizen_id AND k.key_hash = ANY(%s)
"""
CALM_MODE = """
UPDATE subscriptions_citizen c SET calm = 'daily', calm_since = '2020-01-01' FROM subscriptions_citizenkey k
WHERE k.citizen_id = c.id AND k.key_hash = ANY(%s)
"""
# One person's bundled message becomes due each second.
DUE_BY_TURNS = """
UPDATE notifications_notice n SET bundle_at = turn.at, not_before = turn.at FROM (
    SELECT citizen_id, clock_timestamp() + make_interval(secs => row_number() OVER (ORDER BY citizen_id)) AS at
    FROM notifications_bundleentry GROUP BY citizen_id
) turn WHERE n.citizen_id = turn.citizen_id AND n.state = 'ready' AND n.bundle_at IS NOT NULL
"""
LEFT = """
SELECT r.external_id, extract(epoch FROM min(d.answered_at)), extract(epoch FROM min(d.started_at)),
    extract(epoch FROM min(n.created_at))
FROM notifications_notice n JOIN notifications_record r ON r.id = n.record_id
JOIN notifications_delivery d ON d.notice_id = n.id
WHERE n.urgent AND d.answered_at IS NOT NULL GROUP BY 1
"""
LEFT_TOGETHER = """
SELECT extract(epoch FROM min(d.answered_at - n.bundle_at))
FROM notifications_notice n JOIN notifications_delivery d ON d.notice_id = n.id
WHERE n.bundle_at IS NOT NULL AND d.answered_at IS NOT NULL AND extract(epoch FROM n.bundle_at) < %s
GROUP BY n.citizen_id
"""


def run(environment: Environment, *, size: int, channel: str) -> dict[str, Any]:
    urgent = DataType.objects.get(code=URGENT)
    ordinary = [kind for kind in announced_types() if kind.agency_id != urgent.agency_id][:2]
    _start(environment)
    _appointments(environment, urgent, channel)
    environment.end("worker-urgent", "worker-feeds", "beat")
    _wait_together(environment, ordinary, channel)
    _wait_alone(environment, ordinary[0], size, channel)
    return _measured(environment, urgent, ordinary[0], size, channel)


def _start(environment: Environment) -> None:
    environment.start_stub()
    environment.start_web()
    environment.start_receiver()
    environment.start_workers()


def _appointments(environment: Environment, kind: DataType, channel: str) -> None:
    """Have all people of the urgent notices know of their appointments; the workers are warm then."""
    enrol(FIRST_URGENT, MOST_URGENT, data_types=[kind], channels=[channel], now=clock.now())
    _set(VERIFIED, FIRST_URGENT, MOST_URGENT)
    write_files(environment.drop, FIRST_URGENT, MOST_URGENT, data_types=[kind], today=_today())
    settle()
    enqueue("read_feed", feed_id=_feed(kind).pk)
    end = time.monotonic() + LONGEST
    while stats(environment)["acknowledged"] < MOST_URGENT or _is_backlog():
        if time.monotonic() > end:
            raise SystemExit(f"stuck: {stats(environment)}")
        time.sleep(PAUSE)


def _wait_together(environment: Environment, kinds: list[DataType], channel: str) -> None:
    """Give people in calm mode two notices each, which wait for their bundled messages."""
    enrol(FIRST_CALM, CALM, data_types=kinds, channels=[channel], now=clock.now(), each=len(kinds))
    _set(CALM_MODE, FIRST_CALM, CALM)
    for kind in kinds:
        write_files(environment.drop, FIRST_CALM, CALM, data_types=[kind], today=_today(), name=f"calm-{kind.code}")
    _read_and_match(kinds)
    while claim(now=clock.now()).looked_at:
        continue


def _wait_alone(environment: Environment, kind: DataType, size: int, channel: str) -> None:
    """Fill the queue, and leave the files of those who come later to be read."""
    later = size // LATER_SHARE
    seed([kind], 1, size + later, channel, each=1)
    settle()
    for first in range(1, size + 1, A_FILE):
        count = min(A_FILE, size + 1 - first)
        write_files(environment.drop, first, count, data_types=[kind], today=_today(), name=f"waiting-{first}")
    _read_and_match([kind])
    write_files(environment.drop, size + 1, later, data_types=[kind], today=_today(), name="later")
    settle()


def _read_and_match(kinds: list[DataType]) -> None:
    for kind in kinds:
        read_feed(feed_id=_feed(kind).pk, now=clock.now())
    while match_batches(now=clock.now()):
        continue


def _measured(
    environment: Environment, urgent: DataType, ordinary: DataType, size: int, channel: str
) -> dict[str, Any]:
    pusher = _Pusher(environment, urgent)
    environment.start_workers()
    with connection.cursor() as cursor:
        cursor.execute(DUE_BY_TURNS)
    before = stats(environment)["accepted"]
    stretch = Stretch(environment)
    for task in ("deliver", "deliver"):
        enqueue(task)
    enqueue("read_feed", feed_id=_feed(ordinary).pk)
    codes = pusher.push_while_they_wait()
    stretch.end()
    over = time.time()
    gone = _gone(pusher)
    sent = stats(environment)
    waits = [gone[name][0] - at for name, at in pusher.pushed.items() if name in gone]
    return stretch.report(
        sent["accepted"] - before,
        channel=channel,
        goal_seconds=GOAL_SECONDS,
        urgent=_figures(waits, of=len(pusher.pushed)),
        urgent_until_match_begins=_figures([gone[name][2] - at for name, at in pusher.pushed.items() if name in gone]),
        urgent_until_claimed=_figures([gone[name][1] - at for name, at in pusher.pushed.items() if name in gone]),
        push_answered=_figures(pusher.answered),
        codes=_figures(_accepted_codes(environment, codes), of=len(codes)),
        digests=_figures(_of_digests(over)),
        gateway=sent,
    )


class _Pusher:
    """Pushes cancellations at a steady rate, a few at a time where their answers take longer than that."""

    def __init__(self, environment: Environment, kind: DataType) -> None:
        feed = Feed.objects.create(name="bench-push", agency=kind.agency, kind=Feed.PUSH)
        key, secret = AgencyKey(feed=feed, key_id="bench"), new_secret()
        key.secret = secret
        key.save()
        self._secret, self._kind, self._fields = secret_bytes(secret), kind, fields_of(kind, _today())
        self._url = f"http://127.0.0.1:{environment.web_port}/api/agencies/v1/records"
        self.pushed: dict[str, float] = {}
        self.answered: list[float] = []

    def push_while_they_wait(self) -> dict[str, float]:
        """Push until no ordinary notice waits; return when each sign-in code was asked for, by its mark."""
        codes: dict[str, float] = {}
        began, free, under_way = time.monotonic(), Semaphore(PUSHERS), list[Future[None]]()
        with ThreadPoolExecutor(PUSHERS) as pushers:
            for turn in range(MOST_URGENT):
                time.sleep(max(0.0, began + turn / A_SECOND - time.monotonic()))
                if turn % A_SECOND == 0 and turn and not _is_backlog():
                    break
                free.acquire()
                under_way.append(pushers.submit(self._push, FIRST_URGENT + turn))
                under_way[-1].add_done_callback(lambda _: free.release())
                if turn % CODE_EVERY == 0:
                    phone = f"+821000{(FIRST_URGENT + turn) % 1_000_000:06d}"
                    asked = time.time()
                    codes[issue(phone, replaces="", language="ko", now=clock.now())] = asked
            for push in under_way:
                push.result()
        return codes

    def _push(self, number: int) -> None:
        record = {
            "external_id": f"B-{number}",
            "data_type": self._kind.code,
            "version": 2,
            "state": "withdrawn",
            "subject": {"ci": ci_of(number)},
            "fields": self._fields,
        }
        body = json.dumps({"records": [record]}, ensure_ascii=False).encode()
        signed = sign(f"bench-{number}", clock.now(), body, self._secret)
        headers = {**signed, "x-agency-key": "bench", "Content-Type": "application/json"}
        asked, began = time.time(), time.monotonic()
        with urllib.request.urlopen(urllib.request.Request(self._url, body, headers), timeout=60) as answer:
            answer.read()
        self.answered.append(time.monotonic() - began)
        self.pushed[record["external_id"]] = asked  # type: ignore[index]


def _gone(pusher: _Pusher) -> dict[str, tuple[float, float, float]]:
    """Return when each urgent notice was accepted, claimed, and when its match began, by its record; wait a while for
    the last ones."""
    end = time.monotonic() + AFTER
    while True:
        with connection.cursor() as cursor:
            cursor.execute(LEFT)
            rows = cursor.fetchall()
            found = {name: (float(at), float(claimed), float(matched)) for name, at, claimed, matched in rows}
        if pusher.pushed.keys() <= found.keys() or time.monotonic() > end:
            return found
        time.sleep(PAUSE)


def _accepted_codes(environment: Environment, codes: dict[str, float]) -> list[float]:
    with urllib.request.urlopen(f"http://127.0.0.1:{environment.stub_port}/codes", timeout=10) as answer:
        accepted: dict[str, float] = json.load(answer)
    return [at - codes[mark] for mark in codes if (at := accepted.get(f"code-{mark[:24]}"))]


def _of_digests(over: float) -> list[float]:
    with connection.cursor() as cursor:
        cursor.execute(LEFT_TOGETHER, [over])
        return [float(seconds) for (seconds,) in cursor.fetchall()]


def _figures(seconds: list[float], *, of: int | None = None) -> dict[str, float]:
    found: dict[str, float] = {"count": len(seconds)}
    if of is not None and of > len(seconds):
        found["missing"] = of - len(seconds)
    if seconds:
        found |= {f"p{share * 100:.0f}_ms": percentile(seconds, share) for share in SHARES}
        found["most_ms"] = round(max(seconds) * 1000, 1)
    return found


def _is_backlog() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(BACKLOG)
        return bool(cursor.fetchone()[0])


def _set(statement: str, first: int, count: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [[ci_index(ci_of(number)) for number in range(first, first + count)]])


def _feed(kind: DataType) -> Feed:
    return Feed.objects.get(name=f"bench-{kind.agency.code}")


def _today() -> date:
    return kst_date(clock.now())
