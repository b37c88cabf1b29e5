"""Admit people to pages about money, by sign-in and by the age of their identity check."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from payments.bills.bills import NoSuchBill
from payments.checkout.confirm_payment import NoSuchPayment
from secretary.kernel.audit.security_log import log_refusal
from subscriptions.models import Citizen
from subscriptions.web.citizens.entry import for_citizen, for_fully_identified

View = Callable[..., HttpResponse]


def for_payer(view: View, *, why: str = "bills") -> View:
    """Admit the signed-in person to their own bills and payments; others' do not exist (404)."""

    @wraps(view)
    def guarded(request: HttpRequest, citizen: Citizen, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, citizen, **kwargs)
        except (NoSuchBill, NoSuchPayment) as error:
            log_refusal("page of another citizen, or of none", citizen=citizen.pk, page=type(error).__name__)
            raise Http404 from error

    return for_citizen(guarded, why=why)


def for_one_who_paid(view: View) -> View:
    """As `for_payer`. Payment services' apps come back in whatever browser the phone opens: a browser without a session
    shows that a payment waits, and goes on here once its citizen has signed in."""
    return for_payer(view, why="payment")


def just_identified(view: View) -> View:
    """Before money moves: repeat the full identity check, unless it was just passed."""
    after_check = for_fully_identified(view, why="pay", minutes="PAYMENT_REAUTH_MINUTES")

    @wraps(view)
    def guarded(request: HttpRequest, citizen: Citizen, **kwargs: Any) -> HttpResponse:
        return after_check(request, **kwargs)

    return guarded
