"""Word the pages of stops.py. The cause in one sentence comes from payments/words.py, where it has one."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.utils.translation import gettext_lazy as _

from payments.refusal_codes import (
    AGENCY_SILENT,
    ALREADY_PAID,
    AMOUNT_CHANGED,
    GIVEN_UP,
    LEFT_PROVIDER,
    NOT_CAPTURED,
    NOT_OFFERED,
    NOT_PAYABLE,
    PROVIDER_EXPIRED,
    PROVIDER_FAILED,
    PROVIDER_REFUSED,
    PROVIDER_UNAVAILABLE,
    REPLACED,
    TAMPERED,
    TOO_LATE,
    UNDER_REVIEW,
    UNDER_WAY,
    UNFINISHED,
    UNKNOWN_TO_AGENCY,
    UNREADABLE,
    WINDOW_BLOCKED,
)


@dataclass(frozen=True, slots=True)
class Stop:
    title: Any
    remedy: Any
    ways: tuple[str, ...]  # names of WAYS; the first one that leads somewhere is the filled button
    status: HTTPStatus = HTTPStatus.CONFLICT
    cause: Any = None  # None: words.REFUSALS


WAYS = {
    "again": _("Try again"),
    "choose": _("Choose another payment service"),
    "restart": _("Start again"),
    "bill": _("Back to the bill"),
    "objection": _("See or end the pause"),
    "receipt": _("Open the receipt"),
    "pending": _("See the payment status"),
    "payment": _("See the payment status"),
    "bills": _("What I have to pay"),
    "history": _("My payments"),
}
NOTHING_TO_DO = _("No action needed. If this surprises you, please ask the agency.")
OK, DOWN = HTTPStatus.OK, HTTPStatus.SERVICE_UNAVAILABLE

STOPS = {
    "paid_elsewhere": Stop(_("This has been paid already"), NOTHING_TO_DO, ("bills", "bill")),
    "cancelled_by_agency": Stop(_("The agency has cancelled this"), NOTHING_TO_DO, ("bills", "bill")),
    "sibling": Stop(_("This violation has been settled"), NOTHING_TO_DO, ("bills", "history")),
    "another_person": Stop(
        _("This is not about you"),
        _("No action needed. If you have paid for it, the agency and we take care of your money."),
        ("bills", "history"),
    ),
    "objection": Stop(
        _("The notices are paused"),
        _("To pay here, end the pause first. The legal deadlines still apply in the meantime."),
        ("objection", "bill"),
    ),
    "objected": Stop(
        _("An objection is pending"),
        _("No action needed here. When it is decided, the agency notifies us and we notify you."),
        ("bill", "bills"),
    ),
    ALREADY_PAID: Stop(
        _("You have paid this already"),
        _("You will not be charged twice. Your receipt is here whenever you need it."),
        ("receipt", "history", "bills"),
    ),
    "refunded": Stop(
        _("This was paid and refunded"),
        _("The agency decides whether it is still due. We notify you when it asks for it again."),
        ("history", "bills"),
        cause=_("The money was refunded to you, so nothing can be paid here at the moment."),
    ),
    UNDER_WAY: Stop(
        _("A payment for this is in progress"),
        _("You may be paying in another window or on another device. Checking continues by itself."),
        ("pending", "bill"),
    ),
    NOT_PAYABLE: Stop(
        _("This cannot be paid here today"),
        _("The agency can tell you what is due and how to pay it."),
        ("bill", "bills"),
    ),
    UNREADABLE: Stop(
        _("This bill cannot be shown right now"),
        _("The agency can tell you what is due and how to pay it."),
        ("bill", "bills"),
        cause=_("We cannot read what the agency sent us, so nothing can be paid here. We have been notified."),
    ),
    NOT_OFFERED: Stop(
        _("This payment service is not available"),
        _("Please choose another one, or ask the agency."),
        ("choose", "bill"),
    ),
    PROVIDER_REFUSED: Stop(
        _("The payment service could not start the payment"),
        _("Please choose another one, or try again later."),
        ("choose", "bill"),
    ),
    PROVIDER_UNAVAILABLE: Stop(
        _("The payment service is not responding"),
        _("This is not your fault. You can use another payment service; the amount stays the same until its set date."),
        ("choose", "bill"),
        DOWN,
    ),
    AGENCY_SILENT: Stop(
        _("The agency could not be reached just now"),
        _(
            "Before we take any money, we check with the agency once more. Please try again; you do not need to "
            "enter anything again."
        ),
        ("again", "bill"),
        DOWN,
    ),
    UNKNOWN_TO_AGENCY: Stop(
        _("The agency does not know this debt"),
        _("Please call the agency before you pay. We have been notified too."),
        ("bill", "bills"),
    ),
    AMOUNT_CHANGED: Stop(
        _("The amount has changed"), _("Please look at today's amount and decide again."), ("bill", "bills"), OK
    ),
    REPLACED: Stop(
        _("You have started this payment again"),
        _("Please continue with the newer one, or start again."),
        ("bill", "bills"),
    ),
    GIVEN_UP: Stop(
        _("You left without paying"),
        _("You can pay at any time; the price clock says until when."),
        ("restart", "bill"),
        OK,
    ),
    LEFT_PROVIDER: Stop(
        _("You left without paying"),
        _("You can pay at any time; the price clock says until when."),
        ("restart", "bill"),
        OK,
        cause=_("You left the payment service without paying. No money was taken."),
    ),
    PROVIDER_EXPIRED: Stop(
        _("Time ran out at the payment service"),
        _("Please start again when you are ready. Payment services wait for a few minutes only."),
        ("restart", "bill"),
        OK,
        cause=_("The payment service closed its page because too much time had passed. No money was taken."),
    ),
    PROVIDER_FAILED: Stop(
        _("Payment failed"),
        _("Please start again, or choose another payment service or means of payment."),
        ("restart", "bill"),
        OK,
        cause=_("Payment failed on the payment service's page. No money was taken."),
    ),
    WINDOW_BLOCKED: Stop(
        _("The payment window did not open"),
        _("Your browser may block scripts. Please allow them for this page, or choose a service that needs none."),
        ("choose", "bill"),
        OK,
        cause=_("This payment service needs a script of its own to open, and that did not run. No money was taken."),
    ),
    TAMPERED: Stop(
        _("The payment details do not match"),
        _("Please start again from the bill. If it happens again, please call 110."),
        ("bill", "bills"),
        HTTPStatus.BAD_REQUEST,
    ),
    "reversed": Stop(
        _("The money was refunded to you"),
        _("This attempt paid nothing. If the bill is still open, you can pay it at any time."),
        ("restart", "bill"),
        OK,
    ),
    UNDER_REVIEW: Stop(
        _("A payment for this is under review"),
        _("Nothing can be paid here in the meantime, so that you do not pay twice. No action needed."),
        ("payment", "bill", "bills"),
    ),
    TOO_LATE: Stop(
        _("Time ran out for this payment"), _("Please start again; it takes a minute."), ("restart", "bill"), OK
    ),
    NOT_CAPTURED: Stop(
        _("The payment is not finished"),
        _("Please start again, or choose another payment service."),
        ("restart", "bill"),
    ),
    "declined": Stop(
        _("The payment was declined"),
        _(
            "Often the reason is a limit or a low balance; your bank or card company can tell you. Another service "
            "may work."
        ),
        ("choose", "bill"),
        OK,
    ),
    UNFINISHED: Stop(
        _("This payment is not finished"),
        _(
            "If the payment page is still open somewhere, continue there. Or start again: the earlier one is closed "
            "then."
        ),
        ("restart", "bill"),
        OK,
        cause=_("You have not come back from the payment service yet. No money was taken."),
    ),
}
