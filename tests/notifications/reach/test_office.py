"""The figures of an office: its own people, of its paper's own kind, since the paper; each with its people, masked."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from notifications.channels.contract import Verdict
from notifications.models import Notice
from secretary.kernel.models import AuditEvent
from subscriptions.data_types.load import ensure_service_consent
from subscriptions.models import Citizen, DataType
from tests.citizens.inbox.cast import arrive, hand_over
from tests.notifications.cast import MORNING, make_data_type, record, subscribe
from tests.subscriptions import cast
from tests.subscriptions.web.officials.test_official_pages import PASSWORD

pytestmark = pytest.mark.django_db
REACH = "/officials/reach/"


@pytest.fixture(autouse=True)
def morning(time_machine: Any, settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    time_machine.move_to(MORNING, tick=False)


@pytest.fixture
def kind() -> DataType:
    ensure_service_consent()
    return make_data_type("vaccination")


def senior(number: int, by: Any) -> tuple[Citizen, dict[str, str]]:
    name, phone = f"{'최박김이'[number]}어르신", f"+82100000001{number}"
    form = cast.PaperForm(f"A-{number}", name, cast.GRANDMOTHER.birth_date, phone)
    citizen = cast.register(by, form, now=MORNING - timedelta(hours=1))
    return citizen, {"name": form.name, "birth_date": form.birth_date.isoformat(), "phone": form.phone}


def notified(subject: dict[str, str], verdict: Verdict | None, code: str = "", kind: str = "vaccination") -> Notice:
    notice = arrive(record(1, data_type=kind, subject=subject))[0]
    if verdict is not None:
        hand_over((verdict, code))
    return notice


def page(client: Client, url: str = REACH) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return str(answer.content.decode())


def figures(client: Client) -> dict[tuple[str, str], tuple[int, str]]:
    rows = re.findall(
        r'rowheader">([^<]+)</th><td[^>]*>([^<]*)</td><td[^>]*><a href="([^"]+)">(\d+)건 보기<', page(client)
    )
    return {(outcome, way): (int(count), url.replace("&amp;", "&")) for outcome, way, url, count in rows}


def test_an_office_sees_its_own_people_and_only_the_kind_of_its_paper(client: Client, kind: DataType) -> None:
    official, other = cast.official(), cast.official("other", "9911052000")
    (_, first), (second_person, second), (_, theirs) = senior(0, official), senior(1, official), senior(2, other)
    notified(first, Verdict.DELIVERED)
    notified(second, Verdict.UNDELIVERABLE, "30003")
    Notice.objects.filter(state="ready").update(not_before=MORNING)
    hand_over()  # no channel is left
    notified(theirs, Verdict.DELIVERED)
    notified(first, None)
    fine = make_data_type("traffic_fine")
    subscribe(second_person, fine)
    notified(second, None, kind="traffic_fine")
    Notice.objects.filter(pk=notified(second, None).pk).update(created_at=MORNING - timedelta(hours=2))
    client.post("/officials/login/", PASSWORD)
    found = figures(client)
    assert {key: count for key, (count, _url) in found.items()} == {
        ("제때 도달", "문자메시지(첫 채널)"): 1,
        ("도달하지 못함(충분히 시도)", "시도한 채널: 문자메시지"): 1,
        ("진행 중", "–"): 1,
    }
    for (_outcome, _way), (count, url) in found.items():
        listed = page(client, url)
        assert len(re.findall(r'rowheader">', listed)) == count
        assert "어르신" not in listed.partition("<tbody")[2] and "010-****-001" in listed and "신호위반" not in listed
    lines = AuditEvent.objects.filter(actor=f"official:{official.pk}", action="office_reach.listed")
    assert [line.object for line in lines.order_by("id")] == [
        "office:9911051000 in_time people:1",
        "office:9911051000 enough people:1",
        "office:9911051000 open people:1",
    ]


def test_pages_follow_each_other_and_wrong_addresses_are_refused(
    client: Client, kind: DataType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("notifications.reach.office.PER_PAGE", 2)
    _, subject = senior(0, cast.official())
    for _number in range(3):
        notified(subject, None)
    client.post("/officials/login/", PASSWORD)
    first = page(client, f"{REACH}people/?outcome=open")
    assert first.count('rowheader">') == 2
    older = re.findall(r'href="(/officials/reach/people/[^"]+before=\d+)"', first)[0].replace("&amp;", "&")
    last = page(client, older)
    assert last.count('rowheader">') == 1 and 'secondary" href="/officials/reach/people/' not in last
    assert client.get(f"{REACH}people/?outcome=x").status_code == 404
    assert "이 달에 만든 알림이 없습니다" in page(client, f"{REACH}?month=2020-02")
    assert Client().get(REACH)["Location"] == "/officials/login/"
