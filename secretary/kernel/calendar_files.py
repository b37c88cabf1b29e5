"""Write days as a calendar file (RFC 5545, 7986): one to import, or a feed that calendars read again.

Import this where a file is written, not at the top: icalendar is 3 MB that most processes never use.
"""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from django.conf import settings
from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event, vCalAddress, vDuration

from secretary.kernel.calendars import ONE_DAY, CalendarDay

# Until it is filled in, each event of the same words reads so.
SOME_UID, SOME_DAY, SOME_INSTANT = "some-uid", date(1234, 5, 6), datetime(1234, 5, 6, 7, 8, 9, tzinfo=UTC)
SOME_SEQUENCE = 1_234_567_890
_PLAIN_UID = re.compile(r"[\w.-]{1,50}", re.ASCII)  # neither escaped nor folded
MOST_FRAMES, MOST_DAYS = 32, 2048  # no person's either
MOST_WORDS = 4096  # the words of kinds and of their days, which many people share; no person's name or number


def calendar_of(days: Sequence[CalendarDay], *, of: str) -> bytes:
    """Return a file to import. `of`: what writes it, for PRODID."""
    method = "CANCEL" if days and all(day.cancelled for day in days) else "PUBLISH"
    return _with_events(_frame(of, method), days)


def feed_of(days: Sequence[CalendarDay], *, of: str, name: str, again_after: timedelta) -> bytes:
    """Return a feed, which calendars should read again after so long. The same days give the same bytes."""
    return _with_events(_frame(of, "PUBLISH", str(name), again_after), days)


@lru_cache(maxsize=MOST_FRAMES)
def _frame(of: str, method: str, name: str = "", again_after: timedelta = ONE_DAY) -> tuple[str, str]:
    """Return what stands before the events and after them. `name`, `again_after`: of a feed."""
    calendar = Calendar()
    calendar.add("prodid", f"-//Public Secretary//{of}//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    if name:
        calendar.add("name", name)
        calendar.add("x-wr-calname", name)  # for those that do not know RFC 7986: Apple, Google and Outlook read this
        calendar.add("refresh-interval", vDuration(again_after), parameters={"value": "DURATION"})
        calendar.add("x-published-ttl", vDuration(again_after))
    begin, end, rest = calendar.to_ical().decode().rpartition("END:VCALENDAR")
    return begin, end + rest


def _with_events(frame: tuple[str, str], days: Sequence[CalendarDay]) -> bytes:
    begin, end = frame
    organizer, site = str(_("Public Secretary")), settings.PUBLIC_BASE_URL
    return "".join([begin, *[_written(day, organizer, site) for day in days], end]).encode()


def _written(day: CalendarDay, organizer: str, site: str) -> str:
    """Write one event: its words by the library, which takes a third of a millisecond, once per process; the day, the
    counter and the instant, which are digits, are put in."""
    if not _PLAIN_UID.fullmatch(day.uid):
        return _event(day, organizer)
    pattern = _pattern(day.summary, day.description, day.cancelled, tuple(day.warnings), organizer, site)
    on, end = _day(day.on)
    return pattern % {"uid": day.uid, "on": on, "end": end, "at": _instant(day.changed_at), "sequence": day.sequence}


# As ISO 8601, which takes a fifth of the time of strftime, in the form of calendars: 20261130, 20261130T070809Z.
@lru_cache(maxsize=MOST_DAYS)
def _day(on: date) -> tuple[str, str]:
    """Return the day and the one after it."""
    return on.isoformat().replace("-", ""), (on + ONE_DAY).isoformat().replace("-", "")


@lru_cache(maxsize=MOST_DAYS)
def _instant(at: datetime) -> str:
    written = at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds")
    return f"{written.replace('-', '').replace(':', '')}Z"


@lru_cache(maxsize=MOST_WORDS)
def _pattern(
    summary: str, description: str, cancelled: bool, warnings: tuple[timedelta, ...], organizer: str, _site: str
) -> str:
    """Return the event of these words, with the names of what is put in, for `%`. `_site`: the organizer's address."""
    some = CalendarDay(SOME_UID, SOME_DAY, summary, SOME_SEQUENCE, SOME_INSTANT, description, cancelled, warnings)
    places = {
        f"\nUID:{SOME_UID}": "uid",
        f"\nDTSTART;VALUE=DATE:{SOME_DAY:%Y%m%d}": "on",
        f"\nDTEND;VALUE=DATE:{SOME_DAY + ONE_DAY:%Y%m%d}": "end",
        f"\nDTSTAMP:{SOME_INSTANT:%Y%m%dT%H%M%SZ}": "at",
        f"\nLAST-MODIFIED:{SOME_INSTANT:%Y%m%dT%H%M%SZ}": "at",
        f"\nSEQUENCE:{SOME_SEQUENCE}": "sequence",
    }
    written = ""
    for piece in re.split("|".join(f"({re.escape(place)})" for place in places), _event(some, organizer)):
        if piece in places:
            written += f"{piece[: piece.index(':')]}:%({places[piece]})s"
        elif piece is not None:
            written += piece.replace("%", "%%")
    return written


def _event(day: CalendarDay, organizer: str) -> str:
    event = Event()
    event.add("uid", f"{day.uid}@public-secretary")
    event.add("dtstamp", day.changed_at)
    event.add("last-modified", day.changed_at)
    event.add("sequence", day.sequence)
    event.add("organizer", _address(organizer))
    event.add("dtstart", day.on)
    event.add("dtend", day.on + ONE_DAY)
    event.add("transp", "TRANSPARENT")
    event.add("status", "CANCELLED" if day.cancelled else "CONFIRMED")
    event.add("summary", day.summary)
    if day.description:
        event.add("description", day.description)
    for before in day.warnings:
        event.add_component(_alarm(day.summary, before))
    return str(event.to_ical().decode())


def _address(organizer: str) -> vCalAddress:
    """Name the sender, as PUBLISH requires; it accepts no replies."""
    address = vCalAddress(settings.PUBLIC_BASE_URL)
    address.params["cn"] = organizer
    return address


def _alarm(words: str, before: timedelta) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", words)
    alarm.add("trigger", before)
    return alarm
