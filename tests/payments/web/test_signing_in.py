"""Seeing and paying require the identity check, and visitors land on the page they wanted."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.sessions.backends.db import SessionStore
from django.core import signing
from django.test import Client, RequestFactory

from payments.models import Payment
from subscriptions.web.citizens import entry
from tests.notifications.cast import MORNING, enrol
from tests.payments.web.conftest import Visitor, prove

pytestmark = pytest.mark.django_db
SIGN_IN, FULL_CHECK, HOME = "/sign-in/", "/settings/sign-in/", "/inbox/"
PAGES = ["", "print/", "deadlines.ics", "objection/", "service/", "check/kakaopay/", "/pay/", "/pay/history/"]


@pytest.fixture(autouse=True)
def every_payment_needs_the_full_check(settings: Any) -> None:
    settings.PAYMENT_FULL_CHECK_WON = 0


@pytest.mark.parametrize("page", PAGES)
def test_a_stranger_signs_in_and_lands_where_they_wanted_to_go(stranger: Visitor, page: Any) -> None:
    path = page if page.startswith("/") else f"{stranger.home}{page}"
    assert stranger.get(path)["Location"] == SIGN_IN
    assert prove(stranger.client)["Location"] == path
    assert stranger.get(path).status_code == 200


def test_what_a_stranger_posts_does_nothing(stranger: Visitor) -> None:
    assert stranger.begin()["Location"] == SIGN_IN
    assert stranger.client.post(f"{stranger.home}objection/")["Location"] == SIGN_IN
    assert stranger.reload().state == "open" and not Payment.objects.exists()
    assert prove(stranger.client)["Location"] == f"{stranger.home}objection/"


def test_the_way_is_forgotten_once_it_was_gone(stranger: Visitor) -> None:
    stranger.get()
    prove(stranger.client)
    assert prove(stranger.client)["Location"] == HOME


@pytest.mark.parametrize("path", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:1", ""])
def test_only_paths_of_ours_are_followed(db: Any, path: str) -> None:
    request = RequestFactory().get("/")
    request.session = SessionStore()
    request.COOKIES["onward"] = signing.dumps({"path": path, "why": "", "owner": ""}, salt=entry.ONWARD)
    assert entry.sign_in(request, enrol(1), fully_at=1.0)["Location"] == HOME


def test_paying_asks_once_more_after_some_minutes_and_goes_on_there(visitor: Visitor, settings: Any) -> None:
    check = f"{visitor.home}check/naverpay/"
    assert visitor.get(check).status_code == 200
    settings.PAYMENT_REAUTH_MINUTES = 0
    assert visitor.get().status_code == 200  # looking is free
    assert visitor.get(check)["Location"] == FULL_CHECK
    assert "본인이 맞으신가요?" in visitor.text(FULL_CHECK)
    settings.PAYMENT_REAUTH_MINUTES = 5
    assert prove(visitor.client)["Location"] == check


def test_the_clock_decides_when_it_is_polled_again(visitor: Visitor, clock: Any) -> None:
    clock.shift(4 * 60)
    assert visitor.get("check/naverpay/").status_code == 200
    clock.shift(2 * 60)
    assert visitor.begin("naverpay")["Location"] == FULL_CHECK
    assert not Payment.objects.exists()


def test_another_citizen_who_signs_in_gets_their_own_pages(visitor: Visitor, clock: Any) -> None:
    enrol(2)
    clock.shift(6 * 60)
    visitor.get("check/naverpay/")
    assert prove(visitor.client, 2)["Location"] == HOME
    assert visitor.get().status_code == 404


def test_a_session_that_ended_at_the_providers_page_goes_on_after_signing_in(visitor: Visitor, clock: Any) -> None:
    visitor.begin("kakaopay")
    clock.shift(31 * 60)
    assert visitor.come_back()["Location"] == SIGN_IN
    assert visitor.far.banks["kakaopay"].total() == 0
    landed = prove(visitor.client)["Location"]
    assert landed.startswith(f"/pay/orders/{visitor.payment().order_id}/back/success/?token=")
    assert visitor.get(landed)["Location"] == f"/pay/orders/{visitor.payment().order_id}/"
    assert (visitor.payment().state, visitor.far.banks["kakaopay"].total()) == ("paid", 32000)


def test_a_page_of_another_citizen_is_not_there_and_is_logged_without_a_name(
    stranger: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "secretary.security")
    enrol(2)
    prove(stranger.client, 2)
    assert stranger.get(stranger.home).status_code == 404
    shown = [each.getMessage() for each in caplog.records if each.name == "secretary.security"]
    who = r"citizen=[-0-9a-f]{36}"
    assert re.fullmatch(f"entered: identity check {who}", shown[0])
    assert re.fullmatch(f"refused: page of another citizen, or of none {who} page=NoSuchBill", shown[1])


def test_signing_out_closes_everything(visitor: Visitor) -> None:
    visitor.client.post("/settings/sign-out/")
    assert visitor.get("/pay/")["Location"] == SIGN_IN


@pytest.mark.parametrize("service", ["toss_payments", "kakaopay", "naverpay"])
def test_a_payment_app_that_comes_back_in_another_browser_reads_that_a_payment_waits(
    visitor: Visitor, service: Any
) -> None:
    visitor.begin(service)
    visitor.client = Client()
    answer = visitor.come_back()
    assert answer["Location"] == SIGN_IN
    page = visitor.text(SIGN_IN)
    main = page[page.index("<main") : page.index("</main>")]
    assert "<h1>결제가 기다리고 있습니다</h1>" in main and "두 번 결제되지 않습니다" in main and "설정" not in main
    bank = visitor.far.banks[service]
    assert (bank.total(), visitor.payment().state) == (0, "opened")
    landed = prove(visitor.client)["Location"]
    assert visitor.get(landed)["Location"] == f"/pay/orders/{visitor.payment().order_id}/"
    assert (bank.total(), visitor.payment().state) == (32000, "paid")
    assert "납부" in visitor.text(f"/pay/orders/{visitor.payment().order_id}/")


def test_another_citizen_in_the_other_browser_captures_no_money(visitor: Visitor) -> None:
    enrol(2)
    visitor.begin("kakaopay")
    visitor.client = Client()
    visitor.come_back()
    landed = prove(visitor.client, 2)["Location"]
    assert visitor.get(landed).status_code == 404
    assert (visitor.far.banks["kakaopay"].total(), visitor.payment().state) == (0, "opened")


@pytest.mark.parametrize(
    ("page", "words"),
    [("/pay/", "내야 할 돈을 다른 사람이"), ("/pay/history/", "내야 할 돈을 다른 사람이"), ("/settings/", "내 설정")],
)
def test_the_reason_speaks_of_what_they_wanted_to_see(stranger: Visitor, page: Any, words: Any) -> None:
    stranger.get(page)
    assert words in stranger.text(SIGN_IN)


def test_a_session_that_is_over_is_gone_after_it_was_asked_who_it_is(visitor: Visitor, clock: Any) -> None:
    clock.shift(31 * 60)
    visitor.get("/pay/")
    assert "citizen" not in visitor.client.session


def test_a_small_bill_is_paid_after_a_code_and_a_larger_one_after_the_full_check(
    stranger: Visitor, settings: Any
) -> None:
    """A code to the number signs in; above the sum of the setting the full check comes before the payment."""
    page = f"{stranger.home}check/naverpay/"
    session = stranger.client.session
    until = (MORNING + timedelta(minutes=30)).timestamp()
    session["citizen"] = {"id": str(stranger.alice.pk), "at": 0.0, "since": MORNING.timestamp(), "until": until}
    session.save()
    stranger.client.cookies[django_settings.SESSION_COOKIE_NAME] = session.session_key
    settings.PAYMENT_FULL_CHECK_WON = 31_999
    assert stranger.get().status_code == 200
    assert stranger.get(page)["Location"] == FULL_CHECK
    assert stranger.begin("naverpay")["Location"] == FULL_CHECK
    assert not Payment.objects.exists()
    settings.PAYMENT_FULL_CHECK_WON = 32_000
    assert stranger.get(page).status_code == 200
    assert stranger.pay("naverpay").state == "paid"
