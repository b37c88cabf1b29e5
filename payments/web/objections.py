"""Explain objecting: what the law gives, where and until when; and pause our notices, which files nothing."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from payments.bills.object_to_bill import raise_objection, take_back_objection
from payments.refusals import Refused
from payments.web.bills import bill_context, for_payer
from payments.web.stops import stopped
from secretary.kernel.time.clock import now as clock_now
from subscriptions.models import Citizen


@require_http_methods(["GET", "POST"])
@for_payer
def objection(request: HttpRequest, citizen: Citizen, bill_id: int) -> HttpResponse:
    if request.method == "GET":
        return render(request, "payments/objection.html", bill_context(citizen, bill_id))
    try:
        _take_down(request, citizen, bill_id)
    except Refused as refused:
        return stopped(request, citizen, bill_id, refused.code)
    return redirect("pay:bill", bill_id)


def _take_down(request: HttpRequest, citizen: Citizen, bill_id: int) -> None:
    if "take_back" in request.POST:
        take_back_objection(citizen=citizen, bill_id=bill_id, now=clock_now())
        messages.success(request, _("The pause is over. You get our notices again."))
    else:
        raise_objection(citizen=citizen, bill_id=bill_id, now=clock_now())
        messages.success(request, _("Only the notices are paused. No objection has been filed yet."))
