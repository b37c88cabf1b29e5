"""Answer a signed push: check the signature of the raw body, read it strictly, ingest the batch once per webhook id.

Urgent records are matched at once in this process, without waiting for a free worker (docs/adr/0086).
"""

import hashlib
import hmac
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache, partial
from typing import Any

from django.conf import settings
from django.db import Error as DatabaseTrouble
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.http import HttpRequest
from ninja import Router, Schema
from ninja.responses import Status

from notifications.alarms import raise_alarm
from notifications.intake.api import ProblemOut, RefusedLineOut, problem, refuse_signature
from notifications.intake.api_description import SIGNED_POST
from notifications.intake.ingest import COUNTED, BatchRefused, Counts, ingest_page
from notifications.intake.parsing.schema import live_schemas
from notifications.intake.refusal_words import remedy_in_both
from notifications.matching.match import match_batches
from notifications.models import AgencyKey, Feed, FeedRun, PushMessage, RefusedLine
from notifications.models.queue_entry import MOST_WAITING
from notifications.sources.contract import SourceRefused
from notifications.sources.strict_json import read_batch
from secretary.kernel.database.prepared import planned
from secretary.kernel.database.sql import sql_list
from secretary.kernel.enqueue import enqueue
from secretary.kernel.http.standard_webhooks import Forged, SignatureRefused, Signed, new_secret, secret_bytes, verify
from secretary.kernel.time import clock, database_clock
from secretary.kernel.time.clock import kst_date
from subscriptions.triggers import SAY_END

logger = logging.getLogger(__name__)
router = Router()
NOTED = timedelta(hours=1)  # the last use of a key is written at most this often


class PushOut(Schema):
    message_id: str
    repeated: bool
    read: int
    new: int
    changed: int
    duplicate: int
    refused: int
    refused_lines: list[RefusedLineOut]


@dataclass(frozen=True, slots=True)
class PushResult:
    """The result of a push, as the agency's answer reports it."""

    message_id: str
    repeated: bool
    counts: dict[str, int]
    refused_lines: list[dict[str, Any]] = field(default_factory=list)


class OtherBody(Exception):
    """A known webhook id came again with other records: none of them is ingested."""

    def __init__(self) -> None:
        super().__init__("this webhook-id was taken in before with another body: send these records under a new id")


@router.post(
    "/records",
    response={200: PushOut, **dict.fromkeys((400, 401, 409, 413, 422), ProblemOut)},
    summary="Deliver a batch of records",
    operation_id="notifications_intake_api_push_records",  # its name in the published API
    openapi_extra=SIGNED_POST,
)
def push_records(request: HttpRequest) -> Any:
    """Ingest a signed batch. The answer counts new, changed, duplicate and refused records, and names refused lines."""
    now = clock.now()
    if int(request.headers.get("content-length") or 0) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        return Status(413, problem("too_large", f"at most {settings.DATA_UPLOAD_MAX_MEMORY_SIZE} bytes a batch"))
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        feed, push = authenticate(headers=headers, body=request.body, now=now)
    except SignatureRefused as error:
        return refuse_signature(request, error, what="push", now=now)
    try:
        result = ingest_push(feed=feed, push=push, body=request.body, now=now)
    except SourceRefused as error:
        note_refused_push(feed=feed, message=str(error), counts=Counts(), now=now)
        return Status(413 if error.code == "too_large" else 400, problem(error.code, error.detail))
    except OtherBody as error:
        note_refused_push(feed=feed, message=str(error), counts=Counts(), now=now)
        return Status(409, problem("id_used", str(error)))
    except BatchRefused as error:
        note_refused_push(feed=feed, message=str(error), counts=error.counts, now=now)
        return Status(422, problem("batch_refused", str(error), error.counts))
    return {
        "message_id": result.message_id,
        "repeated": result.repeated,
        "refused_lines": result.refused_lines,
        **result.counts,
    }


def authenticate(*, headers: Mapping[str, str], body: bytes, now: datetime) -> tuple[Feed, Signed]:
    """Check the signature. Raises Forged or Stale, without distinguishing an unknown key from a wrong signature.

    For an unknown key the same work is done with a random secret.
    """
    key_id = headers.get("x-agency-key", "")
    key = AgencyKey.objects.select_related("feed__agency").filter(key_id=key_id, revoked_at=None).first()
    known = key is not None and key.is_valid(now) and key.feed.enabled and key.feed.kind == Feed.PUSH
    signer = key if key is not None and known else _key_of_no_feed()
    push = verify(headers, body, [secret_bytes(signer.secret)], now, settings.WEBHOOK_TOLERANCE_SECONDS)
    if not known:
        raise Forged("bad_signature")
    _note_use(signer, now=now)
    return signer.feed, push


@lru_cache(maxsize=1)
def _key_of_no_feed() -> AgencyKey:
    """Return a key of no feed, never stored, whose secret is generated in each process."""
    key = AgencyKey(key_id="")
    key.secret = new_secret()
    return key


def _note_use(key: AgencyKey, *, now: datetime) -> None:
    """Keep when a key was last used, to the hour: most uses write nothing."""
    if key.last_used_at is None or key.last_used_at < now - NOTED:
        AgencyKey.objects.filter(pk=key.pk).update(last_used_at=now)


def ingest_push(*, feed: Feed, push: Signed, body: bytes, now: datetime) -> PushResult:
    """Ingest an authentic push. Raises SourceRefused (not strict JSON), BatchRefused (all or nothing), OtherBody."""
    digest = hashlib.sha256(body).digest()
    earlier = _earlier(feed, push)
    if earlier is not None:
        return _repeated(earlier, digest)
    lines = read_batch(body, settings.DATA_UPLOAD_MAX_MEMORY_SIZE, settings.MAX_RECORDS_PER_PUSH)
    try:
        with transaction.atomic():
            run = FeedRun.objects.create(feed=feed, started_at=now, state=FeedRun.FINISHED, finished_at=now)
            PushMessage.objects.create(
                feed=feed, message_id=push.message_id, received_at=now, run=run, body_digest=digest
            )
            counts = ingest_page(run=run, lines=lines, schemas=live_schemas(), now=now)
            if counts.new or counts.changed:
                matching = partial(start_matching, run_id=run.pk, today=kst_date(now), now=database_clock.now)
                transaction.on_commit(matching)
    except IntegrityError:
        earlier = _earlier(feed, push)
        if earlier is None:
            raise
        return _repeated(earlier, digest)  # the same id came in two concurrent requests, and the other one was first
    run.refresh_from_db()
    return _result(push.message_id, run, repeated=False)


def _earlier(feed: Feed, push: Signed) -> PushMessage | None:
    return PushMessage.objects.select_related("run").filter(feed=feed, message_id=push.message_id).first()


def _repeated(earlier: PushMessage, digest: bytes) -> PushResult:
    """Return the earlier answer. Rows from before digests were stored are matched by their id alone."""
    if earlier.body_digest is not None and not hmac.compare_digest(bytes(earlier.body_digest), digest):
        raise OtherBody
    return _result(earlier.message_id, earlier.run, repeated=True)


def note_refused_push(*, feed: Feed, message: str, counts: Counts, now: datetime) -> None:
    """Record a push that was refused as a whole, so that the agency and our operators see the reason."""
    run = FeedRun.objects.create(
        feed=feed, started_at=now, finished_at=now, state=FeedRun.REFUSED, message=message[:300], **counts.as_dict()
    )
    for line in counts.refusals:
        line.run = run
    RefusedLine.objects.bulk_create(counts.refusals)
    raise_alarm(kind="feed", subject=feed.name, message=f"push refused: {message}", now=now)


def _result(message_id: str, run: FeedRun, *, repeated: bool) -> PushResult:
    """Return the counts of a run as the answer to its push, with the first of its refused lines."""
    counts = {name: getattr(run, name) for name in COUNTED}
    named = run.refused_lines.values("line", "external_id", "reason", "detail", value_masked=F("value"))[:100]
    lines = [{**line, "cure": remedy_in_both(line["reason"])} for line in named]
    return PushResult(message_id, repeated, counts, lines)


# ── matched at once ──
MOST_AT_ONCE = 100  # a worker matches pushes with more records
# If messages wait in the first queue, all processes are busy. Deliverers of ordinary notices are among them and take
# urgent notices first, so another message would find nothing left to send.
MOST_WAITING_URGENT = 2

# Does another batch wait? May one of these records be at an urgent stage?
LOOK = planned(
    f"""
SELECT EXISTS (SELECT 1 FROM notifications_ingestbatch WHERE matched_at IS NULL AND run_id <> %(run)s), EXISTS (
    SELECT 1 FROM notifications_ingestbatch b JOIN notifications_record r ON r.batch_id = b.id
    JOIN subscriptions_datatype dt ON dt.id = r.data_type_id
    JOIN subscriptions_stage st ON st.version_id = dt.live_version_id AND st.urgent
    WHERE b.run_id = %(run)s AND b.records <= %(most)s AND CASE
        WHEN st.trigger IN {sql_list(SAY_END)} THEN r.state = st.trigger
        WHEN st.trigger = 'event' THEN r.event = st.event
        WHEN st.trigger = 'date' THEN
            (ARRAY[r.date_1, r.date_2, r.date_3, r.date_4])[st.date_slot] + st.offset_days <= %(today)s
        WHEN st.trigger = 'changed' THEN r.changed_version > 0
        WHEN st.trigger = 'reopened' THEN r.state_version > 0
        ELSE true END)
"""  # noqa: S608  (constants)
)
# Are urgent notices of these records due now, and are others? Read from the notices: the queue may have a million.
DUE = planned("""
SELECT coalesce(bool_or(n.urgent), false), coalesce(bool_or(NOT n.urgent), false)
FROM notifications_ingestbatch b JOIN notifications_record r ON r.batch_id = b.id
JOIN notifications_notice n ON n.record_id = r.id
WHERE b.run_id = %(run)s AND n.state = 'ready' AND n.bundle_at IS NULL AND n.not_before <= %(now)s
""")


def start_matching(*, run_id: int, today: date, now: Callable[[], datetime]) -> None:
    """Match a push of few records at once if one may be urgent. For any other push enqueue the matching, unless
    another batch waits: the task that matches that one looks again afterwards and finds this. `now`: by the
    database's clock."""
    with connection.cursor() as cursor:
        cursor.execute(LOOK, {"run": run_id, "today": today, "most": MOST_AT_ONCE})
        another_waits, may_be_urgent = cursor.fetchone()
    if not (may_be_urgent and _matched(run_id, now())) and not another_waits:
        enqueue("match")


def _matched(run_id: int, now: datetime) -> bool:
    try:
        match_batches(now=now, run_id=run_id)
        with connection.cursor() as cursor:
            cursor.execute(DUE, {"run": run_id, "now": now})
            urgent, others = cursor.fetchone()
    except DatabaseTrouble as error:  # the push is committed, and was answered as such
        logger.warning("a push was not matched at once (%s): a worker does it", type(error).__name__)
        return False
    if urgent:
        enqueue("deliver_urgent", most_waiting=MOST_WAITING_URGENT)
    if urgent or others:  # urgent notices too, if no message in the first queue would send them
        enqueue("deliver", most_waiting=MOST_WAITING)
    return True
