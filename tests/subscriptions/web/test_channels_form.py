"""Test the one list of channels, which sign-up and settings share."""

import re
from itertools import permutations
from typing import Any

import pytest
from django.test import Client

from subscriptions.models import Citizen, Contact
from subscriptions.models.channel_choice import CHANNELS
from tests.subscriptions import cast
from tests.subscriptions.web.steps import confirmed
from tests.support.browser_forms import FormReader

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("offered")]


@pytest.fixture
def alice(client: Any, provider: Any) -> Any:
    citizen = cast.enrol(cast.person(1), ("kakaotalk", "sms"), "traffic_fine")
    confirmed(client, "/settings/sign-in/")
    return citizen


def link_toss(citizen: Citizen) -> None:
    contact = Contact(citizen=citizen, kind=Contact.TOSS_USER_KEY)
    contact.value = "443000001"
    contact.save()


def posted_order(page: Any) -> list[str]:
    """The ticked boxes of the page, in the order in which a browser posts them."""
    return re.findall(r'name="channel" value="(\w+)"[^>]* checked', page.content.decode())


def form_of(page: Any) -> dict[str, Any]:
    [form] = [form for form in FormReader(page.content.decode()).forms if "order" in form.names]
    return dict(form.values)


WRONG_LISTS = [
    ({}, "받으실 곳을 하나 이상 선택해 주세요"),
    ({"channel": ["toss"]}, "지금 사용하실 수 없는 곳입니다"),
    ({"channel": ["toss", "kakaotalk"]}, "지금 사용하실 수 없는 곳입니다"),
    ({"channel": ["pigeon"]}, "지금 사용하실 수 없는 곳입니다"),
]


def test_a_list_that_cannot_deliver_is_asked_again_in_sign_up_and_settings_and_nothing_is_stored(
    client: Any, alice: Any, provider: Any
) -> None:
    newcomer = Client()
    provider.people["+821000000002"] = cast.person(2)
    confirmed(newcomer, phone="010-0000-0002")
    for listed, shown in WRONG_LISTS:
        page = client.post("/settings/channels/", listed, follow=True)
        assert (page.status_code, shown in page.content.decode()) == (200, True), listed
        assert shown in newcomer.post("/sign-up/channels/", listed, follow=True).content.decode(), listed
        assert newcomer.get("/sign-up/data-types/")["Location"] == "/sign-up/channels/", listed
        assert list(alice.channels.values_list("channel", flat=True)) == ["kakaotalk", "sms"], listed


def test_what_is_ticked_is_kept_in_the_order_of_the_page_and_a_text_message_last_or_not_at_all(
    client: Any, alice: Any
) -> None:
    link_toss(alice)
    for n in (1, 2, 3, 4):
        for ticked in permutations(CHANNELS, n):
            client.post("/settings/channels/", {"channel": ticked})
            kept = list(alice.channels.values_list("channel", flat=True))
            assert kept == [code for code in ticked if code != "sms"] + ["sms"] * ("sms" in ticked), ticked
            assert posted_order(client.get("/settings/channels/")) == kept, ticked


def test_the_buttons_up_and_down_move_one_of_the_list_and_save_nothing_until_save(client: Any, alice: Any) -> None:
    page = client.get("/settings/channels/")
    for pressed, now, focused in [
        ("up naver", "naver,kakaotalk,sms", "down naver"),  # it cannot go further up
        ("up naver", "naver,kakaotalk,sms", "down naver"),
        ("down naver", "kakaotalk,naver,sms", "up naver"),
        ("up naver", "naver,kakaotalk,sms", "down naver"),
    ]:
        moved = form_of(page) | {"channel": ["kakaotalk", "naver"], "move": pressed}
        page = client.post("/settings/channels/", moved, follow=True)
        assert form_of(page)["order"] == [now], pressed
        assert set(posted_order(page)) == {"kakaotalk", "naver"}, pressed
        assert re.findall(r'value="([^"]*)" autofocus', page.content.decode()) == [focused], pressed
    assert list(alice.channels.values_list("channel", flat=True)) == ["kakaotalk", "sms"]
    client.post("/settings/channels/", {"channel": posted_order(page)})
    assert list(alice.channels.values_list("channel", flat=True)) == ["naver", "kakaotalk"]


@pytest.mark.parametrize(
    "order", [("kakaotalk", "sms", "naver"), ("sms", "kakaotalk"), ("naver", "sms", "toss", "kakaotalk")]
)
def test_an_old_order_is_shown_as_it_is_until_saved(client: Any, provider: Any, order: Any) -> None:
    citizen = cast.enrol(cast.person(1), order)
    confirmed(client, "/settings/sign-in/")
    shown = re.findall(r"<li>(.*?)</li>", client.get("/settings/").content.decode().split("<dl")[1])
    names = [str(CHANNELS[channel]) for channel in order]  # an unusable one is marked after its name
    assert [words.split(" (")[0] for words in shown[: len(order)]] == names
    ticked = posted_order(client.get("/settings/channels/"))
    assert ticked == [code for code in order if code not in ("sms", "toss")] + ["sms"]
    client.post("/settings/channels/", {"channel": ticked})
    assert list(citizen.channels.values_list("channel", flat=True)) == ticked
