"""Write days as a calendar file (RFC 5545, 7986): one to import, or a feed that calendars read again.

Import this where a file is written, not at the top: icalendar is 3 MB that most processes never use.
"""

from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event, vCalAddress, vDuration

from secretary.kernel.calendars import ONE_DAY, CalendarDay


def calendar_of(days: Sequence[CalendarDay], *, of: str) -> bytes:
    """Return a file to import. `of`: what writes it, for PRODID."""
    calendar = _calendar(days, of, "CANCEL" if days and all(day.cancelled for day in days) else "PUBLISH")
    return bytes(calendar.to_ical())


def feed_of(days: Sequence[CalendarDay], *, of: str, name: str, again_after: timedelta) -> bytes:
    """Return a feed, which calendars should read again after so long. The same days give the same bytes."""
    calendar = _calendar(days, of, "PUBLISH")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)  # for those that do not know RFC 7986: Apple, Google and Outlook read this
    calendar.add("refresh-interval", vDuration(again_after), parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", vDuration(again_after))
    return bytes(calendar.to_ical())


def _calendar(days: Sequence[CalendarDay], of: str, method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", f"-//Public Secretary//{of}//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    for day in days:
        calendar.add_component(_event(day))
    return calendar


def _event(day: CalendarDay) -> Event:
    event = Event()
    event.add("uid", f"{day.uid}@public-secretary")
    event.add("dtstamp", day.changed_at)
    event.add("last-modified", day.changed_at)
    event.add("sequence", day.sequence)
    event.add("organizer", _organizer())
    event.add("dtstart", day.on)
    event.add("dtend", day.on + ONE_DAY)
    event.add("transp", "TRANSPARENT")
    event.add("status", "CANCELLED" if day.cancelled else "CONFIRMED")
    event.add("summary", day.summary)
    if day.description:
        event.add("description", day.description)
    for before in day.warnings:
        event.add_component(_alarm(day.summary, before))
    return event


def _organizer() -> vCalAddress:
    """Name the sender, as PUBLISH requires; it accepts no replies."""
    address = vCalAddress(settings.PUBLIC_BASE_URL)
    address.params["cn"] = _("Public Secretary")
    return address


def _alarm(words: str, before: timedelta) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", words)
    alarm.add("trigger", before)
    return alarm
