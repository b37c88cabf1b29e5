"""What happened to one payment, in order: begun, captured, settled, booked, posted to the agency, refunded."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from payments.admin.ledger import KINDS
from payments.models import AgencyPosting, Payment, ProviderEvent, Refund, Settlement
from payments.states import CAPTURED
from payments.words import METHODS, PAYMENT_STATES, REFUND_STATES, REFUSALS, provider_name
from secretary.kernel.audit.action_words import action_words
from secretary.kernel.audit.code_names import CODES
from secretary.kernel.backoffice.timeline import Moment
from secretary.kernel.backoffice.trail_words import actor_words, reason_words
from secretary.kernel.models import AuditEvent

MOST = 200  # events of a provider, and lines of the audit trail, that are shown
LOOKS = ("looked at", "looked at history")  # the audit trail has them; they change nothing

# A person's row and the rows that were merged into it: by the line of the merge, which stands under the former row's id
# and is found by its object ("into:ID", the index audit_merged), and by that about the notices that came along
# ("from:ID 3"), under the id of the row that stays: an earlier release wrote no other for some merges.
ROWS = """
WITH RECURSIVE own(id) AS (
    SELECT %s::uuid
    UNION
    SELECT former.id FROM own CROSS JOIN LATERAL (
        SELECT e.citizen_id FROM common_auditevent e
        WHERE e.action = 'citizen.merged' AND e.object = 'into:' || own.id AND e.citizen_id IS NOT NULL
        UNION ALL
        SELECT substr(e.object, 6, 36)::uuid FROM common_auditevent e
        WHERE e.citizen_id = own.id AND e.action = 'notices.moved'
    ) former(id)
)
SELECT id FROM own
"""


def timeline(payment: Payment, *, audited: bool) -> list[Moment]:
    """All moments of the payment, the earliest first. No personal data but what the audit trail's lines may say.

    `audited`: with those lines, for who may read the trail.
    """
    refunds, postings = list(payment.refunds.order_by("pk")), list(payment.postings.order_by("pk"))
    moments = [
        *_attempt(payment),
        *_events(payment.events.order_by("pk")[:MOST]),
        *_settlement(Settlement.objects.filter(payment=payment)),
        *(
            Moment(each.booked_at, _("Booked in the ledger"), str(KINDS[each.kind]))
            for each in payment.journals.order_by("pk")
        ),
        *(moment for refund in refunds for moment in _refund(refund)),
        *(moment for posting in postings for moment in _posting(posting)),
    ]
    if audited:
        moments += _audited(payment, refunds, postings)
    return sorted(moments, key=lambda moment: moment.at)


def _attempt(payment: Payment) -> list[Moment]:
    finished = payment.finished_at if payment.state not in CAPTURED else None  # else its settlement tells
    state = str(PAYMENT_STATES.get(payment.state, payment.state))
    ended = " ".join(filter(None, [str(REFUSALS.get(payment.reason, payment.reason)), payment.code]))
    asked = _("polled %d times so far") % payment.asked
    return _known(
        (
            payment.created_at,
            _("Payment started"),
            f"{provider_name(payment.provider)}, {_won(payment.amount)}",
        ),
        (payment.confirmed_at, _("Confirm request sent to the provider"), payment.vendor_id),
        (finished, _("Finished: %s") % state, ended),
        (payment.review_since, _("Under review: the amount at the provider differs from our books"), ""),
        (payment.ask_at, _("Next poll of the provider"), asked),
    )


def _events(events: Iterable[ProviderEvent]) -> list[Moment]:
    return [Moment(each.received_at, _("Event from %s") % provider_name(each.provider), each.kind) for each in events]


def _settlement(settlements: Iterable[Settlement]) -> Iterator[Moment]:
    for each in settlements:
        surplus = f", {PAYMENT_STATES['surplus']}" if each.surplus else ""
        yield Moment(
            each.approved_at,
            _("Captured by the provider"),
            f"{_won(each.amount)} {METHODS.get(each.method, each.method)}".strip(),
        )
        yield Moment(each.recorded_at, _("Settled"), f"{each.receipt_number}{surplus}")


def _refund(refund: Refund) -> list[Moment]:
    ended = str(REFUND_STATES.get(refund.state, refund.state))
    number = {"number": refund.pk}
    return _known(
        (refund.requested_at, _("Refund %(number)d was requested") % number, _won(refund.amount)),
        (refund.approved_at, _("Refund %(number)d was approved") % number, ""),
        (refund.first_sent_at, _("Refund %(number)d was sent to the provider") % number, ""),
        (refund.finished_at, _("Refund %(number)d: %(state)s") % {**number, "state": ended}, refund.code),
    )


def _posting(posting: AgencyPosting) -> list[Moment]:
    tried = " ".join(filter(None, [_("attempted %d times") % posting.attempts, posting.code]))
    what = f"{PAYMENT_STATES[posting.kind]}, {_won(posting.amount)}"
    return _known(
        (posting.created_at, _("To be posted to the agency"), what),
        (posting.acknowledged_at, _("The agency acknowledged the posting"), f"{what} {posting.reference}".strip()),
        (None if posting.acknowledged_at else posting.next_at, _("Next posting to the agency"), tried),
    )


def _audited(payment: Payment, refunds: Iterable[Refund], postings: Iterable[AgencyPosting]) -> list[Moment]:
    """By the person, whom the trail has an index for, and then by what they are about. What happened before a merge
    stands under the former row's id."""
    objects = [f"payment:{payment.pk}", *(f"refund:{each.pk}" for each in refunds)]
    objects += [f"posting:{each.pk}" for each in postings]
    lines = AuditEvent.objects.filter(citizen_id__in=_rows(payment.bill.citizen_id), object__in=objects)
    return [
        Moment(line.at, _("Audit trail: %s") % action_words(line.action), _who_and_why(line))
        for line in lines.exclude(action__in=LOOKS).order_by("id")[:MOST]
    ]


def _who_and_why(line: AuditEvent) -> str:
    why = reason_words(line.action, line.reason, CODES)
    return " ".join(filter(None, [actor_words(line.actor, CODES), why]))


def _rows(citizen_id: UUID) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(ROWS, [citizen_id])
        return [row for (row,) in cursor.fetchall()]


def _known(*moments: tuple[datetime | None, str, str]) -> list[Moment]:
    return [Moment(at, what, detail) for at, what, detail in moments if at is not None]


def _won(amount: int) -> str:
    return f"₩{amount:,}"
