"""No sentence of the inbox contradicts the record, the bill or the newest receipt, whatever happened before; nor does
the message that a page shows as the one that was sent.
"""

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Q
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from notifications.channels.contract import Outcome, Verdict
from notifications.delivery.bundle import bundle
from notifications.delivery.claim import claim, claim_bundles
from notifications.delivery.compose import approved, compose
from notifications.delivery.outcomes import Reported, apply_outcomes
from notifications.matching.match import match_everything
from notifications.models import Bundle, Delivery, Notice, Record
from notifications.models.record import about
from payments.bills.bills import open_bills
from payments.models import Bill
from payments.web.bill_view import view_bill
from secretary.kernel.korean.korean import format_won
from secretary.kernel.time.clock import kst_date
from subscriptions.enrolment.calm import choose_calm
from subscriptions.enrolment.withdraw import withdraw
from tests.citizens.inbox.cast import arrive
from tests.citizens.inbox.conftest import Reader
from tests.notifications.calm_cast import load_bundle
from tests.notifications.cast import MORNING, ci_of, enrol, ingest, record, templates

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
VERDICTS = ((Verdict.ACCEPTED, ""), (Verdict.DELIVERED, ""), (Verdict.UNDELIVERABLE, "3019"), (Verdict.UNKNOWN, ""))
STATES = ("open", "paid", "completed", "withdrawn", "objected")
DUE = ("2026-02-02", "2026-03-10", "2026-03-23", "2026-04-02")
BUNDLED = timedelta(minutes=10)  # after ten in the morning, when the bundled message goes out
# What happens next: the agency corrects a record, a worker claims, a gateway reports, the person acts, a day passes.
STEPS = st.one_of(
    st.tuples(
        st.just("corrected"),
        st.integers(0, 1),
        st.sampled_from(STATES),
        st.sampled_from((30_000, 50_000)),
        st.sampled_from(DUE),
    ),
    st.tuples(st.just("claimed")),
    st.tuples(st.just("reported"), st.sampled_from(VERDICTS)),
    st.tuples(st.just("paused")),
    st.tuples(st.just("calm"), st.sampled_from(("none", "daily", "weekly"))),
    st.tuples(st.just("unsubscribed")),
    st.tuples(st.just("another's"), st.integers(0, 1)),
    st.tuples(st.just("a day later")),
)


class History:
    """Two records about Alice, and what has happened to them.

    A gateway knows the carrier of a bundle alone (`known`); what it reports counts for each delivery in it.
    """

    def __init__(self, reader: Reader, time_machine: Any, calm: str) -> None:
        self.reader, self.clock, self.now, self.version = reader, time_machine, MORNING, 1
        self.sent: dict[int, str] = {}  # the text of each delivery as it was handed over
        self.known: set[int] = set()
        self.arrived: set[int] = set()  # deliveries, by a receipt
        self.happen("calm", calm)
        notices = arrive(record(1), record(1, fields={"violation": "주차위반"}))
        self.numbers = [notice.record.external_id for notice in notices]
        if calm != "none":  # else few histories would have one
            self.hand_over()
            assert Bundle.objects.count() == 1

    def happen(self, what: str, *how: Any) -> None:
        if what == "corrected":
            which, state, amount, due = how
            self.correct(which, state=state, fields={"amount": amount, "due_on": due})
        elif what == "another's":
            self.correct(how[0], subject={"ci": ci_of(2)})
        elif what == "claimed":
            self.hand_over()
        elif what == "reported":
            self.report(*how[0])
        elif what == "calm":
            choose_calm(citizen_id=self.reader.alice.pk, calm=how[0], weekday=3, actor="citizen", now=self.now)
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

    def correct(self, which: int, **values: Any) -> None:
        self.version += 1
        ingest(record(1, external_id=self.numbers[which], version=self.version, **values), now=self.now)

    def hand_over(self) -> None:
        """Workers look at what is due, and then at the bundled message of the day; no gateway is called."""
        for taken in (claim(now=self.now), claim_bundles(now=self.now + BUNDLED)):
            contents, day = approved(each.template_id for each in taken.attempts), kst_date(self.now)
            alone = taken.attempts
            if taken.bundled:
                bundles = bundle(taken.attempts, contents=contents, day=day)
                alone = bundles.alone
                for carrier, message in bundles.messages:
                    self.known.add(carrier.delivery_id)
                    for pk in Delivery.objects.filter(carrier=carrier.delivery_id).values_list("pk", flat=True):
                        self.sent[pk] = message.text
            for each in alone:
                content, code = contents[each.template_id], each.template_code
                self.known.add(each.delivery_id)
                self.sent[each.delivery_id] = compose(each, content=content, template_code=code, day=day).text

    def report(self, verdict: Verdict, code: str) -> None:
        """The gateway reports of the newest message about each notice, by a receipt."""
        rows = Delivery.objects.filter(pk__in=self.known).order_by("notice_id", "-fence").distinct("notice_id")
        outcomes = [Reported(row.pk, Outcome("", verdict, code), row.channel, by_receipt=True) for row in rows]
        apply_outcomes(outcomes, now=self.now)
        if verdict is Verdict.DELIVERED:
            reported = [row.pk for row in rows]
            carried = Delivery.objects.filter(Q(pk__in=reported) | Q(carrier__in=reported))
            self.arrived.update(carried.values_list("pk", flat=True))


def check(history: History) -> None:
    """Each notice, on its page and in the list, beside what the tables say."""
    lists = {path: history.reader.get(path) for path in ("/inbox/", "/inbox/?show=to-do")}
    for row in Record.objects.all():
        theirs = Record.objects.filter(about(history.reader.alice.pk), pk=row.pk).exists()
        for notice in Notice.objects.filter(citizen=history.reader.alice, record=row):
            _check_notice(history, notice, row, theirs and notice.not_theirs_at is None, lists)


def _check_notice(history: History, notice: Notice, row: Record, mine: bool, lists: dict[str, str]) -> None:
    reader, now = history.reader, history.now
    page, situation = reader.notice(notice), f"{notice.state} {notice.reason} {row.state}"
    lines = [_line(text, notice) for text in lists.values()]
    arrived = Delivery.objects.filter(notice=notice, pk__in=history.arrived).exists()
    for text in (page, *filter(None, lines)):
        assert ("알림이 도착했습니다" in text) == arrived, situation
    bill = Bill.objects.filter(citizen=reader.alice, record=row).first() if mine else None
    view = view_bill(citizen=reader.alice, bill_id=bill.pk, language="ko", now=now) if bill else None
    owed = (view is not None and view.state == "open") or (view is not None and view.reason == "objection")
    ahead = any(day and day >= kst_date(now) for day in (row.date_1, row.date_2, row.date_3))
    to_do = mine and row.state == "open" and (owed if view else ahead)
    assert ("할 일 남음 ·" in lines[0] or "할 일 남음<" in lines[0]) == to_do, situation
    assert not lines[1] or to_do, situation
    sums = re.findall(r'<p class="sum">([\d,]+원)</p>', page)
    due = view.clock.amount if view and view.payable and view.clock else None
    assert sums == ([format_won(due)] if due is not None else []), situation
    assert ("/service/" in page) == (due is not None), situation
    if row.state in ("paid", "withdrawn"):
        assert "납부하기" not in page, situation
    if not mine:
        assert all(words not in text for words in ("신호위반", "주차위반") for text in (page, *lines)), situation
    _check_text(history, notice, situation)


def _check_text(history: History, notice: Notice, situation: str) -> None:
    """A message that is shown as the one that was sent is that of the attempt which arrived, or of the newest one."""
    page = history.reader.client.get(f"/inbox/{notice.pk}/").content.decode()
    found = re.search(r'<p class="bubble-text">(.*?)</p>', page, re.DOTALL)
    attempts = list(Delivery.objects.filter(notice=notice).order_by("fence"))
    if found and attempts:
        out = [each for each in attempts if each.state not in ("failed", "returned")] or attempts
        [*_, shown] = [each for each in out if each.pk in history.arrived] or out
        assert html.unescape(re.sub(r"<[^>]+>", "", found[1])) == history.sent[shown.pk], situation


def _line(page: str, notice: Notice) -> str:
    found = re.search(rf'<a href="/inbox/{notice.pk}/">(.*?)</li>', page, re.DOTALL)
    return found[1] if found else ""


@pytest.mark.parametrize("histories", [12, pytest.param(300, marks=pytest.mark.slow)])
@pytest.mark.parametrize("calm", ["none", "daily"])
def test_no_history_makes_the_inbox_contradict_record_bill_or_receipt(
    reader: Reader, time_machine: Any, calm: str, histories: int
) -> None:
    enrol(2, reader.fine, name="이엘리스")
    load_bundle()
    reader.sandbox.register(*templates())  # with the codes of their variants

    @settings(
        max_examples=histories, deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True
    )
    @given(st.lists(STEPS, min_size=2, max_size=8))
    @example([("reported", VERDICTS[1])])
    @example(
        [("reported", VERDICTS[2]), ("claimed",), ("reported", VERDICTS[1]), ("corrected", 0, "paid", 30_000, DUE[2])]
    )
    def holds(steps: list[tuple[Any, ...]]) -> None:
        with transaction.atomic():
            time_machine.move_to(MORNING, tick=False)
            reader.sign_in()
            history = History(reader, time_machine, calm)
            for what, *how in steps:
                history.happen(what, *how)
            check(history)
            transaction.set_rollback(True)

    holds()
