"""The page on which a writer loads template codes of providers from a file: first a table of what would change."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from secretary.kernel.backoffice import actor_of
from secretary.kernel.time.clock import now
from subscriptions.admin.editor.page import CHANGE
from subscriptions.data_types.drafts import Refused
from subscriptions.models import MessageTemplate
from subscriptions.template_codes.lines import MOST_CHARS
from subscriptions.template_codes.load import Plan, load_codes, plan_codes


class FileForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File with template codes"),
        help_text=gettext_lazy(
            "CSV in UTF-8: data_type, stage, language, channel, provider, code, and text if needed."
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt"}),
    )

    def clean_file(self) -> str:
        given: bytes = self.cleaned_data["file"].read(4 * MOST_CHARS)
        try:
            return given.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise forms.ValidationError(_("This is no CSV file. Save the table as CSV in UTF-8.")) from None


class LoadForm(forms.Form):
    """What was looked at, and why it is loaded."""

    content = forms.CharField(widget=forms.HiddenInput, strip=False)
    seen = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)


def template_codes(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """Show what a file would change; load it once its reason is given."""
    assert isinstance(request.user, AbstractBaseUser)
    if not request.user.has_perm(CHANGE):
        raise PermissionDenied
    page: dict[str, Any] = {"title": _("Load template codes"), "opts": MessageTemplate._meta}
    page |= {"back": reverse("admin:subscriptions_messagetemplate_changelist"), "form": FileForm()}
    if request.method == "POST" and "seen" in request.POST:
        done = _load(request, page)
        if done:
            return done
    elif request.method == "POST":
        page["form"] = form = FileForm(request.POST, request.FILES)
        if form.is_valid():
            _show(page, form.cleaned_data["file"])
    return TemplateResponse(request, "admin/secretary/template_codes.html", {**context, **page})


def _show(page: dict[str, Any], content: str) -> None:
    plan = plan_codes(content)
    page["plan"] = plan
    if plan.to_do and not plan.problems:
        page["load_form"] = LoadForm(initial={"content": content, "seen": plan.digest})


def _load(request: HttpRequest, page: dict[str, Any]) -> HttpResponse | None:
    """Load what was looked at; None where it is shown again, with the reason why nothing was loaded."""
    form = LoadForm(request.POST)
    content = str(form.data.get("content", ""))
    if not form.is_valid():
        _show(page, content)
        page["load_form"] = form
        return None
    assert isinstance(request.user, AbstractBaseUser)
    values = form.cleaned_data
    try:
        plan: Plan = load_codes(
            content, by=request.user, actor=actor_of(request), reason=values["reason"], seen=values["seen"], now=now()
        )
    except Refused as refused:
        messages.error(request, str(refused))
        _show(page, content)
        return None
    messages.success(request, _("Loaded: %(count)d codes.") % {"count": len(plan.to_do)})
    return HttpResponseRedirect(page["back"])
