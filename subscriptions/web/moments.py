"""Write on a page from when on an action is possible again."""

from datetime import datetime

from secretary.kernel.korean.korean import format_datetime, format_time
from secretary.kernel.language import language
from secretary.kernel.time.clock import kst_date
from secretary.kernel.time.clock import now as clock_now


def moment(until: datetime, *, seconds: bool = False) -> str:
    """Return the hour in Korea, with the day where it is not today. `seconds`: for waits of less than a few minutes."""
    if kst_date(until) == kst_date(clock_now()):
        return format_time(until, language(), seconds=seconds)
    return format_datetime(until, language())
