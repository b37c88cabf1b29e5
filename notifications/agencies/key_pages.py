"""Let a person of an agency change over its keys: a new one is shown once, the old one stays valid until a day."""

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from notifications.agencies.agency_keys import (
    MOST_OVERLAP_DAYS,
    OVERLAP_DAYS,
    NotReplaceable,
    replace_key,
    revoke_key,
)
from notifications.agencies.batches import keys_of
from notifications.models import AgencyKey
from secretary.kernel.audit.audit import record_audit
from secretary.kernel.korean.korean import clean_line
from secretary.kernel.time.clock import now as clock_now
from subscriptions.models import AgencyStaff
from subscriptions.web.agencies.access import for_agency
from subscriptions.web.forms import helper, posted
from subscriptions.web.session.typed import ShowsTyped

MOST_KEYS = 100  # of an agency, on one page


class ReasonForm(ShowsTyped):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        min_length=5,
        max_length=120,
        help_text=gettext_lazy("At least five characters. It is kept in the audit trail; do not enter personal data."),
        error_messages={"required": gettext_lazy("Please fill this in.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper: FormHelper = helper(gettext_lazy("Revoke this key"))

    def clean_reason(self) -> str:
        return clean_line(str(self.cleaned_data["reason"]))


class ReplaceForm(ReasonForm):
    days = forms.IntegerField(
        label=gettext_lazy("Days for which the old key stays valid"),
        min_value=0,
        max_value=MOST_OVERLAP_DAYS,
        initial=OVERLAP_DAYS,
        help_text=gettext_lazy("0 to 90. Change your programs over within these days."),
        error_messages={"required": gettext_lazy("Please fill this in.")},
    )
    field_order = ("days", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = helper(gettext_lazy("Make the new key"))


@require_GET
@for_agency
def keys(request: HttpRequest, member: AgencyStaff) -> HttpResponse:
    now = clock_now()
    rows = [(key, key.is_valid(now)) for key in keys_of(member.agency)[:MOST_KEYS]]
    return render(request, "agencies/keys.html", {"member": member, "here": "keys", "rows": rows})


@require_http_methods(["GET", "POST"])
@for_agency
def replace(request: HttpRequest, member: AgencyStaff, key_id: str) -> HttpResponse:
    """Make the new key. Its secret stands on the answer alone: in no message, session or log."""
    key, form = _own(member, key_id), ReplaceForm(posted(request))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            new = replace_key(
                key=key, overlap_days=given["days"], actor=member.actor, reason=given["reason"], now=clock_now()
            )
        except NotReplaceable:
            messages.error(request, _("This key is replaced or revoked already."))
            return redirect("agency:keys")
        key.refresh_from_db()
        page = {"member": member, "here": "keys", "new": new, "old": key}
        return render(request, "agencies/new_key.html", page)
    return render(request, "agencies/replace_key.html", {"member": member, "here": "keys", "key": key, "form": form})


@require_http_methods(["GET", "POST"])
@for_agency
def revoke(request: HttpRequest, member: AgencyStaff, key_id: str) -> HttpResponse:
    key, form = _own(member, key_id), ReasonForm(posted(request))
    if request.method == "POST" and form.is_valid():
        revoke_key(key=key, actor=member.actor, reason=form.cleaned_data["reason"], now=clock_now())
        messages.success(request, _("The key is revoked. Pushes signed with it are refused from now on."))
        return redirect("agency:keys")
    others = keys_of(member.agency).filter(feed=key.feed_id, revoked_at=None).exclude(pk=key.pk)
    is_last = not any(other.is_valid(clock_now()) for other in others)
    page = {"member": member, "here": "keys", "key": key, "form": form, "is_last": is_last}
    return render(request, "agencies/revoke_key.html", page)


def _own(member: AgencyStaff, key_id: str) -> AgencyKey:
    """Return a key of the person's agency; of another agency's there is none, and the try is on record."""
    key = keys_of(member.agency).filter(key_id=key_id).first()
    if key is None:
        record_audit(now=clock_now(), actor=member.actor, action="key.refused", object=f"agency_key:{key_id}")
        raise Http404
    assert isinstance(key, AgencyKey)
    return key
