"""Write the price clock as a calendar file (RFC 5545, 7986): the last day of each price. Title and amounts only.

A calendar holds on to the UID, so that names bill and step, never a day: a deadline that the agency moves is the same
event with a later SEQUENCE (RFC 5546 §2.1.5), and one that is no more is CANCELLED under its own name instead of
ringing on. METHOD is CANCEL where all of the file is, else PUBLISH (§3.2.1, §3.2.5; both ask for an ORGANIZER).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event, vCalAddress

from payments.states import OPEN
from payments.tariffs.contract import BadFacts
from payments.tariffs.registry import UnknownTariff, step_names_of
from payments.web.bill_view import BillView
from secretary.kernel.korean.korean import Language, format_date, format_won
from secretary.kernel.time.clock import kst_date

WARNINGS = (timedelta(days=-3, hours=9), timedelta(hours=9))  # from midnight: at nine, three days before and on the day
ONE_DAY = timedelta(days=1)
OFFERED = 2  # deadlines at a time: the next change of the price and the one after it
# Steps that a corrected record may not have any more: their days are unknown then.
FIRST_STEPS = ("full-1", "late-1", "raised-1", "raised-2")


@dataclass(frozen=True, slots=True)
class Deadline:
    """`step`: a name of `tariffs/ladder.py`, by which a later file finds the same event. Amounts: won, until it and
    afterwards; None: it is no deadline any more."""

    step: str
    last: date
    amount: int | None = None
    later: int | None = None

    @property
    def gone(self) -> bool:
        return self.amount is None


def calendar_file(bill: BillView, *, language: Language, now: datetime) -> bytes:
    deadlines = _deadlines(bill, kst_date(now))
    calendar = Calendar()
    calendar.add("prodid", "-//Public Secretary//payments//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if deadlines and all(each.gone for each in deadlines) else "PUBLISH")
    for deadline in deadlines:
        calendar.add_component(_event(bill, deadline, language, now))
    return bytes(calendar.to_ical())


def _deadlines(bill: BillView, today: date) -> list[Deadline]:
    if not bill.readable:
        return []  # which of them still apply is not known
    names = _names(bill)
    standing = list(_standing(bill, names))
    return [*standing, *_gone(bill, names, standing, today)]


def _names(bill: BillView) -> Mapping[date, str]:
    """Empty where the record is another person's now, or lacks what its tariff needs."""
    try:
        return step_names_of(bill.tariff, bill.fields)
    except (BadFacts, UnknownTariff):
        return {}


def _standing(bill: BillView, names: Mapping[date, str]) -> Iterator[Deadline]:
    """Each price that ends: its last day, moved off holidays as the law moves it."""
    clock = bill.clock
    if clock is None or clock.next is None:
        return
    amount = clock.amount
    for change in (clock.next, clock.after_next):
        if change is not None:
            yield Deadline(names.get(change.on, str(change.on)), change.on - ONE_DAY, amount, change.amount)
            amount = change.amount


def _gone(bill: BillView, names: Mapping[date, str], standing: list[Deadline], today: date) -> Iterator[Deadline]:
    """Yield what an earlier file may have put into a calendar and does not stand any more."""
    known = {each.step for each in standing}
    coming = [(day, name) for day, name in sorted(names.items()) if day > today and name not in known]
    if not standing and bill.state != OPEN and not bill.in_review:
        lapsed = coming[:OFFERED]
    else:  # steps between those that stand, which change no amount now
        lapsed = [(day, name) for day, name in coming if standing and day <= standing[-1].last]
    yield from (Deadline(name, day - ONE_DAY) for day, name in lapsed)
    corrected = bill.version > 1 and not bill.in_review and (standing or bill.state != OPEN)
    if corrected and (standing or not names):
        yield from (Deadline(name, today) for name in FIRST_STEPS if name in _of(bill) and name not in names.values())


def _of(bill: BillView) -> tuple[str, ...]:
    raised = bill.tariff == "traffic_penalty"
    return tuple(name for name in FIRST_STEPS if name.startswith("raised") == raised)


def _event(bill: BillView, deadline: Deadline, language: Language, now: datetime) -> Event:
    event = Event()
    event.add("uid", f"bill-{bill.bill_id}-{deadline.step}@public-secretary")
    event.add("dtstamp", now)
    event.add("last-modified", now)
    event.add("sequence", 2 * bill.version + deadline.gone)  # that it is gone is news of the same version, too
    event.add("organizer", _organizer())
    event.add("dtstart", deadline.last)
    event.add("dtend", deadline.last + ONE_DAY)
    event.add("transp", "TRANSPARENT")
    event.add("status", "CANCELLED" if deadline.gone else "CONFIRMED")
    if deadline.amount is None or deadline.later is None:
        event.add("summary", _("%(title)s: this deadline no longer applies") % {"title": bill.title})
        return event
    words = {
        "title": bill.title,
        "amount": format_won(deadline.amount, language),
        "later": format_won(deadline.later, language),
        "day": format_date(deadline.last + ONE_DAY, language),
    }
    summary = _("%(title)s: last day to pay %(amount)s") % words
    event.add("summary", summary)
    event.add("description", _("From %(day)s it costs %(later)s.") % words)
    for before in WARNINGS:
        event.add_component(_alarm(summary, before))
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
