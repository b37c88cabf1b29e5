"""A booking site sends people to the sign-up with kinds of notice chosen, by a signed link."""

import base64
import re
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings as project
from django.test import Client

from tests.subscriptions import cast
from tests.subscriptions.web.conftest import CODE
from tests.subscriptions.web.steps import CHANNELS, answers, confirmed, identify

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("offered", "provider", "clock")]
DOCUMENT = (Path(project.BASE_DIR) / "docs/booking-sites.md").read_text(encoding="utf-8")
KEY = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(re.findall(r"`([0-9a-f]{64})`", DOCUMENT)[0]))
PUBLIC = base64.b64decode(re.findall(r"`([A-Za-z0-9+/]{43}=)`", DOCUMENT)[0])
VECTORS = re.findall(r"^\| `(\w+)` \| `([\w,]+)` \| `(\d+)` \| `([\w-]+)` \|$", DOCUMENT, re.M)
NOW, KINDS = int(cast.NOW.timestamp()), "/sign-up/data-types/"


def link(kinds: str = "health_checkup", until: int = NOW + 3600, site: str = "ncvr", **changed: str) -> str:
    signed = f"public-secretary-sign-up\n{site}\n{kinds}\n{until}"
    signature = base64.urlsafe_b64encode(KEY.sign(signed.encode())).decode()
    values = {"kinds": kinds, "until": str(until), "signature": signature} | changed
    return f"/sign-up/from/{site}/?" + "&".join(f"{name}={value}" for name, value in values.items())


@pytest.fixture(autouse=True)
def keys(settings: Any) -> None:
    settings.BOOKING_SITE_KEYS = {"ncvr": PUBLIC}


def ticked(client: Client, page: str = KINDS) -> list[str]:
    boxes = [box for box in re.findall(r"<input[^>]+>", client.get(page).content.decode()) if "checked" in box]
    return [value for box in boxes for value in re.findall(r'value="([^"]+)"', box)]


def until_types(client: Client) -> list[str]:
    confirmed(client)
    client.post("/sign-up/channels/", CHANNELS)
    return ticked(client)


def test_a_link_of_a_booking_site_chooses_its_kinds_and_nothing_else(client: Client, settings: Any) -> None:
    answer = client.get(link())
    assert answer["Location"] == "/sign-up/" and "session" not in client.cookies  # who only looks leaves no row
    assert "health_checkup 알림" in client.get("/sign-up/").content.decode()
    assert until_types(client) == ["health_checkup"]
    cast.enrol(cast.person(2), ("sms",), "traffic_fine")
    settings.BOOKING_SITE_KEYS = {}
    assert until_types(Client()) == []
    known = Client()
    confirmed(known, "/settings/sign-in/", phone="010-0000-0002")
    settings.BOOKING_SITE_KEYS = {"ncvr": PUBLIC}
    assert known.get(link())["Location"] == "/settings/more/"
    assert ticked(known, "/settings/more/") == ["health_checkup"]


def test_what_the_site_has_ticked_is_seen_and_confirmed_before_it_is_agreed_to(client: Client) -> None:
    client.get(link())
    confirmed(client)
    assert client.post("/sign-up/channels/", CHANNELS)["Location"] == KINDS
    for later in ("/sign-up/consent/", "/sign-up/check/"):
        assert client.get(later)["Location"] == KINDS
        assert client.post(later)["Location"] == KINDS
    page = client.get(KINDS).content.decode()
    assert "예약 누리집을 통해 오셔서 다음이 미리 선택되어 있습니다: health_checkup 알림." in page
    confirmed(client)  # the half hour ended, and they show once more who they are
    assert client.get("/sign-up/consent/")["Location"] == KINDS
    assert client.post(KINDS, {"traffic": ["traffic_fine"]})["Location"] == "/sign-up/consent/"
    assert "예약 누리집" not in client.get(KINDS).content.decode()
    confirmed(client)
    assert ticked(client) == ["traffic_fine"]  # what they took off stays off
    other = Client()
    assert until_types(other) == [] and "예약 누리집" not in other.get(KINDS).content.decode()


def test_who_comes_by_the_link_and_had_chosen_these_kinds_is_not_asked_again(client: Client) -> None:
    cast.enrol(cast.person(1), ("sms",), "health_checkup")
    client.get(link())
    confirmed(client)
    assert client.post("/sign-up/channels/", CHANNELS)["Location"] == "/sign-up/consent/"


def test_a_link_opened_in_the_middle_of_a_sign_up_is_taken_up_and_nothing_is_lost(client: Client) -> None:
    confirmed(client)
    client.post("/sign-up/channels/", {"channel": ["sms"]})
    client.post(KINDS, {"traffic": ["traffic_fine"]})
    client.get("/sign-up/consent/")
    page = client.get(link(), follow=True).content.decode()
    assert "health_checkup 알림: 미리 골라 두었으며" in page
    assert "홍*동" in page and "지금까지 고르신 내용은 그대로" in page
    assert "sms" in ticked(client, "/sign-up/channels/") and "kakaotalk" not in ticked(client, "/sign-up/channels/")
    assert client.get("/sign-up/consent/")["Location"] == KINDS
    assert ticked(client) == ["health_checkup", "traffic_fine"]
    assert "health_checkup 알림." in client.get(KINDS).content.decode()


def test_a_link_is_added_to_what_was_ticked_and_not_stored_yet(client: Client) -> None:
    confirmed(client)
    client.post("/sign-up/channels/", CHANNELS)
    client.post(KINDS, {"traffic": ["traffic_fine"], "go-back": "1"})
    client.get(link())
    assert ticked(client) == ["health_checkup", "traffic_fine"]


def test_a_link_opened_while_a_code_is_awaited_leads_back_to_it(client: Client) -> None:
    identify(client)
    assert client.get(link())["Location"] == "/sign-up/code/"
    assert client.post("/sign-up/code/", {"code": CODE})["Location"] == "/sign-up/channels/"
    client.post("/sign-up/channels/", CHANNELS)
    assert ticked(client) == ["health_checkup"]


def test_an_enrolled_person_keeps_what_they_had_chosen_when_a_link_adds_more(client: Client) -> None:
    cast.enrol(cast.person(1), ("sms",), "vaccination")
    confirmed(client, "/settings/sign-in/")
    more = "/settings/more/"
    assert client.post(more, {"traffic": ["traffic_fine"]})["Location"] == f"{more}consent/"
    assert client.get(link())["Location"] == more
    assert ticked(client, more) == ["health_checkup", "traffic_fine"]
    assert client.post(more, {"traffic": ["traffic_fine"]})["Location"] == f"{more}consent/"
    assert ticked(client, more) == ["traffic_fine"]  # what they took off stays off
    client.post(f"{more}consent/", answers("traffic_fine"))
    assert ticked(client, more) == []


def test_an_enrolled_person_reads_that_they_get_it_already(client: Client) -> None:
    cast.enrol(cast.person(1), ("sms",), "health_checkup")
    confirmed(client, "/settings/sign-in/")
    page = client.get(link(), follow=True).content.decode()
    assert "이미 받고 계십니다: health_checkup 알림" in page and "선택되어 있습니다" not in page


def test_a_bad_or_old_link_opens_the_usual_sign_up_with_a_calm_word(client: Client) -> None:
    good = link()
    for why, bad in {
        "old": link(until=NOW - 1),
        "valid for too long": link(until=NOW + 32 * 86400),
        "other kinds": good.replace("health_checkup", "traffic_fine"),
        "other time": good.replace(str(NOW + 3600), str(NOW + 3601)),
        "unknown site": good.replace("/ncvr/", "/other/"),
        "of another site": link(site="other").replace("/other/", "/ncvr/"),
        "no signature": link(signature=""),
        "no base64": link(signature="%%%"),
        "no time": good.replace(f"until={NOW + 3600}", "until="),
        "a word instead of a time": good.replace(f"until={NOW + 3600}", "until=tomorrow"),
        "nothing": "/sign-up/from/ncvr/",
        "nothing that is offered": link(kinds="unheard_of"),
    }.items():
        other = Client()
        page = other.get(bad, follow=True)
        assert page.status_code == 200 and page.redirect_chain[-1][0] == "/sign-up/", why
        assert "그래도 가입하실 수 있습니다" in page.content.decode(), why
        assert "wished" not in other.cookies, why


def test_the_documents_vectors_are_right() -> None:
    assert len(VECTORS) == 2
    for site, kinds, until, signature in VECTORS:
        signed = f"public-secretary-sign-up\n{site}\n{kinds}\n{until}".encode()
        assert base64.urlsafe_b64encode(KEY.sign(signed)).decode().rstrip("=") == signature
    assert KEY.public_key().public_bytes_raw() == PUBLIC
