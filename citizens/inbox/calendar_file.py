"""Write the days to come of one record as a calendar file: whole days, in the words of the calendar feed.

They say what a locked phone may show. The UID names record and field, in the feed too: of both, the later statement has
the greater SEQUENCE.
"""

from datetime import UTC, datetime

from citizens.inbox.facts import Day
from citizens.inbox.kinds import kind_of
from citizens.inbox.notice_view import NoticeView
from secretary.kernel.calendars import WARNINGS, CalendarDay
from secretary.kernel.korean.korean import Language, format_time

COUNTED_FROM = datetime(2020, 1, 1, tzinfo=UTC)  # the seconds since then fit a calendar's 31 bits until 2088


def calendar_file(view: NoticeView, *, language: Language, now: datetime) -> bytes:
    from secretary.kernel.calendar_files import calendar_of

    return calendar_of([_day(view, day, language, now) for day in view.days if view.to_do], of="notices")


def day_uid(record_id: int, field: str) -> str:
    """Return the name of a record's day in calendars, the same in a file and in the feed."""
    return f"record-{record_id}-{field}"


def day_words(title: str, day: Day, *, is_private: bool, language: Language) -> tuple[str, str]:
    """Return the summary and the description of a day: its kind and name, and the hour where it is not private."""
    hour = format_time(day.at, language) if day.at and not is_private else ""
    return f"{title}: {day.label}", hour


def sequence_at(at: datetime) -> int:
    """Return the SEQUENCE of what is said then: what is said later, by a file or by the feed, has a greater one."""
    return int((at - COUNTED_FROM).total_seconds())


def _day(view: NoticeView, day: Day, language: Language, now: datetime) -> CalendarDay:
    hidden = kind_of(view.row.data_type_version).hides(day.name)
    summary, description = day_words(view.title, day, is_private=hidden, language=language)
    uid = day_uid(view.row.record_id, day.name)
    return CalendarDay(uid, day.on, summary, sequence_at(now), now, description, warnings=WARNINGS)
