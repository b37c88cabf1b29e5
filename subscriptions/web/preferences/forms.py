"""Define the forms of one's hours, bundled notices, and language and display."""

from datetime import time
from typing import Any

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from subscriptions.models import Citizen
from subscriptions.preferences.hours import Hours, HoursRefused, check_hours, hours_of, usual_hours
from subscriptions.preferences.reading import TEXT_SIZES, Reading
from subscriptions.web.citizens.choice_words import LANGUAGES, WEEKDAYS, hour_words, hours_words
from subscriptions.web.forms import helper
from subscriptions.web.session.typed import SET_CONTRAST, SET_SIZE, ShowsTyped, Typed

USUAL, OWN, REST = "usual", "own", "rest"


def _hour_choices(first: int, last: int, *, is_end: bool = False) -> list[tuple[str, str]]:
    clocks = [time(hour % 24) for hour in range(first, last + 1)]
    return [(f"{clock:%H:%M}", hour_words(clock, is_end=is_end)) for clock in clocks]


def _clock(chosen: str) -> time:
    return time.fromisoformat(chosen)


class HoursForm(ShowsTyped):
    """The usual hours, a begin and an end of one's own, or the hours of rest over night, in which nothing comes."""

    which = forms.ChoiceField(label=_("When may notices come?"), widget=forms.RadioSelect)
    starts = forms.TypedChoiceField(
        label=_("From this hour"),
        help_text=_("Only where you choose hours above."),
        coerce=_clock,
        required=False,
        empty_value=None,
    )
    ends = forms.TypedChoiceField(label=_("Until this hour"), coerce=_clock, required=False, empty_value=None)

    def __init__(self, data: QueryDict | None, *, citizen: Citizen) -> None:
        hours = hours_of(citizen)
        is_own = citizen.hours_from is not None or citizen.hours_to is not None
        initial = {
            "which": OWN if is_own else USUAL,
            "starts": f"{hours.starts:%H:%M}",
            "ends": f"{hours.ends:%H:%M}",
        }
        super().__init__(data, initial=initial)
        latest = settings.HOURS_LATEST.hour or 24
        fields: dict[str, Any] = self.fields
        fields["which"].choices = [
            (USUAL, gettext("As usual: %(hours)s") % {"hours": hours_words(usual_hours())}),
            (OWN, _("Only in the hours chosen below")),
            (REST, _("Not in the hours of rest chosen below, over night")),
        ]
        fields["starts"].mark_optional = fields["ends"].mark_optional = False  # they always have an hour
        fields["starts"].choices = _hour_choices(settings.HOURS_EARLIEST.hour, latest - 1)
        fields["ends"].choices = _hour_choices(settings.HOURS_EARLIEST.hour + 1, latest, is_end=True)
        self.helper = helper(_("Save"))

    @property
    def hours(self) -> Hours | None:
        """Return when notices may come; None: as usual."""
        return None if self.cleaned_data["which"] == USUAL else self._hours(self.cleaned_data)

    @staticmethod
    def _hours(data: dict[str, Any]) -> Hours:
        """Return the hours as chosen, or those between the end and the begin of the rest."""
        chosen = Hours(data["starts"], data["ends"])
        return chosen if data["which"] == OWN else Hours(chosen.ends, chosen.starts)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.errors or data["which"] == USUAL:
            return data
        if data["starts"] is None or data["ends"] is None:
            self.add_error("starts" if data["starts"] is None else "ends", _("Please choose an hour."))
            return data
        try:
            check_hours(self._hours(data))
        except HoursRefused as refused:
            self.add_error("ends", self._refused(refused, data["which"]))
        return data

    @staticmethod
    def _refused(refused: HoursRefused, which: str) -> str:
        if refused.kind == "end_first" and which == REST:
            return gettext("Hours of rest go over midnight, such as from 9 pm until 8 am.")
        if refused.kind == "end_first":
            return gettext(
                "The end must be later than the begin, on the same day. For quiet nights, choose hours of rest."
            )
        words = gettext("Please leave at least %(hours)d hours, so that notices can reach you in time.")
        return words % {"hours": settings.HOURS_AT_LEAST}


class CalmForm(ShowsTyped):
    """Each notice at once, or one message a day or a week."""

    calm = forms.ChoiceField(label=_("How often may we write?"), widget=forms.RadioSelect)
    at = forms.TypedChoiceField(
        label=_("Hour of the bundled message"), coerce=_clock, help_text=_("Only for one message a day or a week.")
    )
    weekday = forms.TypedChoiceField(
        label=_("Day of the weekly message"),
        coerce=int,
        choices=list(WEEKDAYS.items()),
        help_text=_("Only for one message a week."),
    )

    def __init__(self, data: QueryDict | None, *, citizen: Citizen) -> None:
        at = citizen.calm_at or settings.CALM_AT
        initial = {"calm": citizen.calm, "at": f"{at:%H:%M}", "weekday": str(citizen.calm_weekday)}
        super().__init__(data, initial=initial)
        fields: dict[str, Any] = self.fields
        fields["calm"].choices = list(Citizen.CALM.items())
        hours = range(settings.HOURS_EARLIEST.hour, settings.HOURS_LATEST.hour or 24)
        fields["at"].choices = [(f"{hour:02d}:00", hour_words(time(hour))) for hour in hours]
        self.helper = helper(_("Save"))


class ReadingForm(ShowsTyped):
    """Language of notices and pages, text size and contrast."""

    language = forms.ChoiceField(
        label=_("Language of notices and pages"), choices=list(LANGUAGES.items()), widget=forms.RadioSelect
    )
    text_size = forms.ChoiceField(
        label=_("Text size"),
        choices=[(size, f"{size}%") for size in TEXT_SIZES],
        widget=forms.RadioSelect(attrs={"class": "inline"}),
    )
    contrast = forms.TypedChoiceField(
        label=_("Contrast"),
        choices=[("off", _("Usual contrast")), ("on", _("High contrast, on a dark page"))],
        coerce=lambda chosen: chosen == "on",
        widget=forms.RadioSelect,
    )

    def __init__(self, data: QueryDict | None, *, reading: Reading) -> None:
        initial = {
            "language": reading.language,
            "text_size": reading.text_size or "100",
            "contrast": "on" if reading.contrast else "off",
        }
        super().__init__(_as_displayed(data), initial=initial)
        self.helper = helper(_("Save"))

    @property
    def reading(self) -> Reading:
        return Reading(**self.cleaned_data)


def _as_displayed(data: QueryDict | None) -> QueryDict | None:
    """Return what was typed, with the size or contrast that a button of the header has set since: that holds already,
    and saving the form must not take it back."""
    if isinstance(data, Typed):
        for name, button in (("text_size", SET_SIZE), ("contrast", SET_CONTRAST)):
            if button in data:
                data.setlist(name, data.getlist(button))
    return data
