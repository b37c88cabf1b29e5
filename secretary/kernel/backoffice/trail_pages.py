"""Show auditors the trail, filtered and page by page, and export what they chose; each look and file is on record."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from secretary.kernel.audit.action_words import action_choices, action_words
from secretary.kernel.audit.audit import record_audit
from secretary.kernel.audit.code_names import known_codes
from secretary.kernel.audit.export_lines import FORMATS, MOST, TooMany, export_lines
from secretary.kernel.audit.find_lines import Chosen, page_of_lines
from secretary.kernel.backoffice import ReasonForm, actor_of
from secretary.kernel.backoffice.trail_words import actor_code, actor_words, object_code, object_words, reason_words
from secretary.kernel.models import AuditEvent
from secretary.kernel.persons.identifiers import row_number
from secretary.kernel.time.clock import now as clock_now

SIZE = 50
MOST_OF_CODE = 60
YEARS = range(2000, 2101)
EXPORT_RIGHT = "common.export_auditevent"
LIST = "admin:common_auditevent_changelist"


def _actions() -> list[Any]:
    return [("", _("All actions")), *action_choices()]


class ActionField(forms.ChoiceField):
    """An action by its words; the address has its code, of which a line of an earlier release may have another."""

    def valid_value(self, value: Any) -> bool:
        return len(str(value)) <= MOST_OF_CODE


class ActorField(forms.CharField):
    """An actor by their words ("staff 3"); the address has the code."""

    def prepare_value(self, value: Any) -> Any:
        return actor_words(str(value), known_codes()) if value else value

    def to_python(self, value: Any) -> str:
        return actor_code(super().to_python(value) or "")


class ObjectField(forms.CharField):
    """An object by its words ("notice: 4711"); the address has the code."""

    def prepare_value(self, value: Any) -> Any:
        return object_words(str(value), known_codes()) if value else value

    def to_python(self, value: Any) -> str:
        return object_code(super().to_python(value) or "")


class DayField(forms.DateField):
    """A day of the trail; one at the ends of the calendar has no beginning or no end in another time zone."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is not None and value.year not in YEARS:
            years = {"first": YEARS[0], "last": YEARS[-1]}
            raise ValidationError(_("Please choose a day from %(first)s to %(last)s.") % years)


class ChooseForm(forms.Form):
    """What is chosen, in the address of the page: numbers and codes only, no name and no phone number of a person."""

    since = DayField(label=gettext_lazy("From"), required=False)
    until = DayField(label=gettext_lazy("Until (day included)"), required=False)
    actor = ActorField(
        label=gettext_lazy("Actor"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("Such as staff 3, official 12"),
    )
    action = ActionField(label=gettext_lazy("Action"), required=False, choices=_actions)
    object = ObjectField(
        label=gettext_lazy("Object"), required=False, max_length=120, help_text=gettext_lazy("Such as notice: 4711")
    )
    citizen_id = forms.UUIDField(
        label=gettext_lazy("Number of the person concerned"),
        required=False,
        error_messages={"invalid": gettext_lazy("This is no number of a person: 32 letters a to f and digits.")},
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since > until:
            self.add_error("until", _("The last day is before the first."))
        return cleaned

    def chosen(self) -> Chosen:
        return Chosen(**{name: value for name, value in self.cleaned_data.items() if value})


class ExportForm(ReasonForm):
    form = forms.ChoiceField(
        label=gettext_lazy("File"),
        choices=[
            ("jsonl", gettext_lazy("JSON lines (to verify)")),
            ("csv", gettext_lazy("CSV (to read in a spreadsheet)")),
        ],
        initial=FORMATS[0],
        widget=forms.RadioSelect,
    )


def show_trail(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """Show the newest lines of what is chosen, or those before the line that the address names."""
    form = ChooseForm(request.GET)
    page: dict[str, Any] = {"title": _("Audit trail"), "form": form, "export": ExportForm(), "size": SIZE}
    if form.is_valid():
        chosen = form.chosen()
        before = row_number(request.GET.get("before", ""))
        found, onward = page_of_lines(chosen, before=before, size=SIZE)
        record_audit(
            now=clock_now(),
            actor=actor_of(request),
            action="audit.read",
            citizen_id=chosen.citizen_id,
            object="audit trail",
            reason=chosen.as_words(),
        )
        worded = _worded(found)
        page |= {"lines": worded, "onward": onward, "chosen": _kept(request.GET), "is_later": before is not None}
    page["may_export"] = request.user.has_perm(EXPORT_RIGHT)
    response = TemplateResponse(request, "admin/secretary/trail.html", {**context, **page})
    response["Cache-Control"] = "no-store"
    return response


def _worded(lines: list[AuditEvent]) -> list[dict[str, Any]]:
    codes = known_codes()
    return [
        {
            "line": line,
            "actor": actor_words(line.actor, codes),
            "action": action_words(line.action),
            "object": object_words(line.object, codes),
            "reason": reason_words(line.action, line.reason, codes),
        }
        for line in lines
    ]


def export_trail(request: HttpRequest) -> HttpResponse:
    """Hand out the chosen lines as a file, for a reason."""
    if not request.user.has_perm(EXPORT_RIGHT):
        raise PermissionDenied
    form, stated = ChooseForm(request.POST), ExportForm(request.POST)
    if not (form.is_valid() and stated.is_valid()):
        messages.error(request, _("Nothing was exported: state a reason of at least five characters, and a file."))
        return _back(request.POST)
    try:
        exported = export_lines(
            form.chosen(),
            form=stated.cleaned_data["form"],
            actor=actor_of(request),
            reason=stated.cleaned_data["reason"],
            now=clock_now(),
        )
    except TooMany:
        words = _("These are more than %(most)s lines: choose a shorter period.") % {"most": f"{MOST:,}"}
        messages.error(request, words)
        return _back(request.POST)
    kind = "text/csv; charset=utf-8" if stated.cleaned_data["form"] == "csv" else "application/jsonl"
    response = HttpResponse(exported.content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{exported.name}"'
    response["Cache-Control"] = "no-store"
    return response


def _kept(posted: QueryDict) -> str:
    """Return what is chosen as a query, without the page."""
    query = QueryDict(mutable=True)
    query.update({name: str(posted[name]) for name in ChooseForm.base_fields if posted.get(name)})
    return query.urlencode()


def _back(posted: QueryDict) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse(LIST)}?{_kept(posted)}")
