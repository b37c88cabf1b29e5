"""No sentence of the inbox contradicts the record, the bill or the newest receipt, whatever happened before."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notifications.channels.contract import Verdict
from notifications.delivery.claim import claim
from notifications.matching.match import match_everything
from notifications.matching.subject import about
from notifications.models import Delivery, Notice, Record
from payments.bills.bills import open_bills
from payments.models import Bill
from payments.web.bill_view import view_bill
from secretary.kernel.korean.korean import format_won
from secretary.kernel.time.clock import kst_date
from subscriptions.enrolment.withdraw import withdraw
from tests.citizens.inbox.cast import arrive, report
from tests.citizens.inbox.conftest import Reader
from tests.notifications.cast import MORNING, ci_of, enrol, ingest, record

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
VERDICTS = ((Verdict.ACCEPTED, ""), (Verdict.DELIVERED, ""), (Verdict.UNDELIVERABLE, "3019"), (Verdict.UNKNOWN, ""))
STATES = ("open", "paid", "completed", "withdrawn", "objected")
DUE = ("2026-02-02", "2026-03-10", "2026-04-02")
# What happens next: the agency corrects its record, a worker claims, a gateway reports, the person acts, a day passes.
STEPS = st.one_of(
    st.tuples(st.just("corrected"), st.sampled_from(STATES), st.sampled_from((30_000, 50_000)), st.sampled_from(DUE)),
    st.tuples(st.just("claimed")),
    st.tuples(st.just("reported"), st.sampled_from(VERDICTS)),
    st.tuples(st.just("paused")),
    st.tuples(st.just("unsubscribed")),
    st.tuples(st.just("another's")),
    st.tuples(st.just("a day later")),
)


class History:
    """One record about Alice, and what has happened to it."""

    def __init__(self, reader: Reader, time_machine: Any) -> None:
        self.reader, self.clock, self.now, self.version = reader, time_machine, MORNING, 1
        self.number = arrive(record(1))[0].record.external_id

    def happen(self, what: str, *how: Any) -> None:
        if what == "corrected":
            state, amount, due = how
            self.correct(state=state, fields={"amount": amount, "due_on": due})
        elif what == "another's":
            self.correct(subject={"ci": ci_of(2)})
        elif what == "claimed":
            claim(now=self.now)
        elif what == "reported":
            report(*how[0], now=self.now)
        elif what == "paused":
            open_bills(citizen=self.reader.alice, now=self.now)
            for bill in Bill.objects.filter(citizen=self.reader.alice, state="open"):
                self.reader.client.post(f"/pay/{bill.pk}/objection/")
        elif what == "unsubscribed":
            withdraw(citizen=self.reader.alice, data_types=["traffic_fine"], actor="citizen", now=self.now)
        else:
            self.now += DAY
            self.clock.move_to(self.now, tick=False)
            self.reader.sign_in()
        match_everything(now=self.now)

    def correct(self, **values: Any) -> None:
        self.version += 1
        ingest(record(1, external_id=self.number, version=self.version, **values), now=self.now)


def check(history: History) -> None:
    """Each notice, on its page and in the list, beside what the tables say."""
    reader, now = history.reader, history.now
    row = Record.objects.get()
    theirs = Record.objects.filter(about(reader.alice.pk), pk=row.pk).exists()
    lists = {path: reader.get(path) for path in ("/inbox/", "/inbox/?show=to-do")}
    for notice in Notice.objects.filter(citizen=reader.alice):
        page, state = reader.notice(notice), f"{notice.state} {notice.reason}"
        lines = [_line(text, notice) for text in lists.values()]
        arrived = Delivery.objects.filter(notice=notice, state="delivered").exists()
        mine = theirs and notice.not_theirs_at is None
        for text in (page, *filter(None, lines)):
            assert ("알림이 도착했습니다" in text) == arrived, state
        bill = Bill.objects.filter(citizen=reader.alice, record=row).first() if mine else None
        view = view_bill(citizen=reader.alice, bill_id=bill.pk, language="ko", now=now) if bill else None
        owed = (view is not None and view.state == "open") or (view is not None and view.reason == "objection")
        ahead = any(day and day >= kst_date(now) for day in (row.date_1, row.date_2, row.date_3))
        to_do = mine and row.state == "open" and (owed if view else ahead)
        assert ("할 일 남음 ·" in lines[0] or "할 일 남음<" in lines[0]) == to_do, (state, row.state)
        assert not lines[1] or to_do, state
        sums = re.findall(r'<p class="sum">([\d,]+원)</p>', page)
        due = view.clock.amount if view and view.payable and view.clock else None
        assert sums == ([format_won(due)] if due is not None else []), state
        assert ("/service/" in page) == (due is not None), state
        if view and row.state == "paid":
            assert "납부하기" not in page, state
        if not mine:
            assert "신호위반" not in page and all("신호위반" not in line for line in lines), state


def _line(page: str, notice: Notice) -> str:
    found = re.search(rf'<a href="/inbox/{notice.pk}/">(.*?)</li>', page, re.DOTALL)
    return found[1] if found else ""


@pytest.mark.parametrize("histories", [12, pytest.param(300, marks=pytest.mark.slow)])
def test_no_history_makes_the_inbox_contradict_record_bill_or_receipt(
    reader: Reader, time_machine: Any, histories: int
) -> None:
    enrol(2, reader.fine, name="이엘리스")

    @settings(
        max_examples=histories, deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True
    )
    @given(st.lists(STEPS, min_size=1, max_size=7))
    def holds(steps: list[tuple[Any, ...]]) -> None:
        with transaction.atomic():
            time_machine.move_to(MORNING, tick=False)
            reader.sign_in()
            history = History(reader, time_machine)
            for what, *how in steps:
                history.happen(what, *how)
            check(history)
            transaction.set_rollback(True)

    holds()
