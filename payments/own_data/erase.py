"""Remove what a person owed and tried to pay; keep, named, what the law keeps of money that moved.

A bill with which no money moved goes with its quotes and attempts. One with a captured payment stays with all rows of
the payment (전자금융거래법 §22: records of electronic transactions, 5 years), under the number of a person of whom
nothing else is left; when its time is over, what could still lead to the person goes too (`forget_payments`). So do the
payments of people who are enrolled, who see them until then (`forget_bill`). The ledger keeps its sums: they name no
person.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from notifications.own_data.erase import remove_blank_record, stand_in_record
from payments.bills.bills import shown_bills
from payments.bills.debts import lock_debt, name_apart
from payments.models import AgencyPosting, Bill, Difference, Payment, ProviderEvent, Quote, Refund, Settlement
from payments.states import CONFIRMING, REFUND_LIVE, UNKNOWN, WAITING
from payments.transitions import abandon_untouched
from secretary.kernel.database.kept_queries import KeptQuery
from secretary.kernel.database.retry import retried
from secretary.kernel.time.clock import kst_date
from subscriptions.models import Citizen
from subscriptions.own_data.erase import no_person

ERASED = "erased"  # why a bill's open attempts end
UNDER_WAY = (CONFIRMING, UNKNOWN)
BLOCK = 1000
MOST_BILLS = 20  # that the page before erasing names
# An attempt that a provider was asked to capture counts, whatever came of it: its record is one of a payment.
_MONEY_MOVED = (
    Q(confirmed_at__isnull=False)
    | Q(settlement__isnull=False)
    | Q(Exists(Difference.objects.filter(payment=OuterRef("pk"))))
)


@dataclass(frozen=True, slots=True)
class Bills:
    """How many bills were removed, how many stay for the law, and whether a payment is under way, so that some wait."""

    removed: int = 0
    kept: int = 0
    waits: bool = False


def _open(people: Collection[UUID]) -> QuerySet[Bill]:
    """Return bills that are still to be paid: erasing does not pay them. One more than a page shows."""
    return shown_bills().filter(citizen__in=people, state="open")[: MOST_BILLS + 1]


OPEN_BILLS = KeptQuery(_open)
CAPTURING = KeptQuery(
    lambda people: (
        Payment.objects.filter(bill__citizen__in=people, state__in=UNDER_WAY)
        .order_by()
        .values_list("pk", flat=True)[:1]
    )
)
LAST_DAY = KeptQuery(
    lambda people: (
        Settlement.objects.filter(payment__bill__citizen__in=people).order_by("-day").values_list("day", flat=True)[:1]
    )
)


def payment_under_way(people: Collection[UUID]) -> bool:
    """Return whether money may be captured at this moment: it is found out first, then the person can be erased."""
    return bool(CAPTURING.rows(people=list(people)))


def erase_bills(*, people: Collection[UUID], now: datetime, data_types: Collection[int] | None = None) -> Bills:
    """Remove the people's bills, of these data types or of all, each in a transaction of its own."""
    bills = Bill.objects.filter(citizen__in=people)
    if data_types is None:
        bills.exclude(key=None).update(key=None)  # the keys are gone
    else:
        bills = bills.filter(record__data_type__in=data_types)
    done = [_erase_bill(pk, now) for pk in bills.order_by("pk").values_list("pk", flat=True)]
    return Bills(done.count("removed"), done.count("kept"), "waits" in done)


def records_with_bills(records: Sequence[int]) -> set[int]:
    """Return those of these records that a bill hangs on."""
    return set(Bill.objects.filter(record__in=records).values_list("record_id", flat=True))


def holds_bills(people: Collection[UUID]) -> bool:
    return Bill.objects.filter(citizen__in=people).exists()


def last_payment(people: Collection[UUID]) -> date | None:
    """Return the day of the newest captured payment: from it the law's period runs."""
    day: date | None = LAST_DAY.first(people=list(people))
    return day


def forget_payments(*, people: Collection[UUID], before: date) -> bool:
    """Cut what could still lead from kept payments to the person; False where one of them is too young or unfinished.

    Agency's number and case, the provider's numbers and our order number go; sums, days and the ledger stay.
    """
    bills = list(Bill.objects.filter(citizen__in=people).order_by("pk").values_list("pk", flat=True))
    young = Settlement.objects.filter(payment__bill__in=bills, day__gte=before)
    live = Refund.objects.filter(payment__bill__in=bills, state__in=REFUND_LIVE)
    unnotified = AgencyPosting.objects.filter(payment__bill__in=bills, state=WAITING)
    if young.exists() or live.exists() or unnotified.exists():
        return False
    for pk in bills:
        _forget(pk)
    return True


def bills_over(*, after: int, before: datetime, quiet_since: datetime) -> tuple[list[int], int | None]:
    """Return, of the next bills by number, those of enrolled people whose newest attempt, payment and refund are older
    than `before`; and the number to go on from, None: that was the last.

    Where the agency has sent something of the case since `quiet_since`, they wait: it would be opened as a new bill.
    """
    block = list(Bill.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:BLOCK])
    own = Payment.objects.filter(bill=OuterRef("pk"))
    refunds = Refund.objects.filter(payment__bill=OuterRef("pk"))
    young = Q(created_at__gte=before) | Q(confirmed_at__gte=before) | Q(settlement__day__gte=kst_date(before))
    over = Bill.objects.filter(Exists(own.filter(_MONEY_MOVED)), pk__in=block, record__received_at__lt=quiet_since)
    over = over.exclude(citizen__state=Citizen.ERASED).filter(
        ~Exists(own.filter(young | Q(state__in=UNDER_WAY) | Q(review_since__isnull=False))),
        ~Exists(refunds.filter(Q(requested_at__gte=before) | Q(finished_at__gte=before) | Q(state__in=REFUND_LIVE))),
        ~Exists(AgencyPosting.objects.filter(payment__bill=OuterRef("pk"), state=WAITING)),
    )
    found = list(over.order_by("pk").values_list("pk", flat=True))
    return found, block[-1] if len(block) == BLOCK else None


@retried
@transaction.atomic
def forget_bill(bill_id: int) -> int | None:
    """Cut what leads from a bill and its payments to the person; return the agency's record, where no bill is left of
    it."""
    former = Bill.objects.values_list("record_id", flat=True).get(pk=bill_id)
    _forget(bill_id)
    Bill.objects.filter(pk=bill_id).update(citizen=no_person())
    return None if Bill.objects.filter(record=former).exists() else former


def erase_bills_of(record_id: int, *, now: datetime) -> bool:
    """Remove all bills of a record, whosever they are; False where one has to stay or to wait."""
    bills = Bill.objects.filter(record=record_id).order_by("pk").values_list("pk", flat=True)
    return all(_erase_bill(pk, now) == "removed" for pk in bills)


@retried
@transaction.atomic
def _erase_bill(bill_id: int, now: datetime) -> str:
    bill, _ = lock_debt(bill_id, now=now)
    payments = Payment.objects.select_for_update().filter(bill=bill).order_by("pk")
    if any(payment.state in UNDER_WAY for payment in payments):
        return "waits"
    abandon_untouched(bill=bill, reason=ERASED, now=now)
    if _money_moved(bill).exists():
        return "kept"
    attempts = [payment.pk for payment in payments]
    ProviderEvent.objects.filter(payment__in=attempts).delete()
    Payment.objects.filter(pk__in=attempts).delete()
    Quote.objects.filter(bill=bill).delete()
    bill.delete()
    return "removed"


def _money_moved(bill: Bill) -> QuerySet[Payment]:
    return Payment.objects.filter(_MONEY_MOVED, bill=bill)


@transaction.atomic
def _forget(bill_id: int) -> None:
    bill = Bill.objects.select_for_update(of=("self",)).select_related("record").get(pk=bill_id)
    former, stand_in = bill.record_id, stand_in_record(of=bill.record, number=bill.pk)
    nameless = name_apart(f"bill:{bill.pk}")
    Bill.objects.filter(pk=bill.pk).update(record=stand_in, debt=nameless, key=None, seen_version=stand_in.version)
    if not Bill.objects.filter(record=former).exists():
        remove_blank_record(former)
    payments = list(Payment.objects.select_for_update().filter(bill=bill).order_by("pk"))
    Payment.objects.filter(bill=bill).update(debt=nameless, vendor_id="")
    ProviderEvent.objects.filter(payment__in=payments).delete()
    AgencyPosting.objects.filter(payment__in=payments).update(reference="")
    for payment in payments:
        Payment.objects.filter(pk=payment.pk).update(order_id=f"erased-{payment.pk}", key=f"erased-{payment.pk}")
    for refund in Refund.objects.filter(payment__in=payments):
        Refund.objects.filter(pk=refund.pk).update(vendor_id="", reason="", key=f"erased-{refund.pk}")
    for difference in Difference.objects.filter(payment__in=payments):
        Difference.objects.filter(pk=difference.pk).update(reference=f"erased-{difference.pk}", resolution="")
