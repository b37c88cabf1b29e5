"""Measure matching alone: `size` people, subscriptions and records, of which 10,000 meet a stage today.

Rows are made in SQL (hashes are digests of numbers, payloads zeros): matching reads neither names nor payloads.
"""

import time
from typing import Any

from django.db import connection

from benchmarks.rig.environment import Environment
from benchmarks.rig.measure import Stretch
from benchmarks.rig.ready import settle
from notifications.matching.match import match_batches, match_due, match_subscriptions
from notifications.models import Notice
from secretary.kernel.time import clock
from secretary.kernel.time.clock import kst_date
from secretary.ops.owner import as_owner
from subscriptions.models import DataType

DUE = 10_000
TYPE = "traffic_fine"
ROWS = """
SET LOCAL session_replication_role = replica;
SET LOCAL maintenance_work_mem = '512MB';
INSERT INTO subscriptions_citizen
    (id, name_encrypted, name_hash, birth_date_encrypted, language, state, registered_by, created_at)
SELECT {citizen}, '\\x00', sha256(n::text::bytea), '\\x00', 'ko', 'active', 'web', now()
FROM generate_series(1, {size}) n;
INSERT INTO subscriptions_citizenkey (citizen_id, kind, key_hash)
SELECT {citizen}, 'ci', sha256(n::text::bytea) FROM generate_series(1, {size}) n;
INSERT INTO subscriptions_consent (id, citizen_id, text_id, language, method, given_at, paper_form)
SELECT n, {citizen}, {text}, 'ko', 'web', now(), '' FROM generate_series(1, {size}) n;
INSERT INTO subscriptions_subscription (citizen_id, data_type_id, consent_id, started_at, matched_at)
SELECT {citizen}, {data_type}, n, now() - interval '30 days', now() - interval '30 days'
FROM generate_series(1, {size}) n;
INSERT INTO notifications_record
    (agency_id, external_id, data_type_id, batch_id, version, state, event, ci_hash, date_{slot}, changed_version,
     announce_digest, payload_encrypted, first_seen_at, received_at)
SELECT {agency}, 'B-' || n, {data_type}, 0, 1, 'open', 'opened', sha256(n::text::bytea),
    date '{day}' + CASE WHEN n <= {due} THEN 0 ELSE 30 + n % 300 END, 0, '\\x00',
    decode(repeat('00', 300), 'hex'), now() - interval '30 days', now() - interval '30 days'
FROM generate_series(1, {size}) n;
"""
CITIZEN = "lpad(to_hex(n), 32, '0')::uuid"


def run(environment: Environment, *, size: int, channel: str) -> dict[str, Any]:
    _fill(size)
    settle()
    idle = _seconds(lambda: (match_batches(now=clock.now()), match_subscriptions(now=clock.now())))
    stretch = Stretch(environment, driver_is_product=True)
    made = match_due(now=clock.now())
    stretch.end()
    assert made == DUE == Notice.objects.count(), f"{made} notices"
    again = _seconds(lambda: match_due(now=clock.now()))
    return stretch.report(
        made,
        scan_ms=round(stretch.seconds * 1000, 1),
        rescan_ms=again,
        idle_ms=idle,
        notices=made,
        rows={"citizens": size, "subscriptions": size, "records": size},
    )


def _fill(size: int) -> None:
    """Dates such that exactly DUE records meet the date stage of the data type today, the others none."""
    data_type = DataType.objects.live().get(code=TYPE)
    version = data_type.live_version
    assert version is not None
    stage = version.stages.filter(trigger="date").order_by("offset_days").first()
    assert stage is not None
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT %s::date - %s", [kst_date(clock.now()), stage.offset_days])
        (day,) = cursor.fetchone()
        cursor.execute("BEGIN")
        cursor.execute(
            ROWS.format(
                citizen=CITIZEN,
                size=size,
                text=version.consent_text_id,
                data_type=data_type.pk,
                agency=data_type.agency_id,
                slot=stage.date_slot,
                day=day,
                due=min(DUE, size),
            )
        )
        cursor.execute("COMMIT")


def _seconds(work: Any) -> float:
    """Milliseconds; the median of five."""
    times = []
    for _ in range(5):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return round(sorted(times)[2] * 1000, 1)
