"""Test the page on which a whole draft is written: suggested texts, previews, refusals beside their cell."""

import re
from typing import Any

import pytest
from django.test import Client

from subscriptions.models import DataType, DataTypeVersion, MessageTemplate
from tests.subscriptions.admin.ninth_type import agency, expect_saved
from tests.support.browser_forms import FormReader, fill_in
from tests.support.present import present

pytestmark = pytest.mark.django_db
NEW = {"code": "library_loan", "group": "other", "name_ko": "도서 반납", "name_en": "Library loan"}
FIELDS = {
    "field-1-label_ko": "도서명",
    "field-1-label_en": "Book",
    "field-1-name": "book",
    "field-1-sample": "훈민정음 해설",
    "field-2-label_ko": "반납일",
    "field-2-label_en": "Return date",
    "field-2-name": "return_on",
    "field-2-type": "date",
    "field-2-sample": "2026-06-30",
}
STAGES = {
    "stage-new-1-on": "opened",
    "stage-new-2-on": "date",
    "stage-new-2-field": "row-2",
    "stage-new-2-days": "3",
}


def begin(author: Client, **values: Any) -> str:
    made = fill_in(author, "/admin/subscriptions/datatype/add/", agency=str(agency().pk), **{**NEW, **values})
    return str(made.redirect_chain[-1][0])


@pytest.fixture
def page(alice: Client) -> str:
    url = begin(alice)
    expect_saved(fill_in(alice, url, **FIELDS, **STAGES))
    return url


def test_fields_and_stages_suggest_all_else(page: str, alice: Client) -> None:
    version = DataTypeVersion.objects.get()
    assert [stage.code for stage in version.stages.order_by("position")] == ["opened", "before_3"]
    assert version.stages.get(code="before_3").label_ko == "반납일 3일 전"
    assert (version.stages.get(code="before_3").date_slot, version.fields[1]["placeholder"]) == (1, "반납일")
    assert MessageTemplate.objects.filter(stage__version=version).count() == 16
    assert version.consent_text.items_ko == "도서명, 반납일"
    overview = alice.get(page.replace("write/", "change/"), headers={"accept-language": "en"}).content.decode()
    assert "Nothing is missing." in overview
    shown = alice.get(page).content.decode()
    assert "[국민비서] 홍길동님, 도서 반납 날짜를 알려 드립니다: 2026. 6. 30.(화)" in shown
    assert "가가가가가가" in shown  # with the longest values


def test_saving_what_the_page_shows_changes_nothing(page: str, alice: Client) -> None:
    before = DataTypeVersion.objects.get()
    rows = set(MessageTemplate.objects.values_list("pk", "title", "body"))
    expect_saved(fill_in(alice, page, **{"basics-name_ko": "도서 반납"}))
    after = DataTypeVersion.objects.get()
    assert (after.digest, after.consent_text_id) == (before.digest, before.consent_text_id)
    assert set(MessageTemplate.objects.values_list("pk", "title", "body")) == rows


def test_a_text_that_may_not_be_sent_says_so_beside_its_cell_and_keeps_the_draft_from_going_on(
    page: str, alice: Client
) -> None:
    stage = DataTypeVersion.objects.get().stages.get(code="opened")
    cell = f"text-{stage.pk}-sms-ko"
    body = "[국민비서] #{이름}님, #{주소} 확인코드 #{확인코드}"
    previewed = fill_in(alice, page, button="preview", **{f"{cell}-body": body}).content.decode()
    shown = previewed.partition(f'id="preview-{cell}"')[2].partition("</fieldset>")[0]
    assert "주소" in shown and "notice-box bad" in shown
    assert stage.templates.get(channel="sms", language="ko").body != body
    expect_saved(fill_in(alice, page, **{f"{cell}-body": body}))
    assert stage.templates.get(channel="sms", language="ko").body == body
    alice.handler.enforce_csrf_checks = False  # type: ignore[attr-defined]
    alice.post(page.replace("write/", "submit/"))
    assert DataTypeVersion.objects.get().state == "draft"


def test_one_cell_is_previewed_while_it_is_typed(page: str, alice: Client) -> None:
    stage = DataTypeVersion.objects.get().stages.get(code="opened")
    alice.handler.enforce_csrf_checks = False  # type: ignore[attr-defined]
    url = page.replace("write/", f"stages/{stage.pk}/templates/sms/ko/preview/")
    typed = {f"text-{stage.pk}-sms-ko-body": "도서 #{도서명} 확인코드 #{확인코드}"}
    shown = alice.post(url, typed).content.decode()
    assert "도서 훈민정음 해설 확인코드 K7MP-2QX9-3HVC" in shown and "<html" not in shown
    assert stage.templates.get(channel="sms", language="ko").body not in shown


def test_a_mistake_is_named_in_its_row_and_nothing_is_lost(alice: Client) -> None:
    url = begin(alice)
    wrong = {**FIELDS, **STAGES, "stage-new-2-field": "row-5", "field-1-sample": ""}
    answer = fill_in(alice, url, **wrong).content.decode()
    assert "field-1-sample" in answer.partition('id="error-summary"')[2].partition("</div>")[0]
    assert "훈민정음" not in answer and 'value="2026-06-30"' in answer
    assert not DataTypeVersion.objects.get().fields


def test_two_authors_do_not_overwrite_each_other(page: str, alice: Client, bob: Client) -> None:
    fill_in(bob, page.replace("write/", "basics/"), summary_ko="책을 돌려주실 날을 알려 드립니다.")
    alice.handler.enforce_csrf_checks = False  # type: ignore[attr-defined]
    stale = fill_in(alice, page, **{"seen": "0" * 64, "basics-summary_ko": "다른 요약"})
    assert not stale.redirect_chain and "다른 요약" in stale.content.decode()
    assert DataTypeVersion.objects.get().summary_ko == "책을 돌려주실 날을 알려 드립니다."


def test_a_data_type_begins_with_a_copy_of_another(page: str, alice: Client) -> None:
    url = begin(alice, code="toy_loan", name_ko="장난감 반납", name_en="Toy loan", like=str(DataType.objects.get().pk))
    copy = DataTypeVersion.objects.get(data_type__code="toy_loan")
    assert MessageTemplate.objects.filter(stage__version=copy).count() == 16
    assert copy.consent_text.code == "toy_loan" and copy.consent_text.items_ko == "도서명, 반납일"
    assert "장난감 반납" in alice.get(url).content.decode()


def test_a_row_more_is_shown_without_a_script_and_nothing_typed_is_lost_or_saved(alice: Client) -> None:
    url = begin(alice)
    first = alice.get(url).content.decode()
    assert 'id="field-7"' not in first and 'formaction="#field-7"' in first and 'formaction="#stage-new-5"' in first
    shown = fill_in(alice, url, **FIELDS, **STAGES, **{"add-row": "field"}).content.decode()
    assert 'id="field-7"' in shown and 'value="훈민정음 해설"' in shown and "error-summary" not in shown
    assert not DataTypeVersion.objects.get().stages.exists()
    values = next(form.values for form in FormReader(shown).forms if "seen" in form.names)
    again = alice.post(url, values | {"add-row": "stage"}).content.decode()
    assert 'id="field-7"' in again and 'id="stage-new-5"' in again and 'value="훈민정음 해설"' in again
    values = next(form.values for form in FormReader(again).forms if "seen" in form.names)
    more = {
        "field-7-label_ko": "도서관",
        "field-7-label_en": "Library",
        "field-7-name": "library",
        "field-7-sample": "가상",
    }
    answer = alice.post(url, values | more)
    assert answer.status_code == 302, answer.content.decode().partition("error-summary")[2][:900]
    assert [each["name"] for each in DataTypeVersion.objects.get().fields] == ["book", "return_on", "library"]


def test_texts_are_folded_but_the_one_to_correct(page: str, alice: Client) -> None:
    whole = alice.get(page).content.decode()
    assert whole.count('<details class="cell">') == 16 and whole.count('<details class="cell" open>') == 0
    assert 'class="messages-of-stage"' in whole and not re.search(r'class="messages-of-stage"[^>]* open', whole)
    stage = DataTypeVersion.objects.get().stages.order_by("position").first()
    place = f"text-{present(stage).pk}-toss-ko"
    shown = fill_in(alice, page, **{f"{place}-body": "bit.ly/x", "preview": "1"}).content.decode()
    opened = re.findall(r'<details class="cell" open>.*?</details>', shown, re.DOTALL)
    assert len(opened) == 1 and f'id="id_{place}-body"' in opened[0]
    assert len(re.findall(r'class="messages-of-stage"[^>]* open', shown)) == 1
