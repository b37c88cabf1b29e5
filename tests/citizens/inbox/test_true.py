"""No sentence of the inbox contradicts the record, the bill or the newest receipt, whatever happened before; nor does
the message that a page shows as the one that was sent.
"""

import html
import re
from contextlib import suppress
from datetime import date, timedelta
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
from payments.models import Bill, Payment
from payments.refusals import Refused
from payments.web.bill_view import BillView, view_bill
from secretary.kernel.korean.korean import format_date, format_won
from secretary.kernel.time.clock import kst_date
from subscriptions.enrolment.calm import choose_calm
from subscriptions.enrolment.withdraw import withdraw
from tests.citizens.inbox.cast import arrive
from tests.citizens.inbox.conftest import Reader
from tests.notifications.calm_cast import load_bundle
from tests.notifications.cast import MORNING, ci_of, enrol, ingest, record, templates
from tests.payments.cast import begin, confirm
from tests.payments.conftest import Far

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
VERDICTS = ((Verdict.ACCEPTED, ""), (Verdict.DELIVERED, ""), (Verdict.UNDELIVERABLE, "3019"), (Verdict.UNKNOWN, ""))
STATES = ("open", "paid", "completed", "withdrawn", "objected")
DUE = ("2026-02-02", "2026-03-10", "2026-03-23", "2026-04-02")
WORDS = {
    "ready": "아직 보내지 않았습니다",
    "sending": "보내는 중입니다",
    "unknown": "도착했는지 확인하고 있습니다",
    "review": "담당자가 확인하고 있습니다",
    "failed": "전달되지 못했습니다",
    "cancelled": "보내지 않았습니다",
    "too_late": "늦어서 보내지 않았습니다",
}
BUNDLED = timedelta(minutes=10)  # after ten in the morning, when the bundled message goes out
# What happens next: the agency corrects a record, a worker claims, a gateway reports, the person acts or pays here, a
# day passes.
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
    st.tuples(st.just("pays"), st.sampled_from(("paid", "unknown", "left"))),
    st.tuples(st.just("a day later")),
)


class History:
    """Two records about Alice, and what has happened to them.

    A gateway knows the carrier of a bundle alone (`known`); what it reports counts for each delivery in it.
    """

    def __init__(self, reader: Reader, far: Far, time_machine: Any, calm: str) -> None:
        self.reader, self.far, self.clock, self.now, self.version = reader, far, time_machine, MORNING, 1
        far.at(MORNING)
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
        elif what == "pays":
            self.pay(how[0])
        elif what == "unsubscribed":
            withdraw(citizen=self.reader.alice, data_types=["traffic_fine"], actor="citizen", now=self.now)
        else:
            self.now += DAY
            self.clock.move_to(self.now, tick=False)
            self.far.at(self.now)
            self.reader.sign_in()
        match_everything(now=self.now)

    def correct(self, which: int, **values: Any) -> None:
        self.version += 1
        ingest(record(1, external_id=self.numbers[which], version=self.version, **values), now=self.now)

    def pay(self, outcome: str) -> None:
        """The person pays the first bill that can be paid here; or the answer is lost; or they leave the page."""
        open_bills(citizen=self.reader.alice, now=self.now)
        for bill in Bill.objects.filter(citizen=self.reader.alice).order_by("pk"):
            with suppress(Refused):
                payment = begin(self.reader.alice, bill, now=self.now)
                if outcome == "unknown":
                    self.far.bank.faults["confirm"].append("taken_lost")
                if outcome != "left":
                    confirm(self.reader.alice, payment, self.far.bank, now=self.now)
                return

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
    tried = set(Payment.objects.filter(bill=bill).values_list("state", flat=True)) if bill else set()
    owed = view is not None and (view.state == "open" or view.reason == "objection") and not tried & {"unknown", "paid"}
    ahead = any(day and day >= kst_date(now) for day in (row.date_1, row.date_2, row.date_3))
    to_do = mine and row.state == "open" and (owed if view else ahead)
    assert ("할 일 남음 ·" in lines[0] or "할 일 남음<" in lines[0]) == to_do, situation
    assert not lines[1] or to_do, situation
    sums = re.findall(r'<p class="sum">([\d,]+원)</p>', page)
    due = view.clock.amount if view and view.payable and view.clock and not tried & {"unknown", "paid"} else None
    assert sums == ([format_won(due)] if due is not None else []), situation
    assert ("/service/" in page) == (due is not None), situation
    _check_money(lines, row, view, to_do, mine, situation)
    if row.state in ("paid", "withdrawn"):
        assert "납부하기" not in page, situation
    if not mine:
        assert all(words not in text for words in ("신호위반", "주차위반") for text in (page, *lines)), situation
    _check_payment(page, tried, situation)
    _check_facts(page, row if mine else None, situation)
    _check_headline(page, lines, notice, arrived, situation)
    _check_text(history, notice, situation)


def _check_money(lines: list[str], row: Record, view: BillView | None, to_do: bool, mine: bool, situation: str) -> None:
    """The list names what the bill's price clock says today of what is still to do, and calls paid what the bill does,
    or the record where there is no bill."""
    clock = view.clock if view and view.known and to_do else None
    is_settled = view is None or view.state == "paid" or view.reason in ("paid_elsewhere", "sibling")
    says_paid = row.state == "paid" or (view is not None and view.state == "paid")
    paid = mine and says_paid and is_settled and not (view and (view.under_way or view.in_review))
    for line in filter(None, lines):
        named = re.findall(r"오늘 내실 금액 ([\d,]+원)", line)
        assert named == ([format_won(clock.amount)] if clock and clock.amount else []), situation
        assert ('class="settled">납부 완료<' in line) == paid, situation
        assert ('class="settled">결제 확인 중<' in line) == bool(view and view.under_way), situation


def _check_payment(page: str, tried: set[str], situation: str) -> None:
    """A payment whose outcome is unknown is neither paid nor unpaid; one that was captured has its receipt."""
    assert ("중복 결제되지 않습니다" in page) == ("unknown" in tried), situation
    assert ("/receipt/" in page) <= ("paid" in tried), situation


def _check_facts(page: str, row: Record | None, situation: str) -> None:
    """What the record is said to say is its newest version, and nothing where it is another person's."""
    shown = dict(re.findall(r"<dt>(금액|납부기한)</dt><dd>(.*?)</dd>", page))
    if row is None:
        assert not shown, situation
        return
    fields = row.payload
    assert shown["금액"] == format_won(fields["amount"]), situation
    assert shown["납부기한"] == format_date(date.fromisoformat(fields["due_on"]), "ko"), situation


def _check_headline(page: str, lines: list[str], notice: Notice, arrived: bool, situation: str) -> None:
    """The words for the notice's state, on its page and in each list."""
    found = re.search(r'<div class="note(?: warn)?"><p><strong>(.*?)</strong>', page)
    assert found, situation
    assert arrived or found[1] == WORDS[notice.state], situation
    assert all(f"· {found[1]}" in line for line in lines if line), situation


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
    reader: Reader, far: Far, time_machine: Any, calm: str, histories: int
) -> None:
    enrol(2, reader.fine, name="이엘리스")
    load_bundle()
    reader.sandbox.register(*templates())  # with the codes of their variants

    @settings(
        max_examples=histories, deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True
    )
    @given(st.lists(STEPS, min_size=2, max_size=8))
    @example([("reported", VERDICTS[1])])
    @example([("pays", "unknown"), ("corrected", 0, "open", 50_000, DUE[3])])
    @example([("pays", "paid"), ("claimed",), ("a day later",)])
    @example(
        [("reported", VERDICTS[2]), ("claimed",), ("reported", VERDICTS[1]), ("corrected", 0, "paid", 30_000, DUE[2])]
    )
    def holds(steps: list[tuple[Any, ...]]) -> None:
        with transaction.atomic():
            time_machine.move_to(MORNING, tick=False)
            reader.sign_in()
            history = History(reader, far, time_machine, calm)
            for what, *how in steps:
                history.happen(what, *how)
            check(history)
            transaction.set_rollback(True)

    holds()
