"""Require a reason for a step: a page with one field, and what happens once the reason is there."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from secretary.kernel.backoffice.typed_again import PAGE_FORM, fill_again, typed_again
from secretary.kernel.korean.korean import clean_line


class ReasonForm(forms.Form):
    """The stated reason, as the audit trail will keep it. It must hold no person's name or number."""

    reason = forms.CharField(
        label=_("Reason"),
        min_length=5,
        max_length=200,
        help_text=_("At least five characters. It is kept in the audit trail; do not enter personal data."),
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
    )

    def clean_reason(self) -> str:
        return clean_line(str(self.cleaned_data["reason"]))


def ask_reason(
    request: HttpRequest,
    context: dict[str, Any],
    *,
    then: Callable[..., HttpResponse],
    form_of: Callable[[Any], ReasonForm] = ReasonForm,
) -> HttpResponse:
    """Return what `then(reason, …)` answers on POST with a reason; otherwise the page with the fields. `form_of` makes
    a form with further fields from what was posted, if anything was: `then` gets them by name.

    `context`: the admin site's context with `title`, `subject`, `button`, and optionally `warning`.
    """
    form = form_of(request.POST if request.method == "POST" else None)
    fill_again(form, typed_again(request))
    if request.method == "POST" and form.is_valid():
        further = dict(form.cleaned_data)
        return then(further.pop("reason"), **further)
    return TemplateResponse(request, "admin/secretary/reason.html", {**context, "form": form, "page_form": PAGE_FORM})
