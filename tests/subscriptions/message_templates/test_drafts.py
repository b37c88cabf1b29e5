"""Test every text of the kinds that are shipped as drafts: on each channel, in each language, empty and longest."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any

from subscriptions.data_types.checks import unkept_promises
from subscriptions.message_templates import check_template, compile_lines, compile_template
from subscriptions.message_templates.links import find_link
from subscriptions.specs import CHANNELS, LANGUAGES, DataTypeSpec, FieldSpec, MessageTemplateSpec, StageSpec
from tests.subscriptions.message_templates import test_every_text as every
from tests.support.drafts import DRAFTS
from tests.support.together import Cases, in_one_test

STAGES = [(spec, stage) for spec in DRAFTS for stage in spec.stages]
TEMPLATES = [(spec, stage, template) for spec, stage in STAGES for template in stage.templates]
# What has its texts from another file, whose own tests walk through them.
OWN = [(spec, stage) for spec, stage in STAGES if spec.code != "parking_fine"]
COMMON = ["changed", "withdrawn", "reopened", "not_yours"]
SENSITIVE = {"draft_examination", "copayment_refund", "infant_checkup", "child_vaccination", "flu_vaccination"}
OF_CHILDREN = {"infant_checkup", "child_vaccination", "school_entry"}
URGENT = {"car_insurance", "unemployment_day", "registered_post"}
WHEN = {
    "passport_expiry": "expires_on-180",
    "relief_fund": "opens_on-1, closes_on-7, use_by-30, use_by-7",
    "civil_defence": "opened, at-7, at-1",
    "reserve_training": "at-22, at-7, at-1",
    "draft_examination": "opened, at-7, at-1",
    "enlistment": "on-30, on-7",
    "car_tax": "opened, due_on-3, due_on+1",
    "property_tax": "opened, due_on-3, due_on+1",
    "resident_tax": "opened, due_on-3, due_on+1",
    "local_refund": "opened, until-30",
    "parking_fine": "opened, reduction_ends_on-3, event imposed, due_on-3, due_on+1, objected, paid",
    "income_tax": "opened, closes_on-3",
    "vat": "closes_on-10, closes_on-3",
    "national_refund": "opened",
    "car_inspection": "opens_on+0, closes_on-30, closes_on-7, closes_on+1",
    "car_insurance": "expires_on-30, expires_on-7, expires_on+0",
    "old_diesel": "opened, starts_on-7",
    "pension_payment": "due_on-3, due_on+1",
    "pension_claim": "from_on-90, from_on+0",
    "health_premium": "due_on-3, due_on+1",
    "copayment_refund": "opened, noticed_on+60",
    "infant_checkup": "opens_on+0, closes_on-30",
    "child_vaccination": "starts_on+0, starts_on+30",
    "flu_vaccination": "starts_on+0, ends_on-30",
    "unemployment_day": "on-3, on-1, on+0",
    "student_loan": "due_on-7, due_on-1, due_on+1",
    "customs": "event arrived, event held, event cleared",
    "forest_lodge": "opened, pay_by-1, at-1",
    "registered_post": "event out, event kept, event delivered",
    "state_exam": "at-7, at-1, result_on+0",
    "school_entry": "opened, on-7",
    "stay_permit": "until-60, until-30, until-7",
}
WALKS: list[Callable[..., None]] = [
    every.test_whatever_is_missing_no_text_has_a_hole_or_a_word_for_nothing,
    every.test_a_day_stands_in_no_brackets_as_it_has_its_own,
    every.test_the_small_words_are_those_of_a_civil_servant,
    every.test_every_text_is_one_that_the_vendor_was_asked_for,
    every.test_the_longest_and_the_oddest_values_fit_every_channel,
    every.test_a_sample_message_has_lines_that_would_go_together,
]


def when(stage: StageSpec) -> str:
    if stage.on == "date":
        return f"{stage.field}{stage.days:+}"
    return f"event {stage.event}" if stage.on == "event" else stage.on


def filled(spec: DataTypeSpec, stage: StageSpec, template: MessageTemplateSpec, **how: Any) -> Iterator[str]:
    """Yield the text of a record with every value at its longest, for each number of days that may be left."""
    payload = {item.name: every.longest(item, template.language) for item in spec.fields}
    payload |= {item.name: marked(item) for item in spec.fields if item.private}
    for left in every.days_left(stage):
        yield every.shown(spec, template, payload, left, **how)


def marked(field: FieldSpec) -> str | int:
    """Return a value that is found where it is shown."""
    return 98_765_432 if field.type in ("won", "int") else "나만아는값"


def test_the_kinds_are_notified_at_the_days_that_were_asked_for() -> None:
    assert {
        spec.code: ", ".join(when(stage) for stage in spec.stages if stage.on not in COMMON) for spec in DRAFTS
    } == WHEN
    assert {spec.code for spec in DRAFTS if spec.urgent} == URGENT
    assert not [spec.code for spec, stage in STAGES if stage.urgent is False and stage.on != "not_yours"]


@in_one_test("spec", DRAFTS, ids=lambda spec: spec.code)
def test_every_kind_can_take_back_what_it_notified(spec: DataTypeSpec) -> None:
    there = {stage.on for stage in spec.stages}
    assert there >= set(COMMON[1:])
    assert ("changed" in there) == any(item.announce_changes and not item.private for item in spec.fields)


@in_one_test(("spec", "stage"), STAGES)
def test_each_stage_is_written_for_every_channel_in_both_languages(spec: DataTypeSpec, stage: StageSpec) -> None:
    there = sorted((template.channel, template.language) for template in stage.templates)
    assert there == sorted((channel, language) for channel in CHANNELS for language in LANGUAGES)


@in_one_test(("spec", "stage", "template"), TEMPLATES)
def test_every_text_is_fit_to_be_approved(spec: DataTypeSpec, stage: StageSpec, template: MessageTemplateSpec) -> None:
    texts = (template.body, template.title, template.channel, template.language)
    assert check_template(*texts, spec.fields, stage, sensitive=spec.sensitive) == []
    assert "#{문의}" in template.body and not compile_template(template.title).slots
    english = "Code #{확인코드}" if template.channel == "toss" else "Check code #{확인코드}"
    assert ("확인코드 #{확인코드}" if template.language == "ko" else english) in template.body
    shown = [compile_template(line.text).literals for line in compile_lines(template.body).lines]
    words = "".join([*(literal for line in shown for literal in line), template.title])
    assert any("가" <= letter <= "힣" for letter in words) == (template.language == "ko")


def test_whatever_is_missing_or_long_every_text_holds_together() -> None:
    cases = Cases()
    for walk in WALKS:
        for spec, stage in OWN:
            with cases.case(f"{walk.__name__} {spec.code} {stage.code}"):
                inspect.unwrap(walk)(spec=spec, stage=stage)
    for spec in (item for item in DRAFTS if item.sensitive):
        with cases.case(spec.code):
            inspect.unwrap(every.test_a_locked_phone_shows_nothing_of_a_sensitive_record)(spec=spec)
    cases.conclude()


@in_one_test(("spec", "stage", "template"), TEMPLATES)
def test_particles_fit_each_name_and_nothing_is_a_link(
    spec: DataTypeSpec, stage: StageSpec, template: MessageTemplateSpec
) -> None:
    for agency, subject in (("외교부", "외교부가"), ("병무청", "병무청이"), ("서울", "서울이")):
        for text in filled(spec, stage, template, agency=agency, name="김누리"):
            assert not find_link(text) and not find_link(template.title), text
            assert not [pair for pair in ("(을)", "(를)", "(이)", "(가)", "(은)", "(는)", "(으)") if pair in text], text
            if "#{기관|이/가}" in template.body:
                assert subject in text, text


@in_one_test(("spec", "stage", "template"), TEMPLATES)
def test_no_text_shows_an_amount_or_what_is_private(
    spec: DataTypeSpec, stage: StageSpec, template: MessageTemplateSpec
) -> None:
    """Amounts of tax, pension and benefits are shown after signing in; those of a fine are what one must know."""
    for text in filled(spec, stage, template):
        assert "나만아는값" not in text and "98,765,432" not in text, text
    if spec.code != "parking_fine":
        assert all(item.private for item in spec.fields if item.type == "won")


def test_consent_to_what_is_sensitive_and_for_children_says_so() -> None:
    assert {spec.code for spec in DRAFTS if spec.sensitive} == SENSITIVE
    for spec in DRAFTS:
        for consent in spec.consents:
            ko = consent.language == "ko"
            assert (("민감정보" if ko else "Sensitive data") in consent.items) == spec.sensitive, spec.code
            guardian = "법정대리인" if ko else "legal representative"
            assert (guardian in consent.purpose) == (spec.code in OF_CHILDREN), spec.code
            assert ("5일 안에" if ko else "within 5 days") in consent.retention
            assert not unkept_promises(consent.retention), spec.code


def test_a_child_is_named_in_no_text() -> None:
    for spec in (item for item in DRAFTS if item.code in OF_CHILDREN):
        [child] = [item for item in spec.fields if item.name == "child"]
        assert child.private


def test_only_the_parking_fine_can_be_paid_here() -> None:
    """By the tariff of fines; the law of local taxes, pensions and premiums is in no tariff, and none is invented."""
    assert {spec.code: spec.payable for spec in DRAFTS if spec.payable} == {"parking_fine": "traffic_fine"}


def test_a_parking_fine_is_a_traffic_fine_in_other_words() -> None:
    [fine] = [spec for spec in DRAFTS if spec.code == "parking_fine"]
    texts = [f"{template.title} {template.body}" for stage in fine.stages for template in stage.templates]
    assert not [text for text in texts if "교통과태료" in text or "raffic fine" in text or "경찰" in text]
    assert any("주정차과태료" in text for text in texts)
