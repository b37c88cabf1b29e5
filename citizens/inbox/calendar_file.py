"""Write the days to come of one record as a calendar file (RFC 5545): whole days, with the kind's name and no more.

What a calendar shows on a lock screen says nothing of the record. An event keeps its UID, which names record and field,
so that a day which the agency moves is the same event with a later SEQUENCE (RFC 5546 §2.1.5).
"""

from datetime import datetime, timedelta

from icalendar import Alarm, Calendar, Event

from citizens.inbox.facts import Day
from citizens.inbox.notice_view import NoticeView
from secretary.kernel.korean.korean import Language, format_time

ONE_DAY = timedelta(days=1)
WARNINGS = (timedelta(days=-3, hours=9), timedelta(hours=9))  # from midnight: at nine, three days before and on the day


def calendar_file(view: NoticeView, *, language: Language, now: datetime) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//Public Secretary//notices//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for day in view.days if view.to_do else ():
        calendar.add_component(_event(view, day, language, now))
    return bytes(calendar.to_ical())


def _event(view: NoticeView, day: Day, language: Language, now: datetime) -> Event:
    hour = f" {format_time(day.at, language)}" if day.at else ""
    event = Event()
    event.add("uid", f"record-{view.row.record_id}-{day.name}@public-secretary")
    event.add("dtstamp", now)
    event.add("sequence", view.row.record_version)
    event.add("dtstart", day.on)
    event.add("dtend", day.on + ONE_DAY)
    event.add("transp", "TRANSPARENT")
    event.add("summary", f"{view.title}: {day.label}{hour}")
    for trigger in WARNINGS:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", view.title)
        alarm.add("trigger", trigger)
        event.add_component(alarm)
    return event
