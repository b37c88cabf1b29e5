"""Run the main job once, in the foreground: ingest → match → deliver → receipts, with a report.

`./run --once` uses this; the steps are those of the workers.
"""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import requests
from django.conf import settings
from django.db.models import Count, Max, Q, QuerySet, Sum

from notifications.delivery.deliver import deliver_bundles, deliver_due
from notifications.delivery.poll_gateways import poll_gateways
from notifications.intake.read_feed import read_feed
from notifications.matching.match import match_everything
from notifications.models import Delivery, Feed, FeedRun, Notice
from notifications.operations.submit_templates import submit_templates
from notifications.operations.sweep import recover_leases
from notifications.receipts.receipts import apply_receipts
from notifications.states import CANCELLED, READY, RETURNED, TOO_LATE
from subscriptions.models.channel_choice import CHANNELS

RECEIPT_SECONDS = 60.0  # the longest wait for gateways that have not answered
PUSH_SECONDS = 120.0

Step = Callable[[str, int, int | None], None]  # name, done, total


class AgencyFailed(Exception):
    """A sandbox agency could not deliver its records; the message gives the reason."""


@dataclass(slots=True)
class Report:
    """The results of one run. `sent` = delivered + failed + unknown + waiting, for each channel.

    `notices`: `made`, and of these `due`: those that had to go out by then.
    """

    records: dict[str, int] = field(default_factory=dict)
    notices: dict[str, int] = field(default_factory=dict)
    data_types: dict[str, int] = field(default_factory=dict)
    channels: dict[str, dict[str, int]] = field(default_factory=dict)
    states: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def delivered_nothing(self) -> bool:
        """Return whether notices were due and none arrived on any channel: this machine is set up wrongly."""
        return self.notices["due"] > 0 and not any(row["delivered"] for row in self.channels.values())

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def run_once(*, now: datetime, step: Step) -> Report:
    """Do the whole job as of `now` and report. Waits for receipts as long as gateways keep answering."""
    began = time.monotonic()
    before = _last_ids()
    submit_templates(now=now)
    _read_feeds(now=now, step=step)
    match_everything(now=now)
    notices = Notice.objects.filter(pk__gt=before["notice"])
    step("match", notices.count(), None)
    _deliver(now=now, step=step, since=before["delivery"])
    return _report(before, now, time.monotonic() - began)


def _last_ids() -> dict[str, int]:
    models: dict[str, Any] = {"run": FeedRun, "notice": Notice, "delivery": Delivery}
    return {name: model.objects.aggregate(last=Max("pk"))["last"] or 0 for name, model in models.items()}


def _read_feeds(*, now: datetime, step: Step) -> None:
    if settings.SANDBOX_URL:
        _let_agencies_deliver()
    feeds = list(Feed.objects.filter(enabled=True).exclude(kind=Feed.PUSH))
    for done, feed in enumerate(feeds):
        step(f"read {feed.name}", done, len(feeds))
        read_feed(feed_id=feed.pk, now=now)
    step("read", len(feeds), len(feeds))


def _let_agencies_deliver() -> None:
    """In the demonstration, make the sandbox's agencies push their records and drop their files."""
    for agency, act in (("knpa", "push"), ("nhis", "drop"), ("kdca", "drop")):
        url = f"{settings.SANDBOX_URL}/control/agencies/{agency}/{act}"
        answer = requests.post(url, json={"url": settings.PUBLIC_BASE_URL}, timeout=(3, PUSH_SECONDS))
        if not answer.ok:
            raise AgencyFailed(f"{agency} could not {act} its records: {answer.status_code} {answer.text[:200]}")


def _deliver(*, now: datetime, step: Step, since: int) -> None:
    """Send, apply receipts, send again on the next channel, until nothing changes any more."""
    silent_since = time.monotonic()
    while True:
        recover_leases(now=now)
        sent = deliver_due(now=lambda: now) + deliver_bundles(now=lambda: now)
        moved = apply_receipts(now=now).moved
        begun = Delivery.objects.filter(pk__gt=since)
        waiting = begun.filter(state__in=["sending", "sent", "unknown"]).count()
        total = begun.count()
        step("deliver", total - waiting, total)
        if sent or moved:
            silent_since = time.monotonic()
        elif not waiting or time.monotonic() - silent_since > RECEIPT_SECONDS:
            return
        else:
            poll_gateways(now=now)
            time.sleep(0.1)


def _report(before: dict[str, int], now: datetime, seconds: float) -> Report:
    counted = FeedRun.objects.filter(pk__gt=before["run"], dry_run=False).aggregate(
        **{name: Sum(name) for name in ("read", "new", "changed", "duplicate", "refused")}
    )
    notices = Notice.objects.filter(pk__gt=before["notice"])
    by_type = notices.values_list("record__data_type__code").annotate(number=Count("pk")).order_by()
    by_state = notices.values_list("state").annotate(number=Count("pk")).order_by()
    return Report(
        records={name: number or 0 for name, number in counted.items()},
        notices={"made": notices.count(), "due": _due(notices, now)},
        data_types=dict(sorted(by_type)),
        channels=_channels(before["delivery"]),
        states=dict(sorted(by_state)),
        seconds=round(seconds, 2),
    )


def _due(notices: QuerySet[Notice], now: datetime) -> int:
    """Return how many of these had to go out by now, without those that wait for their hour or are not sent at all."""
    waiting = Q(state=READY, not_before__gt=now, attempts=0)
    return notices.exclude(waiting | Q(state__in=[CANCELLED, TOO_LATE])).count()


def _channels(after: int) -> dict[str, dict[str, int]]:
    counts = {channel: dict.fromkeys(("sent", "delivered", "failed", "unknown", "waiting"), 0) for channel in CHANNELS}
    rows = (
        Delivery.objects.filter(pk__gt=after)
        .exclude(state=RETURNED)
        .values("channel")
        .annotate(
            sent=Count("pk"),
            delivered=Count("pk", filter=Q(state="delivered")),
            failed=Count("pk", filter=Q(state="failed")),
            unknown=Count("pk", filter=Q(state="unknown")),
            waiting=Count("pk", filter=Q(state__in=["sending", "sent"])),
        )
        .order_by()
    )
    for row in rows:
        counts[row["channel"]] = {name: row[name] for name in counts[row["channel"]]}  # type: ignore[literal-required]
    return counts
