"""A form with errors is answered by a redirect to its page: the browser's way back asks to send nothing once more."""

from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from secretary.kernel.persons.blind_index import phone_index
from subscriptions.identity.contract import IdentityRefused, IdentityUnavailable
from subscriptions.models import Citizen
from subscriptions.web.erase_sessions import erase_sessions
from tests.subscriptions import cast
from tests.subscriptions.web.steps import CHANNELS, DETAILS, TYPES, answers, confirmed, identify

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("offered", "provider", "clock")]
# Page → what is posted with an error, and what of it stands there again.
OF_SIGN_UP: dict[str, tuple[dict[str, Any], str]] = {
    "/sign-up/channels/": ({"channel": ["toss", "sms"], "go": "x"}, 'value="sms"'),
    "/sign-up/data-types/": ({"go": "x"}, "<form"),
}
OF_SETTINGS: dict[str, tuple[dict[str, Any], str]] = {
    "/settings/channels/": ({"channel": [], "go": "x"}, "<form"),
    "/settings/hours/": ({"which": "own", "starts": "10:00", "ends": "12:00"}, 'value="10:00" selected'),
    "/settings/calm/": ({"calm": "hourly", "at": "18:00", "weekday": "5"}, 'value="18:00" selected'),
    "/settings/more/": ({"go": "x"}, "<form"),
}


def assert_redirected(client: Client, path: str, posted: dict[str, Any], again: str) -> None:
    answer = client.post(path, posted)
    assert (answer.status_code, answer["Location"]) == (302, path), path
    page = client.get(path).content.decode()
    assert "error-summary" in page and again in page, path
    assert "error-summary" not in client.get(path).content.decode(), path  # once


def test_in_the_sign_up(client: Client) -> None:
    confirmed(client)
    for path, stored in zip(OF_SIGN_UP, (CHANNELS, TYPES), strict=True):
        assert_redirected(client, path, *OF_SIGN_UP[path])
        client.post(path, stored)
    consent = "/sign-up/consent/"
    assert_redirected(client, consent, answers("traffic_fine", "health_checkup", service=True), "checked")
    assert not Citizen.objects.exists()


def test_in_the_settings(client: Client) -> None:
    cast.enrol(cast.person(1), ("kakaotalk", "sms"), "traffic_fine")
    confirmed(client, "/settings/sign-in/")
    for path, (posted, again) in OF_SETTINGS.items():
        assert_redirected(client, path, posted, again)


def test_at_the_light_sign_in_and_the_erasure(client: Client) -> None:
    assert_redirected(client, "/sign-in/", {"phone": "02-123", "go": "x"}, 'value="02-123"')
    assert_redirected(client, "/sign-in/", {"phone": "", "go": "x"}, "<form")
    citizen = cast.enrol(cast.person(1), ("kakaotalk",), "traffic_fine")
    confirmed(client, "/settings/sign-in/")
    assert_redirected(client, "/my-data/erase/", {"go": "x"}, "<form")
    citizen.refresh_from_db()
    assert citizen.state == Citizen.ACTIVE


def test_what_is_kept_between_is_encrypted_and_of_its_person_only(client: Client, clock: Any) -> None:
    cast.enrol(cast.person(1), ("kakaotalk",), "traffic_fine")
    cast.enrol(cast.person(2), ("kakaotalk",), "traffic_fine")
    confirmed(client, "/settings/sign-in/")
    client.post("/settings/hours/", {"which": "own", "starts": "10:00", "ends": "12:00"})
    assert "10:00" not in str(dict(client.session))
    clock.shift(31 * 60)
    confirmed(client, "/settings/sign-in/", phone="010-0000-0002")
    assert "error-summary" not in client.get("/settings/hours/").content.decode()


def test_the_identity_check_shows_what_is_wrong_and_keeps_all_but_the_seven_digits(
    client: Client, provider: Any
) -> None:
    """Also what the provider alone knows to be wrong, and with the sign-in over; each tab has its own page."""
    cast.enrol(cast.person(1), ("kakaotalk",), "traffic_fine")
    confirmed(client, "/settings/sign-in/")
    words = {"unknown_person": "본인을 확인하지 못했습니다", "away": "응답하지 않습니다", "": "휴대전화"}
    for why, stated in words.items():
        provider.fails = {"away": IdentityUnavailable("x"), "": None}.get(why, IdentityRefused("unknown_person"))
        for way in ("/sign-up/?other=1", "/settings/sign-in/?other=1", "/settings/number/"):
            assert identify(client, way, **({} if why else {"phone": "02-1"}))["Location"] == way
            kept = str(dict(client.session))
            assert "홍길동" not in kept and "850314" not in kept and "0000-0001" not in kept
        for way in ("/sign-up/?other=1", "/settings/sign-in/?other=1", "/settings/number/"):
            page = client.get(way).content.decode()
            summary = page.split('class="error-summary"')[1].split("</ul>")[0]
            assert stated in summary and summary.count("<li>") == 1, (way, summary)
            assert 'value="홍길동"' in page and 'value="KT" ' in page and "850314" not in page
            assert "error-summary" not in client.get(way).content.decode(), way
    known = client.post("/settings/sign-in/", {"known": "yes", "carrier": "KT", "identity_number": "1"})
    page = client.get(known["Location"]).content.decode()
    assert "7자리" in page and 'name="name"' not in page
    client.session.flush()
    assert Client().post("/sign-up/", {})["Location"] == "/sign-up/"


def test_a_code_is_never_kept_and_its_error_is_shown_once(client: Client, provider: Any) -> None:
    identify(client)
    for code in ("000000", "12", ""):
        assert client.post("/sign-up/code/", {"code": code})["Location"] == "/sign-up/code/"
        page = client.get("/sign-up/code/").content.decode()
        assert "error-summary" in page and 'value="000000"' not in page and 'value="12"' not in page
        assert "error-summary" not in client.get("/sign-up/code/").content.decode()
    assert client.post("/sign-up/code/again/")["Location"] == "/sign-up/code/"
    client.post("/sign-up/code/", {"code": "000000"})  # another tab: its error replaces the one that was not shown yet
    assert "앞으로 3번 더" in client.get("/sign-up/code/").content.decode()


def test_little_is_kept_of_visitors_without_a_session_but_the_error_is_shown(client: Client) -> None:
    for path in ("/sign-up/", "/sign-in/"):
        for cookie in ("", f"session={'x' * 32}"):
            visitor = Client(headers={"cookie": cookie} if cookie else None)
            visitor.post(path, {"phone": "02-123", "go": "x", "more": "x" * 15_000})
        assert_redirected(client, path, {"phone": "02-123", "go": "x"}, 'value="02-123"')
        assert_redirected(Client(), path, {"phone": "02-123", "go": "x", "more": "x" * 15_000}, "<form")
    assert max(len(row.session_data) for row in Session.objects.all()) < 6_000


def test_what_was_typed_before_a_sign_in_is_erased_with_its_person(client: Client, provider: Any) -> None:
    identify(client, carrier="")
    phone = phone_index("+821000000001")
    assert erase_sessions(people=[], keys=[], contacts=[phone_index("+821000000002")]) == 0
    assert erase_sessions(people=[], keys=[], contacts=[phone]) == 1
    assert DETAILS["name"] not in client.get("/sign-up/").content.decode()
