"""What the call centre sees of a person: their name masked, their channels, and what came of each recent notice.

No content of a notice, no number, no birth date: 110 tells whether and how we wrote, the agency tells about what. The
sentences are those that the person reads on their own pages, so that both read the same to each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from citizens.inbox.kinds import kind_of
from citizens.inbox.why import Why, why
from notifications.delivery.outcome_words import channel_name, outcome_words
from notifications.models import Delivery, Notice
from notifications.operations.send_by import other_ways
from notifications.states import DELIVERED, FAILED, NOTICE_RELEASABLE
from secretary.kernel.korean.korean import Language, masked_name
from subscriptions.models import Citizen, Subscription

DAYS, MOST = 90, 50


@dataclass(frozen=True, slots=True)
class Attempt:
    at: datetime
    channel: str
    words: str


@dataclass(frozen=True, slots=True)
class NoticeLine:
    notice_id: int
    at: datetime
    kind: str
    stage: str
    agency: str
    agency_phone: str
    why: Why
    attempts: tuple[Attempt, ...]
    ways: tuple[tuple[str, str], ...]  # channels by which it can be sent: code and name
    may_try_again: bool
    is_asked: bool  # the one whose check code the caller has read out


@dataclass(frozen=True, slots=True)
class CallerView:
    name: str
    channels: tuple[str, ...]
    kinds: tuple[tuple[str, str], ...]  # code and name, of what they get
    notices: tuple[NoticeLine, ...]
    unreached_since: datetime | None


def view_caller(
    *, citizen: Citizen, asked: int | None, is_known: bool, language: Language, now: datetime
) -> CallerView:
    """Return what is shown of the person. `asked`: the notice whose code the caller has read out; nothing else is shown
    before it is known who they are, since a code may have been read on another person's phone."""
    notices = Notice.objects.filter(citizen=citizen).select_related("stage__version__data_type", "citizen")
    recent = notices.filter(created_at__gte=now - timedelta(days=DAYS)).order_by("-id")
    shown = list(recent[:MOST]) if is_known else []
    if asked is not None and asked not in [notice.pk for notice in shown]:
        shown += notices.filter(pk=asked)
    return CallerView(
        name=masked_name(citizen.name),
        channels=tuple(channel_name(choice.channel) for choice in citizen.channels.order_by("position")),
        kinds=kinds_of(citizen, language),
        notices=tuple(_line(notice, asked, language, now) for notice in shown),
        unreached_since=citizen.unreached.order_by("at").values_list("at", flat=True).first(),
    )


def kinds_of(citizen: Citizen, language: Language) -> tuple[tuple[str, str], ...]:
    """Return the kinds of notices to which the person is subscribed: code and name."""
    live = Subscription.objects.filter(citizen=citizen, ended_at=None).select_related("data_type__live_version")
    return tuple(
        (each.data_type.code, kind_of(each.data_type.live_version_id).title(language))
        for each in live.order_by("data_type__code")
        if each.data_type.live_version_id is not None
    )


def _line(notice: Notice, asked: int | None, language: Language, now: datetime) -> NoticeLine:
    kind, stage = kind_of(notice.stage.version_id), notice.stage
    deliveries = list(notice.deliveries.order_by("fence"))
    arrived = next((item.channel for item in deliveries if item.state == DELIVERED), "")
    return NoticeLine(
        notice_id=notice.pk,
        at=notice.created_at,
        kind=kind.title(language),
        stage=stage.label_en if language == "en" else stage.label_ko,
        agency=kind.agency.of(language),
        agency_phone=kind.agency_phone,
        why=why(notice.state, notice.reason, not_before=notice.not_before, arrived=arrived, now=now),
        attempts=_attempts(deliveries),
        ways=tuple((channel, channel_name(channel)) for channel in other_ways(notice)),
        may_try_again=may_try_again(notice),
        is_asked=notice.pk == asked,
    )


def may_try_again(notice: Notice) -> bool:
    """Return whether it ended on channels that may work by now, so that it may be made once more."""
    return notice.state == FAILED and notice.reason in NOTICE_RELEASABLE[FAILED] and notice.released_at is None


def _attempts(deliveries: Sequence[Delivery]) -> tuple[Attempt, ...]:
    return tuple(
        Attempt(
            at=item.started_at,
            channel=channel_name(item.channel),
            words=outcome_words(channel=item.channel, state=item.state, code=item.code, gateway=item.gateway),
        )
        for item in deliveries
    )
