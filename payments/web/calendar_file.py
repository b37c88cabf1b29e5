"""The price clock as a calendar file (RFC 5545): the last day of each price. Carries the title and the amounts only."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event

from payments.citizen_view import BillView
from secretary.common.korean import Language, format_date, format_won

WARNINGS = (timedelta(days=-3, hours=9), timedelta(hours=9))  # from midnight: at nine, three days before and on the day


def calendar_file(bill: BillView, *, language: Language, now: datetime) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//Public Secretary//payments//EN")
    calendar.add("version", "2.0")
    for last, amount, later in _steps(bill):
        calendar.add_component(_event(bill, last, amount, later, language, now))
    return bytes(calendar.to_ical())


def _steps(bill: BillView) -> Iterator[tuple[date, int, int]]:
    """(last day, what it costs until then, what it costs afterwards) of each price that ends."""
    clock = bill.clock
    if clock is None or clock.next is None:
        return
    yield clock.next.on - timedelta(days=1), clock.amount, clock.next.amount
    if clock.after_next is not None:
        yield clock.after_next.on - timedelta(days=1), clock.next.amount, clock.after_next.amount


def _event(bill: BillView, last: date, amount: int, later: int, language: Language, now: datetime) -> Event:
    words = {
        "title": bill.title,
        "amount": format_won(amount, language),
        "later": format_won(later, language),
        "day": format_date(last + timedelta(days=1), language),
    }
    event = Event()
    event.add("uid", f"bill-{bill.bill_id}-{last:%Y%m%d}@public-secretary")
    event.add("dtstamp", now)
    event.add("dtstart", last)
    event.add("dtend", last + timedelta(days=1))
    summary = _("%(title)s: last day to pay %(amount)s") % words
    event.add("summary", summary)
    event.add("description", _("From %(day)s it costs %(later)s.") % words)
    event.add("transp", "TRANSPARENT")
    for before in WARNINGS:
        event.add_component(_alarm(summary, before))
    return event


def _alarm(words: str, before: timedelta) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", words)
    alarm.add("trigger", before)
    return alarm
