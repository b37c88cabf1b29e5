"""Write the ledger: double entry, append-only. Every booking sums to zero, which the database checks at commit.

Captured for a debt:  provider:NAME +amount, agency:CODE −amount.
Captured without one: provider:NAME +amount, surplus −amount.
Refunded:             the same accounts the other way round.
What a provider keeps as its fee is a matter between it and the agency, and in no account here.
"""

from datetime import datetime
from typing import TYPE_CHECKING

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from secretary.kernel.row_titles import row_title
from secretary.kernel.time.clock import kst_date

if TYPE_CHECKING:
    from payments.models import Payment, Refund, Settlement

SURPLUS_ACCOUNT = "surplus"
# Sees the whole booking when its transaction commits, whatever the order in which the lines were written.
BALANCED = """
    IF (SELECT count(*) < 2 OR sum(amount) <> 0 FROM payments_ledgerentry WHERE journal_id = {journal}) THEN
        RAISE EXCEPTION 'booking % is not balanced', {journal} USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
"""


def _balanced(name: str, journal: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        timing=pgtrigger.Deferred,
        func=BALANCED.format(journal=journal),
    )


def _append_only(name: str) -> list[pgtrigger.Trigger]:
    return [
        pgtrigger.Protect(name=f"{name}_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        pgtrigger.Trigger(
            name=f"{name}_no_truncate",
            level=pgtrigger.Statement,
            when=pgtrigger.Before,
            operation=pgtrigger.Truncate,
            func="RAISE EXCEPTION 'the ledger is append-only';",
        ),
    ]


class Journal(models.Model):
    """One booking: money that was captured or refunded. Its lines sum to zero. Append-only."""

    CAPTURED, REFUNDED = "taken", "given_back"

    kind = models.CharField(_("kind"), max_length=10)
    day = models.DateField(_("day"))
    booked_at = models.DateTimeField(_("booked"))
    payment = models.ForeignKey("Payment", models.PROTECT, related_name="journals", verbose_name=_("payment"))
    refund = models.OneToOneField(
        "Refund", models.PROTECT, null=True, blank=True, related_name="journal", verbose_name=_("refund")
    )

    class Meta:
        ordering = ["-id"]
        verbose_name, verbose_name_plural = _("booking"), _("bookings")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind="taken", refund__isnull=True)
                | models.Q(kind="given_back", refund__isnull=False),
                name="journal_kind",
            ),
            models.UniqueConstraint(fields=["payment"], condition=models.Q(kind="taken"), name="journal_taken_once"),
        ]
        indexes = [models.Index(fields=["day"], name="journal_day")]
        triggers = [_balanced("journal_balanced", "NEW.id"), *_append_only("journal")]

    def __str__(self) -> str:
        return row_title(self)


class LedgerEntry(models.Model):
    """One line of a booking. `amount`: won, positive debits the account, negative credits it.

    Accounts: `provider:NAME` (what it captured and owes on), `agency:CODE` (what is the agency's), `surplus` (what is
    refunded to citizens, since it settles nothing).
    """

    journal = models.ForeignKey(Journal, models.PROTECT, related_name="entries", verbose_name=_("booking"))
    account = models.CharField(_("account"), max_length=40)
    amount = models.BigIntegerField(_("amount (won)"))

    class Meta:
        ordering = ["-id"]
        verbose_name, verbose_name_plural = _("ledger entry"), _("ledger entries")
        constraints = [
            models.CheckConstraint(condition=~models.Q(amount=0), name="ledger_entry_of_something"),
            models.UniqueConstraint(fields=["journal", "account"], name="ledger_entry_once"),
        ]
        triggers = [_balanced("ledger_entry_balanced", "NEW.journal_id"), *_append_only("ledger_entry")]

    def __str__(self) -> str:
        return row_title(self)


def provider_account(name: str) -> str:
    return f"provider:{name}"


def agency_account(code: str) -> str:
    return f"agency:{code}"


def book_captured(*, settlement: "Settlement", account: str, now: datetime) -> Journal:
    """Book a capture. `account`: to whom the money is owed from now on."""
    payment = settlement.payment
    journal = Journal.objects.create(kind=Journal.CAPTURED, day=settlement.day, booked_at=now, payment=payment)
    _lines(journal, payment, account, settlement.amount)
    return journal


def book_refunded(*, refund: "Refund", now: datetime) -> Journal:
    """Book a refund out of the account that the money was booked to when it was captured. What the provider refunded
    without us belongs to the day on which that was found, not to the day of a person's approval."""
    payment = refund.payment
    captured = LedgerEntry.objects.get(journal__payment=payment, journal__kind=Journal.CAPTURED, amount__lt=0)
    day = kst_date(refund.requested_at if refund.outside else now)
    journal = Journal.objects.create(kind=Journal.REFUNDED, day=day, booked_at=now, payment=payment, refund=refund)
    _lines(journal, payment, captured.account, -refund.amount)
    return journal


def _lines(journal: Journal, payment: "Payment", account: str, amount: int) -> None:
    LedgerEntry.objects.bulk_create(
        [
            LedgerEntry(journal=journal, account=provider_account(payment.provider), amount=amount),
            LedgerEntry(journal=journal, account=account, amount=-amount),
        ]
    )
