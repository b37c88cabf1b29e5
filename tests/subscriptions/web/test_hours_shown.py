"""Where a page says when notices go out, it names the hours that hold for its reader."""

import re
from datetime import time
from typing import Any

import pytest
from django.test import Client

from subscriptions.models import Citizen
from tests.subscriptions import cast
from tests.subscriptions.web.steps import confirmed, until_check

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("offered", "provider")]


@pytest.fixture(autouse=True)
def usual(settings: Any) -> None:
    settings.DAY_STARTS, settings.DAY_ENDS = time(8), time(21)


def words(page: Any) -> str:
    whole = re.sub(r'<span class="date">(.*?)</span>', r"\1", page.content.decode())
    return " ".join(re.sub(r"<[^>]*>", " ", whole).split())


def test_before_and_after_the_sign_up_the_usual_hours_and_what_is_urgent(client: Client, clock: Any) -> None:
    assert "(오전 8:00부터 오후 9:00까지, 긴급한 알림만 시간과 관계없이)" in words(client.get("/"))
    until_check(client)
    page = words(client.post("/sign-up/check/", follow=True))
    assert "받으시는 시간(오전 8:00부터 오후 9:00까지)에 보내고" in page
    assert "알림에는 누리집 주소를 링크 없이 글로만 적으니" in page


def test_a_whole_day_reads_as_one(client: Client, settings: Any) -> None:
    """As on a machine of ./run."""
    settings.DAY_STARTS = settings.DAY_ENDS = time(0)
    assert "(하루 종일, 긴급한 알림만" in words(client.get("/"))


def test_who_has_chosen_hours_reads_of_those(client: Client, clock: Any) -> None:
    cast.enrol(cast.person(1), ("kakaotalk", "sms"), "traffic_fine")
    Citizen.objects.update(hours_from=time(10), hours_to=time(18))
    confirmed(client, "/settings/sign-in/")
    page = words(client.post("/settings/send-again/", follow=True))
    assert "받으시는 시간(오전 10:00부터 오후 6:00까지)이 아니면 그 시간이 시작될 때 보냅니다" in page
    client.post("/settings/sign-out/")
    until_check(client)
    page = words(client.post("/sign-up/check/", follow=True))
    assert "받으시는 시간(오전 10:00부터 오후 6:00까지)에 보내고" in page
