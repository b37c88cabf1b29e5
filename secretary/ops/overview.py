"""Collect what the administrators' first page shows. Every query is bounded, however large the tables are."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from notifications.models import Alarm, ChannelState, Feed, FeedRun
from notifications.models.feed_run import RUN_STATES
from notifications.models.notice import OUTCOMES
from subscriptions.models import DataTypeVersion
from subscriptions.models.channel_choice import CHANNELS

NEWEST = 100_000  # notices read for the last day's counts; `capped`: there were more
ALARMS = 10
LATE, PATIENCE = 3, timedelta(minutes=15)  # a feed is late after so many of its intervals, and never before this

LAST_DAY = """
SELECT state, count(*) FROM (
    SELECT state, created_at FROM notifications_notice ORDER BY id DESC LIMIT %s
) AS newest WHERE created_at > %s GROUP BY state
"""


@dataclass(frozen=True, slots=True)
class FeedLine:
    feed: Feed
    run: FeedRun | None
    state: Any
    late: bool


@dataclass(frozen=True, slots=True)
class ChannelLine:
    code: str
    name: Any
    state: ChannelState | None
    paused: bool
    words: str


@dataclass(frozen=True, slots=True)
class NoticeLine:
    state: str
    name: Any
    count: int


@dataclass(frozen=True, slots=True)
class Overview:
    feeds: list[FeedLine]
    channels: list[ChannelLine]
    notices: list[NoticeLine]
    notices_capped: bool
    alarms: list[Alarm]
    waiting: list[DataTypeVersion]


def overview(now: datetime) -> Overview:
    notices, capped = _notices(now)
    waiting = DataTypeVersion.objects.filter(state=DataTypeVersion.REVIEW).select_related("data_type")
    return Overview(
        feeds=feed_lines(now),
        channels=channel_lines(now),
        notices=notices,
        notices_capped=capped,
        alarms=list(Alarm.objects.filter(cleared_at__isnull=True)[:ALARMS]),
        waiting=list(waiting.order_by("submitted_at")[:ALARMS]),
    )


def feed_lines(now: datetime) -> list[FeedLine]:
    last = FeedRun.objects.filter(feed=OuterRef("pk"), dry_run=False).order_by("-started_at").values("pk")[:1]
    feeds = list(Feed.objects.select_related("agency").annotate(last_run_id=Subquery(last)))
    runs = FeedRun.objects.in_bulk([feed.last_run_id for feed in feeds if feed.last_run_id])
    return [_feed_line(feed, runs.get(feed.last_run_id), now) for feed in feeds]


def _feed_line(feed: Feed, run: FeedRun | None, now: datetime) -> FeedLine:
    return FeedLine(feed, run, RUN_STATES[run.state] if run else "", _is_late(feed, run, now))


def _is_late(feed: Feed, run: FeedRun | None, now: datetime) -> bool:
    """Return whether the feed was read lately; pushes have no schedule."""
    if feed.kind == Feed.PUSH or not feed.enabled:
        return False
    return run is None or run.started_at < now - max(PATIENCE, LATE * timedelta(minutes=feed.every_minutes))


def channel_lines(now: datetime) -> list[ChannelLine]:
    states = ChannelState.objects.in_bulk()
    lines = []
    for code, name in CHANNELS.items():
        state = states.get(code)
        words = state.in_words(now) if state is not None else _("not used yet")
        lines.append(ChannelLine(code, name, state, state is not None and state.is_paused(now), words))
    return lines


def _notices(now: datetime) -> tuple[list[NoticeLine], bool]:
    with connection.cursor() as cursor:
        cursor.execute(LAST_DAY, [NEWEST, now - timedelta(days=1)])
        counts: dict[str, int] = dict(cursor.fetchall())
    lines = [NoticeLine(state, name, counts.get(state, 0)) for state, name in OUTCOMES.items()]
    return lines, sum(counts.values()) >= NEWEST
