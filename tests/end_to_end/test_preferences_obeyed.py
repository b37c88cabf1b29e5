"""A preference that is changed between match and claim is obeyed at the very next send."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from time_machine import TimeMachineFixture

from notifications.delivery.deliver import deliver_due
from notifications.matching.match import match_everything
from notifications.models import Delivery, Notice
from secretary.kernel.models import AuditEvent
from secretary.kernel.time.clock import KST
from subscriptions.data_types.load import ensure_service_consent
from subscriptions.models import Citizen
from tests.notifications.cast import MORNING, ingest, make_data_type, record, templates
from tests.subscriptions import cast
from tests.subscriptions.web.conftest import CODE, provider, quick_passwords  # noqa: F401  (fixtures)
from tests.subscriptions.web.steps import confirmed, identify
from tests.support.sandbox_process import SandboxProcess

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]


@pytest.fixture
def alice(client: Client, sandbox: SandboxProcess, time_machine: TimeMachineFixture) -> Citizen:
    """Signed in; one notice is matched and waits for its claim."""
    time_machine.move_to(MORNING, tick=False)
    ensure_service_consent()
    make_data_type()
    sandbox.register(*templates())
    citizen = cast.enrol(cast.person(1), ("kakaotalk", "sms"), now=MORNING)
    confirmed(client, "/settings/sign-in/")
    ingest(record(1, subject={"name": "홍길동", "birth_date": "1985-03-14", "phone": "010-0000-0001"}))
    match_everything(now=MORNING)
    assert Notice.objects.get().state == "ready"
    return citizen


def deliver(now: datetime = MORNING) -> list[str]:
    deliver_due(now=lambda: now)
    return list(Delivery.objects.values_list("channel", flat=True))


def in_seoul(hour: int, *, day: int = 10) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=KST)


def own_hours(starts: str, ends: str) -> dict[str, str]:
    return {"which": "own", "starts": starts, "ends": ends}


def test_channels_and_language_are_those_of_now(client: Client, alice: Citizen) -> None:
    client.post("/settings/channels/", {"channel": ["naver"]})
    client.post("/settings/reading/", {"language": "en", "text_size": "130", "contrast": "off"})
    assert deliver() == ["naver"]
    assert Delivery.objects.get().template.language == "en"


def test_a_kind_that_was_stopped_does_not_come_and_comes_once_it_is_taken_back(client: Client, alice: Citizen) -> None:
    client.post("/settings/end/traffic_fine/")
    assert deliver() == []
    assert Notice.objects.get().state == "cancelled"
    client.post("/settings/undo/")
    match_everything(now=MORNING)
    assert deliver() == ["kakaotalk"]


def test_narrower_hours_hold_back_what_waits_and_wider_ones_let_it_out(client: Client, alice: Citizen) -> None:
    client.post("/settings/hours/", own_hours("15:00", "19:00"))
    assert deliver(in_seoul(10)) == []
    waiting = Notice.objects.get()
    assert (waiting.reason, waiting.not_before) == ("quiet_hours", in_seoul(15))
    client.post("/settings/hours/", own_hours("11:00", "19:00"))
    assert deliver(in_seoul(10)) == []
    assert Notice.objects.get().not_before == in_seoul(11)
    assert deliver(in_seoul(11)) == ["kakaotalk"]


def test_hours_of_rest_over_midnight_are_kept(client: Client, alice: Citizen) -> None:
    client.post("/settings/hours/", {"which": "rest", "starts": "21:00", "ends": "08:00"})
    page = client.get("/settings/").content.decode()
    assert "오전 8:00" in page and "오후 9:00" in page
    assert deliver(in_seoul(21)) == deliver(in_seoul(23)) == deliver(in_seoul(7, day=11)) == []
    assert Notice.objects.get().not_before == in_seoul(8, day=11)
    assert deliver(in_seoul(8, day=11)) == ["kakaotalk"]


def test_early_and_late_hours_are_kept_too(client: Client, alice: Citizen) -> None:
    client.post("/settings/hours/", own_hours("20:00", "00:00"))
    assert deliver(in_seoul(19)) == []
    assert deliver(in_seoul(23) + timedelta(minutes=59)) == ["kakaotalk"]


def test_what_a_running_claim_postpones_by_the_old_hours_is_found_after_the_change(
    client: Client, alice: Citizen, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks() as after:
        client.post("/settings/hours/", own_hours("06:00", "00:00"))
    Notice.objects.update(reason="quiet_hours", not_before=in_seoul(9, day=11))  # by the claim
    for callback in after:
        callback()
    assert deliver(in_seoul(21)) == ["kakaotalk"]


def test_a_new_number_is_used_once_its_code_was_entered_and_records_under_both_numbers_are_found(
    client: Client,
    alice: Citizen,
    provider: Any,  # noqa: F811
    sandbox: SandboxProcess,
) -> None:
    def number() -> str:
        return str(alice.contacts.get(kind="phone").value)

    new = {"phone": "010-0000-0077"}
    provider.people["+821000000077"] = cast.person(1, phone="+821000000077")
    identify(client, "/settings/number/", **new)
    client.post("/settings/number/code/", {"code": "000000"})
    assert number() == "+821000000001"
    done = client.post("/settings/number/code/", {"code": CODE}, follow=True)
    assert "010-****-0077 번호로 알려 드립니다" in done.content.decode()
    assert number() == "+821000000077"
    ingest(record(2, subject={"name": "홍길동", "birth_date": "1985-03-14", "phone": "010-0000-0077"}))
    match_everything(now=MORNING)
    assert Notice.objects.filter(citizen=alice, state="ready").count() == 2
    assert deliver() == ["kakaotalk", "kakaotalk"]
    assert {row["person"] for row in sandbox.rows()} == {"01000000077"}, sandbox.rows()


def test_a_new_number_can_be_taken_back_unless_another_person_has_the_earlier_one_by_now(
    client: Client,
    alice: Citizen,
    provider: Any,  # noqa: F811
) -> None:
    provider.people["+821000000077"] = cast.person(1, phone="+821000000077")
    for is_taken in (False, True):
        confirmed(client, "/settings/number/", phone="010-0000-0077")
        assert "휴대전화번호" in client.get("/settings/").content.decode().split("되돌리기")[0]
        if is_taken:
            cast.enrol(cast.person(2, name="이샘플", phone="+821000000001"), ("sms",), now=MORNING)
        page = client.post("/settings/undo/", follow=True).content.decode()
        assert ("다른 분의 번호여서" in page) is is_taken
        assert alice.contacts.get(kind="phone").value == ("+821000000077" if is_taken else "+821000000001")
    changes = AuditEvent.objects.filter(citizen_id=alice.pk, action="contact.replaced")
    assert changes.count() == 3  # changed, taken back, changed: each is in the history


def test_another_persons_number_changes_nothing(client: Client, alice: Citizen, provider: Any) -> None:  # noqa: F811
    provider.people["+821000000066"] = cast.MALLORY
    confirmed(client, "/settings/number/", phone="010-0000-0066")
    assert "번호를 바꾸지 않았습니다" in client.get("/settings/").content.decode()
    assert alice.contacts.get(kind="phone").value == "+821000000001"
    assert Client().get("/settings/number/").status_code == 302
