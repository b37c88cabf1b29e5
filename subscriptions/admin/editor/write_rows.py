"""The parts of the page on which a whole draft is written: rows of fields and of stages, and a cell for each text."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from subscriptions.admin.editor.basics import BasicsForm, ConsentForm
from subscriptions.admin.editor.fields import FieldForm, field_initial
from subscriptions.admin.editor.place_words import LANGUAGE_NAMES
from subscriptions.admin.editor.stages import StageForm, stage_initial
from subscriptions.admin.editor.templates import MessageTemplateForm, draw
from subscriptions.message_templates import Preview
from subscriptions.models import DataTypeVersion, MessageTemplate, Stage
from subscriptions.models.channel_choice import CHANNELS as CHANNEL_NAMES
from subscriptions.specs import CHANNELS, CONSENT_COLUMNS, DATED_TYPES, LANGUAGES, Words

FIRST_FIELDS = ("label_ko", "label_en", "name", "type", "sample", "required")  # the others are under "More"
FIRST_STAGE = ("on", "days", "side", "field")
MOST_ROWS = 40
ADD_ROW = "add-row"  # name of the buttons that show one row more; their values are the kinds of rows


class WholeBasicsForm(BasicsForm):
    """Names and urgency; what is left empty is suggested."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.fields:
            self.fields[name].required = name in ("name_ko", "name_en")


class WholeConsentForm(ConsentForm):
    """The consent text; what is left empty is suggested."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.required = False


class FieldRowForm(FieldForm):
    remove = forms.BooleanField(label=gettext_lazy("Remove this field"), required=False)

    def clean(self) -> dict[str, Any]:
        """Let stages hang on every legal deadline, ticked or not; other dates are, once a stage names them."""
        if self.cleaned_data.get("deadline") and self.cleaned_data.get("type") == "date":
            self.cleaned_data["dated"] = True
        return super().clean()

    def table(self) -> dict[str, Any]:
        return super().table() | {"dated": self.cleaned_data["dated"]}


class StageRowForm(StageForm):
    suggest = forms.BooleanField(label=gettext_lazy("Suggest its texts anew"), required=False)
    remove = forms.BooleanField(label=gettext_lazy("Remove this stage"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("position")
        trigger: Any = self.fields["on"]
        trigger.choices = [("", gettext_lazy("– (no stage)")), *trigger.choices]


class CellForm(MessageTemplateForm):
    """One text. Empty: the stage sends nothing on this channel."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("also_for")
        self.fields["body"].required = False
        self.fields["body"].widget.attrs["rows"] = 9


@dataclass(frozen=True, slots=True)
class Row:
    """A field or a stage. `known`: the name of a stored field, or the number of a stored stage; "" for a new one."""

    form: Any
    known: str
    title: str
    first: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Return whether nothing was typed into a new row."""
        return not self.known and not (self.form.is_bound and self.form.has_changed())

    @property
    def is_removed(self) -> bool:
        return bool(self.form.is_bound and self.form.cleaned_data.get("remove"))

    @property
    def shown_first(self) -> list[Any]:
        return [self.form[name] for name in self.first]

    @property
    def shown_later(self) -> list[Any]:
        kept = "" if self.known else ("remove", "suggest")
        return [field for field in self.form if field.name not in self.first and field.name not in kept]

    @property
    def has_error_later(self) -> bool:
        return any(field.errors for field in self.shown_later)


@dataclass(frozen=True, slots=True)
class Cell:
    """One text with the message as it would be sent."""

    form: CellForm
    channel: str
    channel_name: Any
    language: str
    language_name: Any
    preview: Preview | None  # None where there is no text
    preview_url: str
    edit_url: str

    @property
    def is_open(self) -> bool:
        """Return whether it is unfolded: there is something to correct."""
        return bool(self.form.errors or (self.preview and self.preview.problems))


def field_rows(version: DataTypeVersion, data: Any) -> list[Row]:
    """Return the stored fields and some empty rows. `data`: what was posted, or None."""
    stored = [(item["name"], field_initial(item), item["label"]["ko"]) for item in version.fields]
    rows = []
    for number, (known, initial, title) in enumerate([*stored, *_blanks(data, "field", len(stored), least=6)], 1):
        form = FieldRowForm(
            _sent(data, "field", number),
            initial=initial,
            prefix=f"field-{number}",
            empty_permitted=not known,
            use_required_attribute=False,
        )
        rows.append(Row(form, known, title or _("Field %(n)d (new)") % {"n": number}, FIRST_FIELDS))
    return rows


def stage_rows(version: DataTypeVersion, data: Any, dates: Mapping[str, Words]) -> list[Row]:
    stored = [
        (str(stage.pk), stage_initial(stage), stage.label_ko)
        for stage in version.stages.prefetch_related("templates").order_by("position", "id")
    ]
    rows = []
    for number, (known, initial, title) in enumerate([*stored, *_blanks(data, "stage", len(stored), least=4)], 1):
        form = StageRowForm(
            _sent(data, "stage", number),
            initial=initial or {"urgent": version.urgent},
            prefix=f"stage-{known or f'new-{number}'}",
            dates=dates,
            empty_permitted=not known,
            use_required_attribute=False,
        )
        rows.append(Row(form, known, title or _("Stage %(n)d (new)") % {"n": number}, FIRST_STAGE))
    return rows


def _blanks(data: Any, kind: str, stored: int, *, least: int) -> list[tuple[str, Any, str]]:
    """Return empty rows: as many as the posted page had, and one more where its button "add a row" was pressed;
    otherwise two, and more for a draft that has few."""
    posted = _posted(data, kind)
    further = 1 if data is not None and data.get(ADD_ROW) == kind else 0
    many = min(posted + further, MOST_ROWS) - stored if posted else max(2, least - stored)
    return [("", None, "")] * max(0, many)


def _posted(data: Any, kind: str) -> int:
    """Return how many rows the posted page had; 0 where none was posted."""
    posted = str(data.get(f"{kind}_rows", "")) if data is not None else ""
    return int(posted[:4]) if posted.isdecimal() else 0


def _sent(data: Any, kind: str, number: int) -> Any:
    """Return what was posted, for a row that the posted page had; a row that is new now begins with what is usual."""
    return None if data is not None and data.get(ADD_ROW) == kind and number > _posted(data, kind) else data


def dates_of(rows: list[Row]) -> dict[str, Words]:
    """Return the choices of a stage's date: each stored date by its name, each new row by its place."""
    found: dict[str, Words] = {}
    for number, row in enumerate(rows, 1):
        kind, label = row.form["type"].value(), row.form["label_ko"].value()
        if row.known and kind in DATED_TYPES:
            found[row.known] = Words(label, row.form["label_en"].value())
        elif not row.known:
            name = {"n": number, "label": label or "–"}
            found[f"row-{number}"] = Words(f"{number}번째 항목: {name['label']}", f"row {number}: {name['label']}")
    return found


def text_cells(stages: list[Stage], data: Any, url: Any) -> dict[int, list[Cell]]:
    """Return stage → its cells: a pair of languages for each channel."""
    return {stage.pk: [_cell(stage, *place, data, url) for place in _places()] for stage in stages}


def _places() -> Iterator[tuple[str, str]]:
    return ((channel, language) for channel in CHANNELS for language in LANGUAGES)


def _cell(stage: Stage, channel: str, language: str, data: Any, url: Any) -> Cell:
    found = (item for item in stage.templates.all() if (item.channel, item.language) == (channel, language))
    saved: MessageTemplate | None = next(found, None)
    initial = {"title": saved.title, "body": saved.body} if saved else None
    prefix = cell_prefix(stage.pk, channel, language)
    form = CellForm(data, initial=initial, channel=channel, language=language, prefix=prefix)
    title, body = form["title"].value() or "", form["body"].value() or ""
    shown = draw(stage, channel, language, title=title, body=body) if title or body else None
    place = (stage.pk, channel, language)
    urls = url("template_preview", *place), url("template", *place)
    return Cell(form, channel, CHANNEL_NAMES[channel], language, LANGUAGE_NAMES[language], shown, *urls)


def cell_prefix(stage: int, channel: str, language: str) -> str:
    return f"text-{stage}-{channel}-{language}"


def basics_form(version: DataTypeVersion, data: Any) -> WholeBasicsForm:
    initial = {name: getattr(version, name) for name in BasicsForm.base_fields}
    return WholeBasicsForm(data, initial=initial, prefix="basics")


def consent_form(version: DataTypeVersion, data: Any) -> WholeConsentForm:
    text = version.consent_text
    initial = {name: getattr(text, name) for name in CONSENT_COLUMNS} | {"sensitive": version.sensitive}
    return WholeConsentForm(data, initial=initial, prefix="consent")
