"""What the pages of stops.py say. The cause in one sentence is the engine's (payments/words.py), where it has one."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Stop:
    title: Any
    cure: Any
    ways: tuple[str, ...]  # names of WAYS; the first one that leads somewhere is the filled button
    status: HTTPStatus = HTTPStatus.CONFLICT
    cause: Any = None  # None: words.REFUSALS


WAYS = {
    "again": _("Try again"),
    "choose": _("Choose another payment service"),
    "restart": _("Begin again"),
    "bill": _("Back to the bill"),
    "objection": _("See or end the pause"),
    "receipt": _("Open the receipt"),
    "pending": _("See where the payment stands"),
    "payment": _("See where the payment stands"),
    "bills": _("What I have to pay"),
    "history": _("My payments"),
}
NOTHING_TO_DO = _("You need do nothing. If this surprises you, please ask the agency.")
OK, DOWN = HTTPStatus.OK, HTTPStatus.SERVICE_UNAVAILABLE

STOPS = {
    "paid_elsewhere": Stop(_("This has been paid already"), NOTHING_TO_DO, ("bills", "bill")),
    "cancelled_by_agency": Stop(_("The agency has cancelled this"), NOTHING_TO_DO, ("bills", "bill")),
    "sibling": Stop(_("This violation has been settled"), NOTHING_TO_DO, ("bills", "history")),
    "another_person": Stop(
        _("This is not about you"),
        _("You need do nothing. If you have paid for it, the agency and we see to your money."),
        ("bills", "history"),
    ),
    "objection": Stop(
        _("The notices are paused"),
        _("To pay here, end the pause first. The legal deadlines go on all the while."),
        ("objection", "bill"),
    ),
    "objected": Stop(
        _("An objection stands"),
        _("You need do nothing here. When it is decided, the agency tells us and we tell you."),
        ("bill", "bills"),
    ),
    "already_paid": Stop(
        _("You have paid this already"),
        _("You will not be charged twice. Your receipt is here whenever you need it."),
        ("receipt", "history", "bills"),
    ),
    "refunded": Stop(
        _("This was paid and refunded"),
        _("Whether it is still due, the agency decides. We tell you when it asks for it again."),
        ("history", "bills"),
        cause=_("The money went back to you, so nothing can be paid here at the moment."),
    ),
    "under_way": Stop(
        _("A payment for this is under way"),
        _("Perhaps you are paying in another window or on another device. Here it goes on by itself."),
        ("pending", "bill"),
    ),
    "not_payable": Stop(
        _("This cannot be paid here today"),
        _("The agency can tell you what is due and how to pay it."),
        ("bill", "bills"),
    ),
    "not_offered": Stop(
        _("This payment service is not available"),
        _("Please choose another one, or ask the agency."),
        ("choose", "bill"),
    ),
    "provider_refused": Stop(
        _("The payment service could not begin"),
        _("Please choose another one, or try again later."),
        ("choose", "bill"),
    ),
    "provider_unavailable": Stop(
        _("The payment service does not answer"),
        _("This is not your fault. Another payment service will do; the amount stays the same until its date."),
        ("choose", "bill"),
        DOWN,
    ),
    "agency_silent": Stop(
        _("The agency could not be asked just now"),
        _("Before money is taken we ask the agency once more. Please try again; you need not enter anything anew."),
        ("again", "bill"),
        DOWN,
    ),
    "unknown_to_agency": Stop(
        _("The agency does not know this debt"),
        _("Please call the agency before you pay. We have been told about it too."),
        ("bill", "bills"),
    ),
    "amount_changed": Stop(
        _("The amount had changed"), _("Please look at today's amount and decide anew."), ("bill", "bills"), OK
    ),
    "replaced": Stop(
        _("You have begun this payment anew"), _("Please go on with the newer one, or begin again."), ("bill", "bills")
    ),
    "given_up": Stop(
        _("You left without paying"),
        _("You can pay at any time; the price clock says until when."),
        ("restart", "bill"),
        OK,
    ),
    "left": Stop(
        _("You left without paying"),
        _("You can pay at any time; the price clock says until when."),
        ("restart", "bill"),
        OK,
        cause=_("You left the payment service without paying. Nothing was taken."),
    ),
    "provider_expired": Stop(
        _("The time at the payment service ran out"),
        _("Please begin again when you are ready. Payment services wait for a few minutes only."),
        ("restart", "bill"),
        OK,
        cause=_("The payment service closed its page because too much time had passed. Nothing was taken."),
    ),
    "provider_failed": Stop(
        _("The payment service ended without a payment"),
        _("Please begin again, or choose another payment service or means of payment."),
        ("restart", "bill"),
        OK,
        cause=_("The payment did not come about on the payment service's page. Nothing was taken."),
    ),
    "no_window": Stop(
        _("The payment window did not open"),
        _("Your browser may block scripts. Please allow them for this page, or choose a service that needs none."),
        ("choose", "bill"),
        OK,
        cause=_("This payment service needs a script of its own to open, and that did not run. Nothing was taken."),
    ),
    "tampered": Stop(
        _("Something does not fit"),
        _("Please begin again from the bill. If it happens again, please call 110."),
        ("bill", "bills"),
        HTTPStatus.BAD_REQUEST,
    ),
    "given_back": Stop(
        _("The money went back to you"),
        _("This attempt paid nothing. If the bill is still open, you can pay it at any time."),
        ("restart", "bill"),
        OK,
    ),
    "in_review": Stop(
        _("A payment for this is being looked at"),
        _("Nothing can be paid here meanwhile, so that you do not pay twice. You need do nothing."),
        ("payment", "bill", "bills"),
    ),
    "too_late": Stop(
        _("The time for this payment ran out"), _("Please begin again; it takes a minute."), ("restart", "bill"), OK
    ),
    "not_taken": Stop(
        _("The payment is not finished"),
        _("Please begin again, or choose another payment service."),
        ("restart", "bill"),
    ),
    "declined": Stop(
        _("The payment was declined"),
        _("Often a limit or a balance is the reason; your bank or card company can say. Another service may do."),
        ("choose", "bill"),
        OK,
    ),
    "unfinished": Stop(
        _("This payment is not finished"),
        _("If the payment page is still open somewhere, go on there. Or begin again: the earlier one is closed then."),
        ("restart", "bill"),
        OK,
        cause=_("You have not come back from the payment service yet. Nothing was taken."),
    ),
}
