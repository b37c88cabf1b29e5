"""Write the price clock as a calendar file: the last day of each price. Title and amounts only.

The UID names bill and step, never the day.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from payments.states import OPEN
from payments.tariffs.contract import BadFacts
from payments.tariffs.ladder import UnknownTariff, step_names_of
from payments.web.bill_view import BillView
from secretary.kernel.calendars import ONE_DAY, WARNINGS, CalendarDay
from secretary.kernel.korean.korean import Language, format_date, format_won
from secretary.kernel.time.clock import kst_date

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
    from secretary.kernel.calendar_files import calendar_of

    deadlines = _deadlines(bill, kst_date(now))
    return calendar_of([_day(bill, deadline, language, now) for deadline in deadlines], of="payments")


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


def _day(bill: BillView, deadline: Deadline, language: Language, now: datetime) -> CalendarDay:
    uid, sequence = f"bill-{bill.bill_id}-{deadline.step}", 2 * bill.version + deadline.gone
    if deadline.amount is None or deadline.later is None:  # that it is gone is news of the same version, too
        gone = _("%(title)s: this deadline no longer applies") % {"title": bill.title}
        return CalendarDay(uid, deadline.last, gone, sequence, now, cancelled=deadline.gone)
    words = {
        "title": bill.title,
        "amount": format_won(deadline.amount, language),
        "later": format_won(deadline.later, language),
        "day": format_date(deadline.last + ONE_DAY, language),
    }
    summary = _("%(title)s: last day to pay %(amount)s") % words
    description = _("From %(day)s it costs %(later)s.") % words
    return CalendarDay(uid, deadline.last, summary, sequence, now, description, warnings=WARNINGS)
