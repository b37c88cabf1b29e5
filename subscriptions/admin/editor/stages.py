"""Edit the stages: when a person is notified about a record."""

from typing import Any

from django import forms
from django.db.models import Max
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from subscriptions.admin.editor.basics import CODE_HELP, line
from subscriptions.admin.editor.page import Page
from subscriptions.data_types.stage_rows import columns_of
from subscriptions.data_types.version_mapping import dated_fields, slotted_field, stage_table
from subscriptions.data_types.version_parts import BadPart, read_stage
from subscriptions.models import DataTypeVersion, Stage
from subscriptions.specs import fields_from_json
from subscriptions.triggers import STATES, TOLD_ONLY, TRIGGERS

STATE_NAMES = {
    "open": gettext_lazy("still open"),
    "paid": gettext_lazy("paid"),
    "completed": gettext_lazy("completed"),
    "withdrawn": gettext_lazy("withdrawn by the agency"),
    "objected": gettext_lazy("an objection is before the agency or a court"),
}
LATER = {
    "": gettext_lazy("seven days after the notice was made"),
    "day": gettext_lazy("at the end of a day of the record (choose below)"),
    "event": gettext_lazy("when the appointment itself begins (choose its field below)"),
}
_TRIGGERS = [(code, trigger.label) for code, trigger in TRIGGERS.items()]


class StageForm(forms.Form):
    code = forms.RegexField(r"^[a-z][a-z0-9_]*$", label=gettext_lazy("Short code"), max_length=30, help_text=CODE_HELP)
    label_ko = line(gettext_lazy("Label (Korean)"), 60)
    label_en = line(gettext_lazy("Label (English)"), 80)
    on = forms.ChoiceField(label=gettext_lazy("Trigger"), choices=_TRIGGERS)
    event = line(
        gettext_lazy("Name of the event"), 30, required=False, help_text=gettext_lazy("Only for “a named event”")
    )
    field = forms.ChoiceField(label=gettext_lazy("Date of the record"), required=False)
    days = forms.IntegerField(
        label=gettext_lazy("Days after that date"),
        initial=0,
        min_value=-400,
        max_value=400,
        help_text=gettext_lazy("−3 is three days before it, 0 the day itself"),
    )
    at = forms.TimeField(label=gettext_lazy("Not before (Korean time)"), initial="09:00", input_formats=["%H:%M"])
    states = forms.MultipleChoiceField(
        label=gettext_lazy("Only while the record is"),
        choices=[(code, STATE_NAMES[code]) for code in STATES],
        initial=["open"],
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("For date-based stages"),
    )
    urgent = forms.BooleanField(label=gettext_lazy("Urgent: may be sent at any hour"), required=False)
    told_only = forms.BooleanField(label=gettext_lazy("Only to people already notified of the record"), required=False)
    late = forms.ChoiceField(
        label=gettext_lazy("Expiry (too late to be sent)"), required=False, choices=list(LATER.items())
    )
    late_field = forms.ChoiceField(label=gettext_lazy("… that day or appointment"), required=False)
    late_days = forms.IntegerField(
        label=gettext_lazy("… and so many days after it"), initial=0, min_value=-400, max_value=400
    )
    position = forms.IntegerField(label=gettext_lazy("Place in the list"), min_value=0, max_value=999)

    def __init__(self, *args: Any, dates: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("field", "late_field"):
            self.fields[name].choices = [("", "–"), *dates]  # type: ignore[attr-defined]

    def table(self) -> dict[str, Any]:
        """Return the stage as in a file of the catalogue, without its templates."""
        data = self.cleaned_data
        table: dict[str, Any] = {name: data[name] for name in ("code", "on", "urgent", "states")}
        table |= {"label": {"ko": data["label_ko"], "en": data["label_en"]}, "at": f"{data['at']:%H:%M}"}
        table["told_only"] = data["told_only"] or data["on"] in TOLD_ONLY
        if data["on"] == "event":
            table["event"] = data["event"]
        if data["on"] == "date":
            table |= {"field": data["field"], "days": data["days"]}
        if data["late"]:
            expiry = {"field": data["late_field"]} if data["late_field"] else {}
            table["expires"] = {**expiry, "days": data["late_days"], "event": data["late"] == "event"}
        return table


def edit_stage(page: Page, stage_id: int = 0) -> HttpResponse:
    """Edit one stage; a new one where `stage_id` is 0."""
    stage = get_object_or_404(Stage, pk=stage_id, version=page.version) if stage_id else None
    initial = _initial(stage) if stage else {"position": _next_position(page.version), "urgent": page.version.urgent}
    form = StageForm(page.data, initial=initial, dates=dated_fields(page.version))

    def apply(draft: DataTypeVersion) -> None:
        spec = read_stage(draft, form.table())
        if draft.stages.filter(code=spec.code).exclude(pk=stage_id).exists():
            raise BadPart([_("There is a stage with this code already.")])
        columns = columns_of(spec, fields_from_json(draft.fields), urgent=draft.urgent)
        columns["position"] = form.cleaned_data["position"]
        if not draft.stages.filter(pk=stage_id).update(**columns):
            Stage.objects.create(version=draft, **columns)

    if form.is_valid() and (done := page.save(form, apply, what=f"stages {form.cleaned_data['code']}")):
        return done
    return page.show("form.html", _("Stage %s") % stage.code if stage else _("New stage"), form=form)


def delete_stage(page: Page, stage_id: int) -> HttpResponse:
    stage = get_object_or_404(Stage, pk=stage_id, version=page.version)
    if page.data is None:
        raise Http404

    def apply(draft: DataTypeVersion) -> None:
        draft.stages.filter(pk=stage_id).delete()

    return page.save(None, apply, what=f"stages {stage.code} removed") or page.go()


def _next_position(version: DataTypeVersion) -> int:
    last: int | None = version.stages.aggregate(last=Max("position"))["last"]
    return 0 if last is None else last + 1


def _initial(stage: Stage) -> dict[str, Any]:
    table = stage_table(stage, stage.version)
    expires = table.get("expires", {})
    late = "" if not expires else "event" if expires["event"] else "day"
    return {
        **table,
        "label_ko": stage.label_ko,
        "label_en": stage.label_en,
        "days": stage.offset_days,
        "late": late,
        "late_field": expires.get("field", slotted_field(stage.version, stage.expires_slot)),
        "late_days": expires.get("days", 0),
        "position": stage.position,
    }
