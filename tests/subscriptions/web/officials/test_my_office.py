"""My office: find, pass on, look back and count, each within the office and on record."""

import re
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from secretary.kernel.models import AuditEvent
from subscriptions.enrolment.receipt_numbers import receipt_number
from subscriptions.models import Citizen, Consent, Office, Subscription
from subscriptions.registration import find_entries
from tests.subscriptions import cast
from tests.subscriptions.web.officials.test_official_pages import PASSWORD, paper

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("offered")]
FOREIGNER = cast.PaperForm("A-2", "NGUYEN THI HOA", cast.GRANDMOTHER.birth_date, "+821000000006")
LIST = "/officials/list/"


@pytest.fixture
def signed_in(client: Client) -> Any:
    official = cast.official()
    client.post("/officials/login/", PASSWORD)
    return official


def search(client: Client, text: str) -> Any:
    return client.post(LIST, {"text": text})


def shown(client: Client, text: str) -> str:
    return client.post(LIST, {"text": text}, follow=True).content.decode()


def page_of(citizen: Citizen) -> str:
    return f"{LIST}{citizen.pk}/"


def test_an_entry_is_found_by_each_of_its_marks_and_the_trail_has_none_of_them(client: Client, signed_in: Any) -> None:
    cast.register(signed_in)
    hoa = cast.register(signed_in, FOREIGNER)
    receipt = receipt_number(hoa)
    marks = ["Nguyen Thi-Hoa", "010 0000 0006", "A-2", receipt, receipt.lower().replace("-", " ")]
    for text in marks:
        assert search(client, text)["Location"] == page_of(hoa), text
    for text in ("NGUYEN", "010-0000-0007", "A-3", "AAAA-2222", "02-123-4567"):
        assert "우리 기관 목록에 없습니다" in shown(client, text), text
    assert "찾으려는 내용을" in shown(client, " ")
    lines = AuditEvent.objects.filter(action="registrations.searched", actor=f"official:{signed_in.id}")
    assert set(lines.values_list("object", "reason")) == {
        ("office:9911051000 people:1", ""),
        ("office:9911051000 people:0", ""),
    }


def test_several_entries_are_listed_masked(client: Client, signed_in: Any) -> None:
    for number in (5, 6):
        form = cast.PaperForm(f"A-{number}", "최어르신", cast.GRANDMOTHER.birth_date, f"+82100000000{number}")
        cast.register(signed_in, form, confirmed=True)
    page = shown(client, "최어르신")
    table = page[page.index("<tbody") :]
    assert "010-****-0005" in table and "010-****-0006" in table
    assert "최어르신" not in table


def test_no_search_finds_another_offices_entry_or_what_a_person_set_on_the_web(client: Client, signed_in: Any) -> None:
    other = cast.register(cast.official("other", "9911052000"), FOREIGNER)
    for text in (FOREIGNER.name, "010-0000-0006", "A-2", receipt_number(other)):
        assert "우리 기관 목록에 없습니다" in shown(client, text)
    mine = cast.register(signed_in)
    form = cast.GRANDMOTHER
    who = cast.person(5, name=form.name, birth_date=form.birth_date, phone=form.phone)
    cast.enrol(who, ("sms",), "vaccination")
    moved = cast.person(5, name="최어르산", birth_date=form.birth_date, phone="+821000000077")
    assert cast.enrol(moved, ("sms",), "vaccination").pk == mine.pk  # one person, however they came
    for text in ("010-0000-0077", "최어르산"):
        assert "우리 기관 목록에 없습니다" in shown(client, text)


def test_the_receipt_number_of_the_slip_finds_the_entry_also_after_it_was_merged(
    client: Client, signed_in: Any
) -> None:
    page = client.post("/officials/", paper(), follow=True).content.decode()
    found = re.search(r'class="receipt">([A-Z0-9]{4}-[A-Z0-9]{4})<', page)
    assert found is not None
    first = Citizen.objects.get()
    assert search(client, found[1])["Location"] == page_of(first)
    twin = cast.register(
        signed_in, cast.PaperForm("A-9", "최어르산", cast.GRANDMOTHER.birth_date, "+821000000005"), confirmed=True
    )
    right = {"name": "최어르산", "reason": "잘못 입력함"}
    client.post(f"{page_of(first)}correct/", right)
    client.post(f"{page_of(first)}correct/", right | {"confirmed": "on"})
    assert search(client, found[1])["Location"] == page_of(twin)


def test_pages_of_the_list_follow_each_other_without_counting(
    client: Client, signed_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(find_entries, "PER_PAGE", 2)
    for number, sign in enumerate("가나다라마"):
        form = cast.PaperForm(f"A-{number}", f"어르신{sign}", cast.GRANDMOTHER.birth_date, f"+8210000010{number:02d}")
        cast.register(signed_in, form)
    seen, address, pages = [], LIST, []
    while address:
        page = client.get(address).content.decode()
        pages.append(re.findall(r">(A-\d)</td>", page))
        older = re.search(r'href="(\?before=[^"]+)">더 먼저', page)
        newer = re.search(r'href="(\?after=[^"]+)">더 최근', page)
        seen.append((newer is not None, older is not None))
        address, back = (LIST + older[1] if older else ""), newer
    assert pages == [["A-4", "A-3"], ["A-2", "A-1"], ["A-0"]]
    assert seen == [(False, True), (True, True), (True, False)]
    assert back is not None
    middle = client.get(LIST + back[1]).content.decode()
    assert re.findall(r">(A-\d)</td>", middle) == ["A-2", "A-1"]
    for link, forms in ((r"\?before=[^\"]+", ["A-0"]), (r"\?after=[^\"]+", ["A-4", "A-3"])):
        [address] = re.findall(rf'href="({link})"', middle)
        assert re.findall(r">(A-\d)</td>", client.get(LIST + address).content.decode()) == forms
    assert client.get(f"{LIST}?before=nonsense").status_code == 200


def test_an_entry_is_passed_on_with_its_paper_and_both_offices_see_it(client: Client, signed_in: Any) -> None:
    citizen = cast.register(signed_in)
    there = cast.official("other", "9911052000")
    Office.objects.filter(pk=there.office_id).update(name_ko="나상동")
    path, typed = f"{page_of(citizen)}move/", {"office": "나상동", "reason": "이사하셨음"}
    page = client.post(path, typed, follow=True).content.decode()
    assert "나상동 (9911052000)" in page
    assert client.get(page_of(citizen)).status_code == 200  # only named so far
    assert client.post(path, typed | {"confirmed": "9911052000"})["Location"] == "/officials/moves/"
    assert client.get(page_of(citizen)).status_code == 404
    mine = client.get("/officials/moves/").content.decode()
    assert (
        "다른 기관으로 옮김" in mine and "나상동" in mine and "이사하셨음" in mine and receipt_number(citizen) in mine
    )
    assert Subscription.objects.filter(citizen=citizen, ended_at=None).exists()
    client.post("/officials/login/", PASSWORD | {"username": "other"})
    theirs = client.get("/officials/moves/").content.decode()
    assert "다른 기관에서 옮겨 옴" in theirs and "가상동" in theirs
    slip = client.get(f"{page_of(citizen)}slip/").content.decode()
    assert receipt_number(citizen) in slip and "나상동" in slip and "최" not in slip[slip.index("<article") :]
    history = client.get(page_of(citizen)).content.decode()
    assert "신청서로 등록 · 가상동" in history and "기관 이동: 가상동 → 나상동" in history
    client.post(f"{page_of(citizen)}end/", {"reason": "본인 요청"})
    assert not Subscription.objects.filter(citizen=citizen, ended_at=None).exists()


@pytest.mark.parametrize(
    ("office", "words"), [("없는동", "기관이 없습니다"), ("9911051000", "지금 소속된"), ("가상동", "여럿 있습니다")]
)
def test_an_office_that_cannot_be_meant_is_refused(client: Client, signed_in: Any, office: str, words: str) -> None:
    citizen = cast.register(signed_in)
    cast.official("other", "9911052000")  # of the same name
    typed = {"office": office, "reason": "이사하셨음", "confirmed": office}
    assert words in client.post(f"{page_of(citizen)}move/", typed, follow=True).content.decode()
    assert client.get(page_of(citizen)).status_code == 200


def test_another_offices_entry_is_not_passed_on_and_the_attempt_is_on_record(client: Client, signed_in: Any) -> None:
    citizen = cast.register(cast.official("other", "9911052000"))
    typed = {"office": "9911051000", "reason": "궁금합니다", "confirmed": "9911051000"}
    assert client.post(f"{page_of(citizen)}move/", typed).status_code == 404
    assert AuditEvent.objects.filter(action="registration.refused", citizen_id=citizen.pk).count() == 1
    assert "옮겨 옴" not in client.get("/officials/moves/").content.decode()


def test_a_paper_stays_with_the_office_when_its_official_works_elsewhere(client: Client, signed_in: Any) -> None:
    citizen = cast.register(signed_in)
    elsewhere = cast.official("other", "9911052000").office
    signed_in.office = elsewhere
    signed_in.save()
    assert client.get(page_of(citizen)).status_code == 404
    assert set(Consent.objects.values_list("office__code", flat=True)) == {"9911051000"}


def test_what_is_written_without_naming_its_office_belongs_to_that_of_its_official(signed_in: Any) -> None:
    """As the release before writes it, or a statement of many rows."""
    consent = cast.register(signed_in).consents.all()[0]
    consent.pk, consent.office = None, None
    consent.save()
    consent.refresh_from_db()
    assert consent.office == signed_in.office


def test_the_history_of_an_entry_says_who_did_what_and_why(client: Client, signed_in: Any) -> None:
    citizen = cast.register(signed_in)
    client.post(page_of(citizen), {"reason": "본인 문의 확인"})
    client.post(f"{page_of(citizen)}correct/", {"phone": "010-0000-0056", "reason": "번호 오타"})
    text = client.get(page_of(citizen)).content.decode()
    history = [re.sub(r"<[^>]+>", "", line) for line in re.findall(r"<li>(.*?)</li>", text[text.index("history") :])]
    assert [line.split(" · ")[1:] for line in history[:3]] == [
        ["정정", "official", "번호 오타"],
        ["가림 없이 열람", "official", "본인 문의 확인"],
        ["신청서로 등록", "official"],
    ]


def test_the_figures_count_what_this_office_did_on_each_day(client: Client, signed_in: Any) -> None:
    client.post("/officials/", paper())
    citizen = Citizen.objects.get()
    client.post(page_of(citizen), {"reason": "본인 문의 확인"})
    client.post(f"{page_of(citizen)}correct/", {"phone": "010-0000-0056", "reason": "번호 오타"})
    there = cast.official("other", "9911052000")
    cast.register(there, FOREIGNER)
    typed = {"office": "9911052000", "reason": "이사하셨음", "confirmed": "9911052000"}
    client.post(f"{page_of(citizen)}move/", typed)
    page = client.get("/officials/figures/").content.decode()
    total = re.findall(r"<strong>(\d+)</strong>", page[page.index("<tfoot") :])
    assert total == ["1", "1", "0", "0", "1", "1"]
    client.post("/officials/login/", PASSWORD | {"username": "other"})
    page = client.get("/officials/figures/").content.decode()
    assert re.findall(r"<strong>(\d+)</strong>", page[page.index("<tfoot") :])[3] == "1"
    for month in ("2025-12", "2999-01", "nonsense"):
        assert client.get(f"/officials/figures/?month={month}").status_code == 200


def test_a_subscription_rests_on_the_newest_paper_of_the_office_that_keeps_it(client: Client, signed_in: Any) -> None:
    citizen = cast.register(signed_in)
    again = replace(cast.GRANDMOTHER, number="A-2")
    cast.register(signed_in, again, confirmed=True)
    assert Subscription.objects.get(citizen=citizen).consent.paper_form == "A-2"
    other = replace(cast.GRANDMOTHER, number="B-1")
    cast.register(cast.official("other", "9911052000"), other, confirmed=True)
    assert Subscription.objects.get(citizen=citizen).consent.paper_form == "A-2"
