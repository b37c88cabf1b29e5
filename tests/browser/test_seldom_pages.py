"""Pages that few people meet: where a way stops, and what only a child, a former owner of a number, a senior reads."""

from datetime import date, time
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from playwright.sync_api import Page

from citizens.inbox.kinds import kind_of
from citizens.verify import pages as verify_pages
from notifications.delivery.check_codes import check_code
from secretary.kernel.time.clock import kst_date, now
from subscriptions.data_types.load import ensure_family_consents, ensure_office_call_consent
from subscriptions.enrolment.numbers import note_verified_number
from subscriptions.enrolment.withdraw import withdraw
from subscriptions.models import Citizen, Consent, Contact, PhoneCode, Unreached
from tests.browser import look
from tests.browser.test_citizen_pages import prove
from tests.citizens.inbox.cast import arrive, hand_over
from tests.notifications.cast import enrol, make_data_type, record
from tests.subscriptions import cast
from tests.subscriptions.web.conftest import CODE, FakeProvider
from tests.subscriptions.web.steps import confirmed
from tests.support.chromium import press, take_session

pytestmark = pytest.mark.usefixtures("transactional_db")


def assert_good(page: Page, name: str) -> None:
    """At every size; axe looks at the narrowest one with the largest letters."""
    look.assert_good(page, name, checked=look.DISPLAYS[4:])


def test_who_cannot_sign_up_or_in_reads_why_and_what_to_do(phone: Page, provider: FakeProvider, settings: Any) -> None:
    cast.offer_all()
    child = date(kst_date(now()).year - 13, 12, 31)
    provider.people["+821000000001"] = cast.person(1, birth_date=child)
    prove(phone)
    phone.fill("#id_code", CODE)
    press(phone)
    assert "보호자" in phone.inner_text("h1")
    assert_good(phone, "too young")
    phone.goto("/sign-up/")
    phone.context.clear_cookies()
    press(phone)
    assert phone.inner_text("h1") == "다시 보내 주세요"
    assert_good(phone, "form of long ago")
    cast.enrol(cast.person(2))
    Contact.objects.update(verified_at=now())
    phone.goto("/sign-in/")
    phone.fill("#id_phone", "010-0000-0002")
    press(phone)
    wrong = "000000" if PhoneCode.objects.get().held()[1] != "000000" else "000001"
    for left in ("4번 더", "3번 더", "2번 더", "1번 더", "5번 잘못"):
        phone.fill("#id_code", wrong)
        press(phone)
        assert left in phone.inner_text("main"), left
        if left in ("4번 더", "5번 잘못"):
            assert_good(phone, f"sign in, code, {left}")
    settings.ATTEMPT_LIMITS = settings.ATTEMPT_LIMITS | {"light_asked_phone": (1, 86400)}
    phone.goto("/sign-in/")
    phone.fill("#id_phone", "010-0000-0002")
    press(phone)
    assert "다시 받으실 수 있습니다" in phone.inner_text("main")
    assert_good(phone, "sign in, too many codes")


def test_a_code_that_is_old_or_cannot_be_checked_now(
    phone: Page, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DAY_STARTS = settings.DAY_ENDS = time(0)  # at any hour of the run
    kind_of.cache_clear()
    enrol(1, make_data_type(), channels=["sms"])
    [notice] = arrive(record(1), now=now())
    hand_over(now=now())
    settings.CHECK_CODE_DAYS = 0

    def ask() -> None:
        phone.goto("/verify/")
        phone.fill("#id_code", check_code(notice.pk))
        press(phone)

    def away(*_: Any, **__: Any) -> Any:
        raise OperationalError("gone")

    ask()
    assert phone.inner_text("h1") == "오래된 알림의 확인코드입니다"
    assert_good(phone, "verify, old")
    with monkeypatch.context() as patched:
        patched.setattr(verify_pages, "look_up", away)
        ask()
        assert "지금은 확인해 드릴 수 없습니다" in phone.inner_text("h1")
        assert_good(phone, "verify, unavailable")
    settings.ATTEMPT_LIMITS = settings.ATTEMPT_LIMITS | {"code_checked_overall": (1, 3600)}
    ask()
    assert "118" in phone.inner_text("main") and "오래된" not in phone.inner_text("main")
    assert_good(phone, "verify, too many")


def test_what_the_settings_say_to_few(phone: Page, provider: FakeProvider, live_server: Any) -> None:
    cast.offer_all()
    ensure_family_consents()
    alice, client = cast.enrol(cast.person(1), ("kakaotalk", "sms"), "traffic_fine"), Client()
    confirmed(client, "/settings/sign-in/")
    take_session(phone, client, live_server.url)
    _see_calls_and_family(phone, alice)
    Unreached.objects.create(citizen=alice, at=now(), reason="all_channels_failed", notice_id=1)
    phone.goto("/settings/")
    assert "도착하지 않고 있습니다" in phone.inner_text("main")
    assert_good(phone, "settings, unreached")
    note_verified_number(person=cast.person(2, name="이샘플", phone="+821000000001"), now=now())
    phone.goto("/settings/")
    assert "더 이상 본인의 번호가 아닙니다" in phone.inner_text("main")
    assert_good(phone, "settings, number of another person")
    withdraw(citizen=alice, data_types=["traffic_fine"], actor="citizen", now=now())
    phone.goto("/settings/")
    assert "국민비서 이용 동의는 남아 있어" in phone.inner_text("main")
    assert_good(phone, "settings, no kind left")


def _see_calls_and_family(phone: Page, alice: Citizen) -> None:
    phone.goto("/settings/family/")
    assert_good(phone, "settings, family, without calls")
    Consent.objects.create(
        citizen=alice, text=ensure_office_call_consent(), given_at=now(), method="paper", recorded_by=cast.official()
    )
    phone.goto("/settings/family/")
    assert_good(phone, "settings, family")
    press(phone)
    assert_good(phone, "settings, family, errors")
    phone.fill("#id_family_name", "큰딸")
    phone.fill("#id_family_phone", "010-0000-0077")
    phone.check("input[name=consent][value=yes]")
    press(phone)
    assert "큰딸" in phone.inner_text("main")
    assert_good(phone, "settings, family, named")
