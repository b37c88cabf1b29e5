"""Answer a signed push: check the signature of the raw body, read it strictly, then ingest the batch, once per webhook
id."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache, partial
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.http import HttpRequest
from ninja import Router, Schema
from ninja.responses import Status

from notifications.alarms import raise_alarm
from notifications.intake.api import ProblemOut, RefusedLineOut, problem, refuse_signature
from notifications.intake.api_description import SIGNED_POST
from notifications.intake.ingest import BatchRefused, Counts, ingest_page
from notifications.intake.match_at_once import start_matching
from notifications.intake.parsing.schema import live_schemas
from notifications.intake.refusal_words import remedy_in_both
from notifications.models import AgencyKey, Feed, FeedRun, PushMessage, RefusedLine
from notifications.sources import strict_json
from notifications.sources.contract import Line, SourceRefused
from notifications.sources.strict_json import NotStrict
from secretary.kernel.http.standard_webhooks import Forged, SignatureRefused, Signed, new_secret, secret_bytes, verify
from secretary.kernel.time import clock, database_clock
from secretary.kernel.time.clock import kst_date

router = Router()
NOTED = timedelta(hours=1)  # the last use is written this often at most


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
    return _notified(push.message_id, run, repeated=False)


def _earlier(feed: Feed, push: Signed) -> PushMessage | None:
    return PushMessage.objects.select_related("run").filter(feed=feed, message_id=push.message_id).first()


def _repeated(earlier: PushMessage, digest: bytes) -> PushResult:
    """Return the earlier answer. Rows from before digests were stored are matched by their id alone."""
    if earlier.body_digest is not None and not hmac.compare_digest(bytes(earlier.body_digest), digest):
        raise OtherBody
    return _notified(earlier.message_id, earlier.run, repeated=True)


def note_refused_push(*, feed: Feed, message: str, counts: Counts, now: datetime) -> None:
    """Record a push that was refused as a whole, so that the agency and our operators see the reason."""
    run = FeedRun.objects.create(
        feed=feed, started_at=now, finished_at=now, state=FeedRun.REFUSED, message=message[:300], **counts.as_dict()
    )
    for line in counts.refusals:
        line.run = run
    RefusedLine.objects.bulk_create(counts.refusals)
    raise_alarm(kind="feed", subject=feed.name, message=f"push refused: {message}", now=now)


def _notified(message_id: str, run: FeedRun, *, repeated: bool) -> PushResult:
    counts = {name: getattr(run, name) for name in ("read", "new", "changed", "duplicate", "refused")}
    named = run.refused_lines.values("line", "external_id", "reason", "detail", value_masked=F("value"))[:100]
    lines = [{**line, "cure": remedy_in_both(line["reason"])} for line in named]
    return PushResult(message_id, repeated, counts, lines)


_ENVELOPE = re.compile(r'[ \t\n\r]*\{[ \t\n\r]*"records"[ \t\n\r]*:[ \t\n\r]*\[[ \t\n\r]*')
_ENVELOPE_END = re.compile(r"\][ \t\n\r]*\}[ \t\n\r]*\Z")


def read_batch(body: bytes, max_bytes: int = 10_000_000, max_records: int = 25_000) -> list[Line]:
    """Read `{"records": […]}` into one line per record, numbered from 1.

    A record of the wrong shape is named as a bad line. JSON that is not strict, or not of this form, refuses
    the whole batch: SourceRefused with a code and the record and character where reading stopped.
    """
    if len(body) > max_bytes:
        raise SourceRefused("too_large", f"{len(body)} bytes, at most {max_bytes}")
    try:
        text = strict_json.decode(body)
    except NotStrict as error:
        raise SourceRefused(error.code, f"byte {error.at}") from None
    start = _ENVELOPE.match(text)
    if start is None:
        raise SourceRefused("wrong_shape", 'the body is one object, {"records": […]}')
    return _read_records(text, start.end(), max_records)


def _read_records(text: str, at: int, max_records: int) -> list[Line]:
    lines: list[Line] = []
    if _ENVELOPE_END.match(text, at):
        return lines
    while True:
        if len(lines) == max_records:
            raise SourceRefused("too_many", f"at most {max_records} records in a batch")
        record, at = _read_record(text, at, len(lines) + 1)
        lines.append(strict_json.line_of(len(lines) + 1, record))
        at = strict_json.skip_space(text, at)
        if not text.startswith(",", at):
            break
        at = strict_json.skip_space(text, at + 1)
    if not _ENVELOPE_END.match(text, at):
        raise SourceRefused("not_json", f"after record {len(lines)}, character {at + 1}")
    return lines


def _read_record(text: str, at: int, number: int) -> tuple[Any, int]:
    try:
        record, end = strict_json.value_at(text, at)
        if strict_json.depth(record) > strict_json.MAX_DEPTH:
            raise NotStrict("too_deep", at + 1)
    except NotStrict as error:
        raise SourceRefused(error.code, f"record {number}, character {error.at}") from None
    return record, end
