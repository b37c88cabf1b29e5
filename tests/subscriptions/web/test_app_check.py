"""The identity check in the carriers' app, behind the same contract as the one by text message."""

from typing import Any

import pytest
from django.test import Client

from tests.subscriptions.web.conftest import FakeProvider
from tests.subscriptions.web.steps import DETAILS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("offered")]
CODE = "/sign-up/code/"


def ask(client: Client, **changes: Any) -> Any:
    return client.post("/sign-up/", DETAILS | {"identity_number": "", "app": "1"} | changes)


def test_the_app_confirms_without_a_code_and_without_the_seven_digits(
    client: Client, provider: FakeProvider, clock: Any, settings: Any
) -> None:
    assert "PASS 앱으로 인증" in client.get("/sign-up/").content.decode()
    assert ask(client, identity_number="8503141")["Location"] == CODE
    [applicant] = provider.started
    assert (applicant.method, applicant.identity_number) == ("app", "")
    page = client.get(CODE).content.decode()
    assert "PASS 앱으로 인증을 요청했습니다" in page and "오전 10:05:00" in page and 'name="code"' not in page
    for _ in range(2):
        assert "아직 인증되지 않았습니다" in client.post(CODE, follow=True).content.decode()
    provider.approved |= set(provider.waiting)
    assert client.post(CODE)["Location"] == "/sign-up/channels/"
    settings.IDENTITY_APP_SECONDS = 60
    other = Client()
    ask(other)
    clock.shift(61)
    assert "앱에서 확인할 시간이 지났습니다" in other.post(CODE, follow=True).content.decode()
    assert other.post(f"{CODE}again/")["Location"] == CODE
    provider.approved |= set(provider.waiting)
    assert other.post(CODE)["Location"] == "/sign-up/channels/"


def test_by_text_message_the_seven_digits_are_required(client: Client, provider: FakeProvider) -> None:
    assert "7자리" in client.post("/sign-up/", DETAILS | {"identity_number": ""}, follow=True).content.decode()
    assert not provider.started
