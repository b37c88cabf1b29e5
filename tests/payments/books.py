"""What must hold of the books after the simulation, to the won: each provider's own, ours, and each agency's list."""

from typing import Any

from django.db.models import Sum

from notifications.models.record import is_about
from payments.models import AgencyPosting, Bill, LedgerEntry, Payment
from payments.states import CAPTURED, LIVE, SETTLED


def booked(account: str) -> int:
    return LedgerEntry.objects.filter(account=account).aggregate(won=Sum("amount"))["won"] or 0


def check_books(far: Any) -> None:
    """To the won: each provider's own ledger, ours, the agency's list; and no debt paid twice."""
    for name, bank in far.banks.items():
        assert booked(f"provider:{name}") == bank.total(), name
    for agency, biller in far.billers.items():
        assert -booked(f"agency:{agency}") == biller.total(), agency
    assert booked("surplus") == 0
    assert (LedgerEntry.objects.aggregate(won=Sum("amount"))["won"] or 0) == 0
    assert not Payment.objects.filter(state__in=LIVE).exists()
    assert not AgencyPosting.objects.exclude(state="acknowledged").exists()
    _check_bills()
    _check_orders(far)
    assert not Payment.objects.filter(review_since__isnull=False).exists()


def _check_bills() -> None:
    """One charge per debt; no bill is open that is paid or another person's; no captured money is unaccounted for."""
    debts = list(Payment.objects.filter(state__in=SETTLED).values_list("bill__debt", flat=True))
    assert len(debts) == len(set(debts))
    assert not Bill.objects.filter(~is_about(), state="open").exists()
    assert not Bill.objects.filter(state="open", debt__in=debts).exists()
    for bill in Bill.objects.prefetch_related("payments__settlement"):
        settled = [item for item in bill.payments.all() if item.state in CAPTURED and not item.settlement.surplus]
        if bill.state in ("paid", "part_refunded", "refunded"):
            assert settled
        if any(item.state in SETTLED for item in settled):
            assert bill.state in ("paid", "part_refunded")


def _check_orders(far: Any) -> None:
    """What was captured is settled here, or all of it was refunded before we learnt of it; never both."""
    captured = {order for bank in far.banks.values() for order in bank.captured()}
    back = set(Payment.objects.filter(state="reversed").values_list("order_id", flat=True))
    settled = set(Payment.objects.filter(settlement__isnull=False).values_list("order_id", flat=True))
    assert captured == settled | back and not settled & back
    accounts = {order: each for bank in far.banks.values() for order, each in bank.accounts.items()}
    assert all(accounts[order].refunded == accounts[order].captured for order in back)
