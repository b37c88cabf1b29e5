"""An address that was just made is shown for ten minutes: what is done with its page meanwhile does not lose it."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from citizens.calendar.shown_address import KEY, MINUTES
from citizens.models import CalendarFeed
from tests.citizens.calendar.conftest import Owner
from tests.notifications.cast import enrol
from tests.payments.web.conftest import knows, prove

pytestmark = pytest.mark.django_db
PAGE = "/year/calendar/"


def shown(owner: Owner) -> str:
    """Return the path of the address that the page shows; "" for none."""
    return next(iter(re.findall(r'<p class="secret">http://[^/]+(/[^<]+)</p>', owner.page(PAGE))), "")


def test_larger_letters_contrast_language_and_a_reload_do_not_lose_it(owner: Owner) -> None:
    address = owner.make()
    for chosen in ({"text_size": "150"}, {"contrast": "on"}, {"more_time": ""}):
        answer = owner.client.post("/display/", {**chosen, "next": PAGE})
        assert answer["Location"] == PAGE
        assert shown(owner) == address, chosen
    page = owner.page(PAGE)
    assert (
        "오전 10:10까지 보여 드립니다" in page
        and "달력에 연결했습니다" in page
        and "만드신 주소가 있습니다" not in page
    )
    owner.client.post("/i18n/setlang/", {"language": "en", "next": PAGE})
    page = owner.page(PAGE)
    assert "This page shows it until 10:10 am" in page and "I have linked it" in page
    assert shown(owner) == address and owner.read().status_code == 200
    assert '<span class="date">10:10 am,</span> in this browser' in owner.client.get(PAGE).content.decode()


def test_it_is_gone_once_it_is_linked_and_goes_on_being_read(owner: Owner) -> None:
    owner.make()
    answer = owner.client.post(PAGE, {"linked": ""}, follow=True).content.decode()
    assert "이제 이 화면에 주소를 보여 드리지 않습니다" in answer and "만드신 주소가 있습니다" in answer
    assert shown(owner) == "" and KEY not in owner.client.session and owner.read().status_code == 200


def test_it_is_gone_after_ten_minutes(owner: Owner, clock: Any) -> None:
    address = owner.make()
    clock.shift(timedelta(minutes=MINUTES) - timedelta(seconds=1))
    assert shown(owner) == address
    clock.shift(timedelta(seconds=1))
    assert shown(owner) == "" and KEY not in owner.client.session


def test_it_is_gone_once_it_is_void_on_whichever_device(owner: Owner) -> None:
    other = Client()
    prove(other)
    owner.make()
    other.post(PAGE, {"revoke": ""})
    assert shown(owner) == "" and KEY not in owner.client.session
    owner.make()
    other.post(PAGE, {"make": ""})
    assert shown(owner) == "" and "만드신 주소가 있습니다" in owner.page(PAGE)
    first = owner.make()
    second = owner.make()
    assert first != second and shown(owner) == second
    owner.client.post(PAGE, {"revoke": ""})
    assert shown(owner) == "" and KEY not in owner.client.session


def test_it_is_gone_with_the_sign_in_and_shown_to_no_other_person(owner: Owner, provider: Any) -> None:
    owner.make()
    owner.client.post("/settings/sign-out/")
    prove(owner.client)
    assert shown(owner) == ""
    owner.make()
    knows(provider, 2)
    enrol(2, owner.fine, channels=["sms"], name="이엘리스")
    prove(owner.client, 2)  # in the same browser, without signing out
    assert shown(owner) == "" and KEY not in owner.client.session


def test_it_is_in_no_url_and_in_no_session_and_a_stray_post_makes_none(owner: Owner) -> None:
    answer = owner.client.post(PAGE, {"make": ""})
    token = shown(owner).rpartition("/")[2].removesuffix(".ics")
    assert answer["Location"] == PAGE and len(token) >= 43 and token not in str(answer.headers)
    assert all(token not in str(each.get_decoded()) for each in Session.objects.all())
    assert "no-store" in owner.client.get(PAGE)["Cache-Control"]
    before = CalendarFeed.objects.get().token_hash
    owner.client.post(PAGE, {})
    assert bytes(CalendarFeed.objects.get().token_hash or b"") == bytes(before or b"")
