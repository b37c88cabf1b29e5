"""Add buttons that change something to one row's page: each leads to a page for the reason, then acts once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import URLPattern, path, reverse

from secretary.kernel.backoffice.pages import PlainAdmin
from secretary.kernel.backoffice.reasons import ReasonForm, ask_reason
from secretary.kernel.log_ids import bind


@dataclass(frozen=True, slots=True)
class Step:
    """`act(request, row, reason)` returns the message to the administrator; `when(row)`: whether the step applies
    now; `form(row, posted)`: a form that asks for more than the reason, which `act` gets by name."""

    label: Any
    act: Callable[..., str]
    when: Callable[[Any], bool] = lambda _: True
    warning: Any = ""
    form: Callable[[Any, Any], ReasonForm] = lambda _, posted: ReasonForm(posted)


class StepsAdmin(PlainAdmin):
    """A page whose row offers `steps`: url name → Step. Needs the model's change permission."""

    change_form_template = "admin/secretary/steps_form.html"

    def steps(self) -> Mapping[str, Step]:
        return {}

    def get_urls(self) -> list[URLPattern]:
        view: Callable[..., HttpResponseBase] = self.admin_site.admin_view(self.step_view)
        name = f"{self.opts.app_label}_{self.opts.model_name}_step"
        return [path("<path:object_id>/step/<slug:step>/", view, name=name), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        offered = self._offered(request, row) if row is not None else {}
        return super().change_view(request, object_id, form_url, {"steps": offered, **(extra_context or {})})

    def step_view(self, request: HttpRequest, object_id: str, step: str) -> HttpResponse:
        row, chosen = self.get_object(request, object_id), self.steps().get(step)
        if row is None or chosen is None:
            raise Http404
        if not self.may_step(request):
            raise PermissionDenied
        bind(**{str(self.opts.model_name): row.pk})
        back = reverse(f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_change", args=[row.pk])
        page = {"title": chosen.label, "subject": str(row), "opts": self.opts, "button": chosen.label}
        context = {**self.admin_site.each_context(request), **page, "warning": chosen.warning, "back": back}

        def act(reason: str, **further: Any) -> HttpResponse:
            messages.info(request, chosen.act(request, row, reason, **further))
            return HttpResponseRedirect(back)

        return ask_reason(request, context, then=act, form_of=partial(chosen.form, row))

    def may_step(self, request: HttpRequest) -> bool:
        """Return the model's change permission, also where the rows themselves are read-only."""
        return bool(request.user.has_perm(f"{self.opts.app_label}.change_{self.opts.model_name}"))

    def _offered(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        if not self.may_step(request):
            return {}
        return {name: step.label for name, step in self.steps().items() if step.when(row)}
