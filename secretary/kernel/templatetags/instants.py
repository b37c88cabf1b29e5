"""Write instants on pages of staff as the site does: 2026. 3. 14.(토) 오후 2:00; to the second where asked."""

from datetime import datetime

from django import template

from secretary.kernel.korean.korean import format_date, format_datetime, format_time
from secretary.kernel.language import language
from secretary.kernel.time.clock import kst_date

register = template.Library()


@register.filter
def instant(at: datetime | None) -> str:
    return format_datetime(at, language()) if at else ""


@register.filter
def to_the_second(at: datetime | None) -> str:
    if at is None:
        return ""
    between = " " if language() == "ko" else ", "
    return f"{format_date(kst_date(at), language())}{between}{format_time(at, language(), seconds=True)}"
