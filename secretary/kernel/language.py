"""Choose one of the two languages: of this page, and of any language code; write an instant on the page in it."""

from datetime import datetime

from django.utils.translation import get_language

from secretary.kernel.korean.korean import Language, format_datetime, format_time
from secretary.kernel.time.clock import kst_date
from secretary.kernel.time.clock import now as clock_now


def as_language(code: str | None) -> Language:
    """Return Korean for every code but English."""
    return "en" if code == "en" else "ko"


def language() -> Language:
    """Return that of the page that is being answered."""
    return as_language(get_language())


def moment(until: datetime, *, seconds: bool = False) -> str:
    """Return the hour in Korea, with the day where it is not today. `seconds`: for waits of less than a few minutes."""
    if kst_date(until) == kst_date(clock_now()):
        return format_time(until, language(), seconds=seconds)
    return format_datetime(until, language())
