"""Word states and reasons for people."""

from django.utils.functional import lazy
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from payments.providers.contract import Provider
from payments.providers.registry import ports, providers
from payments.refusal_codes import (
    AGENCY_SILENT,
    ALREADY_PAID,
    AMOUNT_CHANGED,
    GIVEN_UP,
    NOT_CAPTURED,
    NOT_OFFERED,
    NOT_PAYABLE,
    PROVIDER_REFUSED,
    PROVIDER_UNAVAILABLE,
    REPLACED,
    TAMPERED,
    TOO_LATE,
    UNDER_REVIEW,
    UNDER_WAY,
    UNKNOWN_TO_AGENCY,
)

BILL_STATES = {
    "open": _("to be paid"),
    "paid": _("paid"),
    "part_refunded": _("partly refunded"),
    "refunded": _("refunded"),
    "closed": _("cannot be paid here"),
}
CLOSED_BECAUSE = {
    "paid_elsewhere": _("It has been paid elsewhere. There is nothing more to pay."),
    "cancelled_by_agency": _("The agency has cancelled it. There is nothing to pay."),
    "objection": _("Only the notices are paused. No objection has been filed yet."),
    "objected": _("The agency reports that an objection is pending. Nothing can be paid here until it is decided."),
    "sibling": _("The same violation was settled by another payment. There is nothing more to pay."),
    "another_person": _("This turned out not to be about you, so we have closed it. There is nothing for you to pay."),
}
PAYMENT_STATES = {
    "created": _("being prepared"),
    "opened": _("waiting for you at the payment service"),
    "confirming": _("being confirmed; you will not be charged twice"),
    "unknown": _("being checked; you will not be charged twice"),
    "paid": _("paid"),
    "declined": _("not paid: the payment service declined"),
    "abandoned": _("not paid: abandoned"),
    "expired": _("not paid: time ran out"),
    "reversed": _("not paid: refunded by the payment service"),
    "part_refunded": _("partly refunded"),
    "refunded": _("refunded"),
    "surplus": _("overpayment; refund pending"),
    "returned": _("overpayment; refunded"),
}
# In place of the words for its state: our books and the payment service disagree about what is left of the money.
IN_REVIEW = _("under review: money may have been refunded to you")
# Why a payment did not begin, or nothing was captured. Some also stand in `Payment.reason`.
REFUSALS = {
    **CLOSED_BECAUSE,
    ALREADY_PAID: _("This has been paid. There is nothing more to pay."),
    UNDER_WAY: _("A payment for this is being confirmed. You will not be charged twice; please wait a moment."),
    NOT_PAYABLE: _("Nothing can be paid today. Please ask the agency."),
    NOT_OFFERED: _("This payment service is not offered here."),
    PROVIDER_REFUSED: _("The payment service did not accept the request. No money was taken."),
    PROVIDER_UNAVAILABLE: _("The payment service is not responding. No money was taken; please try another one."),
    AGENCY_SILENT: _("The agency could not be reached just now, so no money was taken. Please try again in a moment."),
    UNKNOWN_TO_AGENCY: _("The agency does not know this debt, so no money was taken. Please ask the agency."),
    AMOUNT_CHANGED: _("The amount has changed, so no money was taken. Please look at the new amount and decide."),
    REPLACED: _("You started another payment for this, so this one is closed. No money was taken with it."),
    GIVEN_UP: _("You left the payment service without paying. No money was taken."),
    TAMPERED: _("The data that your browser brought back do not match this payment, so no money was taken."),
    TOO_LATE: _("Time ran out for this payment. No money was taken."),
    NOT_CAPTURED: _("The payment service could not be reached. No money was taken; you can try again."),
    "declined": _("The payment service declined the payment. No money was taken."),
    "reversed": _("The payment service has refunded all of the money. Nothing was paid."),
    UNDER_REVIEW: _("Money of a payment for this may have been refunded to you. Our staff is checking it."),
}
REFUND_STATES = {
    "requested": _("waits for a second person"),
    "approved": _("approved"),
    "sending": _("under way"),
    "unknown": _("being checked"),
    "done": _("refunded"),
    "refused": _("the payment service refused"),
    "rejected": _("rejected"),
}
POSTING_STATES = {
    "waiting": _("not yet notified"),
    "acknowledged": _("acknowledged"),
    "refused": _("refused by the agency"),
}


def _title(provider: type[Provider]) -> str:
    return provider.title["en" if get_language() == "en" else "ko"]


_lazy_title = lazy(_title, str)


# What staff read in lists: of providers what citizens read too. A tariff without a name here is a mistake that a test
# finds.
PROVIDERS = {name: _lazy_title(provider) for name, provider in {**providers(), **ports()}.items()}
TARIFFS = {"traffic_fine": _("administrative fine (traffic)"), "traffic_penalty": _("penalty (traffic)")}

# How a person paid, as each provider calls it (their own names of cards' companies stand as they are).
METHODS = {
    "card": _("card"),
    "CARD": _("card"),
    "카드": _("card"),
    "BANK": _("bank account"),
    "MONEY": _("balance"),
    "POINT": _("points"),
    "transfer": _("bank transfer"),
    "giro": _("giro"),
}
EVENTS_NOT_KEPT = {"unknown_order": _("about an unknown order"), "folded": _("joined with a query under way")}
# Why money of a payment is refunded, or a payment came to nothing, by our own doing: stands on the audit trail.
REFUNDED_BECAUSE = {
    "paid_twice": _("the debt was paid twice"),
    "not_booked": _("it settles nothing"),
    "refunded at the provider, not by us": _("refunded at the provider, not by us"),
    "erased": _("the person's data was erased"),
}


def provider_name(provider: str) -> str:
    return str(PROVIDERS.get(provider, provider))


def account_words(account: str, *, agency: str | None = None) -> str:
    """Return what an account of the ledger is: a payment service, an agency (by its name, where that is known), or what
    is refunded to citizens."""
    kind, _colon, name = account.partition(":")
    named = {"provider": _("payment service %s"), "agency": _("agency %s"), "surplus": _("surplus, to be refunded")}
    return str(named[kind] % (agency or PROVIDERS.get(name, name)) if name else named.get(kind, account))
