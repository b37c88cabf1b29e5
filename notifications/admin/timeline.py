"""What happened to one notice, in order: made, each attempt, each receipt, the end."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from notifications.models import Notice, ReceiptEvent
from notifications.models.notice import OUTCOMES
from subscriptions.specs import NOT_YOURS

MOST = 200  # receipts shown; a gateway that repeats itself fills no page


@dataclass(frozen=True, slots=True)
class Moment:
    at: datetime
    what: str
    detail: str = ""


def timeline(notice: Notice) -> list[Moment]:
    """All moments of the notice, the earliest first. No personal data, and nothing of the record's content."""
    moments = [
        Moment(notice.created_at, _("The notice was made"), notice.cause),
        *_attempts(notice),
        *_receipts(notice),
    ]
    if notice.finished_at is not None:
        outcome = str(OUTCOMES.get(notice.state, notice.state))
        moments.append(Moment(notice.finished_at, _("Finished: %s") % outcome, notice.reason_words))
    if notice.not_theirs_at is not None and notice.stage.trigger != NOT_YOURS:
        moments.append(Moment(notice.not_theirs_at, _("The agency said that the record is about another person")))
    return sorted(moments, key=lambda moment: moment.at)


def _attempts(notice: Notice) -> list[Moment]:
    moments = []
    for item in notice.deliveries.order_by("fence"):
        place = f"{item.channel}, {item.pk}"
        moments.append(Moment(item.started_at, _("Attempt %d was begun") % item.fence, place))
        if item.answered_at is not None:
            answer = " ".join(filter(None, [item.code, item.vendor_id]))
            moments.append(Moment(item.answered_at, _("%s answered") % item.channel, answer))
        if item.finished_at is not None:
            moments.append(Moment(item.finished_at, f"{item.channel}: {item.state}", item.code))
    return moments


def _receipts(notice: Notice) -> list[Moment]:
    numbers = list(notice.deliveries.values_list("pk", flat=True))
    events = ReceiptEvent.objects.filter(delivery_id__in=numbers).order_by("id")[:MOST]
    return [
        Moment(item.received_at, _("Receipt from %s") % item.gateway, f"{item.verdict} {item.code}") for item in events
    ]
