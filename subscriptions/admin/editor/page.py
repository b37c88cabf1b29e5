"""Share the steps of all editor pages: find the version, show a template, save a form inside one edit."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from secretary.kernel.backoffice.typed_again import PAGE_FORM, fill_again, typed_again
from secretary.kernel.time.clock import now
from subscriptions.data_types.drafts import Refused, editing
from subscriptions.data_types.version_parts import BadPart
from subscriptions.models import DataTypeVersion

FORMS = ("form.html", "message_template.html", "write.html")  # templates with one main form, whose id is PAGE_FORM
VIEW, CHANGE, APPROVE = (f"subscriptions.{verb}_datatypeversion" for verb in ("view", "change", "approve"))


class Page:
    """One request about one version."""

    def __init__(self, site: admin.AdminSite, request: HttpRequest, pk: int, *, needs: str = VIEW) -> None:
        self.site, self.request = site, request
        versions = DataTypeVersion.objects.select_related(
            "data_type__agency", "data_type__live_version", "consent_text"
        )
        self.version = get_object_or_404(versions, pk=pk)
        self._shown_again: Any = None
        if not (self.may(needs) and (self.may(VIEW) or self.may(CHANGE))):
            raise PermissionDenied

    def may(self, permission: str) -> bool:
        return bool(self.user.has_perm(permission))  # type: ignore[attr-defined]

    @property
    def user(self) -> AbstractBaseUser:
        assert isinstance(self.request.user, AbstractBaseUser)
        return self.request.user

    @property
    def data(self) -> Any:
        """Return the posted data; None on GET, as forms expect it."""
        return self.request.POST if self.request.method == "POST" else self._shown_again

    def show_again(self) -> None:
        """Let a page that shows a posted draft unsaved (button "preview") show what was typed on it before."""
        typed = typed_again(self.request)
        if typed is not None:
            typed["preview"] = "1"
            self._shown_again = typed

    @property
    def is_draft(self) -> bool:
        return self.version.state == DataTypeVersion.DRAFT

    def url(self, name: str, *args: object) -> str:
        return reverse(f"admin:subscriptions_datatypeversion_{name}", args=[self.version.pk, *args])

    def show(self, template: str, title: str, **context: Any) -> HttpResponse:
        common = {
            **self.site.each_context(self.request),
            "title": title,
            "subject": f"{self.version.name_ko} v{self.version.number}",
            "version": self.version,
            "opts": DataTypeVersion._meta,
            "back": self.url("change"),
            "is_draft": self.is_draft and self.may(CHANGE),
            "may_change": self.may(CHANGE),
        }
        if self.is_draft and self.may(CHANGE) and template in FORMS:
            common["page_form"] = PAGE_FORM
        if "form" in context:
            fill_again(context["form"], typed_again(self.request))
        return TemplateResponse(self.request, f"admin/editor/{template}", {**common, **context})

    def go(self, message: str = "", *, to: str = "", anchor: str = "") -> HttpResponse:
        """Redirect to the overview, or to the address `to`."""
        if message:
            messages.success(self.request, message)
        return HttpResponseRedirect((to or self.url("change")) + (f"#{anchor}" if anchor else ""))

    def save(
        self, form: forms.Form | None, apply: Callable[[DataTypeVersion], None], *, what: str
    ) -> HttpResponse | None:
        """Run `apply` on the locked draft. None when it was refused: the form then shows the reason."""
        try:
            with editing(version_id=self.version.pk, by=self.user, now=now(), what=what) as draft:
                apply(draft)
        except Refused as refused:
            self._refuse(form, [str(refused)])
        except BadPart as bad:
            self._refuse(form, bad.messages)
        else:
            return self.go(_("Saved."), anchor=what.partition(" ")[0])
        return None

    def _refuse(self, form: forms.Form | None, reasons: list[str]) -> None:
        for reason in reasons:
            if form is None:
                messages.error(self.request, reason)
            else:
                form.add_error(None, reason)
