"""A form with errors is answered by a redirect to its page: the browser's way back asks to send nothing once more."""

from typing import Any

import pytest
from django.test import Client

from subscriptions.models import Citizen
from tests.subscriptions import cast
from tests.subscriptions.web.steps import CHANNELS, TYPES, answers, confirmed

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
