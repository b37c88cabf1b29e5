"""Test R5 on the officials' pages: the effect is the one that the warning or the page of a correction states."""

from typing import Any

import pytest
from django.test import Client

from subscriptions.models import Contact, Subscription
from tests.subscriptions import cast
from tests.subscriptions.web.officials.test_official_pages import PASSWORD, lines, paper

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("offered")]


@pytest.fixture
def signed_in(client: Client) -> Any:
    official = cast.official()
    client.post("/officials/login/", PASSWORD)
    return official


def other_number(**changes: Any) -> Any:
    return paper(paper_form="A-2", phone="010-0000-0056", **changes)


def numbers() -> Any:
    return sorted(contact.value for contact in Contact.objects.all())


def test_the_warning_about_a_likeness_offers_two_acts_and_does_what_each_says(client: Client, signed_in: Any) -> None:
    client.post("/officials/", paper())
    page = client.post("/officials/", other_number(), follow=True).content.decode()
    assert "이름과 생년월일이 같고 전화번호가 다른 분" in page
    assert "이전 번호로는 더 가지 않습니다" in page
    assert client.post("/officials/", other_number(confirmed="on"))["Location"] == "/officials/slip/"
    assert numbers() == ["+821000000056"]


def test_another_person_is_recorded_beside_the_entry(client: Client, signed_in: Any) -> None:
    client.post("/officials/", paper())
    client.post("/officials/", other_number())
    assert client.post("/officials/", other_number(confirmed="other"))["Location"] == "/officials/slip/"
    assert numbers() == ["+821000000005", "+821000000056"]


def test_neither_act_is_done_without_the_warning_or_for_another_form(client: Client, signed_in: Any) -> None:
    client.post("/officials/", paper())
    for answer in ("on", "other", "nonsense"):
        assert client.post("/officials/", other_number(confirmed=answer))["Location"] == "/officials/"
        changed = other_number(confirmed=answer) | {"phone": "010-0000-0057"}
        assert client.post("/officials/", changed)["Location"] == "/officials/"
    assert numbers() == ["+821000000005"]


def test_answers_to_two_warnings_are_both_remembered(client: Client, signed_in: Any) -> None:
    cast.enrol(cast.person(56, name="이샘플"), ("sms",))
    client.post("/officials/", paper())
    client.post("/officials/", other_number())
    page = client.post("/officials/", other_number(confirmed="on"), follow=True).content.decode()
    assert "다른 분이 본인 번호로 확인한 번호입니다" in page
    assert client.post("/officials/", other_number(confirmed="on"))["Location"] == "/officials/slip/"
    assert numbers() == ["+821000000056", "+821000000056"]


def test_a_typing_mistake_is_corrected_on_the_entrys_page_with_a_reason(client: Client, signed_in: Any) -> None:
    citizen = cast.register(signed_in)
    path = f"/officials/list/{citizen.pk}/correct/"
    assert "최어르신" not in client.get(path).content.decode()
    assert client.post(path, {"phone": "010-0000-0056", "reason": ""})["Location"] == path
    assert client.post(path, {"reason": "잘못 입력함"})["Location"] == path
    assert numbers() == ["+821000000005"]
    right = {"name": "최어르산", "birth_date": "1948.05.19", "phone": "010-0000-0056", "reason": "잘못 입력함"}
    assert client.post(path, right)["Location"] == f"/officials/list/{citizen.pk}/"
    page = client.post(f"/officials/list/{citizen.pk}/", {"reason": "확인" * 2}, follow=True).content.decode()
    for shown in ("최어르산", "1948. 5. 19.", "010-0000-0056", "A-1"):
        assert shown in page
    assert lines("registration.corrected")[-1] == (f"official:{signed_in.id}", citizen.pk)


def test_a_correction_that_makes_two_entries_alike_asks_which_it_is(client: Client, signed_in: Any) -> None:
    citizen = cast.register(signed_in)
    twin = cast.register(signed_in, cast.PaperForm("A-9", "최어르산", cast.GRANDMOTHER.birth_date, "+821000000056"))
    path, right = f"/officials/list/{citizen.pk}/correct/", {"name": "최어르산", "reason": "잘못 입력함"}
    assert "다른 분이 있습니다" in client.post(path, right, follow=True).content.decode()
    assert client.post(path, right | {"confirmed": "on"}).status_code == 302
    assert Subscription.objects.filter(ended_at=None).count() == 1
    assert numbers()[0] == "+821000000005"
    assert client.get(f"/officials/list/{twin.pk}/").status_code == 404


def test_another_offices_entry_is_not_corrected(client: Client, signed_in: Any) -> None:
    citizen = cast.register(cast.official("other", "9911052000"))
    path = f"/officials/list/{citizen.pk}/correct/"
    assert client.post(path, {"phone": "010-0000-0056", "reason": "궁금합니다"}).status_code == 404
    assert numbers() == ["+821000000005"]


def test_the_slip_promises_only_what_the_office_can_do(client: Client, signed_in: Any) -> None:
    page = client.post("/officials/", paper(), follow=True).content.decode()
    slip = page[page.index('class="slip"') :]
    assert "110" not in slip.partition("</article>")[0]
    assert "접수번호" in slip.partition("</article>")[0]  # the office finds the entry by it


@pytest.mark.parametrize("old", ["011-000-1234", "016-0000-1234", "019-000-1234"])
def test_a_number_of_an_old_prefix_is_asked_about_once_and_taken_when_it_is_right(
    client: Client, signed_in: Any, old: Any
) -> None:
    page = client.post("/officials/", paper(phone=old), follow=True).content.decode()
    assert 'type="checkbox" name="number_is_right"' in page
    assert numbers() == []
    assert client.post("/officials/", paper(phone=old, number_is_right="on"))["Location"] == "/officials/slip/"
    assert len(numbers()) == 1
