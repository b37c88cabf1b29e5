"""Write days as a calendar file (RFC 5545, 7986): one to import, or a feed that calendars read again.

Written line by line: a library's objects for each property took many times the CPU. Tests read it back by three
calendar libraries.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, timedelta

from django.conf import settings
from django.utils.translation import gettext as _

from secretary.kernel.calendars import ONE_DAY, CalendarDay

LONGEST_LINE = 75  # octets, without the line's end (RFC 5545 §3.1)


def calendar_of(days: Sequence[CalendarDay], *, of: str) -> bytes:
    """Return a file to import. `of`: what writes it, for PRODID."""
    method = "CANCEL" if days and all(day.cancelled for day in days) else "PUBLISH"
    return _written(_calendar(days, of, method, ()))


def feed_of(days: Sequence[CalendarDay], *, of: str, name: str, again_after: timedelta) -> bytes:
    """Return a feed, which calendars should read again after so long. The same days give the same bytes."""
    again = (f"REFRESH-INTERVAL;VALUE=DURATION:{_duration(again_after)}", f"X-PUBLISHED-TTL:{_duration(again_after)}")
    # X-WR-CALNAME for those that do not know RFC 7986: Apple, Google and Outlook read it.
    names = (f"NAME:{_text(name)}", f"X-WR-CALNAME:{_text(name)}")
    return _written(_calendar(days, of, "PUBLISH", (*names, *again)))


def _calendar(days: Sequence[CalendarDay], of: str, method: str, about: Sequence[str]) -> Iterator[str]:
    # PUBLISH asks for an organizer. This one accepts no replies.
    organizer = f'ORGANIZER;CN="{_("Public Secretary")}":{settings.PUBLIC_BASE_URL}'
    yield from ("BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:-//Public Secretary//{of}//EN", f"METHOD:{method}", *about)
    for day in days:
        yield from _event(day, organizer)
    yield "END:VCALENDAR"


def _event(day: CalendarDay, organizer: str) -> Iterator[str]:
    changed_at, summary = f"{day.changed_at.astimezone(UTC):%Y%m%dT%H%M%SZ}", f"SUMMARY:{_text(day.summary)}"
    yield from ("BEGIN:VEVENT", summary, f"DTSTART;VALUE=DATE:{day.on:%Y%m%d}", f"DTEND;VALUE=DATE:{_after(day)}")
    yield from (f"DTSTAMP:{changed_at}", f"UID:{day.uid}@public-secretary", f"SEQUENCE:{day.sequence}")
    if day.description:
        yield f"DESCRIPTION:{_text(day.description)}"
    yield from (f"LAST-MODIFIED:{changed_at}", organizer, "TRANSP:TRANSPARENT")
    yield "STATUS:CANCELLED" if day.cancelled else "STATUS:CONFIRMED"
    for before in day.warnings:
        alarm = ("ACTION:DISPLAY", f"DESCRIPTION:{_text(day.summary)}", f"TRIGGER:{_duration(before)}")
        yield from ("BEGIN:VALARM", *alarm, "END:VALARM")
    yield "END:VEVENT"


def _after(day: CalendarDay) -> str:
    return f"{day.on + ONE_DAY:%Y%m%d}"


def _text(words: str) -> str:
    """Escape TEXT (§3.3.11)."""
    escaped = words.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return escaped.replace("\r\n", "\\n").replace("\n", "\\n")


def _duration(span: timedelta) -> str:
    """Write a DURATION of whole minutes (§3.3.6): "-P2DT15H", "PT12H"."""
    minutes = abs(span) // timedelta(minutes=1)
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    clock = (f"{hours}H" if hours else "") + (f"{rest}M" if rest or not minutes else "")
    whole = f"P{days}D" if days else "P"
    return ("-" if span < timedelta(0) else "") + (f"{whole}T{clock}" if clock else whole)


def _written(lines: Iterator[str]) -> bytes:
    return b"".join(_folded(line.encode()) + b"\r\n" for line in lines)


def _folded(line: bytes) -> bytes:
    """Fold a long line between its characters; each further piece begins with a blank."""
    if len(line) <= LONGEST_LINE:
        return line
    pieces, start, room = [], 0, LONGEST_LINE
    while start < len(line):
        end = min(start + room, len(line))
        while end < len(line) and line[end] & 0xC0 == 0x80:  # within a character of UTF-8
            end -= 1
        pieces.append(line[start:end])
        start, room = end, LONGEST_LINE - 1
    return b"\r\n ".join(pieces)
