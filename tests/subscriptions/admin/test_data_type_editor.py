"""Test a new data type from the first draft to live in the administrators' pages, and all input to be refused."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from secretary.kernel.models import AuditEvent
from subscriptions import events
from subscriptions.models import DataType, DataTypeVersion, MessageTemplate, Stage, TemplateVariant
from tests.subscriptions.admin.ninth_type import (
    BODY_KO,
    CODE,
    add_field,
    add_stage,
    approve,
    create_ninth_type,
    expect_saved,
    publish,
)
from tests.support.browser_forms import fill_in

pytestmark = pytest.mark.django_db


def test_a_ninth_data_type_goes_live_through_the_pages(
    alice: Client, bob: Client, django_capture_on_commit_callbacks: Any
) -> None:
    notified: list[int] = []

    def receive(version_id: int, **kwargs: Any) -> None:
        notified.append(version_id)

    events.published.connect(receive)
    with django_capture_on_commit_callbacks(execute=True):
        data_type = create_ninth_type(alice, bob)
    events.published.disconnect(receive)
    assert data_type in DataType.objects.live()
    version = data_type.live_version
    assert version is not None
    assert version.state == "live"
    assert [stage.code for stage in version.stages.order_by("position")] == ["registered", "d30"]
    assert version.stages.get(code="d30").date_slot == 1
    assert MessageTemplate.objects.filter(stage__version=version).count() == 16
    assert notified == [version.pk]
    assert AuditEvent.objects.filter(action="version approved", object__contains=CODE).count() == 1


def test_its_author_cannot_approve_it(draft: str, alice: Client) -> None:
    fill_in(alice, draft, action="submit/")
    assert "Approve: make it live" not in alice.get(draft, headers={"accept-language": "en"}).content.decode()
    pk = DataTypeVersion.objects.get().pk
    alice.handler.enforce_csrf_checks = False
    alice.post(f"/admin/subscriptions/datatypeversion/{pk}/approve/")
    assert DataTypeVersion.objects.get().state == "review"


def test_who_wrote_a_word_of_it_cannot_approve_it_either(draft: str, alice: Client, bob: Client) -> None:
    fill_in(bob, draft.replace("change/", "basics/"), frequency_en="Once")
    fill_in(alice, draft, action="submit/")
    bob.handler.enforce_csrf_checks = False
    bob.post(draft.replace("change/", "approve/"))
    assert DataTypeVersion.objects.get().state == "review"


def test_an_unfinished_draft_says_what_is_missing_and_cannot_be_submitted(draft: str, alice: Client) -> None:
    MessageTemplate.objects.filter(channel="sms", language="en").delete()
    page = alice.get(draft).content.decode()
    stage = Stage.objects.get(code="d30")
    assert f"{stage.label_ko}, 문자메시지, 영어: " in page
    assert "sms en" not in page
    alice.handler.enforce_csrf_checks = False
    alice.post(draft.replace("change/", "submit/"))
    assert DataTypeVersion.objects.get().state == "draft"


UNFIT = (
    BODY_KO + " {{ settings.SECRET_KEY }}",
    BODY_KO + " #{이름.__class__}",
    BODY_KO + " #{주소}",
    BODY_KO + " bit.ly/abc",
    BODY_KO + " javascript:alert(1)",
    BODY_KO + "가" * 5000,
    "[국민비서] 확인코드가 없습니다",
)


def test_a_template_that_may_not_be_sent_is_refused_on_save(draft: str, alice: Client) -> None:
    stage = DataTypeVersion.objects.get().stages.get(code="d30")
    url = draft.replace("change/", f"stages/{stage.pk}/templates/sms/ko/")
    for body in UNFIT:
        answer = fill_in(alice, url, title="여권", body=body)
        assert not answer.redirect_chain, body[:80]
        assert 'role="alert"' in answer.content.decode()
        assert stage.templates.get(channel="sms", language="ko").body == BODY_KO


def test_the_stage_for_people_whose_record_it_was_not_takes_no_field_of_the_record(draft: str, alice: Client) -> None:
    base = draft.removesuffix("change/")
    add_stage(alice, base, code="not_yours", on="not_yours")
    stage = DataTypeVersion.objects.get().stages.get(code="not_yours")
    url = f"{base}stages/{stage.pk}/templates/sms/ko/"
    assert "앞선확인코드" in alice.get(url).content.decode()
    assert "만료일" not in alice.get(url).content.decode()
    body = "#{이름}님, #{앞선날짜} 안내(#{앞선확인코드})는 다른 분의 건입니다. 확인코드 #{확인코드}"
    answer = fill_in(alice, url, title="바로잡습니다", body=f"{body} #{{만료일}}")
    assert not answer.redirect_chain and 'role="alert"' in answer.content.decode()
    assert not stage.templates.exists()
    expect_saved(fill_in(alice, url, title="바로잡습니다", body=body))


def test_the_preview_shows_the_filled_text_and_counts_its_bytes(draft: str, alice: Client) -> None:
    stage = DataTypeVersion.objects.get().stages.get(code="d30")
    url = draft.replace("change/", f"stages/{stage.pk}/templates/sms/ko/")
    answer = fill_in(alice, url, button="preview", body="홍 #{만료일} #{확인코드}")
    page = answer.content.decode()
    assert "외교부 02-3210-0404" in alice.get(url).content.decode()
    assert "홍 2026. 6. 30.(화) K7MP-2QX9-3HVC" in page
    assert f"{len('홍 2026. 6. 30.(화) K7MP-2QX9-3HVC'.encode('cp949'))} / 2000" in page
    assert stage.templates.get(channel="sms", language="ko").body == BODY_KO


def test_a_live_version_is_not_edited_but_copied_and_its_differences_are_shown(
    draft: str, alice: Client, bob: Client
) -> None:
    data_type = publish(alice, bob, draft)
    live = data_type.live_version
    assert live is not None
    base = f"/admin/subscriptions/datatypeversion/{live.pk}/"
    bob.handler.enforce_csrf_checks = False
    bob.post(f"{base}basics/", {"name_ko": "x", "name_en": "x"})
    live.refresh_from_db()
    assert live.name_en == "Passport expiry"
    fill_in(bob, f"{base}change/", action="new-draft/")
    second = data_type.versions.get(number=2)
    fill_in(bob, f"/admin/subscriptions/datatypeversion/{second.pk}/basics/", name_en="Passport renewal")
    page = bob.get(f"/admin/subscriptions/datatypeversion/{second.pk}/differences/{live.pk}/").content.decode()
    assert "<del>" in page
    assert "이름 › 영어" in page
    second.refresh_from_db()
    assert second.digest != live.digest
    assert second.stages.count() == 2


def test_rolling_back_makes_a_draft_of_the_earlier_version_that_keeps_template_codes(
    draft: str, alice: Client, bob: Client
) -> None:
    data_type = publish(alice, bob, draft)
    first = data_type.live_version
    assert first is not None
    MessageTemplate.objects.filter(stage__version=first).update(vendor_template="approved")
    fill_in(bob, f"/admin/subscriptions/datatypeversion/{first.pk}/change/", action="new-draft/")
    second = data_type.versions.get(number=2)
    base = f"/admin/subscriptions/datatypeversion/{second.pk}/"
    stage = second.stages.get(code="d30")
    fill_in(bob, f"{base}stages/{stage.pk}/templates/kakaotalk/ko/", body=BODY_KO + "!")
    assert stage.templates.get(channel="kakaotalk", language="ko").vendor_template == ""
    assert stage.templates.get(channel="kakaotalk", language="en").vendor_template == "approved"
    fill_in(bob, f"{base}change/", action="submit/")
    approve(alice, f"{base}change/")
    first.refresh_from_db()
    assert first.state == "retired"
    fill_in(bob, f"/admin/subscriptions/datatypeversion/{first.pk}/roll-back/", reason="느낌표를 되돌립니다")
    back = data_type.versions.get(number=3)
    assert (back.state, back.submitted_by, "느낌표" in back.note) == ("review", back.created_by, True)
    assert (
        data_type.versions.get(number=3).stages.get(code="d30").templates.get(channel="kakaotalk", language="ko").body
        == BODY_KO
    )


def test_a_date_keeps_its_column_in_later_versions(draft: str, alice: Client, bob: Client) -> None:
    data_type = publish(alice, bob, draft)
    fill_in(bob, f"/admin/subscriptions/datatypeversion/{data_type.live_version_id}/change/", action="new-draft/")
    second = data_type.versions.get(number=2)
    base = f"/admin/subscriptions/datatypeversion/{second.pk}/"
    words = {"label_ko": "발급일", "label_en": "Issued", "placeholder": "발급일"}
    fill_in(bob, f"{base}fields/add/", name="issued_on", type="date", sample="2026-01-02", dated="on", **words)
    second.refresh_from_db()
    assert {item["name"]: item["date_slot"] for item in second.fields} == {"expires_on": 1, "issued_on": 2}


def test_a_field_that_a_stage_hangs_on_is_not_deleted(draft: str, alice: Client) -> None:
    fill_in(alice, draft, action="fields/expires_on/delete/")
    assert [item["name"] for item in DataTypeVersion.objects.get().fields] == ["expires_on"]


def optional_line(draft: str, alice: Client) -> str:
    """The address of a KakaoTalk template of which a line needs a value that records may lack."""
    base = draft.removesuffix("change/")
    add_field(alice, base, name="office", placeholder="발급기관", type="text", sample="종로구청", required="")
    stage = DataTypeVersion.objects.get().stages.get(code="d30")
    url = f"{base}stages/{stage.pk}/templates/kakaotalk/ko/"
    expect_saved(fill_in(alice, url, title="여권 만료", body=f"{BODY_KO}\n발급기관: #{{발급기관}}"))
    return url


def test_the_preview_warns_where_a_text_leaves_out_our_sites_address(draft: str, alice: Client) -> None:
    stage = DataTypeVersion.objects.get().stages.get(code="d30")
    for channel, body, is_missing in (
        ("sms", "홍 #{만료일} #{확인코드}", True),
        ("sms", "홍 #{만료일} #{확인코드} (#{누리집})", False),
        ("toss", "홍 #{만료일} #{확인코드}", True),
        ("toss", "홍 #{만료일} #{확인코드} (누리집 #{누리집})", False),
    ):
        url = draft.replace("change/", f"stages/{stage.pk}/templates/{channel}/ko/")
        page = fill_in(alice, url, button="preview", body=body).content.decode()
        assert ("누리집 주소가 없습니다" in page) is is_missing, (channel, body)


def test_the_preview_shows_the_notice_with_optional_fields_empty(draft: str, alice: Client) -> None:
    url = optional_line(draft, alice)
    page = alice.get(url).content.decode()
    bubbles = [part.split("</div>")[0] for part in page.split('<div class="bubble">')[1:]]
    assert "발급기관: 종로구청" in bubbles[0]
    assert "발급기관" not in bubbles[1]
    assert "#{?만나이 75 이상}" in page  # the help beside it


def test_each_text_of_a_template_has_its_own_template_code(draft: str, alice: Client) -> None:
    url = optional_line(draft, alice)
    [bare] = re.findall(r'name="variant" value="([0-9a-f]+)"', alice.get(url).content.decode())
    post = {"vendor_template": "KA02", "variant": bare}
    alice.handler.enforce_csrf_checks = False
    alice.post(f"{url}template-code/", post)
    template = MessageTemplate.objects.get(stage__code="d30", channel="kakaotalk", language="ko")
    assert (template.vendor_template, template.variants.get().vendor_template) == ("", "KA02")
    fill_in(alice, url, body=f"{BODY_KO}!\n발급기관: #{{발급기관}}")
    assert not template.variants.exists()  # the vendor approved another text


def test_the_texts_of_a_copied_template_keep_their_codes(draft: str, alice: Client, bob: Client) -> None:
    optional_line(draft, alice)
    for language in ("ko", "en"):
        template = MessageTemplate.objects.get(stage__code="d30", channel="kakaotalk", language=language)
        template.variants.create(key="7", vendor_template=f"KA-{language}")
    data_type = publish(alice, bob, draft)
    fill_in(bob, f"/admin/subscriptions/datatypeversion/{data_type.live_version_id}/change/", action="new-draft/")
    copied = TemplateVariant.objects.filter(template__stage__version__number=2)
    assert set(copied.values_list("vendor_template", flat=True)) == {"KA-ko", "KA-en"}


def test_an_event_can_require_a_field(draft: str, alice: Client) -> None:
    base = draft.removesuffix("change/")
    field = {"name": "office", "placeholder": "발급기관", "type": "text", "sample": "종로구청", "required": ""}
    add_field(alice, base, **field, required_for="issued_again, completed")
    [_, stored] = DataTypeVersion.objects.get().fields
    assert stored["required_for"] == ["issued_again", "completed"]
    assert 'value="issued_again, completed"' in alice.get(f"{base}fields/office/").content.decode()
    answer = fill_in(alice, f"{base}fields/office/", required_for="Issued Again")
    assert not answer.redirect_chain


@pytest.mark.parametrize("trigger", ["paid", "completed", "withdrawn", "objected"])
def test_a_version_that_could_not_take_back_an_end_says_what_to_add(draft: str, alice: Client, trigger: str) -> None:
    def page() -> str:
        return alice.get(draft).content.decode()

    version = DataTypeVersion.objects.get()
    words = "“납부, 완료 또는 철회된 뒤 다시 열림” 단계를 더하고"
    assert words not in page()
    version.stages.create(code="end", trigger=trigger, label_ko="끝", label_en="End", told_only=True)
    assert words in page()
    version.stages.create(code="back", trigger="reopened", label_ko="다시", label_en="Back", told_only=True)
    assert words not in page()


def test_the_page_of_a_version_costs_the_same_for_any_number_of_stages(draft: str, alice: Client) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as taken:
            assert alice.get(draft).status_code == 200
        return len(taken)

    version = DataTypeVersion.objects.get()
    before = statements()
    for number in range(3):
        stage = version.stages.create(code=f"more{number}", trigger="opened", label_ko="또", label_en="More")
        stage.templates.create(channel="sms", language="ko", body=BODY_KO)
    assert statements() == before
