"""Test a record that moves to another person: unsent notices stop, and people notified before are notified of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from notifications.channels.contract import Outcome, Verdict
from notifications.delivery.check_codes import check_code
from notifications.delivery.deliver import deliver_due
from notifications.delivery.outcomes import Reported, apply_outcomes
from notifications.intake import ingest as ingesting
from notifications.matching.match import match_batches, match_due, match_everything
from notifications.models import Alarm, Delivery, Notice, QueueEntry, Record
from subscriptions.models import Citizen, CitizenKey, Stage, Subscription
from tests.notifications.cast import MORNING, NIGHT, ci_of, enrol, ingest, make_data_type, record, templates
from tests.support.sandbox_process import SandboxProcess

pytestmark = pytest.mark.django_db
LATER = MORNING + timedelta(hours=1)
BOB, ALICE = 1, 2
HERS = {"fields": {"amount": 99000, "violation": "주차위반"}}


@pytest.fixture
def fine(sandbox: SandboxProcess) -> Any:
    data_type = make_data_type()
    sandbox.register(*templates())
    return data_type


@pytest.fixture
def bob(fine: Any) -> Citizen:
    return enrol(BOB, fine, channels=["sms"], name="김밥")


@pytest.fixture
def alice(fine: Any) -> Citizen:
    return enrol(ALICE, fine, channels=["sms"], name="이엘리스")


def push(person: int, version: int = 1, *, number: str = "X", now: Any = MORNING, **values: Any) -> None:
    ingest(record(person, external_id=number, version=version, **values), now=now)


def go(now: Any = MORNING) -> int:
    match_everything(now=now)
    return deliver_due(now=lambda: now)


def notices(of: Citizen) -> list[tuple[str, str, str]]:
    """Stage, state and reason of everything that was made for this person, the oldest first."""
    rows = Notice.objects.filter(citizen=of).order_by("pk")
    return list(rows.values_list("stage__code", "state", "reason"))


def reported(verdict: Verdict) -> None:
    """As if the gateway had reported this of the newest delivery."""
    apply_outcomes([Reported(Delivery.objects.latest("pk").pk, Outcome("", verdict, "x"))], now=MORNING)


def texts(sandbox: SandboxProcess) -> list[str]:
    return [row["text"] for row in sorted(sandbox.rows(), key=lambda row: row["text"])]


def test_what_was_unsent_when_the_agency_named_another_person_is_cancelled_at_once(
    bob: Any, alice: Any, sandbox: Any
) -> None:
    push(BOB, now=NIGHT)
    assert go(NIGHT) == 0
    push(ALICE, 2, **HERS)  # type: ignore[arg-type]
    assert notices(bob) == [("issued", "cancelled", "another_person")]
    assert not QueueEntry.objects.exists()
    assert go() == 1
    assert notices(bob) == [("issued", "cancelled", "another_person")]
    assert notices(alice) == [("issued", "sending", "")]
    [row] = sandbox.rows()
    assert "이엘리스님, 주차위반 99,000원" in row["text"]


def test_the_claim_stops_what_the_intake_did_not_see(bob: Any, alice: Any, sandbox: Any) -> None:
    push(BOB)
    match_everything(now=MORNING)
    Record.objects.update(ci_hash=CitizenKey.objects.get(citizen=alice, kind="ci").key_hash)
    assert deliver_due(now=lambda: MORNING) == 0
    assert notices(bob) == [("issued", "cancelled", "another_person")]
    assert sandbox.messages()["total"] == 0


@pytest.mark.parametrize("matched_first", [False, True])
def test_a_notice_on_its_way_that_comes_back_is_not_sent_again(
    bob: Any, alice: Any, sandbox: Any, matched_first: Any
) -> None:
    push(BOB)
    assert go() == 1
    push(ALICE, 2, **HERS)  # type: ignore[arg-type]
    if matched_first:
        match_everything(now=MORNING)
    assert notices(bob)[0] == ("issued", "sending", "")
    reported(Verdict.RETRY_LATER)
    Notice.objects.filter(citizen=bob).update(not_before=MORNING)
    assert go() == 1  # Alice's
    came_back, *news = notices(bob)
    assert came_back == ("issued", "cancelled", "another_person")
    assert news == ([("not_yours", "cancelled", "superseded")] if matched_first else [])  # he was not notified
    assert [row["text"].count("99,000") for row in sandbox.rows() if "김밥" in row["text"]] == [0]


def test_a_notified_person_hears_that_it_was_not_theirs_and_nothing_of_the_other(
    bob: Any, alice: Any, sandbox: Any
) -> None:
    push(BOB)
    go()
    reported(Verdict.DELIVERED)
    notified = Notice.objects.get()
    sandbox.request("DELETE", "/control/messages")
    push(ALICE, 2, now=LATER, **HERS)  # type: ignore[arg-type]
    assert go(LATER) == 2
    news = Notice.objects.get(citizen=bob, stage__code="not_yours")
    [to_bob] = [text for text in texts(sandbox) if "김밥" in text]
    assert to_bob == (
        f"[국민비서] 김밥님, 2026. 3. 10.(화) 안내({check_code(notified.pk)})는 다른 분의 건입니다. "
        f"확인코드 {check_code(news.pk)} (not_yours)"
    )
    assert notices(alice) == [("issued", "sending", "")]
    assert not Notice.objects.filter(citizen=alice, stage__trigger="changed").exists()
    for row in (*Notice.objects.filter(citizen=bob).values(), *Delivery.objects.filter(notice=news).values()):
        written = " ".join(str(value) for value in row.values())
        assert "99000" not in written and "99,000" not in written and str(alice.pk) not in written


def test_no_person_hears_it_twice_however_often_the_record_changes(
    bob: Any, alice: Any, fine: Any, sandbox: Any
) -> None:
    enrol(3, fine, channels=["sms"])
    push(BOB)
    go()
    push(ALICE, 2)
    go()
    push(ALICE, 3, fields={"amount": 70000})
    push(3, 4)
    go()
    match_batches(now=MORNING)
    assert [stage for stage, _, _ in notices(bob)] == ["issued", "not_yours"]
    assert [stage for stage, _, _ in notices(alice)] == ["issued", "not_yours"]


def test_a_record_that_comes_back_is_notified_again_and_the_one_between_hears_of_it(
    bob: Any, alice: Any, sandbox: Any
) -> None:
    for version, person in enumerate((BOB, ALICE, BOB), 1):
        push(person, version, fields={"amount": 10000 * version})
        assert go() == (1 if version == 1 else 2)
    assert [stage for stage, _, _ in notices(bob)] == ["issued", "not_yours", "issued"]
    assert [stage for stage, _, _ in notices(alice)] == ["issued", "not_yours"]
    assert [text for text in texts(sandbox) if "30,000" in text and "김밥" in text]


def test_a_record_that_comes_back_before_anything_was_matched_leaves_no_person_out(
    bob: Any, alice: Any, sandbox: Any
) -> None:
    push(BOB, now=NIGHT)
    go(NIGHT)
    push(ALICE, 2, now=NIGHT)
    push(BOB, 3, now=NIGHT)
    assert go() == 1
    assert notices(bob) == [("issued", "cancelled", "another_person"), ("issued", "sending", "")]
    assert notices(alice) == []


def test_a_corrected_message_waiting_when_the_record_comes_back_is_not_sent(bob: Any, alice: Any, sandbox: Any) -> None:
    push(BOB)
    go()
    push(ALICE, 2)
    match_everything(now=MORNING)
    push(BOB, 3)
    go()
    assert [(stage, reason) for stage, _, reason in notices(bob)] == [
        ("issued", ""),
        ("not_yours", "superseded"),
        ("issued", ""),
    ]


@pytest.mark.parametrize("keeps", ["ci", "person"])
def test_a_record_that_keeps_one_of_a_persons_two_keys_is_still_theirs(
    bob: Any, alice: Any, sandbox: Any, keeps: Any
) -> None:
    both = {"ci": ci_of(BOB), "name": "김밥", "birth_date": "1960-01-02", "phone": "010-0000-0001"}
    push(BOB, subject=both)
    go()
    half = {"ci": both["ci"]} if keeps == "ci" else {name: both[name] for name in ("name", "birth_date", "phone")}
    push(BOB, 2, subject=half)
    go()
    push(BOB, 3, subject=half, fields={"amount": 70000})
    go()
    assert [stage for stage, _, _ in notices(bob)] == ["issued", "changed"]


def test_a_correction_in_two_steps_ends_with_the_right_person_alone(bob: Any, alice: Any, sandbox: Any) -> None:
    his = {"name": "김밥", "birth_date": "1960-01-02", "phone": "010-0000-0001"}
    hers = {"name": "이엘리스", "birth_date": "1960-01-02", "phone": "010-0000-0002"}
    push(BOB, subject={"ci": ci_of(BOB), **his})
    go()
    push(ALICE, 2, subject={"ci": ci_of(ALICE), **his})
    go()
    assert [stage for stage, _, _ in notices(bob)] == ["issued"]
    push(ALICE, 3, subject={"ci": ci_of(ALICE), **hers})
    go()
    assert [stage for stage, _, _ in notices(bob)] == ["issued", "not_yours"]
    assert [stage for stage, _, _ in notices(alice)] == ["issued"]


def test_a_reminder_does_not_double_the_first_notice_of_the_person_it_came_to(
    bob: Any, alice: Any, sandbox: Any
) -> None:
    push(BOB)
    go()
    day = MORNING.replace(day=30)  # three days before it is due
    push(ALICE, 2, now=day)
    go(day)
    match_due(now=day + timedelta(days=1))
    assert [stage for stage, _, _ in notices(alice)] == ["issued"]


def test_reminders_go_to_the_person_it_is_about_and_to_no_other(bob: Any, alice: Any, sandbox: Any) -> None:
    push(BOB)
    go()
    push(ALICE, 2)
    go()
    go(MORNING.replace(day=30))
    assert [stage for stage, _, _ in notices(bob)] == ["issued", "not_yours"]
    assert [stage for stage, _, _ in notices(alice)] == ["issued", "due_soon"]


def test_who_does_not_want_these_notices_any_more_is_left_in_peace(bob: Any, alice: Any, sandbox: Any) -> None:
    push(BOB)
    go()
    Subscription.objects.filter(citizen=bob).update(ended_at=MORNING)
    push(ALICE, 2)
    go()
    assert [stage for stage, _, _ in notices(bob)] == ["issued"]


def test_a_version_without_words_for_it_raises_an_alarm(bob: Any, alice: Any, sandbox: Any) -> None:
    push(BOB)
    go()
    Stage.objects.filter(trigger="not_yours").delete()
    push(ALICE, 2)
    go()
    assert [stage for stage, _, _ in notices(bob)] == ["issued"]
    alarm = Alarm.objects.get(kind="not_yours_unsaid")
    assert alarm.subject == "traffic_fine" and "1 people" in alarm.message


def test_an_objection_and_a_receipt_stay_with_the_person_whose_they_were(bob: Any, alice: Any, sandbox: Any) -> None:
    push(BOB)
    go()
    Record.objects.update(objected_at=MORNING, told_encrypted=b"his receipt", paid_here_at=MORNING, state="paid")
    push(ALICE, 2)
    row = Record.objects.get()
    assert (row.objected_at, row.told_encrypted) == (None, None)
    assert (row.state, row.paid_here_at) == ("paid", MORNING)  # it is not claimed again
    assert Alarm.objects.filter(kind="moved_after_payment").exists()
    go()
    assert notices(alice) == []


def test_an_objection_stays_while_the_record_is_still_about_the_same_person(bob: Any, sandbox: Any) -> None:
    push(BOB)
    go()
    Record.objects.update(objected_at=MORNING)
    push(BOB, 2, subject={"name": "김밥", "birth_date": "1960-01-02", "phone": "010-0000-0001"})
    assert Record.objects.get().objected_at == MORNING


def test_a_batch_in_which_very_many_records_change_their_person_raises_an_alarm(
    bob: Any, alice: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(ingesting, "MANY_MOVED", 3)
    for version, person in enumerate((BOB, ALICE), 1):
        ingest(*(record(person, external_id=f"M{item}", version=version) for item in range(3)))
    ingest(*(record(ALICE, external_id=f"M{item}", version=3) for item in range(3)))
    alarm = Alarm.objects.get(kind="records_moved")
    assert (alarm.subject, alarm.times) == ("knpa-push", 1)
    assert alarm.message.startswith("3 records of one batch")


def test_a_batch_in_which_no_person_changes_asks_for_nothing_more(bob: Any) -> None:
    push(BOB)
    match_everything(now=MORNING)
    with CaptureQueriesContext(connection) as asked:
        push(BOB, 2, fields={"amount": 70000})
        match_everything(now=MORNING)
    assert any("notifications_record" in query["sql"] for query in asked)
    assert not any("theirs_no_more" in query["sql"] for query in asked)
