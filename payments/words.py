"""What states and reasons are called when people read them."""

from django.utils.translation import gettext_lazy as _

BILL_STATES = {
    "open": _("to be paid"),
    "paid": _("paid"),
    "part_refunded": _("partly refunded"),
    "refunded": _("refunded"),
    "closed": _("not to be paid here"),
}
CLOSED_BECAUSE = {
    "paid_elsewhere": _("It has been paid elsewhere. There is nothing more to pay."),
    "cancelled_by_agency": _("The agency has cancelled it. There is nothing to pay."),
    "objection": _("Only the notices are paused. No objection has been filed yet."),
    "objected": _("The agency says that an objection stands. Nothing can be paid here until it is decided."),
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
    "abandoned": _("not paid: given up"),
    "expired": _("not paid: the time for it ran out"),
    "given_back": _("not paid: the payment service gave the money back"),
    "part_refunded": _("partly refunded"),
    "refunded": _("refunded"),
    "surplus": _("taken without need; it will be refunded"),
    "returned": _("taken without need; refunded"),
}
# In place of the words for its state: our books and the payment service disagree about what is left of the money.
IN_REVIEW = _("being looked at: money may have gone back to you")
# Why a payment did not begin, or nothing was taken. Some also stand in `Payment.reason`.
REFUSALS = {
    **CLOSED_BECAUSE,
    "already_paid": _("This has been paid. There is nothing more to pay."),
    "under_way": _("A payment for this is being confirmed. You will not be charged twice; please wait a moment."),
    "not_payable": _("Nothing can be paid today. Please ask the agency."),
    "not_offered": _("This payment service is not offered here."),
    "provider_refused": _("The payment service did not accept the request. Nothing was taken."),
    "provider_unavailable": _("The payment service does not answer. Nothing was taken; please try another one."),
    "agency_silent": _("The agency could not be asked just now, so nothing was taken. Please try again in a moment."),
    "unknown_to_agency": _("The agency does not know this debt, so nothing was taken. Please ask the agency."),
    "amount_changed": _("The amount has changed, so nothing was taken. Please look at the new amount and decide."),
    "replaced": _("You began another payment for this, so this one is closed. Nothing was taken with it."),
    "given_up": _("You left the payment service without paying. Nothing was taken."),
    "tampered": _("What the browser brought back does not fit this payment, so nothing was taken."),
    "too_late": _("The time for this payment ran out. Nothing was taken."),
    "not_taken": _("The payment service could not be reached. Nothing was taken; you can try again."),
    "declined": _("The payment service declined the payment. Nothing was taken."),
    "given_back": _("The payment service has given all of the money back. Nothing was paid."),
    "in_review": _("Money of a payment for this may have gone back to you. A person is looking at it."),
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
    "waiting": _("not told yet"),
    "acknowledged": _("acknowledged"),
    "refused": _("refused by the agency"),
}
