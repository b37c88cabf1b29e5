"""The page for a new number asks for nothing that is known: what it knows stays, and is shown masked."""

from typing import Any

import pytest

from subscriptions.models import Citizen
from tests.subscriptions import cast
from tests.subscriptions.web.conftest import CODE
from tests.subscriptions.web.steps import confirmed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("offered")]
PAGE, NEW = "/settings/number/", "+821000000077"
ANSWERS = {"known": "yes", "phone": "010-0000-0077", "carrier": "KT", "identity_number": "8503141"}


@pytest.fixture
def alice(client: Any, provider: Any) -> Citizen:
    citizen = cast.enrol(cast.person(1), ("sms",), "traffic_fine")
    confirmed(client, "/settings/sign-in/")
    provider.people[NEW] = cast.person(1, phone=NEW)
    provider.started.clear()
    return citizen


def page(client: Any, path: str = PAGE) -> str:
    return str(client.get(path).content.decode())


def test_the_name_is_not_asked_again_and_a_new_number_is(client: Any, alice: Citizen, provider: Any) -> None:
    shown = page(client)
    assert 'name="name"' not in shown and 'name="phone"' in shown and 'name="identity_number"' in shown
    assert "홍*동" in shown and "홍길동" not in shown
    assert (
        "지금 등록된 번호" in shown
        and "새 휴대전화번호" in shown
        and "010-****-0001" in shown
        and "010-0000-0001" not in shown
    )
    assert client.post(PAGE, ANSWERS)["Location"] == f"{PAGE}code/"
    [asked] = provider.started
    assert (asked.name, asked.phone, asked.carrier) == ("홍길동", NEW, "KT")
    client.post(f"{PAGE}code/", {"code": CODE})
    assert alice.contacts.get(kind="phone").value == NEW


def test_a_mistake_keeps_what_was_typed_and_still_asks_for_no_name(client: Any, alice: Citizen) -> None:
    client.post(PAGE, ANSWERS | {"phone": "010-12", "identity_number": ""})
    shown = page(client)
    assert "010-12" in shown and 'name="name"' not in shown and "홍*동" in shown
    client.post(PAGE, ANSWERS)
    client.post(f"{PAGE}code/", {"go-back": "1"})
    shown = page(client)
    assert 'value="010-0000-0077"' in shown and 'name="name"' not in shown


def test_letters_can_be_enlarged_and_the_language_changed_within_it(client: Any, alice: Citizen) -> None:
    shown = client.post(PAGE, ANSWERS | {"set-language": "en", "identity_number": ""}).content.decode()
    assert "Mobile number so far" in shown and "My name has changed" in shown and 'value="010-0000-0077"' in shown
    assert 'name="name"' not in shown


def test_whose_name_has_changed_enters_it(client: Any, alice: Citizen, provider: Any) -> None:
    provider.people[NEW] = cast.person(1, name="홍새롬", phone=NEW)
    assert f'href="{PAGE}?other=1"' in page(client)
    assert 'name="name"' in page(client, f"{PAGE}?other=1")
    answers = {name: value for name, value in ANSWERS.items() if name != "known"} | {"name": "홍새롬"}
    client.post(f"{PAGE}?other=1", answers)
    assert provider.started[-1].name == "홍새롬"
    client.post(f"{PAGE}code/", {"code": CODE})
    assert alice.contacts.get(kind="phone").value == NEW


def test_who_has_no_number_any_more_is_shown_none(client: Any, alice: Citizen) -> None:
    alice.contacts.update(suspended_at=cast.NOW)
    shown = page(client)
    assert "홍*동" in shown and "지금 등록된 번호" not in shown and "****" not in shown
    assert client.post(PAGE, ANSWERS)["Location"] == f"{PAGE}code/"
