"""Test pages about unreached people: for the person, for their office, and before Toss is chosen alone."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from secretary.kernel.models import AuditEvent
from subscriptions.accounts import roles
from subscriptions.data_types.load import ensure_office_call_consent
from subscriptions.enrolment.choices import set_channels
from subscriptions.models import Citizen, Consent, Contact, Subscription, Unreached
from tests.subscriptions import cast
from tests.subscriptions.admin.ninth_type import staff_client
from tests.subscriptions.web.steps import confirmed
from tests.support.browser_forms import fill_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("offered")]


def words(page: Any) -> str:
    whole = re.sub(r'<span class="date">(.*?)</span>', r"\1", page.content.decode())
    return " ".join(re.sub(r"<[^>]*>", " ", whole).split())


def fails(citizen: Citizen, *, days_ago: int = 0, notice_id: int | None = 1) -> None:
    at = cast.NOW - timedelta(days=days_ago)
    Unreached.objects.create(citizen=citizen, at=at, reason="all_channels_failed", notice_id=notice_id)


@pytest.fixture
def alice(client: Client, provider: Any) -> Citizen:
    citizen = cast.enrol(cast.person(1), ("kakaotalk", "sms"), "traffic_fine")
    confirmed(client, "/settings/sign-in/")
    return citizen


def test_the_settings_say_since_when_messages_do_not_arrive_and_what_to_do(client: Client, alice: Citizen) -> None:
    assert "도착하지 않고 있습니다" not in words(client.get("/settings/"))
    fails(alice, days_ago=3)
    fails(alice)
    page = words(client.get("/settings/"))
    assert "도착하지 않고 있습니다" in page and "2026. 2. 27.(금)부터" in page
    assert "차단" in page and "받는 방법 바꾸기" in page and "다시 받기" in page


def test_the_button_has_what_was_missed_looked_for_again_and_is_on_record(client: Client, alice: Citizen) -> None:
    Subscription.objects.update(matched_at=cast.NOW)
    fails(alice)
    answer = fill_in(client, "/settings/", action="/settings/send-again/")
    assert "아직 유효한 것을 다시 보내 드립니다" in words(answer)
    assert Subscription.objects.get().matched_at is None
    assert AuditEvent.objects.get(action="notices.tried_again").citizen_id == alice.pk


def test_only_who_has_proved_who_they_are_can_ask_for_it(client: Client) -> None:
    assert client.post("/settings/send-again/")["Location"] == "/sign-in/"


def test_a_code_that_came_has_what_was_missed_looked_for_again(client: Client, alice: Citizen) -> None:
    Subscription.objects.update(matched_at=cast.NOW)
    fails(alice)
    confirmed(client, "/settings/sign-in/")
    assert Subscription.objects.get().matched_at is None


def test_a_person_who_has_chosen_nothing_usable_reads_so(client: Client, alice: Citizen) -> None:
    fails(alice, notice_id=None)
    page = words(client.get("/settings/"))
    assert "지금 쓸 수 있는 것이 없어" in page and "다시 받기" not in page


def test_toss_can_be_chosen_once_it_is_linked_and_is_marked_where_it_was_stored_before(
    client: Client, alice: Citizen
) -> None:
    set_channels(alice, ["toss", "sms"])  # as an older release stored it
    assert "건너뜁니다" in words(client.get("/settings/"))
    assert 'value="toss"' not in client.get("/settings/channels/").content.decode()
    assert client.post("/settings/channels/", {"channel": ["toss", "sms"]})["Location"] == "/settings/channels/"
    contact = Contact(citizen=alice, kind=Contact.TOSS_USER_KEY)
    contact.value = "443000001"
    contact.save()
    assert "건너뜁니다" not in words(client.get("/settings/"))
    assert client.post("/settings/channels/", {"channel": ["toss"]}).status_code == 302
    assert list(alice.channels.values_list("channel", flat=True)) == ["toss"]


@pytest.mark.parametrize(("days_ago", "day"), [([1], "2026. 3. 1.(일)"), ([9, 2], "2026. 2. 21.(토)"), ([], "")])
def test_the_office_reads_that_messages_do_not_arrive_and_since_when(
    client: Client, days_ago: list[int], day: str
) -> None:
    by = cast.official()
    client.post("/officials/login/", {"username": "official", "password": "right-password-1"})
    senior = cast.register(by)
    for ago in days_ago:
        fails(senior, days_ago=ago)
    for page in (client.get("/officials/list/"), client.get(f"/officials/list/{senior.pk}/")):
        assert (f"도착하지 않음({day}부터)" in words(page)) is bool(days_ago)
        assert ("알림 받는 중" in words(page)) is not bool(days_ago)
    assert ("번호가 틀렸으면" in words(client.get(f"/officials/list/{senior.pk}/"))) is bool(days_ago)


def test_staff_find_them_in_a_list_and_on_the_persons_page_and_can_try_again(alice: Citizen) -> None:
    fails(alice, days_ago=1)
    reader, operator = staff_client("reader", roles.READER), staff_client("operator", roles.OPERATOR)
    assert "2026-03-01: 모든 채널에서 실패함" in words(reader.get(f"/admin/subscriptions/citizen/{alice.pk}/change/"))
    page = f"/admin/subscriptions/unreached/{Unreached.objects.get().pk}/"
    assert str(alice.pk) in words(reader.get("/admin/subscriptions/unreached/"))
    Subscription.objects.update(matched_at=cast.NOW)
    fill_in(operator, f"{page}step/again/", reason="전화로 확인함")
    assert Subscription.objects.get().matched_at is None
    assert reader.get(f"{page}step/again/").status_code == 403


def test_the_person_withdraws_the_consent_to_calls_in_their_settings(client: Client, alice: Citizen) -> None:
    assert "전화 확인" not in words(client.get("/settings/"))
    given = {"citizen": alice, "text": ensure_office_call_consent(), "given_at": cast.NOW}
    consent = Consent.objects.create(method=Consent.PAPER, recorded_by=cast.official(), **given)
    page = fill_in(client, "/settings/", action="/settings/no-calls/")
    assert "더는 전화하지 않습니다" in words(page) and "이 동의 철회" not in words(page)
    consent.refresh_from_db()
    assert consent.withdrawn_at is not None
    line = AuditEvent.objects.get(action="consent.withdrawn")
    assert (line.actor, line.object) == ("citizen", "office_call")
    assert "주민센터의 전화 확인" in words(client.get("/settings/history/"))
    assert Client().post("/settings/no-calls/")["Location"] == "/sign-in/"
