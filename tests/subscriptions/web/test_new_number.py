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


SAME = "이미 010-****-0001 번호로 알려 드리고 있어 바꾼 내용이 없습니다."


def test_the_number_that_is_theirs_already_gets_an_answer_at_once_and_no_code(
    client: Any, alice: Citizen, provider: Any
) -> None:
    for typed in ("010-0000-0001", "+82 10 0000 0001"):
        assert client.post(PAGE, ANSWERS | {"phone": typed})["Location"] == PAGE
        shown = page(client)
        assert SAME in shown and 'class="error-summary"' in shown and 'name="phone"' in shown
    assert not provider.started and client.get(f"{PAGE}code/")["Location"] != f"{PAGE}code/"
    assert alice.contacts.get(kind="phone").value == "+821000000001"
    client.cookies["django_language"] = "en"
    client.post(PAGE, ANSWERS | {"phone": "010-0000-0001"})
    assert "You are reached at 010-****-0001 already. Nothing was changed." in page(client)


def test_a_number_of_others_is_answered_as_any_other(client: Any, alice: Citizen, provider: Any) -> None:
    """Enrolled here or not, its owner gets the code."""
    cast.enrol(cast.person(2), ("sms",), "traffic_fine")
    for taken, phone in ((True, "010-0000-0002"), (False, "010-0000-0003")):
        answer = client.post(PAGE, ANSWERS | {"phone": phone})
        assert answer["Location"] == f"{PAGE}code/", taken
    assert [each.phone[-1] for each in provider.started] == ["2", "3"]


def test_the_masked_digits_cannot_be_guessed_without_a_limit(client: Any, alice: Citizen, settings: Any) -> None:
    settings.ATTEMPT_LIMITS = {**settings.ATTEMPT_LIMITS, "details_session": (2, 3600)}
    provider_refuses = ANSWERS | {"phone": "010-0000-0055"}
    for answers in (provider_refuses, provider_refuses, ANSWERS | {"phone": "010-0000-0001"}):
        client.post(PAGE, answers)
    shown = page(client)
    assert "시도 횟수를 넘었습니다" in shown and SAME not in shown


def test_a_number_that_no_code_has_confirmed_gets_one_and_so_does_another_name(
    client: Any, alice: Citizen, provider: Any
) -> None:
    own = ANSWERS | {"phone": "010-0000-0001"}
    renamed = {name: value for name, value in own.items() if name != "known"} | {"name": "홍새롬"}
    assert client.post(f"{PAGE}?other=1", renamed)["Location"] == f"{PAGE}code/"
    alice.contacts.update(verified_at=None)
    assert client.post(PAGE, own)["Location"] == f"{PAGE}code/"
    assert len(provider.started) == 2
