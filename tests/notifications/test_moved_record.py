"""Test every reader of records with a record that has moved from Bob to Alice. A new reader must be added here.

The notices themselves are in test_notify_former.py; the readers about money have a walk of their own.
"""

import ast
import html
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db.models.functions import Now
from django.test import Client

from notifications.channels.contract import Outcome, Verdict
from notifications.delivery.claim import claim
from notifications.delivery.deliver import deliver_claim, deliver_due
from notifications.delivery.outcomes import Reported, apply_outcomes
from notifications.delivery.poll_gateways import poll_gateways
from notifications.matching.mark_paid import mark_record_paid
from notifications.matching.match import match_everything, match_record
from notifications.models import Alarm, Delivery, Notice, Record
from notifications.operations.resend import NotTheirs, resend
from notifications.own_data.export import PARTS
from secretary.kernel.models import AuditEvent
from subscriptions.models import Citizen, CitizenKey
from tests.notifications.cast import MORNING, enrol, ingest, make_data_type, record, templates
from tests.subscriptions.admin.ninth_type import staff_client
from tests.support import payload_readers
from tests.support.browser_forms import fill_in
from tests.support.sandbox_process import SandboxProcess
from tests.support.traces import traces_in

pytestmark = pytest.mark.django_db
BOB, ALICE = 1, 2
HERS = {"violation": "비밀위반", "amount": 98765, "plate": "99허9999", "due_on": "2026-04-07"}
TRACES = ("비밀위반", "98765", "98,765", "99허9999", "2026-04-07", "4. 7.", "이엘리스")
MONEY = "tests/payments/test_moved_record.py"
CLAIMED = "test_the_claim_hands_nothing_of_it_out"
IN_A_COPY = "test_the_copy_of_ones_own_data_has_nothing_of_it"
NO_PAGE = f"{MONEY}::test_no_page_and_no_call_shows_the_other_persons_record"

# Reader → the test that walks it with a moved record: here, or where a file is named.
READERS = {
    "notifications/admin/record.py::RecordAdmin.revealed": "test_who_reveals_it_looks_at_the_person_it_is_about",
    "notifications/sql/poll_status.sql": "test_a_gateway_is_polled_without_a_word_of_the_record",
    "notifications/delivery/poll_gateways.py::_question": "test_a_gateway_is_polled_without_a_word_of_the_record",
    "notifications/sql/claim.sql": CLAIMED,
    **{f"notifications/delivery/claim.py::Claimed.{part}_encrypted": CLAIMED for part in ("payload", "told")},
    "notifications/delivery/compose.py::_about_record": "test_to_say_that_it_was_not_theirs_opens_no_record",
    **{f"notifications/delivery/by_columns/compose_many.py::{name}": CLAIMED for name in ("_alike", "_columns")},
    "notifications/own_data/export.py::_records": IN_A_COPY,
    "notifications/own_data/sent_texts.py::_text": IN_A_COPY,
    "notifications/sql/sent_texts.sql": IN_A_COPY,
    **payload_readers.OF_THE_INBOX | payload_readers.OF_BUNDLES,
    "payments/bills/debts.py::debt_names": NO_PAGE,
    "payments/bills/debts.py::shown_fields": NO_PAGE,
    "payments/bills/quote_bill.py::price_today": f"{MONEY}::test_a_record_that_is_about_another_person_cannot_be_paid",
}
# These name a payload but do not show it: definitions, the intake that writes it, what a payment adds or removes.
NO_READERS = {
    *(f"notifications/intake/upsert.py::{name}" for name in ("COLUMNS", "STAGING")),
    "notifications/sql/upsert_records.sql",
    "notifications/intake/parsing/parse.py::Row.payload_encrypted",
    *(f"notifications/models/record.py::Record.{name}" for name in ("payload", "open_payload")),
    *(f"notifications/models/record.py::Record.{name}" for name in ("payload_encrypted", "told_encrypted")),
    *(f"notifications/matching/mark_paid.py::{name}" for name in ("_note_in_record", "mark_record_unpaid")),
    "notifications/matching/notify_former.py::FORGET",
    "notifications/sealed.py::SEALED",
    *(f"notifications/own_data/erase.py::{name}" for name in ("_erase_some_records", "_no_content")),
    "notifications/intake/move_deadlines.py::_move",  # copies days of it to the record's own columns
    *payload_readers.NOT_OF_THE_INBOX,
    "notifications/yearly/compose_yearly.py::attempt_of",  # of no record
    "payments/preview.py::_amount",  # of a record that it has made itself, and that is rolled back
}


def test_every_reader_of_a_record_is_walked_with_a_moved_one() -> None:
    assert payload_readers.found() == {*READERS, *NO_READERS}
    for walk in set(READERS.values()):
        place, _, name = walk.rpartition("::")
        path = payload_readers.ROOT / place if place else Path(__file__)
        assert name in {item.name for item in ast.parse(path.read_text(encoding="utf-8")).body if hasattr(item, "name")}


def test_the_copy_of_ones_own_data_has_nothing_of_it(bob: Citizen, alice: Citizen) -> None:
    push(BOB, 1)
    go()
    push(ALICE, 2, **HERS)
    go()
    theirs = {person: {part.name: list(part.rows(person.pk)) for part in PARTS} for person in (bob, alice)}
    assert traces_in(str(theirs[bob]), TRACES) == [] and not theirs[bob]["records"]
    assert theirs[bob]["deliveries"][0]["text"] == ""
    assert all(word in str(theirs[alice]) for word in ("비밀위반", "98,765", "99허9999"))


@pytest.fixture
def bob(sandbox: SandboxProcess) -> Citizen:
    """Notified of version 1 by text message."""
    fine = make_data_type()
    sandbox.register(*templates())
    enrol(ALICE, fine, channels=["sms"], name="이엘리스")
    return enrol(BOB, fine, channels=["sms"], name="김밥")


@pytest.fixture
def alice(bob: Citizen) -> Citizen:
    return Citizen.objects.exclude(pk=bob.pk).get()


def go(now: Any = MORNING) -> int:
    match_everything(now=now)
    return deliver_due(now=lambda: now)


def push(person: int, version: int, **fields: Any) -> None:
    ingest(record(person, external_id="X", version=version, fields=fields))


def operator() -> Client:
    """A member of staff, in English."""
    client: Client = staff_client("operator")
    client.cookies["django_language"] = "en"
    return client


def untraced(text: str) -> bool:
    return not traces_in(text, TRACES)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The numbers of the records that were opened."""
    calls: list[str] = []
    inner = Record.open_payload.__func__  # type: ignore[attr-defined]

    def spy(cls: Any, payload: Any, notified: Any, agency_code: str, external_id: str) -> Any:
        calls.append(external_id)
        return inner(cls, payload, notified, agency_code, external_id)

    monkeypatch.setattr(Record, "open_payload", classmethod(spy))
    yield calls


def unseen_by_the_intake(alice: Citizen) -> None:
    """The record moves while Bob's notices are not handled: as if a claim had held them at that moment."""
    key = CitizenKey.objects.get(citizen=alice, kind="ci").key_hash
    Record.objects.update(ci_hash=key, version=2)


def test_the_claim_hands_nothing_of_it_out(bob: Citizen, alice: Citizen) -> None:
    push(BOB, 1)
    match_everything(now=MORNING)
    unseen_by_the_intake(alice)
    assert claim(now=MORNING).attempts == []
    assert Notice.objects.get().reason == "another_person"


def test_to_say_that_it_was_not_theirs_opens_no_record(
    bob: Citizen, alice: Citizen, sandbox: SandboxProcess, opened: list[str]
) -> None:
    push(BOB, 1)
    go()
    push(ALICE, 2, **HERS)
    match_everything(now=MORNING)
    Notice.objects.filter(citizen=alice).update(not_before=MORNING + timedelta(days=1))
    opened.clear()
    assert deliver_due(now=lambda: MORNING) == 1
    assert opened == []
    assert all(untraced(row["text"]) for row in sandbox.rows())
    assert "다른 분의 건" in sandbox.rows()[-1]["text"]


@pytest.mark.parametrize("channel", ["sms", "kakaotalk", "naver"])
def test_a_gateway_is_polled_without_a_word_of_the_record(
    bob: Citizen, alice: Citizen, sandbox: SandboxProcess, opened: list[str], channel: Any
) -> None:
    bob.channels.update(channel=channel)
    push(BOB, 1)
    match_everything(now=MORNING)
    sandbox.fault({"kakaotalk": "nhn", "naver": "solapi", "sms": "twilio"}[channel], "lose_answer", count=1)
    deliver_claim(claimed=claim(now=MORNING), now=MORNING)
    push(ALICE, 2, **HERS)
    Delivery.objects.update(ask_at=Now() - timedelta(seconds=1))
    if channel == "sms":  # long enough ago for "not listed" to mean something
        Delivery.objects.update(started_at=Now() - timedelta(hours=1))
    opened.clear()
    poll_gateways(now=MORNING)
    assert opened == []
    state = Notice.objects.get(citizen=bob).state
    # Twilio can be searched by the text alone, which must not be composed any more: it needs review.
    assert state == "review" if channel == "sms" else state in ("sending", "delivered")
    assert [row["text"] for row in sandbox.rows() if not untraced(row["text"])] == []


def test_the_question_about_such_a_message_names_the_earlier_notice_and_no_record(
    bob: Citizen, alice: Citizen, sandbox: SandboxProcess, opened: list[str]
) -> None:
    push(BOB, 1)
    go()
    push(ALICE, 2, **HERS)
    match_everything(now=MORNING)
    Notice.objects.filter(citizen=alice).update(not_before=MORNING + timedelta(days=1))
    sandbox.fault("twilio", "lose_answer", count=1)
    deliver_claim(claimed=claim(now=MORNING), now=MORNING)
    news = Notice.objects.get(stage__trigger="not_yours")
    assert news.state == "unknown"
    Delivery.objects.filter(notice=news).update(ask_at=Now() - timedelta(seconds=1))
    opened.clear()
    poll_gateways(now=MORNING)
    news.refresh_from_db()
    assert opened == []
    assert news.state in ("sending", "delivered")  # found by its very text


def test_no_match_of_any_kind_makes_him_anything_of_it(bob: Citizen, alice: Citizen) -> None:
    push(BOB, 1)
    go()
    push(ALICE, 2, **HERS)
    for day in (10, 30, 31):
        go(MORNING.replace(day=day))
    go(MORNING.replace(month=4, day=4))
    match_record(record_id=Record.objects.get().pk, now=MORNING, unnotified=True)
    stages = Notice.objects.filter(citizen=bob).order_by("pk").values_list("stage__code", flat=True)
    assert list(stages) == ["issued", "not_yours"]


def test_a_payment_that_comes_after_notifies_neither_of_them(bob: Citizen, alice: Citizen) -> None:
    push(BOB, 1)
    go()
    push(ALICE, 2, **HERS)
    match_everything(now=MORNING)
    mark_record_paid(record_id=Record.objects.get().pk, now=MORNING, known={"paid_amount": 40000}, citizen_id=bob.pk)
    row = Record.objects.get()
    assert (row.state, row.paid_here_at, row.told_encrypted) == ("paid", MORNING, None)
    assert not Notice.objects.filter(stage__trigger="paid").exists()
    assert Alarm.objects.filter(kind="moved_after_payment").exists()
    assert Notice.objects.get(citizen=alice).reason == "settled"


def test_a_payment_of_the_person_it_is_about_is_notified_as_ever(bob: Citizen, alice: Citizen) -> None:
    push(BOB, 1)
    mark_record_paid(record_id=Record.objects.get().pk, now=MORNING, known={"paid_amount": 40000}, citizen_id=bob.pk)
    assert Record.objects.get().payload["paid_amount"] == 40000
    assert Notice.objects.get(stage__trigger="paid").citizen_id == bob.pk


def test_staff_cannot_send_it_again_to_him(bob: Citizen, alice: Citizen) -> None:
    push(BOB, 1)
    go()
    push(ALICE, 2, **HERS)
    notice = Notice.objects.get()
    Notice.objects.filter(pk=notice.pk).update(state="review")
    with pytest.raises(NotTheirs):
        resend(notice_id=notice.pk, actor="staff:1", reason="asked for", now=MORNING)
    url = f"/admin/notifications/notice/{notice.pk}/step/"
    page = fill_in(operator(), f"{url}resend/", reason="민원 요청")
    assert Notice.objects.get(pk=notice.pk).state == "review"
    assert untraced(page.content.decode())


def test_his_notices_page_and_what_happened_to_it_say_another_person_and_nothing_else(
    bob: Citizen, alice: Citizen
) -> None:
    push(BOB, 1)
    go()
    apply_outcomes([Reported(Delivery.objects.get().pk, Outcome("", Verdict.DELIVERED, "x"))], now=MORNING)
    push(ALICE, 2, **HERS)
    go()
    client, row = operator(), Record.objects.get()
    for notice in Notice.objects.filter(citizen=bob):
        page = html.unescape(client.get(f"/admin/notifications/notice/{notice.pk}/change/").content.decode())
        assert untraced(page)
        assert str(alice.pk) not in page
        assert f"/admin/notifications/record/{row.pk}/" not in page
        assert "about another person now" in page
    hers = Notice.objects.get(citizen=alice)
    page = client.get(f"/admin/notifications/notice/{hers.pk}/change/").content.decode()
    assert f"/admin/notifications/record/{row.pk}/" in page


def test_who_reveals_it_looks_at_the_person_it_is_about(bob: Citizen, alice: Citizen) -> None:
    push(BOB, 1)
    go()
    push(ALICE, 2, **HERS)
    row = Record.objects.get()
    shown = fill_in(operator(), f"/admin/notifications/record/{row.pk}/reveal/", reason="민원 확인")
    assert "비밀위반" in shown.content.decode()
    assert {event.citizen_id for event in AuditEvent.objects.filter(action="revealed")} == {alice.pk}


def test_a_cancelled_notice_says_why_in_words(bob: Citizen, alice: Citizen) -> None:
    push(BOB, 1)
    match_everything(now=MORNING)
    push(ALICE, 2, **HERS)
    notice = Notice.objects.get(citizen=bob)
    page = operator().get(f"/admin/notifications/notice/{notice.pk}/change/").content.decode()
    assert "the record is about another person now" in page
