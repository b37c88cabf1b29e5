"""Write a person's choices as words: hours, bundled notices, language."""

from datetime import datetime, time

from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from secretary.kernel.korean.korean import format_time
from secretary.kernel.language import language
from secretary.kernel.time.clock import KST
from subscriptions.models import Citizen
from subscriptions.preferences.hours import MIDNIGHT, Hours

WEEKDAYS = {
    1: _("Monday"),
    2: _("Tuesday"),
    3: _("Wednesday"),
    4: _("Thursday"),
    5: _("Friday"),
    6: _("Saturday"),
    7: _("Sunday"),
}
LANGUAGES = {"ko": "한국어", "en": "English"}


def hour_words(clock: time, *, is_end: bool = False) -> str:
    """Return an hour of the day (KST) as pages write it; `is_end`: 00:00 is the end of the day."""
    if is_end and clock == MIDNIGHT:
        return gettext("midnight")
    return format_time(datetime(2026, 1, 1, clock.hour, clock.minute, tzinfo=KST), language())


def hours_words(hours: Hours) -> str:
    if hours.starts == hours.ends == MIDNIGHT:
        return gettext("all day")
    return gettext("%(from)s to %(until)s") % {
        "from": hour_words(hours.starts),
        "until": hour_words(hours.ends, is_end=True),
    }


def calm_words(citizen: Citizen) -> str:
    how_often = str(Citizen.CALM[citizen.calm])
    if citizen.calm == Citizen.NONE:
        return how_often
    at = hour_words(citizen.calm_at or settings.CALM_AT)
    day = f"{WEEKDAYS[citizen.calm_weekday]} " if citizen.calm == Citizen.WEEKLY else ""
    return f"{how_often} ({day}{at})"
