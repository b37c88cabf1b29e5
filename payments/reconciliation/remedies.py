"""Name the kinds of difference that reconciliation finds, and the remedy of each."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

CAPTURED_UNKNOWN, REFUNDED_UNKNOWN = "taken_unknown_here", "given_back_unknown_here"
MISSING_AT_PROVIDER, PROVIDER_AMOUNT = "missing_at_provider", "provider_amount"
UNPOSTED, MISSING_AT_AGENCY = "unposted", "missing_at_agency"
UNKNOWN_POSTING, AGENCY_AMOUNT = "unknown_posting", "agency_amount"

# The provider is polled about the payment at once: it settles, or is in review (compare_balance.py).
POLLED = (CAPTURED_UNKNOWN, REFUNDED_UNKNOWN, MISSING_AT_PROVIDER, PROVIDER_AMOUNT)

KINDS = {
    CAPTURED_UNKNOWN: _("captured by the provider, unknown to us"),
    REFUNDED_UNKNOWN: _("refunded by the provider, unknown to us"),
    MISSING_AT_PROVIDER: _("not in the provider's file"),
    PROVIDER_AMOUNT: _("another amount at the provider"),
    UNPOSTED: _("paid here, not posted at the agency"),
    MISSING_AT_AGENCY: _("acknowledged, but not in the agency's list"),
    UNKNOWN_POSTING: _("listed by the agency, never reported by us"),
    AGENCY_AMOUNT: _("another amount at the agency"),
}
REMEDIES = {
    CAPTURED_UNKNOWN: _(
        "If the order is one of ours, the provider is being polled: the payment settles, or its refund waits for "
        "approval. Run the comparison again. An order that is not ours belongs to another installation: ask the "
        "provider."
    ),
    REFUNDED_UNKNOWN: _(
        "A refund was made at the provider's console. The provider is being polled about the payment: the refunded "
        "amount then waits under Refunds as already refunded at the provider. Find out who refunded it and why; "
        "approving it takes it into our books and notifies the agency. Refunds belong into this service, where a "
        "second person approves them."
    ),
    MISSING_AT_PROVIDER: _(
        "Run the comparison again tomorrow: files may be late. If it stays, ask the provider for the order; if the "
        "money was never captured, the agency must be notified."
    ),
    PROVIDER_AMOUNT: _(
        "A partial refund at the provider's console is the usual cause. The provider is being polled about the "
        "payment: the refunded amount then waits under Refunds."
    ),
    UNPOSTED: _(
        "It is sent again automatically while the biller does not respond. If the agency refused it, open the "
        "posting: send it again, or request a refund."
    ),
    MISSING_AT_AGENCY: _("Give the agency the posting's number and reference, and let it post the payment."),
    UNKNOWN_POSTING: _("Ask the agency for the source of the posting; it must not count as paid through this service."),
    AGENCY_AMOUNT: _("Give the agency the receipt number and our amount, and let it correct its posting."),
}


@dataclass(frozen=True, slots=True)
class Found:
    """One difference, before it is a row."""

    kind: str  # of KINDS
    where: str  # provider:NAME or agency:CODE
    reference: str  # an order or a posting
    ours: int | None = None  # won
    theirs: int | None = None
    payment_id: int | None = None
