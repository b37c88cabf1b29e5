"""Signed push: check the signature on the raw body, then take the batch in. The same webhook id is done once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from notifications.agencies.signed_push import read_batch
from notifications.alarms import raise_alarm
from notifications.ingest import Counts, ingest_page
from notifications.models import AgencyKey, Feed, FeedRun, PushMessage, RefusedLine
from notifications.schema import live_schemas
from notifications.wake import wake
from secretary.common.standard_webhooks import Signed, secret_bytes, verify


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a push, as the agency is told."""

    message_id: str
    repeated: bool
    counts: dict[str, int]
    refused_lines: list[dict[str, Any]] = field(default_factory=list)


def feed_of_key(key_id: str) -> tuple[Feed | None, list[bytes]]:
    """The feed that a key belongs to, and all its valid secrets."""
    key = AgencyKey.objects.select_related("feed__agency").filter(key_id=key_id, revoked_at=None).first()
    if key is None or not key.feed.enabled or key.feed.kind != Feed.PUSH:
        return None, []
    return key.feed, [secret_bytes(key.secret)]


def authenticate(*, headers: Mapping[str, str], body: bytes, now: datetime) -> tuple[Feed, Signed]:
    """Raises Forged or Stale. An unknown key and a wrong signature are told apart by nobody."""
    feed, secrets = feed_of_key(headers.get("x-agency-key", ""))
    push = verify(headers, body, secrets, now, settings.WEBHOOK_TOLERANCE_SECONDS)
    assert feed is not None, "verify refuses when there is no secret"
    return feed, push


def take_push(*, feed: Feed, push: Signed, body: bytes, now: datetime) -> Taken:
    """Ingest an authentic push. Raises SourceRefused (not strict JSON), BatchRefused (all or nothing)."""
    earlier = PushMessage.objects.select_related("run").filter(feed=feed, message_id=push.message_id).first()
    if earlier is not None:
        return _told(push.message_id, earlier.run, repeated=True)
    lines = read_batch(body, settings.DATA_UPLOAD_MAX_MEMORY_SIZE, settings.MAX_RECORDS_PER_PUSH)
    try:
        with transaction.atomic():
            run = FeedRun.objects.create(feed=feed, started_at=now, state=FeedRun.FINISHED, finished_at=now)
            PushMessage.objects.create(feed=feed, message_id=push.message_id, received_at=now, run=run)
            counts = ingest_page(run=run, lines=lines, schemas=live_schemas(), now=now)
            transaction.on_commit(lambda: wake("match") if counts.new or counts.changed else None)
    except IntegrityError:
        # The same message came twice at once and the other request was first.
        run = PushMessage.objects.select_related("run").get(feed=feed, message_id=push.message_id).run
        return _told(push.message_id, run, repeated=True)
    run.refresh_from_db()
    return _told(push.message_id, run, repeated=False)


def note_refused_push(*, feed: Feed, message: str, counts: Counts, now: datetime) -> None:
    """Put a push that was refused as a whole on record, so that the agency's people and ours see why."""
    run = FeedRun.objects.create(
        feed=feed, started_at=now, finished_at=now, state=FeedRun.REFUSED, message=message[:300], **counts.as_dict()
    )
    for line in counts.refusals:
        line.run = run
    RefusedLine.objects.bulk_create(counts.refusals)
    raise_alarm(kind="feed", subject=feed.name, message=f"push refused: {message}", now=now)


def _told(message_id: str, run: FeedRun, *, repeated: bool) -> Taken:
    counts = {name: getattr(run, name) for name in ("read", "new", "changed", "duplicate", "refused")}
    lines = [dict(line) for line in run.refused_lines.values("line", "external_id", "reason", "detail")[:100]]
    return Taken(message_id, repeated, counts, lines)
