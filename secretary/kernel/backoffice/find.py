"""Search for encrypted values. The form is posted, so that no name or number ever stands in a URL or a log."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from secretary.kernel.audit.audit import record_audit
from secretary.kernel.backoffice.pages import PlainAdmin, actor_of
from secretary.kernel.korean.korean import clean_line
from secretary.kernel.time.clock import now

MOST = 50  # rows that a search may lead to; more is no search


class FindForm(forms.Form):
    text = forms.CharField(max_length=200)


class FindAdmin(PlainAdmin):
    """A list with a search box whose look-up `find` turns text into rows, through hashes where it must."""

    change_list_template = "admin/secretary/find_list.html"
    find_help: Any = ""

    def find(self, text: str) -> tuple[str, QuerySet[Any]]:
        """Return what kind of thing `text` is ("phone", "name", "id", "nothing"; never the text), and the rows.

        Nothing, unless a subclass knows better.
        """
        return "nothing", self.model._default_manager.none()

    def citizen_of(self, row: Any) -> UUID | None:
        """Return the person whom `row` is about; None where the person is unknown."""
        found: UUID | None = row.citizen_id
        return found

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_find"
        view: Callable[..., HttpResponseBase] = self.admin_site.admin_view(require_POST(self.find_view))
        return [path("find/", view, name=name), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        context = {"find_url": self._url("find"), "find_help": self.find_help, **(extra_context or {})}
        return super().changelist_view(request, context)

    def find_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = FindForm(request.POST)
        found: list[str] = []
        if form.is_valid():
            kind, rows = self.find(clean_line(form.cleaned_data["text"]))
            shown = list(rows[:MOST])
            found = [str(row.pk) for row in shown]
            self._record(request, kind, shown)
        if not found:
            messages.warning(request, _("No matches found."))
            return HttpResponseRedirect(self._url("changelist"))
        return HttpResponseRedirect(f"{self._url('changelist')}?pk__in={','.join(found)}")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup == "pk__in" or super().lookup_allowed(lookup, value, request)

    def _record(self, request: HttpRequest, kind: str, rows: list[Any]) -> None:
        """Record how many were found, and a line for each citizen among them: being shown in a search counts as a
        view."""
        place, at, actor = f"{self.opts.model_name} by {kind}", now(), actor_of(request)
        record_audit(now=at, actor=actor, action="searched", object=f"{place}: {len(rows)}")
        for citizen_id in dict.fromkeys(filter(None, map(self.citizen_of, rows))):
            record_audit(now=at, actor=actor, action="found", citizen_id=citizen_id, object=place)

    def _url(self, page: str) -> str:
        return reverse(f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_{page}")
