"""Write the days to come of one record as a calendar file: whole days, with the kind's name and no more.

What a calendar shows on a lock screen says nothing of the record. The UID names record and field.
"""

from datetime import datetime

from citizens.inbox.facts import Day
from citizens.inbox.notice_view import NoticeView
from secretary.kernel.calendars import WARNINGS, CalendarDay
from secretary.kernel.korean.korean import Language, format_time


def calendar_file(view: NoticeView, *, language: Language, now: datetime) -> bytes:
    from secretary.kernel.calendar_files import calendar_of

    return calendar_of([_day(view, day, language, now) for day in view.days if view.to_do], of="notices")


def day_uid(record_id: int, field: str) -> str:
    """Return the name of a record's day in calendars, the same in a file and in the feed."""
    return f"record-{record_id}-{field}"


def _day(view: NoticeView, day: Day, language: Language, now: datetime) -> CalendarDay:
    hour = f" {format_time(day.at, language)}" if day.at else ""
    uid, summary = day_uid(view.row.record_id, day.name), f"{view.title}: {day.label}{hour}"
    return CalendarDay(uid, day.on, summary, view.row.record_version, now, warnings=WARNINGS)
