"""Write the ledger: double entry, append-only. Every booking sums to zero, which the database checks at commit.

Captured for a debt:  provider:NAME +amount, agency:CODE −amount.
Captured without one: provider:NAME +amount, surplus −amount.
Refunded:             the same accounts the other way round.
What a provider keeps as its fee is a matter between it and the agency, and in no account here.
"""

from datetime import datetime

from payments.models import Journal, LedgerEntry, Payment, Refund, Settlement
from secretary.kernel.time.clock import kst_date

SURPLUS_ACCOUNT = "surplus"


def provider_account(name: str) -> str:
    return f"provider:{name}"


def agency_account(code: str) -> str:
    return f"agency:{code}"


def book_captured(*, settlement: Settlement, account: str, now: datetime) -> Journal:
    """Book a capture. `account`: to whom the money is owed from now on."""
    payment = settlement.payment
    journal = Journal.objects.create(kind=Journal.CAPTURED, day=settlement.day, booked_at=now, payment=payment)
    _lines(journal, payment, account, settlement.amount)
    return journal


def book_refunded(*, refund: Refund, now: datetime) -> Journal:
    """Book a refund out of the account that the money was booked to when it was captured. What the provider refunded
    without us belongs to the day on which that was found, not to the day of a person's approval."""
    payment = refund.payment
    captured = LedgerEntry.objects.get(journal__payment=payment, journal__kind=Journal.CAPTURED, amount__lt=0)
    day = kst_date(refund.requested_at if refund.outside else now)
    journal = Journal.objects.create(kind=Journal.REFUNDED, day=day, booked_at=now, payment=payment, refund=refund)
    _lines(journal, payment, captured.account, -refund.amount)
    return journal


def _lines(journal: Journal, payment: Payment, account: str, amount: int) -> None:
    LedgerEntry.objects.bulk_create(
        [
            LedgerEntry(journal=journal, account=provider_account(payment.provider), amount=amount),
            LedgerEntry(journal=journal, account=account, amount=-amount),
        ]
    )
