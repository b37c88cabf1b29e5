"""Write a whole draft on one page: names, fields, stages, consent text, and every message with its previews."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from secretary.kernel.korean.korean import clean_line, clean_text
from secretary.kernel.time.clock import now
from subscriptions.admin.editor.page import Page
from subscriptions.admin.editor.templates import draw, placeholders_of
from subscriptions.admin.editor.write_rows import (
    ADD_ROW,
    MOST_ROWS,
    Cell,
    Row,
    basics_form,
    cell_prefix,
    consent_form,
    dates_of,
    field_rows,
    stage_rows,
    text_cells,
)
from subscriptions.data_types.drafts import Refused, editing
from subscriptions.data_types.version_parts import BadPart
from subscriptions.data_types.write_draft import Contents, StageChange, Text, write_draft
from subscriptions.models import DataTypeVersion, Stage
from subscriptions.specs import CHANNELS, DATED_TYPES, LANGUAGES, Words


@dataclass(frozen=True, slots=True)
class Message:
    """A stage with its cells."""

    stage: Stage
    cells: list[Cell]

    @property
    def problems(self) -> int:
        return sum(bool(cell.preview and cell.preview.problems) for cell in self.cells)

    @property
    def is_open(self) -> bool:
        return any(cell.is_open for cell in self.cells)

    @property
    def missing(self) -> int:
        return sum(cell.preview is None for cell in self.cells)


class WholeDraft:
    """Everything on the page: unbound as it is stored, or as it was posted."""

    def __init__(self, page: Page) -> None:
        version, data = page.version, page.data
        self.basics, self.consent = basics_form(version, data), consent_form(version, data)
        self.fields = field_rows(version, data)
        self.dates = dates_of(self.fields)
        self.stages = stage_rows(version, data, self.dates)
        stored = version.stages.select_related("version__data_type__agency").prefetch_related("templates")
        cells = text_cells(list(stages := stored.order_by("position", "id")), data, page.url)
        self.messages = [Message(stage, cells[stage.pk]) for stage in stages]
        self.refused: list[str] = []

    @property
    def forms(self) -> list[Any]:
        rows = [row.form for row in (*self.fields, *self.stages)]
        return [self.basics, *rows, *(cell.form for each in self.messages for cell in each.cells), self.consent]

    def is_valid(self) -> bool:
        """Check every form, so that all mistakes are shown at once."""
        valid = [form.is_valid() for form in self.forms]
        return all(valid) and self._names_fit()

    def _names_fit(self) -> bool:
        """Check that each stage's date is a date that has been described."""
        names = self._names()
        for row in self._used(self.stages):
            for choice in ("field", "late_field"):
                if (value := row.form.cleaned_data[choice]) and value not in names:
                    row.form.add_error(choice, _("There is no date in that row of the fields."))
        return not any(row.form.errors for row in self.stages)

    def contents(self) -> Contents:
        """Return what was posted. Called once all of it is valid."""
        names = self._names()
        fields = [row.form.table() for row in self._used(self.fields)]
        stages = [
            StageChange(
                int(row.known or 0),
                None if row.is_removed else row.form.table(names),
                suggest=bool(row.form.cleaned_data["suggest"]),
            )
            for row in self.stages
            if not row.is_empty
        ]
        texts = [_text(each.stage.pk, cell) for each in self.messages for cell in each.cells]
        basics, consent = self.basics.cleaned_data, self.consent.cleaned_data
        return Contents(_cleaned(basics, clean_line), _cleaned(consent, clean_text), fields, stages, texts)

    def errors(self) -> list[tuple[str, str, str]]:
        """Return every mistake: the id of its field, its place, its words."""
        rows = [(row.title, row.form) for row in (*self.fields, *self.stages)]
        cells = [
            (f"{each.stage.label_ko}, {cell.channel_name}, {cell.language_name}", cell.form)
            for each in self.messages
            for cell in each.cells
        ]
        parts = [(_("Names and urgency"), self.basics), *rows, *cells, (_("Consent text"), self.consent)]
        found = [
            (field.id_for_label, f"{title}: {field.label}", error)
            for title, form in parts
            if form.is_bound
            for field in form
            for error in field.errors
        ]
        return [*(("", "", words) for words in self.refused), *found]

    def _names(self) -> dict[str, tuple[str, Words]]:
        """Return what each choice of a date means: the name and the label of a field as posted."""
        found: dict[str, tuple[str, Words]] = {}
        for number, row in enumerate(self.fields, 1):
            if row.is_empty or row.is_removed or (data := row.form.cleaned_data)["type"] not in DATED_TYPES:
                continue
            found[row.known or f"row-{number}"] = (data["name"], Words(data["label_ko"], data["label_en"]))
        return found

    def _used(self, rows: list[Row]) -> list[Row]:
        return [row for row in rows if not row.is_empty and not row.is_removed]


def write_whole(page: Page) -> HttpResponse:
    """Show the draft, save all that was posted, or show it again: as it would be sent (button "preview"), or with one
    row more."""
    if page.version.state != DataTypeVersion.DRAFT:
        raise Http404
    page.show_again()
    whole = WholeDraft(page)
    is_saved = page.data is not None and not {"preview", ADD_ROW} & set(page.data)
    if is_saved and whole.is_valid() and _saved(page, whole):
        messages.success(page.request, _("Saved. Nothing is sent before another person has approved it."))
        return page.go(to=page.url("write"), anchor=str(page.data.get("then", "")))
    return page.show(
        "write.html",
        _("Write the data type"),
        whole=whole,
        errors=whole.errors() if is_saved else [],
        most_rows=MOST_ROWS,
        seen=page.data.get("seen", "") if page.data is not None else page.version.digest,
        placeholders=placeholders_of(page.version),
    )


def preview_template(page: Page, stage_id: int, channel: str, language: str) -> HttpResponse:
    """Show one text of the page as it is typed."""
    if page.data is None or channel not in CHANNELS or language not in LANGUAGES:
        raise Http404
    stage = get_object_or_404(
        Stage.objects.select_related("version__data_type__agency"), pk=stage_id, version=page.version
    )
    prefix = cell_prefix(stage.pk, channel, language)
    typed = {part: str(page.data.get(f"{prefix}-{part}", ""))[:5000] for part in ("title", "body")}
    shown = draw(stage, channel, language, **typed) if any(typed.values()) else None
    return page.show("_cell_preview.html", "", preview=shown)


def _saved(page: Page, whole: WholeDraft) -> bool:
    try:
        with editing(version_id=page.version.pk, by=page.user, now=now(), what="whole draft") as draft:
            if draft.digest != page.data.get("seen"):
                raise Refused(
                    _(
                        "Another person has changed this draft since you opened the page. What you typed is below, and "
                        "is not saved: open the page again in another window and compare."
                    )
                )
            write_draft(draft, whole.contents())
    except Refused as refused:
        whole.refused.append(str(refused))
    except BadPart as bad:
        whole.refused += bad.messages
    return not whole.refused


def _text(stage: int, cell: Cell) -> Text:
    data = cell.form.cleaned_data
    return Text(stage, cell.channel, cell.language, data["title"], data["body"])


def _cleaned(data: dict[str, Any], clean: Any) -> dict[str, Any]:
    return {name: clean(value).strip() if isinstance(value, str) else value for name, value in data.items()}
