"""Test the page of all changes: in words, newest first, with who did it, page by page."""

import re
from datetime import time
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from subscriptions.enrolment.numbers import note_verified_number
from subscriptions.models import Citizen, Contact
from subscriptions.preferences.hours import Hours, choose_hours
from subscriptions.registration.registrations import end_registration
from tests.subscriptions import cast
from tests.subscriptions.web.steps import confirmed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("offered_anew")]


@pytest.fixture
def alice(client: Client, provider: Any) -> Citizen:
    citizen = cast.enrol(cast.person(1), ("kakaotalk", "sms"), "traffic_fine")
    confirmed(client, "/settings/sign-in/")
    return citizen


def changes(page: Any) -> list[str]:
    """Each change of the page as one line."""
    whole = re.sub(r'<span class="date">(.*?)</span>', r"\1", page.content.decode())
    [listed] = re.findall(r'<ol class="changes">(.*)</ol>', whole, re.S)
    return [" ".join(re.sub(r"<[^>]*>", " ", each).split()) for each in listed.split('<p class="hint">')[1:]]


def test_every_change_is_listed_with_who_made_it_newest_first(client: Client, alice: Citizen) -> None:
    client.post("/settings/channels/", {"channel": ["naver"]})
    client.post("/settings/hours/", {"which": "own", "starts": "07:00", "ends": "21:00"})
    client.post("/settings/calm/", {"calm": "daily", "at": "18:00", "weekday": "1"})
    client.post("/settings/reading/", {"language": "en", "text_size": "150", "contrast": "on"})
    client.cookies["django_language"] = "ko"
    client.post("/settings/end/traffic_fine/")
    choose_hours(citizen_id=alice.id, hours=Hours(time(8), time(20)), actor="staff:3", now=cast.NOW)
    note_verified_number(person=cast.person(2, name="이샘플", phone="+821000000001"), now=timezone.now())
    contact = Contact(citizen=alice, kind=Contact.TOSS_USER_KEY)
    contact.value = "443000001"
    contact.save()
    contact.delete()
    lines = [each.partition(" · ")[2] for each in changes(client.get("/settings/history/"))]
    assert lines == [
        "국민비서 시스템이 토스 앱 연결 끊음",
        "국민비서 시스템이 토스 앱 연결",
        "본인이 누리집에서 다른 분의 번호로 확인되어 이 번호로는 보내지 않음",
        "국민비서 담당자가 알림 받는 시간: 오전 8:00부터 오후 8:00까지",
        "본인이 누리집에서 알림 중지: traffic_fine 알림 동의 철회: traffic_fine 알림",
        "본인이 누리집에서 언어: English 화면: 150% · 고대비",
        "본인이 누리집에서 모아 받기: 하루에 한 번 모아서 (오후 6:00)",
        "본인이 누리집에서 알림 받는 시간: 오전 7:00부터 오후 9:00까지",
        "본인이 누리집에서 받는 순서: 네이버",
        "본인이 누리집에서 휴대전화번호 확인",
        "본인이 누리집에서 신청 알림 받기 시작: traffic_fine 알림 동의함: traffic_fine 알림, 국민비서 이용"
        " 받는 순서: 카카오톡 → 문자메시지",
    ]


def test_what_an_official_did_is_theirs(client: Client, provider: Any) -> None:
    by = cast.official()
    senior = cast.register(by)
    provider.people["+821000000005"] = cast.person(
        5, name=senior.name, birth_date=senior.birth_date, phone="+821000000005"
    )
    end_registration(citizen=senior, official=by, reason="전화로 철회", now=cast.NOW)
    confirmed(client, "/settings/sign-in/", phone="010-0000-0005", name=senior.name)
    lines = changes(client.get("/settings/history/"))
    assert "주민센터 공무원이" in lines[-1] and "주민센터에서 등록" in lines[-1]
    assert any("주민센터 공무원이 알림 중지" in each for each in lines)


def test_pages_follow_each_other_without_a_gap_and_without_more_statements(
    client: Client, alice: Citizen, django_assert_max_num_queries: Any
) -> None:
    for number in range(45):
        with connection.cursor() as cursor:  # each a transaction of its own
            cursor.execute("UPDATE subscriptions_citizen SET text_size = %s", [("110", "130")[number % 2]])
    seen: list[str] = []
    address = "/settings/history/"
    while address:
        with django_assert_max_num_queries(5):
            page = client.get(address)
        seen += changes(page)
        older = re.search(r'href="(\?before=\d+)"', page.content.decode())
        address = f"/settings/history/{older.group(1)}" if older else ""
    assert len(seen) == 47
    assert "신청" in seen[-1]
    assert "더 오래된 기록이 없습니다" in client.get("/settings/history/?before=1").content.decode()
    assert client.get("/settings/history/?before=x").status_code == 404
