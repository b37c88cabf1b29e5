"""Let a citizen pay: choose a service, check everything, go to the provider's page and come back; then the payment's
status, its receipt, and all that was tried. Reloading charges nothing."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from csp.decorators import csp_update
from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from payments import adapters
from payments.adapters import ReturnUrls
from payments.bills.bills import poll_once_more
from payments.checkout.pay_bill import begin_payment, confirm_payment
from payments.providers.contract import Begun, Window
from payments.refusal_codes import AMOUNT_CHANGED, UNFINISHED
from payments.refusals import Refused
from payments.web.bill_view import ON_A_PAGE, BillView, view_bill, view_payments
from payments.web.bills import for_one_who_paid, for_payer, just_identified, own_bill, page_of, turning, worth_showing
from payments.web.payment_view import (
    PaymentView,
    ProviderView,
    Receipt,
    receipt_of,
    view_order,
    view_payment,
    view_providers,
)
from payments.web.stops import changed, left_because, stopped
from secretary.kernel.korean.korean import format_span
from secretary.kernel.language import as_language, language
from secretary.kernel.time.clock import kst_date
from secretary.kernel.time.clock import now as clock_now
from subscriptions.models import Citizen
from subscriptions.web.citizens.entry import sign_of
from subscriptions.web.forms import helper, posted
from subscriptions.web.looks import look_of, looks_again
from subscriptions.web.session.typed import ShowsTyped, errors_shown

WORDS: Mapping[str, Mapping[str, str]] = {
    "ko": {
        "moving": "{provider} 결제 화면으로 이동합니다",
        "go": "결제 화면 열기",
        "wait": "화면이 바뀌지 않으면 아래 버튼을 눌러 주세요. 결제를 마치면 이 서비스로 돌아옵니다.",
        "script": "이 결제사는 자바스크립트가 있어야 열립니다. 켤 수 없다면 다른 결제 방법을 골라 주세요.",
    },
    "en": {
        "moving": "Taking you to {provider}",
        "go": "Open the payment page",
        "wait": "If nothing happens, use the button below. After paying you come back to this service.",
        "script": "This provider needs JavaScript. If you cannot turn it on, choose another way to pay.",
    },
}
PHONE_SIGN = "Mobi"  # in the User-Agent of browsers on phones (developer.mozilla.org, "Browser detection")


class ProviderForm(ShowsTyped):
    provider = forms.ChoiceField(
        label=_("Which service do you want to pay with?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Please choose a payment service."),
            "invalid_choice": _("Please choose one of these."),
        },
    )

    def __init__(self, *args: object, offered: list[ProviderView], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["provider"].choices = [(item.name, item.title) for item in offered]  # type: ignore[attr-defined]
        self.helper = helper(_("Continue"))


@require_http_methods(["GET", "POST"])
@for_payer
def choose(request: HttpRequest, citizen: Citizen, bill_id: int) -> HttpResponse:
    bill = own_bill(citizen, bill_id)
    if code := bill.stop_code:
        return stopped(request, citizen, bill_id, code)
    form = ProviderForm(posted(request), offered=view_providers(language=language()))
    if form.is_valid():
        return redirect("pay:check", bill_id, form.cleaned_data["provider"])
    if request.method == "POST":
        return errors_shown(request, form, owner=sign_of(str(citizen.pk)))
    return render(request, "payments/choose.html", {"bill": bill, "form": form, "today": kst_date(clock_now())})


@require_POST
@for_payer
def poll(request: HttpRequest, citizen: Citizen, bill_id: int) -> HttpResponse:
    """Ask the agency anew about a bill that it did not know; show the bill, or why it cannot be paid."""
    try:
        poll_once_more(citizen=citizen, bill_id=bill_id, now=clock_now())
    except Refused as refused:
        return stopped(request, citizen, bill_id, refused.code)
    return redirect("pay:bill", bill_id)


@require_http_methods(["GET", "POST"])
@for_payer
def check(request: HttpRequest, citizen: Citizen, bill_id: int, provider: str) -> HttpResponse:
    """Show what will be paid, and begin it. Above a sum (a setting) only just after the full identity check."""
    bill, chosen = own_bill(citizen, bill_id), _chosen(provider)
    is_small = bill.clock is not None and bill.clock.amount <= settings.PAYMENT_FULL_CHECK_WON
    answer = _check if is_small else just_identified(_check)
    return answer(request, citizen, bill=bill, chosen=chosen)


def _check(request: HttpRequest, citizen: Citizen, *, bill: BillView, chosen: ProviderView) -> HttpResponse:
    if code := bill.stop_code:
        return stopped(request, citizen, bill.bill_id, code)
    if request.method == "POST":
        return _begin(request, citizen, bill, chosen)
    context = {"bill": bill, "provider": chosen, "today": kst_date(clock_now())}
    return render(request, "payments/check.html", context)


def _begin(request: HttpRequest, citizen: Citizen, bill: BillView, chosen: ProviderView) -> HttpResponse:
    """Compare the amount that the page had shown; the amount to charge is computed here."""
    assert bill.clock is not None  # else it had been stopped
    seen = request.POST.get("amount", "")
    if seen != str(bill.clock.amount):
        before = int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 10 else None
        return changed(request, bill, chosen.name, before=before, now=bill.clock.amount)
    try:
        _, begun = begin_payment(
            citizen=citizen,
            bill_id=bill.bill_id,
            provider=chosen.name,
            return_urls=lambda order_id: _return_urls(request, order_id),
            seen=bill.clock.amount,
            now=clock_now(),
        )
    except Refused as refused:
        if refused.code == AMOUNT_CHANGED and refused.quote is not None:
            return changed(request, bill, chosen.name, before=bill.clock.amount, now=refused.quote.amount)
        return stopped(request, citizen, bill.bill_id, refused.code)
    return hand_over(request, begun, provider=chosen.name, title=adapters.provider(chosen.name).title)


def _chosen(name: str) -> ProviderView:
    found = [item for item in view_providers(language=language()) if item.name == name]
    if not found:
        raise Http404
    return found[0]


def _return_urls(request: HttpRequest, order_id: str) -> ReturnUrls:
    """On the host that the person uses, since their session is there."""
    ways = ("success", "cancel", "fail")
    return ReturnUrls(*(request.build_absolute_uri(reverse("pay:back", args=(order_id, how))) for how in ways))


def hand_over(request: HttpRequest, begun: Begun, *, provider: str, title: Mapping[str, str]) -> HttpResponse:
    """Send the browser to the provider's page: to its address, or by a page on which its own script opens its window.

    Not a redirect: Chromium holds a redirect that answers a form to `form-action`, which is ours alone. The page moves
    on by itself (a refresh after no time at all) and shows a link in case it does not.
    `provider`: its module's name; `title`: its `title`. Answers a POST that has just begun a payment."""
    shown_in = as_language(getattr(request, "LANGUAGE_CODE", "ko"))
    words = {name: text.format(provider=title[shown_in]) for name, text in WORDS[shown_in].items()}
    context: dict[str, Any] = {"words": words, "provider": provider}
    if begun.window is None:
        return render(request, "payments/handover.html", {**context, "url": _address(request, begun)})
    answer = csp_update(_policy(begun.window))(lambda asked: render(asked, "payments/window.html", context))
    context["window"] = begun.window
    shown = answer(request)
    assert isinstance(shown, HttpResponse)
    return shown


def _address(request: HttpRequest, begun: Begun) -> str:
    phone = PHONE_SIGN in request.headers.get("User-Agent", "")
    return begun.mobile_url if phone and begun.mobile_url else begun.url


def _policy(window: Window) -> dict[str, list[str]]:
    """What this one page may load besides our own: the vendor's script, and what that talks to."""
    parts = urlsplit(window.script)
    others = list(window.origins)
    return {
        "script-src": [f"{parts.scheme}://{parts.netloc}"],
        "connect-src": others,
        "form-action": others,
        "frame-src": others,
    }


@require_GET
@for_one_who_paid
def back(request: HttpRequest, citizen: Citizen, order_id: str, how: str) -> HttpResponse:
    """Handle the provider's three ways back. Replayed it polls and charges nothing, and shows the same."""
    try:
        confirm_payment(citizen=citizen, order_id=order_id, query=request.GET.dict(), now=clock_now())
    except Refused as refused:
        return _not_paid(request, citizen, order_id, refused, how)
    return redirect("pay:order", order_id)


@require_GET
@for_one_who_paid
def order(request: HttpRequest, citizen: Citizen, order_id: str) -> HttpResponse:
    payment, receipt = view_order(citizen=citizen, order_id=order_id, language=language())
    if payment.pending:
        return _pending(request, payment)
    if receipt is not None:
        return render(request, "payments/paid.html", {"payment": payment, "receipt": receipt})
    return stopped(request, citizen, payment.bill_id, payment.reason or UNFINISHED, status=200)


@require_GET
@for_payer
def history(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    page = page_of(request)
    first = (page - 1) * ON_A_PAGE
    found = view_payments(citizen=citizen, language=language(), now=clock_now(), first=first, most=ON_A_PAGE + 1)
    payments = list(filter(worth_showing, found[:ON_A_PAGE]))
    kept_for = format_span(settings.KEPT_DAYS["payments"], language())
    context = {"payments": payments, "kept_for": kept_for, "here": "history"} | turning(page, len(found) > ON_A_PAGE)
    return render(request, "payments/history.html", context)


@require_GET
@for_payer
def receipt(request: HttpRequest, citizen: Citizen, order_id: str) -> HttpResponse:
    context = {"receipt": _receipt(citizen, order_id), "name": citizen.name}
    return render(request, "payments/receipt.html", context)


@require_GET
@for_payer
def pdf(request: HttpRequest, citizen: Citizen, order_id: str) -> HttpResponse:
    from payments.web.receipts.receipt_pdf import receipt_pdf  # reportlab and Pillow: 5 MB that few processes use

    found = _receipt(citizen, order_id)
    headers = {"Content-Disposition": f'inline; filename="receipt-{found.number}.pdf"'}
    written = receipt_pdf(found, name=citizen.name, language=language())
    return HttpResponse(written, content_type="application/pdf", headers=headers)


def _receipt(citizen: Citizen, order_id: str) -> Receipt:
    """Return the receipt in the page's language. Raises NoSuchPayment."""
    return receipt_of(citizen=citizen, order_id=order_id, language=language())


def _pending(request: HttpRequest, payment: PaymentView) -> HttpResponse:
    """Show a page that refreshes itself for some minutes. By a header in place of a <meta>: with pauses that grow,
    an end, and a link that stops it (WCAG 2.2.1)."""
    look = look_of(request.GET.get("look", ""))
    answer = render(request, "payments/pending.html", {"payment": payment, "look": look})
    return looks_again(answer, request, look)


def _not_paid(request: HttpRequest, citizen: Citizen, order_id: str, refused: Refused, how: str) -> HttpResponse:
    payment = view_payment(citizen=citizen, order_id=order_id, language=language())
    if refused.quote is not None:
        bill = view_bill(citizen=citizen, bill_id=payment.bill_id, language=language(), now=clock_now())
        return changed(request, bill, payment.provider, before=payment.amount, now=refused.quote.amount)
    code = left_because(refused, how)
    return stopped(request, citizen, payment.bill_id, code)
