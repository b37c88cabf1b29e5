"""Paying: by which service, one look at everything, and over to the provider's page."""

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from payments import citizen_view, gateways
from payments.citizen_view import BillView, ProviderView, Refused, ReturnUrls
from payments.handover import hand_over
from payments.web.access import for_payer, just_identified
from payments.web.bills import own_bill
from payments.web.stops import changed, stop_code, stopped
from secretary.common.clock import kst_date
from secretary.common.clock import now as clock_now
from secretary.common.language import language
from subscriptions.models import Citizen
from subscriptions.web.forms import helper, posted


class ProviderForm(forms.Form):
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
    if code := stop_code(bill):
        return stopped(request, citizen, bill_id, code)
    form = ProviderForm(posted(request), offered=citizen_view.providers(language=language()))
    if form.is_valid():
        return redirect("pay:check", bill_id, form.cleaned_data["provider"])
    return render(request, "payments/choose.html", {"bill": bill, "form": form, "today": kst_date(clock_now())})


@require_POST
@for_payer
def ask(request: HttpRequest, citizen: Citizen, bill_id: int) -> HttpResponse:
    """Return whether the agency knows the bill by now."""
    try:
        citizen_view.ask_once_more(citizen=citizen, bill_id=bill_id, now=clock_now())
    except Refused as refused:
        return stopped(request, citizen, bill_id, refused.code)
    return redirect("pay:bill", bill_id)


@require_http_methods(["GET", "POST"])
@for_payer
@just_identified
def check(request: HttpRequest, citizen: Citizen, bill_id: int, provider: str) -> HttpResponse:
    bill, chosen = own_bill(citizen, bill_id), _chosen(provider)
    if code := stop_code(bill):
        return stopped(request, citizen, bill_id, code)
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
        begun = citizen_view.begin(
            citizen=citizen,
            bill_id=bill.bill_id,
            provider=chosen.name,
            return_urls=lambda order_id: _return_urls(request, order_id),
            seen=bill.clock.amount,
            now=clock_now(),
        )
    except Refused as refused:
        if refused.code == "amount_changed" and refused.quote is not None:
            return changed(request, bill, chosen.name, before=bill.clock.amount, now=refused.quote.amount)
        return stopped(request, citizen, bill.bill_id, refused.code)
    return hand_over(request, begun, provider=chosen.name, title=gateways.provider(chosen.name).title)


def _chosen(name: str) -> ProviderView:
    found = [item for item in citizen_view.providers(language=language()) if item.name == name]
    if not found:
        raise Http404
    return found[0]


def _return_urls(request: HttpRequest, order_id: str) -> ReturnUrls:
    """On the host that the person uses, since their session is there."""
    ways = ("success", "cancel", "fail")
    return ReturnUrls(*(request.build_absolute_uri(reverse("pay:back", args=(order_id, how))) for how in ways))
