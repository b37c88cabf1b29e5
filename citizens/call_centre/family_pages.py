"""Stop messages for a caller whom seniors have named as family. The page shows nothing of the seniors."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from citizens.call_centre.current_call import for_call_centre
from citizens.call_centre.pages import page
from secretary.kernel.backoffice.pages import actor_of
from secretary.kernel.backoffice.reasons import ReasonForm
from secretary.kernel.database.retry import Busy
from secretary.kernel.persons.phone import NotAMobile, parse_mobile
from secretary.kernel.time.clock import now as clock_now
from subscriptions.enrolment.family.answer import member_of, member_with, stop_for
from subscriptions.models import FamilyMember
from subscriptions.web.forms import say_busy


class StopFamilyForm(ReasonForm):
    number = forms.CharField(
        label=gettext_lazy("Code from our message, or the caller's mobile number"),
        max_length=60,
        help_text=gettext_lazy("The code is like K7M-P2Q-X9A. With either, all messages to that number stop."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
    )
    field_order = ("number", "reason")
    member: FamilyMember | None = None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if typed := data.get("number"):
            self.member = member_of(typed) or _by_number(typed)
            if self.member is None:
                self.add_error("number", _("No family member has this code or number, so no message goes there."))
        return data


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
@sensitive_variables("form")
@for_call_centre
def stop_family(request: HttpRequest) -> HttpResponse:
    form, status = StopFamilyForm(request.POST if request.method == "POST" else None), 200
    if request.method == "POST" and form.is_valid() and form.member is not None:
        reason = form.cleaned_data["reason"]
        try:
            stop_for(member=form.member, actor=actor_of(request), reason=reason, now=clock_now())
        except Busy:
            status = say_busy(form)
        else:
            messages.success(request, _("Nothing more is sent to this number, and it is not asked again."))
            return redirect("admin:call_centre")
    return page(request, "family", _("No messages to a family member"), {"form": form}, status=status)


def _by_number(typed: str) -> FamilyMember | None:
    try:
        return member_with(parse_mobile(typed))
    except NotAMobile:
        return None
