"""The call list of an office: who agreed on paper and was not reached by an urgent notice, until one reaches them."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from citizens.inbox.notice_view import mark_read
from citizens.models import OfficeCall
from citizens.office_calls.call_list import NO_ANSWERS
from citizens.own_data.accesses import accesses_page
from notifications.channels.contract import Verdict
from notifications.models import Notice
from secretary.kernel.models import AuditEvent
from subscriptions.data_types.load import ensure_office_call_consent, ensure_service_consent
from subscriptions.enrolment.consent_texts import OFFICE_CALL
from subscriptions.enrolment.merge import merge_into
from subscriptions.enrolment.withdraw import may_be_called, withdraw_office_calls
from subscriptions.models import Citizen, Consent, DataType, Office, Official, Stage
from subscriptions.registration.move_registration import move_registration
from subscriptions.registration.registrations import end_registration, own_citizen
from tests.citizens.inbox.cast import arrive, hand_over, report
from tests.notifications.cast import MORNING, make_data_type, record
from tests.subscriptions import cast
from tests.subscriptions.web.officials.test_official_pages import PASSWORD, paper

pytestmark = pytest.mark.django_db
CALLS = "/officials/calls/"
TWO_DAYS = MORNING + timedelta(days=2, minutes=1)


@pytest.fixture(autouse=True)
def morning(time_machine: Any, settings: Any) -> Any:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    time_machine.move_to(MORNING, tick=False)
    return time_machine


@pytest.fixture
def later(morning: Any, client: Client) -> Any:
    """The clock moves on, and the official signs in again."""

    def move(now: datetime) -> None:
        morning.move_to(now, tick=False)
        client.post("/officials/login/", PASSWORD)

    return move


@pytest.fixture
def kind() -> DataType:
    ensure_service_consent()
    ensure_office_call_consent()
    kind = make_data_type("vaccination")
    Stage.objects.filter(code="issued").update(urgent=True)
    return kind


@pytest.fixture
def official(kind: DataType, client: Client) -> Official:
    official = cast.official()
    client.post("/officials/login/", PASSWORD)
    return official


def register(client: Client, *, call: str = "yes", **changes: Any) -> Citizen:
    text = ensure_office_call_consent()
    answer = client.post("/officials/", paper(**{f"consent_{text.pk}": call}, **changes))
    assert answer["Location"] == "/officials/slip/", answer.content.decode()
    return Citizen.objects.latest("created_at")


def news(citizen: Citizen, *, now: datetime = MORNING, urgent: bool = True, phone: str = "+821000000005") -> Notice:
    Stage.objects.filter(code="issued").update(urgent=urgent)
    subject = {"name": citizen.name, "birth_date": citizen.birth_date.isoformat(), "phone": phone}
    return arrive(record(1, data_type="vaccination", subject=subject), now=now)[0]


def missed(citizen: Citizen, **when: Any) -> Notice:
    notice = news(citizen, **when)
    hand_over((Verdict.UNDELIVERABLE, "30003"), now=when.get("now", MORNING))
    return notice


def listed(client: Client) -> str:
    answer = client.get(CALLS)
    assert answer.status_code == 200
    return str(answer.content.decode())


def is_listed(client: Client) -> bool:
    return "최**신" in listed(client)


def record_call(client: Client, citizen: Citizen, outcome: str, again: int = 1) -> Any:
    return client.post(f"{CALLS}{citizen.pk}/", {"outcome": outcome, "again": again}, follow=True)


def test_who_agreed_and_was_not_reached_is_listed_masked_after_two_days(
    client: Client, official: Official, later: Any
) -> None:
    citizen = register(client)
    missed(citizen)
    assert not is_listed(client)
    later(TWO_DAYS)
    page = listed(client)
    assert "최**신" in page and "010-****-0005" in page and "최어르신" not in page
    shown = client.get(f"{CALLS}{citizen.pk}/").content.decode()
    assert "예방접종" in shown and "신호위반" not in shown and "010-0000-0005" not in shown
    assert shown.count('class="primary"') == 1  # of the outcome
    revealed = client.post(f"{CALLS}{citizen.pk}/", {"reason": "알림 미도달 확인 전화"}).content.decode()
    assert "010-0000-0005" in revealed
    answer = record_call(client, citizen, "reached").content.decode()
    assert "통화를 기록했습니다" in answer and "최**신" not in answer
    trail = AuditEvent.objects.filter(actor=f"official:{official.pk}", citizen_id=citizen.pk).order_by("id")
    assert list(trail.values_list("action", "object", "reason"))[1:] == [
        ("registration.revealed", "", "알림 미도달 확인 전화"),
        ("office_call.recorded", "reached", ""),
    ]
    words = [line.words for line in accesses_page(citizen.pk, before=None, size=20)[0]]
    assert "도달하지 않은 알림에 관해 전화한 결과를 기록함" in words
    assert "최**신" not in record_call(client, citizen, "reached").content.decode()  # once
    assert OfficeCall.objects.count() == 1


@pytest.mark.parametrize(
    "why", ["did not agree", "not urgent", "arrived", "unknown is listed", "read", "reached later", "too long ago"]
)
def test_who_is_not_called(client: Client, official: Official, later: Any, why: str) -> None:
    citizen = register(client, call="no" if why == "did not agree" else "yes")
    notice = news(citizen, urgent=why != "not urgent")
    verdicts = {"arrived": (Verdict.DELIVERED, ""), "unknown is listed": (Verdict.UNKNOWN, "")}
    hand_over(verdicts.get(why, (Verdict.UNDELIVERABLE, "30003")))
    if why == "read":
        mark_read(notice_id=notice.pk, citizen_id=citizen.pk, now=MORNING)
    later(TWO_DAYS + timedelta(days=30 if why == "too long ago" else 0))
    if why == "reached later":
        assert is_listed(client)
        later = news(citizen, now=TWO_DAYS, urgent=False)
        hand_over(now=TWO_DAYS)
        report(Verdict.DELIVERED, notice=later, now=TWO_DAYS)
    assert is_listed(client) is (why == "unknown is listed")


def test_no_answer_comes_again_on_its_day_and_five_are_enough(client: Client, official: Official, later: Any) -> None:
    citizen = register(client)
    missed(citizen)
    now = TWO_DAYS
    for number in range(1, NO_ANSWERS + 1):
        later(now)
        page = record_call(client, citizen, "no_answer", 3).content.decode()
        last = OfficeCall.objects.latest("pk")
        assert last.next_call_on == (now + timedelta(days=3, hours=9)).date()
        assert ("최**신" in page) is (number < NO_ANSWERS)
        now += timedelta(days=3)


def test_a_new_notice_that_does_not_reach_begins_anew(client: Client, official: Official, later: Any) -> None:
    citizen = register(client)
    missed(citizen)
    later(TWO_DAYS)
    record_call(client, citizen, "wrong_number")
    assert not is_listed(client)
    missed(citizen, now=TWO_DAYS + timedelta(minutes=1))
    later(TWO_DAYS + timedelta(days=3))
    assert is_listed(client)


def test_who_asks_to_be_left_alone_has_withdrawn(client: Client, official: Official, later: Any) -> None:
    citizen = register(client)
    missed(citizen)
    later(TWO_DAYS)
    record_call(client, citizen, "leave_alone")
    assert not may_be_called(citizen)
    assert AuditEvent.objects.filter(action="consent.withdrawn", object=OFFICE_CALL, citizen_id=citizen.pk).exists()
    missed(citizen, now=TWO_DAYS)
    later(TWO_DAYS + timedelta(days=3))
    assert not is_listed(client)
    assert Consent.objects.filter(citizen=citizen, text__code="vaccination", withdrawn_at=None).exists()


def test_only_the_office_that_keeps_the_paper_calls(client: Client, official: Official, later: Any) -> None:
    citizen = register(client)
    missed(citizen)
    later(TWO_DAYS)
    own = own_citizen(official=official, citizen_id=citizen.pk, now=TWO_DAYS)
    other = Office.objects.create(code="9911052000", name_ko="나상동", name_en="Nasang-dong")
    move_registration(citizen=own, official=official, to=other, reason="이사하셨음", now=TWO_DAYS)
    assert not is_listed(client)
    assert client.get(f"{CALLS}{citizen.pk}/").status_code == 404
    assert client.post(f"{CALLS}{citizen.pk}/", {"outcome": "reached"}).status_code == 404
    assert AuditEvent.objects.filter(action="registration.refused", citizen_id=citizen.pk).count() == 2
    cast.official("other", "9911052000")
    theirs = Client()
    theirs.post("/officials/login/", PASSWORD | {"username": "other"})
    assert is_listed(theirs)


def test_the_consent_ends_with_the_registration(client: Client, official: Official, later: Any) -> None:
    citizen = register(client)
    missed(citizen)
    later(TWO_DAYS)
    own = own_citizen(official=official, citizen_id=citizen.pk, now=TWO_DAYS)
    end_registration(citizen=own, official=official, reason="철회하심", now=TWO_DAYS)
    assert not Consent.objects.filter(citizen=citizen, withdrawn_at=None).exists()


def test_a_second_withdrawal_withdraws_nothing(client: Client, official: Official) -> None:
    citizen = register(client)
    first = withdraw_office_calls(citizen=citizen, actor="citizen", now=MORNING)
    again = withdraw_office_calls(citizen=citizen, actor="citizen", now=MORNING)
    assert (first, again) == (True, False)


def test_call_list_days(client: Client, official: Official, later: Any, settings: Any) -> None:
    missed(register(client))
    later(TWO_DAYS)
    settings.CALL_LIST_DAYS = 3
    assert not is_listed(client)
    settings.CALL_LIST_DAYS = 1
    assert is_listed(client)


def test_wrong_input_changes_nothing(client: Client, official: Official, later: Any) -> None:
    citizen = register(client)
    missed(citizen)
    later(TWO_DAYS)
    for wrong in ({"outcome": "x", "again": "1"}, {"again": "1"}, {"outcome": "no_answer", "again": "99"}):
        page = client.post(f"{CALLS}{citizen.pk}/", wrong).content.decode()
        assert 'class="error-summary"' in page, wrong
    assert "사유" in client.post(f"{CALLS}{citizen.pk}/", {"reason": ""}).content.decode()
    assert not OfficeCall.objects.exists()
    assert client.get(f"{CALLS}?before=x").status_code == 200
    assert Client().get(CALLS)["Location"] == "/officials/login/"


def test_the_calls_follow_a_person_whose_two_rows_become_one(client: Client, official: Official, later: Any) -> None:
    """The call that was made is not to be made anew."""
    entry = register(client, name="최어르산")
    missed(entry)
    later(TWO_DAYS)
    record_call(client, entry, "no_answer", again=3)
    stays = register(client, paper_form="A-2", name="박어르신", phone="010-0000-0009")
    with transaction.atomic():
        merge_into(stays, entry, actor="system", now=TWO_DAYS)
    call = OfficeCall.objects.get()
    assert (call.citizen_id, call.outcome) == (stays.pk, "no_answer")


def test_the_number_still_stands_there_after_a_mistake_for_who_has_seen_it(
    client: Client, official: Official, later: Any
) -> None:
    """The official is dialling it; it is shown again for the reason that was stated, and that is on record."""
    citizen = register(client)
    missed(citizen)
    later(TWO_DAYS)
    address = f"{CALLS}{citizen.pk}/"
    page = client.post(address, {"reason": "알림 미도달 확인 전화"}).content.decode()
    seal = page.partition('name="shown" value="')[2].partition('"')[0]
    again = client.post(address, {"again": "1", "shown": seal}).content.decode()
    assert "010-0000-0005" in again and 'class="error-summary"' in again and f'value="{seal}"' in again
    revealed = AuditEvent.objects.filter(action="registration.revealed", citizen_id=citizen.pk)
    assert [line.reason for line in revealed] == ["알림 미도달 확인 전화"] * 2
    for wrong in ("", "x", f"{seal}x"):
        assert "010-0000-0005" not in client.post(address, {"again": "1", "shown": wrong}).content.decode(), wrong
    other = register(client, paper_form="B-2", name="박어른가", phone="010-0000-0102")
    missed(other, phone="+821000000102")
    page = client.post(f"{CALLS}{other.pk}/", {"again": "1", "shown": seal}).content.decode()
    assert "010-0000-0102" not in page
