"""Test the limits of the identity check: no flooding with codes, and no locking out of another person."""

from typing import Any

import pytest
from django.test import Client
from time_machine import TimeMachineFixture

from subscriptions.identity.contract import IdentityUnavailable
from tests.subscriptions.web.conftest import FakeProvider
from tests.subscriptions.web.steps import DETAILS, identify

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("offered", "still_clock")]
SENT, LIMITED, REFUSED, AWAY = "sent", "limited", "refused", "away"
OWNER, STRANGER = "203.0.113.5", "198.51.100.7"


@pytest.fixture(autouse=True)
def refused_for_one_name(provider: FakeProvider) -> None:
    provider.refused_names = {"이샘플"}


def tried(client: Any, address: Any, **changes: Any) -> str:
    """From a new session each time: a stranger keeps no cookies. Return what came of it."""
    client.cookies.clear()
    return came_to(client, client.post("/sign-up/", DETAILS | changes, REMOTE_ADDR=address))


def came_to(client: Any, answer: Any) -> str:
    """Return "sent", "limited", "refused" or "away", whether the page is the answer or behind a redirect."""
    if answer.get("Location") == "/sign-up/code/":
        return SENT
    page = (client.get(answer["Location"]) if answer.status_code == 302 else answer).content.decode()
    words = {LIMITED: "다시 ", AWAY: "응답하지 않습니다", REFUSED: "본인을 확인하지 못했습니다"}
    summary = page.split('class="error-summary"')[1].split("</ul>")[0]
    return next(name for name in (AWAY, REFUSED, LIMITED) if words[name] in summary)


def test_a_stranger_with_wrong_details_locks_no_owner_of_the_number_out(client: Client, provider: FakeProvider) -> None:
    seen = [tried(client, STRANGER, name="이샘플") for _ in range(15)]
    assert seen == [REFUSED] * 10 + [LIMITED] * 5
    assert provider.started == []
    assert tried(client, OWNER) == SENT


def test_nor_do_many_strangers_at_many_addresses(client: Client, provider: FakeProvider) -> None:
    for number in range(40):
        assert tried(client, f"198.51.100.{number}", name="이샘플") == REFUSED
    assert tried(client, OWNER) == SENT


def test_where_stranger_and_owner_share_an_address_it_ends_within_an_hour(
    client: Client, provider: FakeProvider, clock: TimeMachineFixture
) -> None:
    for _ in range(15):
        tried(client, STRANGER, name="이샘플")
    assert tried(client, STRANGER) == LIMITED
    clock.shift(3600)
    assert tried(client, STRANGER) == SENT


def test_codes_that_were_sent_end_for_the_number_whatever_session_and_address(
    client: Client, provider: FakeProvider
) -> None:
    seen = [tried(client, f"198.51.100.{number}") for number in range(12)]
    assert seen == [SENT] * 10 + [LIMITED] * 2
    assert len(provider.started) == 10


def test_an_outage_of_the_provider_counts_against_no_number(client: Client, provider: FakeProvider) -> None:
    provider.fails = IdentityUnavailable("time-out")
    for number in range(12):
        assert tried(client, f"198.51.100.{number}") == AWAY
    provider.fails = None
    assert tried(client, OWNER) == SENT


def test_a_new_ipv6_address_of_the_same_line_is_no_new_visitor(client: Client, settings: Any) -> None:
    settings.ATTEMPT_LIMITS = settings.ATTEMPT_LIMITS | {"details_address": (3, 600)}
    seen = [tried(client, f"2001:db8:1:2::{number:x}", phone=f"010-0000-01{number:02}") for number in range(5)]
    assert seen == [SENT, SENT, SENT, LIMITED, LIMITED]
    assert tried(client, "2001:db8:1:3::1", phone="010-0000-0150") == SENT


def test_nor_are_all_the_lines_of_one_site(client: Client, settings: Any) -> None:
    settings.ATTEMPT_LIMITS = settings.ATTEMPT_LIMITS | {"details_site": (3, 600)}
    seen = [tried(client, f"2001:db8:1:{number:x}::1", phone=f"010-0000-01{number:02}") for number in range(5)]
    assert seen == [SENT, SENT, SENT, LIMITED, LIMITED]
    assert tried(client, "2001:db8:2::1", phone="010-0000-0150") == SENT


def test_a_hundred_people_behind_one_address_get_their_codes_within_ten_minutes(
    client: Client, clock: TimeMachineFixture
) -> None:
    """A carrier's address (CGNAT) is shared by thousands."""
    seen = [tried(client, STRANGER, phone=f"010-0000-{1000 + number}") for number in range(101)]
    assert seen == [SENT] * 100 + [LIMITED]
    clock.shift(600)
    assert tried(client, STRANGER, phone="010-0000-2000") == SENT


def test_one_session_sends_five_codes_an_hour(client: Client) -> None:
    answers = [identify(client, phone=f"010-0000-00{number:02}") for number in range(10, 16)]
    assert [came_to(client, answer) for answer in answers] == [SENT] * 5 + [LIMITED]
