"""Define the forms of a person's choices: channels in order, kinds of notice, consent item by item."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crispy_forms.layout import Field, Layout
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from subscriptions.models import ConsentText
from subscriptions.models.channel_choice import CHANNELS
from subscriptions.web.fields import ConsentField, words_of
from subscriptions.web.forms import helper, posted
from subscriptions.web.session.typed import ShowsTyped

TEXT_MESSAGE, TOSS = "sms", "toss"
UP, DOWN = "up", "down"

NOT_LINKED = _("{name} (not linked: it is skipped)")


def channel_names(channels: Sequence[str], *, toss_linked: bool) -> list[Any]:
    """Return the names of channels for a person, marked where the channel cannot reach this person."""
    return [CHANNELS[code] if code != TOSS or toss_linked else _not_linked(CHANNELS[code]) for code in channels]


def _not_linked(name: Any) -> Any:
    return format_lazy(NOT_LINKED, name=name)


class ChannelsForm(ShowsTyped):
    """One list, ticked and in order: what is not ticked is not used. A text message stands last or is not ticked.

    The browser posts the ticked ones in the order of the page. `order`: that order, the unticked ones included, for a
    page that is shown again. Toss can be ticked only where it is linked.
    """

    channel = forms.MultipleChoiceField(
        label=_("Which of these may we use?"),
        help_text=_("We use only what you tick, from the top downwards."),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Please tick at least one way to reach you."),
            "invalid_choice": _("This cannot be used for you. Please choose among those shown here."),
        },
    )
    order = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        chosen: Sequence[str] = (),
        order: Sequence[str] = (),
        toss_linked: bool = False,
        submit: Any = None,
    ) -> None:
        """`chosen`: ticked at first. `order`: of the page; by default the chosen ones and then the others."""
        usable = [code for code in CHANNELS if code != TOSS or toss_linked]
        first = order or (data.get("order", "") if data else "").split(",")
        shown = [code for code in dict.fromkeys([*first, *chosen, *usable]) if code in usable and code != TEXT_MESSAGE]
        self.shown_order, self.toss_linked = [*shown, TEXT_MESSAGE], toss_linked
        super().__init__(data, initial={"channel": list(chosen), "order": ",".join(self.shown_order)})
        self.fields["channel"].choices = [  # type: ignore[attr-defined]
            (code, CHANNELS[code]) for code in self.shown_order
        ]
        self.focused = ""  # the button that has the focus after it has moved one of the list: "up naver"
        self.helper = helper(submit or _("Continue"))
        self.helper.layout = Layout(Field("channel", template="web/fields/channel_cards.html"), "order")

    @classmethod
    def asked(
        cls, request: HttpRequest, chosen: Sequence[str], *, toss_linked: bool, submit: Any = None
    ) -> "ChannelsForm":
        """Return the form of a request; "up" and "down" only move one of the list and show the page again."""
        data = posted(request) or QueryDict()
        way, _space, code = data.get("move", "").partition(" ")
        form = cls(posted(request), chosen=chosen, toss_linked=toss_linked, submit=submit)
        if way not in (UP, DOWN) or code not in form.shown_order[:-1]:
            return form
        order, ticked = _moved(form.shown_order[:-1], code, way), data.getlist("channel")
        form = cls(chosen=ticked, order=order, toss_linked=toss_linked, submit=submit)
        is_at_end = code == order[0 if way == UP else -1]
        form.focused = f"{(DOWN if way == UP else UP) if is_at_end else way} {code}"
        return form

    @property
    def channels(self) -> list[str]:
        """Return what was ticked, in order."""
        ticked = list(dict.fromkeys(self.cleaned_data["channel"]))
        return sorted(ticked, key=lambda code: code == TEXT_MESSAGE)


def _moved(order: Sequence[str], code: str, way: str) -> list[str]:
    """Return the order with one of its codes a place higher or lower, as far as there is one."""
    place = order.index(code)
    others = [each for each in order if each != code]
    others.insert(max(place + (-1 if way == UP else 1), 0), code)
    return others


class DataTypesForm(ShowsTyped):
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
    """One heading of the consent page with its items. `together`: agrees to all of them, where there are several."""

    title: Any
    about: Any
    fields: list[forms.BoundField]
    together: forms.BoundField | None


class ConsentForm(ShowsTyped):
    """동의 / 동의안함 for each text, without a default; the required one must be agreed to.

    Below the texts of a group one tick agrees to all that have no answer of their own: required and optional items
    apart (개인정보 보호법 §22①), and none for sensitive data, which the law wants agreed to separately (§23① 1). Each
    consent is a record of its own all the same.

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
        for name, label, belongs in TOGETHER:
            number = sum(belongs(text) for text in self.texts)
            if number > 1:
                self.fields[name] = forms.BooleanField(label=format_lazy(label, number=number), required=False)
        self.asking = ",".join(str(text.id) for text in self.texts)

    @property
    def sections(self) -> list[ConsentSection]:
        """Group required, optional and sensitive items separately (개인정보 보호법 §22, §23)."""
        apart = [
            (_("Required"), _("Without it the service cannot work."), _is_required, "together_required"),
            (
                _("Optional"),
                _("Each one separately: what you do not agree to, you simply do not get."),
                _is_optional,
                "together_optional",
            ),
            (
                _("Optional: sensitive data about health"),
                _("The law asks for a separate consent here."),
                _is_sensitive,
                "",
            ),
        ]
        return [
            ConsentSection(
                title,
                about,
                [self[f"consent_{text.id}"] for text in self.texts if belongs(text)],
                self[together] if together in self.fields else None,
            )
            for title, about, belongs, together in apart
        ]

    @property
    def answers(self) -> dict[str, bool]:
        return {str(text.id): self.cleaned_data[f"consent_{text.id}"] for text in self.texts}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self._agree_together(data)
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

    def _agree_together(self, data: dict[str, Any]) -> None:
        """Answer the items of a group by its tick; an item's own answer counts before it."""
        for text in self.texts:
            name = f"consent_{text.id}"
            if data.get(name) in (True, False) or name in self.errors:
                continue
            if any(data.get(together) and belongs(text) for together, _label, belongs in TOGETHER):
                data[name] = True
            else:
                self.add_error(name, self.fields[name].error_messages["required"])


def _is_required(text: ConsentText) -> bool:
    return text.required


def _is_sensitive(text: ConsentText) -> bool:
    return text.sensitive and not text.required


def _is_optional(text: ConsentText) -> bool:
    return not text.required and not text.sensitive


# A tick that agrees to all of a group: its name, its words, and which texts are meant.
TOGETHER: Sequence[tuple[str, Any, Callable[[ConsentText], bool]]] = (
    ("together_required", _("I have read them and agree to all {number} required items"), _is_required),
    ("together_optional", _("I have read them and agree to all {number} optional items"), _is_optional),
)


def _consent_field(text: ConsentText, title: Any, language: str) -> ConsentField:
    unanswered = format_lazy(_("{item}: please choose “I agree” or “I do not agree”."), item=title)
    return ConsentField(
        label=title,
        choices=[("yes", _("I agree")), ("no", _("I do not agree"))],
        required=False,  # `_agree_together` misses the answer
        empty_value=None,
        error_messages={"required": unanswered},
        words=words_of(text, language),
    )
