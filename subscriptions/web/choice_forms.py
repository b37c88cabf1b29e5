"""Define the forms of a person's choices: channels in order, kinds of notice, consent item by item."""

from collections.abc import Iterable, Mapping, Sequence
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

TEXT_MESSAGE = "sms"
APPS = [(code, name) for code, name in CHANNELS.items() if code != TEXT_MESSAGE]

NOT_LINKED = _("{name} (cannot be linked here yet: it is skipped)")


def channel_names(channels: Sequence[str], *, toss_linked: bool) -> list[Any]:
    """Return the names of channels for a person, marked where the channel cannot reach this person."""
    return [CHANNELS[code] if code != "toss" or toss_linked else _not_linked(CHANNELS[code]) for code in channels]


def _not_linked(name: Any) -> Any:
    return format_lazy(NOT_LINKED, name=name)


class ChannelsForm(forms.Form):
    """One ordered list without a script: up to three apps, and a text message at the end where the person chooses it.

    A text message may also stand first, but nowhere else: later channels would never be used.
    """

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
        required=False,
    )

    def __init__(self, *args: Any, toss_linked: bool = False, submit: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._toss_linked = toss_linked
        self.fields["first"].choices = self._named(CHANNELS.items())  # type: ignore[attr-defined]
        for name in ("second", "third"):
            self.fields[name].choices = [("", _("Nowhere else")), *self._named(APPS)]  # type: ignore[attr-defined]
            self.fields[name].error_messages["invalid_choice"] = _(
                "Please choose a text message in the question below."
            )
        self.helper = helper(submit or _("Continue"))
        cards = Field("first", template="web/fields/channel_cards.html")
        self.helper.layout = Layout(cards, "second", "third", "last_resort")

    def _named(self, choices: Iterable[tuple[str, Any]]) -> list[tuple[str, Any]]:
        codes = [code for code, _name in choices]
        return list(zip(codes, channel_names(codes, toss_linked=self._toss_linked), strict=True))

    @staticmethod
    def initial_for(channels: Sequence[str]) -> dict[str, str]:
        """Return the answers that give this order. A text message between apps, which was possible once, moves to the
        end."""
        if not channels:
            return {}
        first, *others = channels
        apps = [channel for channel in others if channel != TEXT_MESSAGE]
        answers = dict(zip(("first", "second", "third"), [first, *apps, "", ""], strict=False))
        return answers | {"last_resort": "yes" if TEXT_MESSAGE in channels else "no"}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.errors:
            return data
        chosen = [data[name] for name in ("first", "second", "third") if data[name]]
        if data["last_resort"] is True and TEXT_MESSAGE not in chosen:
            chosen.append(TEXT_MESSAGE)
        self._refuse_contradictions(dict(data))
        if chosen == ["toss"] and not self._toss_linked:
            self.add_error(
                "second",
                _("Toss alone cannot reach you: it cannot be linked here yet. Please choose another as well."),
            )
        self.channels: list[str] = chosen
        return data

    def _refuse_contradictions(self, data: Mapping[str, Any]) -> None:
        """Two answers contradict each other: the person must correct one."""
        first, second, third = data["first"], data["second"], data["third"]
        if third and not second:
            self.add_error("third", _("Above you have chosen “Nowhere else”. Please choose this one there."))
        elif second == first or (third and third in (first, second)):
            again = "second" if second == first else "third"
            self.add_error(again, _("You have chosen this one already. Please choose another, or “Nowhere else”."))
        if first == TEXT_MESSAGE and data["last_resort"] is False:
            words = _("You have chosen a text message first. If you want none, please choose another one there.")
            self.add_error("last_resort", words)
        elif first != TEXT_MESSAGE and data["last_resort"] not in (True, False):
            self.add_error("last_resort", _("Please choose whether we may send a text message as a last resort."))


class DataTypesForm(forms.Form):
    """Render checkboxes in groups. `groups`: (group's code, its title, [(code, label)])."""

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
    """One heading of the consent page with its items."""

    title: Any
    about: Any
    fields: list[forms.BoundField]


class ConsentForm(forms.Form):
    """동의 / 동의안함 for each text, without a default; the required one must be agreed to.

    `asked`: the texts that the page showed. Another window may have chosen other kinds of notice meanwhile: then the
    answers belong to other texts than those that would be stored.
    """

    asked = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, texts: Sequence[ConsentText], names: Mapping[str, str], language: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.texts = list(texts)
        for text in self.texts:
            title = names.get(text.code, _("Use of Public Secretary"))
            self.fields[f"consent_{text.id}"] = _consent_field(text, title, language)
        self.asking = ",".join(str(text.id) for text in self.texts)

    @property
    def sections(self) -> list[ConsentSection]:
        """Group required, optional and sensitive items separately (개인정보 보호법 §22, §23)."""
        apart = [
            (_("Required"), _("Without it the service cannot work."), _is_required),
            (_("Optional"), _("Each one separately: what you do not agree to, you simply do not get."), _is_optional),
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
        if data.get("asked", "") not in ("", self.asking):
            words = _(
                "In the meantime, other kinds of notice were chosen in another window. Here you are asked about these."
            )
            self.add_error(None, words)
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
                _("You have not agreed to any kind of notice. Please agree to at least one, or close this page."),
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
