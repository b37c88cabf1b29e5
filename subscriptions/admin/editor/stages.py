"""Edit the stages: when a person is notified about a record."""

from collections.abc import Mapping
from datetime import time
from typing import Any

from django import forms
from django.db.models import Max
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import get_language, gettext_lazy, override
from django.utils.translation import gettext as _

from secretary.kernel.language import as_language
from subscriptions.admin.editor.basics import line
from subscriptions.admin.editor.page import Page
from subscriptions.data_types.rows import columns_of
from subscriptions.data_types.version_mapping import dated_fields, slotted_field, stage_table
from subscriptions.data_types.version_parts import BadPart, read_stage
from subscriptions.models import DataTypeVersion, Stage
from subscriptions.specs import LANGUAGES, Words, fields_from_json
from subscriptions.triggers import STATES, TOLD_ONLY, TRIGGERS

STATE_NAMES = {
    "open": gettext_lazy("still open"),
    "paid": gettext_lazy("paid"),
    "completed": gettext_lazy("completed"),
    "withdrawn": gettext_lazy("withdrawn by the agency"),
    "objected": gettext_lazy("an objection is before the agency or a court"),
}
FITTING = "fitting"
LATER = {
    FITTING: gettext_lazy("as fits the trigger: a reminder on its date, all else seven days after the notice was made"),
    "": gettext_lazy("seven days after the notice was made"),
    "day": gettext_lazy("at the end of a day of the record (choose below)"),
    "event": gettext_lazy("when the appointment itself begins (choose its field below)"),
}
_TRIGGERS = [(code, trigger.label) for code, trigger in TRIGGERS.items()]


class StageForm(forms.Form):
    label_ko = line(gettext_lazy("Label (Korean)"), 60, required=False, help_text=gettext_lazy("Empty: as its trigger"))
    label_en = line(
        gettext_lazy("Label (English)"), 80, required=False, help_text=gettext_lazy("Empty: as its trigger")
    )
    on = forms.ChoiceField(label=gettext_lazy("Trigger"), choices=_TRIGGERS)
    event = line(
        gettext_lazy("Name of the event"), 30, required=False, help_text=gettext_lazy("Only for “a named event”")
    )
    field = forms.ChoiceField(label=gettext_lazy("Date of the record"), required=False)
    days = forms.IntegerField(
        label=gettext_lazy("How many days"),
        initial=0,
        min_value=0,
        max_value=400,
        help_text=gettext_lazy("0 is the day itself"),
    )
    side = forms.ChoiceField(
        label=gettext_lazy("Before or after that date"),
        initial="before",
        choices=[("before", gettext_lazy("before")), ("after", gettext_lazy("after"))],
    )
    at = forms.TimeField(
        label=gettext_lazy("Not before (Korean time)"),
        initial=time(9),
        input_formats=["%H:%M"],
        widget=forms.TimeInput(format="%H:%M"),
    )
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
        label=gettext_lazy("Expiry (too late to be sent)"),
        required=False,
        initial=FITTING,
        choices=list(LATER.items()),
    )
    late_field = forms.ChoiceField(label=gettext_lazy("… that day or appointment"), required=False)
    late_days = forms.IntegerField(
        label=gettext_lazy("… and so many days after it"), initial=0, min_value=-400, max_value=400
    )
    code = forms.RegexField(
        r"^[a-z][a-z0-9_]*$",
        label=gettext_lazy("Short code"),
        max_length=30,
        required=False,
        help_text=gettext_lazy(
            "Lowercase letters, digits and _, a letter first. Empty: as its trigger. It cannot be changed later."
        ),
    )
    position = forms.IntegerField(label=gettext_lazy("Place in the list"), min_value=0, max_value=999, required=False)

    def __init__(self, *args: Any, dates: Mapping[str, Words], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = [(value, words.of(as_language(get_language()))) for value, words in dates.items()]
        for name in ("field", "late_field"):
            self.fields[name].choices = [("", "–"), *chosen]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        trigger, late = cleaned.get("on"), cleaned.get("late")
        if trigger == "date" and not cleaned.get("field") and "field" not in self.errors:
            self.add_error("field", _("Choose the date by which this stage is sent."))
        if trigger == "event" and not cleaned.get("event"):
            self.add_error("event", _("Name the event, as the agency's records name it."))
        if late in ("day", "event") and trigger != "date" and not cleaned.get("late_field"):
            self.add_error("late_field", _("Choose the date after which it is too late."))
        return cleaned

    def table(self, names: Mapping[str, tuple[str, Words]]) -> dict[str, Any]:
        """Return the stage as in a file of the catalogue, without its templates.

        `names`: the name and the label of the field that each choice of a date means.
        """
        data = self.cleaned_data
        on, days = data["on"], data["days"] if data["side"] == "after" else -data["days"]
        name, words = names.get(data["field"], ("", Words("", "")))
        labels, code = suggested_names(on, days, words, data["event"])
        table: dict[str, Any] = {name: data[name] for name in ("on", "urgent", "states")}
        table |= {"label": {"ko": data["label_ko"] or labels.ko, "en": data["label_en"] or labels.en}}
        table |= {"code": data["code"] or code, "at": f"{data['at']:%H:%M}"}
        table["told_only"] = data["told_only"] or on in TOLD_ONLY
        if on == "event":
            table["event"] = data["event"]
        if on == "date":
            table |= {"field": name, "days": days}
        if data["late"] == FITTING:
            table |= {"expires": {"days": 0}} if on == "date" and days <= 0 else {}
        elif data["late"]:
            ends = names.get(data["late_field"], ("",))[0]
            expiry = {"field": ends} if ends else {}
            table["expires"] = {**expiry, "days": data["late_days"], "event": data["late"] == "event"}
        return table


def suggested_names(on: str, days: int, date: Words, event: str) -> tuple[Words, str]:
    """Return labels and a short code that state the trigger: "만료일 30일 전", "30 days before: Expiry", before_30."""
    if on != "date":
        labels = [_in(language, TRIGGERS[on].label) for language in LANGUAGES]
        return Words(*(f"{label}: {event}"[:60] if event else label for label in labels)), event or on
    side = "before" if days < 0 else "after" if days else "on_the_day"
    korean = {"before": f"{-days}일 전", "after": f"{days}일 뒤", "on_the_day": "당일"}[side]
    english = {"before": f"{-days} days before", "after": f"{days} days after", "on_the_day": "on the day"}[side]
    code = f"{side}_{abs(days)}" if days else side
    return Words(f"{date.ko} {korean}", f"{date.en}: {english}"), code


def _in(language: str, label: Any) -> str:
    with override(language):
        return str(label)


def named(dates: Mapping[str, Words]) -> dict[str, tuple[str, Words]]:
    """Return what a choice means where each is a field's name."""
    return {name: (name, words) for name, words in dates.items()}


def edit_stage(page: Page, stage_id: int = 0) -> HttpResponse:
    """Edit one stage; a new one where `stage_id` is 0."""
    stage = get_object_or_404(Stage, pk=stage_id, version=page.version) if stage_id else None
    initial = (
        stage_initial(stage) if stage else {"position": _next_position(page.version), "urgent": page.version.urgent}
    )
    dates = dated_fields(page.version)
    form = StageForm(page.data, initial=initial, dates=dates)

    def apply(draft: DataTypeVersion) -> None:
        spec = read_stage(draft, form.table(named(dates)))
        if draft.stages.filter(code=spec.code).exclude(pk=stage_id).exists():
            raise BadPart([_("There is a stage with this code already.")])
        columns = columns_of(spec, fields_from_json(draft.fields), urgent=draft.urgent)
        columns["position"] = form.cleaned_data["position"] or _next_position(draft)
        if not draft.stages.filter(pk=stage_id).update(**columns):
            Stage.objects.create(version=draft, **columns)

    if form.is_valid() and (done := page.save(form, apply, what="stages")):
        return done
    return page.show("form.html", _("Stage %s") % stage.label_ko if stage else _("New stage"), form=form)


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


def stage_initial(stage: Stage) -> dict[str, Any]:
    table = stage_table(stage, stage.version)
    expires = table.get("expires", {})
    late = "" if not expires else "event" if expires["event"] else "day"
    return {
        **table,
        "label_ko": stage.label_ko,
        "label_en": stage.label_en,
        "days": abs(stage.offset_days),
        "side": "after" if stage.offset_days > 0 else "before",
        "late": late,
        "late_field": expires.get("field", slotted_field(stage.version, stage.expires_slot)),
        "late_days": expires.get("days", 0),
        "position": stage.position,
    }
