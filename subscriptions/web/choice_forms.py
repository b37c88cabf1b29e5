"""The forms of what a person chooses: channels in order, kinds of notice, consent item by item."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crispy_forms.layout import Field, Layout
from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from subscriptions.models import ConsentText
from subscriptions.models.channel_choice import CHANNELS
from subscriptions.web.fields import ConsentField, words_of, yes_or_no
from subscriptions.web.forms import helper


class ChannelsForm(forms.Form):
    """An order of channels without a script: first choice, two more if wanted, text message last."""

    first = forms.ChoiceField(
        label=_("Where should we try first?"),
        choices=list(CHANNELS.items()),
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose where we should try first.")},
    )
    second = forms.ChoiceField(label=_("If that does not reach you, where next?"), required=False, choices=[])
    third = forms.ChoiceField(label=_("And after that?"), required=False, choices=[])
    last_resort = yes_or_no(
        label=_("If nothing else reaches you, may we send a text message?"),
        choices=[("yes", _("Yes, send a text message")), ("no", _("No, do not send one"))],
        help_text=_("A text message works on every phone, also without an app."),
        error_messages={"required": _("Please choose whether we may send a text message at last.")},
    )

    def __init__(self, *args: Any, toss_linked: bool = False, submit: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._toss_linked = toss_linked
        for name in ("second", "third"):
            self.fields[name].choices = [("", _("Nowhere else")), *CHANNELS.items()]  # type: ignore[attr-defined]
        self.helper = helper(submit or _("Continue"))
        cards = Field("first", template="web/fields/channel_cards.html")
        self.helper.layout = Layout(cards, "second", "third", "last_resort")

    @staticmethod
    def initial_for(channels: Sequence[str]) -> dict[str, str]:
        """The answers that give this order."""
        if not channels:
            return {}
        order = [*channels, "", ""]
        return {
            "first": order[0],
            "second": order[1],
            "third": order[2],
            "last_resort": "yes" if "sms" in channels else "no",
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.errors:
            return data
        chosen = [data[name] for name in ("first", "second", "third") if data.get(name)]
        if len(set(chosen)) < len(chosen):
            again = "second" if data["second"] == data["first"] else "third"
            self.add_error(again, _("You have chosen this one already. Please choose another, or “Nowhere else”."))
        elif data["last_resort"] and "sms" not in chosen:
            chosen.append("sms")
        if chosen == ["toss"] and not self._toss_linked:
            self.add_error("second", _("Toss reaches you only once you have linked it. Please choose another as well."))
        self.channels: list[str] = chosen
        return data


class DataTypesForm(forms.Form):
    """Checkboxes in groups. `groups`: (group's code, its title, [(code, label)])."""

    def __init__(self, *args: Any, groups: Sequence[tuple[str, Any, list[tuple[str, Any]]]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.groups, self.submit_label = groups, _("Continue")
        for code, title, choices in groups:
            self.fields[code] = forms.MultipleChoiceField(
                label=title, choices=choices, required=False, widget=forms.CheckboxSelectMultiple
            )

    @property
    def chosen(self) -> list[str]:
        return [code for group, _title, _choices in self.groups for code in self.cleaned_data.get(group, [])]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not self.chosen and self.groups:
            self.add_error(self.groups[0][0], _("Please choose at least one kind of notice."))
        return data


@dataclass(slots=True)
class ConsentSection:
    """One heading of the consent page with the items under it."""

    title: Any
    about: Any
    fields: list[forms.BoundField]


class ConsentForm(forms.Form):
    """동의 / 동의안함 for each text, without a default; the required one must be agreed to."""

    def __init__(
        self, *args: Any, texts: Sequence[ConsentText], names: Mapping[str, str], language: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.texts = list(texts)
        for text in self.texts:
            title = names.get(text.code, _("Use of Public Secretary"))
            self.fields[f"consent_{text.id}"] = _consent_field(text, title, language)

    @property
    def sections(self) -> list[ConsentSection]:
        """Required, optional and sensitive apart (개인정보 보호법 §22, §23)."""
        apart = [
            (_("Required"), _("Without it the service cannot work."), _is_required),
            (_("Optional"), _("Each by itself: what you refuse, you simply do not get."), _is_optional),
            (
                _("Optional: sensitive data about health"),
                _("The law asks for a separate consent here."),
                _is_sensitive,
            ),
        ]
        return [
            ConsentSection(title, about, [self[f"consent_{text.id}"] for text in self.texts if belongs(text)])
            for title, about, belongs in apart
        ]

    @property
    def answers(self) -> dict[str, bool]:
        return {str(text.id): self.cleaned_data[f"consent_{text.id}"] for text in self.texts}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.errors:
            return data
        for text in self.texts:
            if text.required and not self.answers[str(text.id)]:
                self.add_error(
                    f"consent_{text.id}",
                    ValidationError(_("Without this consent we cannot send you notices. To go on, please agree.")),
                )
        optional = [text for text in self.texts if not text.required]
        if not self.errors and optional and not any(self.answers[str(text.id)] for text in optional):
            self.add_error(
                f"consent_{optional[0].id}",
                _("You have agreed to no kind of notice. Please agree to at least one, or close this page."),
            )
        return data


def _is_required(text: ConsentText) -> bool:
    return text.required


def _is_sensitive(text: ConsentText) -> bool:
    return text.sensitive and not text.required


def _is_optional(text: ConsentText) -> bool:
    return not text.required and not text.sensitive


def _consent_field(text: ConsentText, title: Any, language: str) -> ConsentField:
    unanswered = format_lazy(_("{item}: please choose “I agree” or “I do not agree”."), item=title)
    return ConsentField(
        label=title,
        choices=[("yes", _("I agree")), ("no", _("I do not agree"))],
        error_messages={"required": unanswered},
        words=words_of(text, language),
    )
