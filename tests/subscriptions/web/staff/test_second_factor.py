"""Test the reason that the page gives for a refused code of an authenticator."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from time_machine import TimeMachineFixture

from tests.subscriptions import cast
from tests.support.authenticators import authenticator, shown

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]
PASSWORD = {"username": "official", "password": "right-password-1"}
ENTRANCES = pytest.mark.parametrize(
    ("login", "code"), [("/officials/login/", "/officials/login/code/"), ("/admin/login/", "/admin/login/code/")]
)


@pytest.fixture
def device() -> Any:
    official = cast.official()
    official.user.is_staff = True
    official.user.save()
    return authenticator(official.user)


@ENTRANCES
def test_the_right_code_soon_after_wrong_ones_is_not_called_wrong(
    client: Client, device: Any, login: Any, code: Any
) -> None:
    client.post(login, PASSWORD)
    device.throttling_failure_count, device.throttling_failure_timestamp = 8, timezone.now()
    device.save()
    page = client.post(code, {"code": shown(device)})
    assert "부터 다시 입력하실 수 있습니다" in page.content.decode()
    device.throttle_reset()
    assert client.post(code, {"code": shown(device)}).status_code == 302


@ENTRANCES
def test_a_code_that_was_used_is_called_so(client: Client, device: Any, login: Any, code: Any) -> None:
    client.post(login, PASSWORD)
    used = shown(device)
    client.post(code, {"code": used})
    client.cookies.clear()
    client.post(login, PASSWORD)
    assert "이미 사용한 인증번호입니다" in client.post(code, {"code": used}).content.decode()


@ENTRANCES
def test_a_wrong_code_is_called_wrong(client: Client, device: Any, login: Any, code: Any) -> None:
    client.post(login, PASSWORD)
    wrong = f"{(int(shown(device)) + 1) % 10**6:06d}"
    assert "번호가 맞지 않습니다" in client.post(code, {"code": wrong}).content.decode()


@ENTRANCES
def test_five_minutes_after_the_password_the_page_says_why_it_is_asked_again(
    client: Client, clock: TimeMachineFixture, device: Any, login: Any, code: Any
) -> None:
    client.post(login, PASSWORD)
    clock.shift(301)
    answer = client.post(code, {"code": "000000"}, follow=True)
    assert answer.redirect_chain[-1][0] == login
    assert "비밀번호를 입력하신 지 5분이 지났습니다" in answer.content.decode()


@ENTRANCES
def test_at_the_limit_the_page_says_until_when(
    client: Client, clock: TimeMachineFixture, device: Any, settings: Any, login: Any, code: Any
) -> None:
    settings.ATTEMPT_LIMITS = settings.ATTEMPT_LIMITS | {"totp_tried_account": (0, 900)}
    client.post(login, PASSWORD)
    assert "오전 10:15" in client.post(code, {"code": "000000"}).content.decode()
