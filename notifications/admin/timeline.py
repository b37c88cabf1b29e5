"""List what happened to one notice, in order: created, each attempt, each receipt, the end."""

import re

from django.utils.translation import gettext as _

from notifications.admin.code_words import DELIVERY_STATES, VERDICTS, answer_words, notice_reason
from notifications.gateway_names import gateway_name
from notifications.models import Notice, ReceiptEvent
from notifications.models.notice import OUTCOMES
from secretary.kernel.audit.code_names import CODES
from secretary.kernel.backoffice.timeline import Moment
from secretary.kernel.backoffice.trail_words import actor_words
from secretary.kernel.models import AuditEvent
from subscriptions.models.channel_choice import CHANNELS
from subscriptions.triggers import NOT_YOURS

FREED = re.compile(r"(?::x\d+)+$")
MOST = 200  # receipts shown; a gateway that repeats itself fills no page


def timeline(notice: Notice) -> list[Moment]:
    """Return all moments of the notice, the earliest first. No personal data, and nothing of the record's content."""
    moments = [
        Moment(notice.created_at, _("Notice created"), notice.cause_words),
        *_attempts(notice),
        *_receipts(notice),
        *_other_attempts(notice),
        *_decisions(notice),
    ]
    if notice.bundle_at is not None:
        moments.append(Moment(notice.bundle_at, _("Bundled message due")))
    if notice.finished_at is not None:
        outcome = str(OUTCOMES.get(notice.state, notice.state))
        moments.append(Moment(notice.finished_at, _("Finished: %s") % outcome, notice_reason(notice)))
    if notice.not_theirs_at is not None and notice.stage.trigger != NOT_YOURS:
        moments.append(Moment(notice.not_theirs_at, _("The agency said that the record is about another person")))
    if notice.released_at is not None:
        moments.append(
            Moment(notice.released_at, _("The reason may no longer apply: what still applies is issued again"))
        )
    return sorted(moments, key=lambda moment: moment.at)


def _other_attempts(notice: Notice) -> list[Moment]:
    """Return other notices to this person about the same occasion, before this one or after it (make_again.py)."""
    moments = []
    same = Notice.objects.filter(record=notice.record_id, citizen=notice.citizen_id, stage__code=notice.stage.code)
    for other in same.exclude(pk=notice.pk).select_related("stage").order_by("pk")[:MOST]:
        earlier, later = sorted((notice, other), key=lambda each: each.pk)
        if earlier.released_at is None or not _is_of_one_day(earlier, later):
            continue
        if other is earlier and other.finished_at is not None:
            moments.append(Moment(other.finished_at, _("Notice %d reached no person") % other.pk, notice_reason(other)))
        elif other is later:
            moments.append(Moment(other.created_at, _("Reissued as notice %d") % other.pk, other.cause_words))
    return moments


def _decisions(notice: Notice) -> list[Moment]:
    """Return what members of staff decided about the notice, with their reasons, off the trail's index of objects."""
    words = {
        "resent": _("Resent by %s"),
        "closed": _("Closed by %s"),
        "notice.sent_another_way": _("Sent another way by %s"),
    }
    places = [f"notice:{notice.pk}", *(f"notice:{notice.pk} {channel}" for channel in CHANNELS)]
    lines = AuditEvent.objects.filter(object__in=places, action__in=words).order_by("at", "id")[:MOST]
    return [Moment(line.at, words[line.action] % actor_words(line.actor, CODES), line.reason) for line in lines]


def _is_of_one_day(released: Notice, other: Notice) -> bool:
    """Return whether both belong to the same date. A freed cause may be cut short; it ends in the notice's number."""
    if released.stage.trigger != "date":
        return True
    return FREED.sub("", other.cause).startswith(FREED.sub("", released.cause))


def _attempts(notice: Notice) -> list[Moment]:
    moments = []
    for item in notice.deliveries.order_by("fence"):
        channel = str(CHANNELS.get(item.channel, item.channel))
        place = f"{channel}, {item.pk}"
        if item.carrier_id is not None:
            place = _("%(attempt)s, in the bundled message %(carrier)d") % {
                "attempt": place,
                "carrier": item.carrier_id,
            }
        moments.append(Moment(item.started_at, _("Attempt %d started") % item.fence, place))
        if item.answered_at is not None:
            answer = " ".join(filter(None, [item.code, item.vendor_id]))
            moments.append(Moment(item.answered_at, _("%s answered") % channel, answer))
        if item.finished_at is not None:
            answer = answer_words(channel=item.channel, state=item.state, code=item.code, gateway=item.gateway)
            moments.append(Moment(item.finished_at, f"{channel}: {DELIVERY_STATES[item.state]}", answer))
    return moments


def _receipts(notice: Notice) -> list[Moment]:
    numbers = list(notice.deliveries.values_list("pk", flat=True))
    events = ReceiptEvent.objects.filter(delivery_id__in=numbers).order_by("id")[:MOST]
    return [
        Moment(
            item.received_at,
            _("Receipt from %s") % gateway_name(item.gateway),
            f"{VERDICTS.get(item.verdict, item.verdict)} {item.code}",
        )
        for item in events
    ]
