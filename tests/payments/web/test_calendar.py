"""A calendar finds the same deadline again: moved it moves, gone it goes, and nothing rings on (RFC 5545, 5546)."""

from datetime import date
from typing import Any

import pytest
from icalendar import Calendar

from payments.billers.contract import Debt, DebtState
from payments.bills.object_to_bill import raise_objection
from payments.checkout.poll_payments import poll_payments, poll_soon
from tests.notifications.cast import MORNING
from tests.payments.cast import correct
from tests.payments.test_moved_record import move
from tests.payments.web.conftest import FINE, Visitor, prove

pytestmark = pytest.mark.django_db


def read(visitor: Any) -> Any:
    return Calendar.from_ical(visitor.get("deadlines.ics").content)


def events(visitor: Any) -> dict[str, Any]:
    """Step → event; each UID once."""
    found = read(visitor).walk("VEVENT")
    assert len({event["uid"] for event in found}) == len(found)
    return {str(event["uid"]).partition(f"bill-{visitor.bill.pk}-")[2].partition("@")[0]: event for event in found}


def days(visitor: Any) -> dict[str, date]:
    return {step: event["dtstart"].dt for step, event in events(visitor).items() if event["status"] == "CONFIRMED"}


def cancelled(visitor: Any) -> set[str]:
    return {step for step, event in events(visitor).items() if event["status"] == "CANCELLED"}


class Imported:
    """A calendar as clients keep it: an event of the same UID replaces the one before if its SEQUENCE is not lower."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}

    def take(self, visitor: Any) -> "Imported":
        for event in read(visitor).walk("VEVENT"):
            known = self.kept.get(event["uid"])
            if known is None or int(event["sequence"]) >= int(known["sequence"]):
                self.kept[event["uid"]] = event
        return self

    @property
    def rings(self) -> list[date]:
        live = [event for event in self.kept.values() if event["status"] != "CANCELLED" and event.walk("VALARM")]
        return sorted(event["dtstart"].dt for event in live)


def fields(**changes: Any) -> dict[str, Any]:
    return {"amount": 40000, **FINE, **changes}


def test_a_deadline_that_the_agency_moves_is_the_same_event_with_a_later_sequence(visitor: Visitor) -> None:
    mine = Imported().take(visitor)
    before = events(visitor)
    correct(visitor.bill, fields=fields(reduction_ends_on="2026-04-01", due_on="2026-06-30"))
    after = events(visitor)
    assert list(before) == list(after) == ["full-1", "late-1"]
    assert days(visitor) == {"full-1": date(2026, 4, 1), "late-1": date(2026, 6, 30)}
    assert all(int(after[step]["sequence"]) > int(before[step]["sequence"]) for step in after)
    assert mine.take(visitor).rings == [date(2026, 4, 1), date(2026, 6, 30)]


def test_it_is_the_day_to_which_the_law_moves_it(visitor: Visitor) -> None:
    """Saturday 15 August 2026 is a holiday, Monday its substitute (관공서의 공휴일에 관한 규정 §3)."""
    correct(visitor.bill, fields=fields(due_on="2026-08-15"))
    assert days(visitor)["late-1"] == date(2026, 8, 18)


def test_the_same_deadline_is_the_same_event_after_the_one_before_has_passed(visitor: Visitor, clock: Any) -> None:
    mine = Imported().take(visitor)
    clock.move_to(MORNING.replace(month=4), tick=False)
    prove(visitor.client)
    assert list(days(visitor)) == ["late-1", "monthly-1"]
    assert date(2026, 5, 29) in mine.take(visitor).rings and len(mine.kept) == 3


@pytest.mark.parametrize("how", ["paid", "withdrawn", "elsewhere", "objected", "moved", "refunded"])
def test_what_is_paid_or_gone_takes_its_deadlines_out_of_the_calendar(visitor: Visitor, how: Any) -> None:
    mine = Imported().take(visitor)
    assert len(mine.rings) == 2
    if how == "paid":
        visitor.pay()
    elif how == "withdrawn":
        correct(visitor.bill, fields=fields(), state="withdrawn")
    elif how == "moved":
        move(visitor.bill)
    elif how == "refunded":
        visitor.pay()
        correct(visitor.bill, fields=fields(), state="withdrawn")
    else:
        state = DebtState.PAID if how == "elsewhere" else DebtState.OBJECTION
        visitor.far.biller.debts[visitor.bill.record.external_id] = Debt(state)
        visitor.begin()
    assert read(visitor)["method"] == "CANCEL"
    assert mine.take(visitor).rings == []
    assert "TRIGGER" not in visitor.text("deadlines.ics")
    assert "달력에서 기한 빼기" in visitor.text()


def test_a_reduction_that_the_agency_takes_back_leaves_the_calendar(visitor: Visitor) -> None:
    mine = Imported().take(visitor)
    correct(visitor.bill, fields={"amount": 40000, "due_on": "2026-05-29"})
    assert mine.take(visitor).rings[0] == date(2026, 5, 29)
    assert read(visitor)["method"] == "PUBLISH" and cancelled(visitor) == {"full-1"}


def test_a_pause_of_our_reminders_takes_no_deadline_out(visitor: Visitor) -> None:
    mine = Imported().take(visitor)
    raise_objection(citizen=visitor.alice, bill_id=visitor.bill.pk, now=MORNING)
    assert len(mine.take(visitor).rings) == 2 and not cancelled(visitor)


def test_a_payment_in_review_cancels_nothing(visitor: Visitor) -> None:
    payment = visitor.pay()
    visitor.far.bank.refund_at_the_console(payment.order_id)
    poll_soon(payment_ids=[payment.pk])
    poll_payments(now=MORNING)
    assert events(visitor) == {}


def test_it_is_a_published_calendar_of_an_organizer_without_attendees(visitor: Visitor) -> None:
    calendar = read(visitor)
    assert (calendar["method"], calendar["version"]) == ("PUBLISH", "2.0")
    for event in calendar.walk("VEVENT"):
        assert {"UID", "DTSTAMP", "DTSTART", "SUMMARY", "ORGANIZER", "SEQUENCE"} <= set(event)
        assert "ATTENDEE" not in event and str(event["organizer"]).startswith("http")
