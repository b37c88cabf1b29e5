"""Let the office manager see who works at her office, invite officials, and switch their access off and on."""

import re
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from secretary.kernel.language import moment
from secretary.kernel.time.clock import now as clock_now
from subscriptions.accounts.office_staff import NameTaken, invite, is_invited, renew_invitation, set_active
from subscriptions.accounts.second_factor import has_authenticator
from subscriptions.models import Invitation, Official
from subscriptions.registration.scope import NotThisOffice, officials_of, own
from subscriptions.web.forms import helper, posted
from subscriptions.web.officials.access import for_manager, mark_of
from subscriptions.web.officials.office_list import ReasonForm
from subscriptions.web.session.typed import ShowsTyped, errors_shown

USERNAME = re.compile(r"[A-Za-z0-9._-]{3,30}")
RENEW = "renew"  # name of the button


class InvitationForm(ShowsTyped):
    new_name = forms.CharField(
        label=gettext_lazy("User name"),
        help_text=gettext_lazy("3 to 30 Latin letters, digits, dots or dashes. It is not changed later."),
        max_length=30,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
        error_messages={"required": gettext_lazy("Please enter a user name.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = helper(gettext_lazy("Invite"))

    def clean_new_name(self) -> str:
        name = str(self.cleaned_data["new_name"])
        if not USERNAME.fullmatch(name):
            raise forms.ValidationError(_("Please use Latin letters, digits, dots and dashes only, at least three."))
        return name


@require_http_methods(["GET", "POST"])
@for_manager
def staff(request: HttpRequest, official: Official) -> HttpResponse:
    """Show the officials of the office, and invite one."""
    form = InvitationForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            invited, code = invite(manager=official, username=form.cleaned_data["new_name"], now=clock_now())
        except NameTaken:
            form.add_error("new_name", _("This user name is taken. Please choose another one."))
        else:
            return _shown_code(request, official, invited, code)
    if request.method == "POST":
        return errors_shown(request, form, owner=mark_of(official))
    context = {"form": form, "official": official, "here": "staff", "officials": officials_of(official)}
    return render(request, "officials/staff.html", context)


@require_http_methods(["GET", "POST"])
@for_manager
def staff_member(request: HttpRequest, official: Official, official_id: int) -> HttpResponse:
    """Show one official of the office; switch the access off or on, with a reason; make a new invitation code."""
    member = _own(official, official_id)
    if request.method == "POST" and RENEW in request.POST and is_invited(member):
        code = renew_invitation(manager=official, official=member, now=clock_now())
        return _shown_code(request, official, member, code)
    submit = _("Switch the access off") if member.active else _("Switch the access on")
    form = ReasonForm(posted(request), submit=submit, look="danger" if member.active else "primary")
    if request.method == "POST" and RENEW not in request.POST and form.is_valid():
        active, reason = not member.active, form.cleaned_data["reason"]
        set_active(manager=official, official=member, active=active, reason=reason, now=clock_now())
        messages.success(request, _("The access is on again.") if active else _("The access is off, from now on."))
        return redirect("officials:staff")
    if request.method == "POST":
        return errors_shown(request, form, owner=mark_of(official))
    invitation = Invitation.objects.filter(user=member.user_id).first()
    context = {
        "form": form,
        "official": official,
        "here": "staff",
        "member": member,
        "invited": is_invited(member),
        "until": moment(invitation.expires_at) if invitation else "",
        "enrolled": has_authenticator(member.user),
    }
    return render(request, "officials/staff_member.html", context)


def _shown_code(request: HttpRequest, official: Official, invited: Official, code: str) -> HttpResponse:
    """Show the invitation code, in this one answer only."""
    until = moment(Invitation.objects.get(user=invited.user_id).expires_at)
    context = {"official": official, "here": "staff", "member": invited, "code": code, "until": until}
    return render(request, "officials/invited.html", context)


def _own(manager: Official, official_id: int) -> Official:
    try:
        return own(officials_of(manager), official_id, by=manager, refused="official.refused", now=clock_now())
    except NotThisOffice:
        raise Http404 from None
