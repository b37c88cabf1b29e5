"""Edit the fields of a record, which an agency sends and templates may show."""

from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from secretary.kernel.korean.korean import clean_line
from subscriptions.admin.editor.basics import CODE_HELP, line
from subscriptions.admin.editor.page import Page
from subscriptions.data_types.version_parts import date_slot, is_dated, read_field, refuse_removal
from subscriptions.models import DataTypeVersion
from subscriptions.specs import FIELD_TYPES

TYPE_NAMES = {
    "text": gettext_lazy("Text"),
    "won": gettext_lazy("Amount in won"),
    "int": gettext_lazy("Whole number"),
    "date": gettext_lazy("Date"),
    "datetime": gettext_lazy("Date and time"),
    "choice": gettext_lazy("One of a list"),
    "phone": gettext_lazy("Telephone number"),
}
NUMBERS = ("won", "int")


class FieldForm(forms.Form):
    name = forms.RegexField(
        r"^[a-z][a-z0-9_]*$", label=gettext_lazy("Name in the agency's records"), max_length=40, help_text=CODE_HELP
    )
    type = forms.ChoiceField(
        label=gettext_lazy("Type"), initial="text", choices=[(code, TYPE_NAMES[code]) for code in FIELD_TYPES]
    )
    placeholder = line(
        gettext_lazy("Placeholder"),
        34,
        required=False,
        help_text=gettext_lazy(
            "Its name in message templates of both languages, written #{납부기한} there. Empty: as the Korean label."
        ),
    )
    label_ko = line(gettext_lazy("Label (Korean)"), 40)
    label_en = line(gettext_lazy("Label (English)"), 80)
    sample = line(
        gettext_lazy("Sample, as the agency writes it"),
        200,
        required=False,
        help_text=gettext_lazy("Dates as 2026-04-02, times as 2026-04-02 14:00, amounts in digits, choices as codes"),
    )
    sample_en = line(
        gettext_lazy("Sample in English (text only)"),
        200,
        required=False,
        help_text=gettext_lazy("It stands in English sample messages. What an agency sends is never translated."),
    )
    required = forms.BooleanField(
        label=gettext_lazy("Present in every record"),
        required=False,
        initial=True,
        help_text=gettext_lazy(
            "Otherwise a line of a message template that shows it is omitted where a record lacks it."
        ),
    )
    required_for = forms.CharField(
        label=gettext_lazy("If not in every record: those of these events or states have it"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Codes with commas between them, as the agency sends them: documents_missing, paid"),
    )
    dated = forms.BooleanField(
        label=gettext_lazy("Reminders can be scheduled by this date"),
        required=False,
        help_text=gettext_lazy("Only for dates; at most four fields of a data type."),
    )
    deadline = forms.BooleanField(
        label=gettext_lazy("It is a legal deadline"),
        required=False,
        help_text=gettext_lazy(
            "On a Saturday or public holiday it ends on the next working day: notices count by that day and name both."
        ),
    )
    announce_changes = forms.BooleanField(
        label=gettext_lazy("When it changes, notify the people notified before"), required=False
    )
    private = forms.BooleanField(
        label=gettext_lazy("Private: never in any message template"),
        required=False,
        help_text=gettext_lazy("For plates, health details and the like."),
    )
    max_length = forms.IntegerField(
        label=gettext_lazy("Maximum characters (text only)"), initial=60, min_value=1, max_value=200
    )
    choices = forms.CharField(
        label=gettext_lazy("The list (only for “One of a list”)"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("One per line: code = 한국어 / English"),
    )

    def clean_placeholder(self) -> str:
        """Accept it as templates write it, too."""
        return str(self.cleaned_data["placeholder"]).strip().removeprefix("#{").removesuffix("}").strip()

    def clean_required_for(self) -> list[str]:
        return [item.strip() for item in str(self.cleaned_data["required_for"]).split(",") if item.strip()]

    def clean_choices(self) -> dict[str, dict[str, str]]:
        lines = [clean_line(item) for item in str(self.cleaned_data["choices"]).splitlines() if item.strip()]
        return dict(_choice(item) for item in lines)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        kind, sample = cleaned.get("type"), cleaned.get("sample", "")
        if kind in NUMBERS and sample and not sample.isdecimal():
            self.add_error("sample", _("Enter a whole number, digits only."))
        if cleaned.get("required") and not sample:
            self.add_error("sample", _("A value that every record has needs a sample, which previews show."))
        if kind == "choice" and not cleaned.get("choices") and "choices" not in self.errors:
            self.add_error("choices", _("Write the list: one line for each choice."))
        if cleaned.get("dated") and not is_dated(str(kind)):
            self.add_error("dated", _("Reminders can only be scheduled by a date."))
        if cleaned.get("deadline") and not (kind == "date" and cleaned.get("dated")):
            self.add_error("deadline", _("A legal deadline is a date that reminders can be scheduled by."))
        return cleaned

    def table(self) -> dict[str, Any]:
        """Return the field as in a file of the catalogue, without its date column."""
        data = self.cleaned_data
        table = {name: data[name] for name in ("name", "type", "required", "deadline", "announce_changes")}
        table["placeholder"] = data["placeholder"] or data["label_ko"]
        table |= {name: data[name] for name in ("required_for", "private", "max_length")}
        table |= {"sample_en": data["sample_en"]} if data["sample_en"] else {}
        table["label"] = {"ko": data["label_ko"], "en": data["label_en"]}
        if data["sample"]:
            table["sample"] = int(data["sample"]) if data["type"] in NUMBERS else data["sample"]
        return table | ({"choices": data["choices"]} if data["type"] == "choice" else {})


def edit_field(page: Page, name: str = "") -> HttpResponse:
    """Edit one field; a new one where `name` is empty."""
    stored = next((item for item in page.version.fields if item["name"] == name), None)
    if name and stored is None:
        raise Http404
    form = FieldForm(page.data, initial=field_initial(stored) if stored else None)

    def apply(draft: DataTypeVersion) -> None:
        table = form.table()
        if form.cleaned_data["dated"]:
            table["date_slot"] = date_slot(draft, table["name"])
        if name and table["name"] != name:
            refuse_removal(draft, name)
        draft.fields = [item.to_json() for item in read_field(draft, table, replacing=name)]
        draft.save(update_fields=["fields"])

    if form.is_valid() and (done := page.save(form, apply, what=f"fields {form.cleaned_data['name']}")):
        return done
    return page.show("form.html", _("Field %s") % _label(page, name) if name else _("New field"), form=form)


def delete_field(page: Page, name: str) -> HttpResponse:
    def apply(draft: DataTypeVersion) -> None:
        refuse_removal(draft, name)
        draft.fields = [item for item in draft.fields if item["name"] != name]

    if page.data is not None:
        return page.save(None, apply, what=f"fields {name} removed") or page.go()
    raise Http404


def _label(page: Page, name: str) -> str:
    return next((item["label"]["ko"] for item in page.version.fields if item["name"] == name), name)


def _choice(written: str) -> tuple[str, dict[str, str]]:
    code, equals, words = written.partition("=")
    korean, slash, english = words.partition("/")
    if not equals or not slash:
        raise forms.ValidationError(_("“%s” is not of the form: code = 한국어 / English") % written)
    return code.strip(), {"ko": korean.strip(), "en": english.strip()}


def field_initial(stored: dict[str, Any]) -> dict[str, Any]:
    choices = "\n".join(f"{item['code']} = {item['ko']} / {item['en']}" for item in stored["choices"])
    words = {f"label_{code}": stored["label"][code] for code in ("ko", "en")}
    words["required_for"] = ", ".join(stored.get("required_for", ()))
    return {**stored, **words, "choices": choices, "dated": bool(stored["date_slot"])}
