"""Edit names, summaries, urgency and the consent text."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from secretary.kernel.korean.korean import clean_line, clean_text
from secretary.kernel.language import language
from subscriptions.admin.editor.page import Page
from subscriptions.data_types.checks import unkept_promises
from subscriptions.data_types.drafts import set_consent_text
from subscriptions.models import Agency, DataType, DataTypeVersion
from subscriptions.models.data_type import GROUPS as GROUP_NAMES
from subscriptions.models.data_type import OF_THE_SERVICE
from subscriptions.specs import CHANNELS, CONSENT_COLUMNS, GROUPS, MOST_REACH_HOURS, REACH

CODE_HELP = gettext_lazy("Lowercase letters, digits and _, a letter first. It cannot be changed later.")


def line(label: Any, most: int, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=most, **options)


class AgencyChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name(language()))


class KindChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        newest = obj.versions.order_by("-number").first()
        return str(newest.text("name", language())) if newest else str(obj)


class NewDataTypeForm(forms.Form):
    """The fields that a data type needs before its first draft can be written."""

    name_ko = line(gettext_lazy("Name (Korean)"), 60)
    name_en = line(gettext_lazy("Name (English)"), 100)
    code = forms.RegexField(r"^[a-z][a-z0-9_]*$", label=gettext_lazy("Short code"), max_length=40, help_text=CODE_HELP)
    agency = AgencyChoice(Agency.objects.all(), label=gettext_lazy("Agency"))
    group = forms.ChoiceField(label=gettext_lazy("Group"), choices=[(code, GROUP_NAMES[code]) for code in GROUPS])
    like = KindChoice(
        DataType.objects.exclude(code__in=OF_THE_SERVICE),
        label=gettext_lazy("Begin with a copy of"),
        required=False,
        empty_label=gettext_lazy("nothing: an empty draft"),
        help_text=gettext_lazy("Its fields, stages and messages are copied. They still speak of the other: read each."),
    )
    position = forms.IntegerField(label=gettext_lazy("Place in the list"), initial=100, min_value=0, max_value=9999)

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"])
        if code == "service" or DataType.objects.filter(code=code).exists():
            raise forms.ValidationError(_("There is a data type with this code already."))
        return code


class BasicsForm(forms.Form):
    name_ko = line(gettext_lazy("Name (Korean)"), 60)
    name_en = line(gettext_lazy("Name (English)"), 100)
    summary_ko = line(gettext_lazy("One line for the page of choices (Korean)"), 200)
    summary_en = line(gettext_lazy("One line for the page of choices (English)"), 300)
    frequency_ko = line(gettext_lazy("How often it comes (Korean)"), 100)
    frequency_en = line(gettext_lazy("How often it comes (English)"), 150)
    urgent = forms.BooleanField(
        label=gettext_lazy("Urgent: may be sent at any hour"),
        required=False,
        help_text=gettext_lazy("Otherwise notices go out from 09:00 to 20:00 Korean time."),
    )
    reach_hours = forms.IntegerField(
        label=gettext_lazy("Reached in time: within so many hours"),
        required=False,
        min_value=0,
        max_value=MOST_REACH_HOURS,
        help_text=gettext_lazy("0: within 1 hour where urgent, otherwise within 24 hours."),
    )
    reach_channels = forms.IntegerField(
        label=gettext_lazy("Tried enough: after so many channels"),
        required=False,
        min_value=0,
        max_value=len(CHANNELS),
        help_text=gettext_lazy("0: after all that the person chose. The report on reach follows both."),
    )

    def clean(self) -> dict[str, Any]:
        return {name: value or 0 if name in REACH else value for name, value in (super().clean() or {}).items()}


def text(label: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


class ConsentForm(forms.Form):
    """동의 (개인정보 보호법 §15②): purpose, data, retention, and the consequence of refusing, in both languages."""

    sensitive = forms.BooleanField(
        label=gettext_lazy("Sensitive data (민감정보), such as health: asked for separately"), required=False
    )
    purpose_ko = text(gettext_lazy("Purpose (Korean)"))
    items_ko = text(gettext_lazy("Which data (Korean)"))
    retention_ko = text(gettext_lazy("How long it is kept (Korean)"))
    refusal_ko = text(gettext_lazy("Effect of refusing (Korean)"))
    purpose_en = text(gettext_lazy("Purpose (English)"))
    items_en = text(gettext_lazy("Which data (English)"))
    retention_en = text(gettext_lazy("How long it is kept (English)"))
    refusal_en = text(gettext_lazy("Effect of refusing (English)"))

    def clean_retention_ko(self) -> str:
        return _kept(self.cleaned_data["retention_ko"])

    def clean_retention_en(self) -> str:
        return _kept(self.cleaned_data["retention_en"])


def _kept(retention: str) -> str:
    """Refuse a period that no job keeps: what is agreed to here is a promise."""
    if unkept := unkept_promises(retention):
        raise forms.ValidationError(
            _(
                "The service erases what ended within 5 days, and cases that are over after 1 year; payments are kept "
                "for 5 years. Please promise no other period than these: %(periods)s"
            )
            % {"periods": ", ".join(unkept)}
        )
    return retention


def edit_basics(page: Page) -> HttpResponse:
    initial = {name: getattr(page.version, name) for name in BasicsForm.base_fields}
    form = BasicsForm(page.data, initial=initial)

    def apply(draft: DataTypeVersion) -> None:
        for name, value in form.cleaned_data.items():
            setattr(draft, name, clean_line(value) if isinstance(value, str) else value)

    if form.is_valid() and (done := page.save(form, apply, what="basics")):
        return done
    return page.show("form.html", _("Names and urgency"), form=form)


def edit_consent(page: Page) -> HttpResponse:
    consent = page.version.consent_text
    initial = {name: getattr(consent, name) for name in CONSENT_COLUMNS} | {"sensitive": page.version.sensitive}
    form = ConsentForm(page.data, initial=initial)

    def apply(draft: DataTypeVersion) -> None:
        texts = {name: clean_text(form.cleaned_data[name]).strip() for name in CONSENT_COLUMNS}
        set_consent_text(draft, texts, sensitive=form.cleaned_data["sensitive"])

    if form.is_valid() and (done := page.save(form, apply, what="consent")):
        return done
    return page.show("form.html", _("Consent text"), form=form)
