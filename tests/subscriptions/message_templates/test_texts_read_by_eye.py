"""Test for the kinds of mistakes that reading every shipped template by eye has found."""

import re
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from subscriptions.specs import DataTypeSpec, MessageTemplateSpec, StageSpec
from tests.support.together import in_one_test

from .test_every_text import DAY, SPECS, STAGES, days_left, longest, sample, shown

TEMPLATES = [
    pytest.param(spec, stage, template, id=f"{spec.code}-{stage.code}-{template.channel}-{template.language}")
    for spec in SPECS
    for stage in spec.stages
    for template in stage.templates
]
OVER, AHEAD = (f"{DAY + timedelta(days=days)}T14:00:00+09:00" for days in (-5, 5))


def of(code: str, *stages: str) -> list[Any]:
    return [each for each in TEMPLATES if each.values[0].code == code and each.values[1].code in stages]  # type: ignore[union-attr]


def record(spec: DataTypeSpec, **values: Any) -> dict[str, Any]:
    """A usual record with `values`; None: without that field."""
    payload = {item.name: sample(item) for item in spec.fields} | values
    return {name: value for name, value in payload.items() if value is not None}


def texts(spec: DataTypeSpec, stage: StageSpec, template: MessageTemplateSpec, **values: Any) -> list[str]:
    return [shown(spec, template, record(spec, **values), left) for left in days_left(stage)]


@in_one_test(("spec", "stage"), STAGES)
def test_a_correction_says_each_value_whose_change_is_notified(spec: DataTypeSpec, stage: StageSpec) -> None:
    """For debts it states today's amount and its last day instead (tests/payments/histories/test_every_sentence.py)."""
    if stage.on != "changed" or spec.payable:
        return
    for item, template in product(spec.fields, stage.templates):
        if item.announce_changes and not item.private:
            assert f"#{{{item.placeholder}}}" in template.body, (template.channel, template.language, item.name)


@in_one_test(("spec", "stage", "template"), TEMPLATES)
def test_no_day_stands_anywhere_in_brackets_as_it_has_its_own(
    spec: DataTypeSpec, stage: StageSpec, template: MessageTemplateSpec
) -> None:
    if template.language == "ko":
        days = "|".join(item.placeholder for item in spec.fields if item.type in ("date", "datetime"))
        assert not re.search(rf"\([^()]*#{{(?:{days})[|}}]", f"{template.title} {template.body}")


@in_one_test(("spec", "stage", "template"), TEMPLATES)
def test_no_unit_follows_a_text_that_may_bring_its_own(
    spec: DataTypeSpec, stage: StageSpec, template: MessageTemplateSpec
) -> None:
    names = "|".join(item.placeholder for item in spec.fields if item.type == "text")
    assert not re.search(rf"#{{(?:{names})}}(?:년|월|일|차|원|학기)", template.body)


@in_one_test(("spec", "stage", "template"), TEMPLATES)
def test_an_english_sentence_does_not_begin_with_an_agency_as_if_it_were_a_person(
    spec: DataTypeSpec, stage: StageSpec, template: MessageTemplateSpec
) -> None:
    """“National Health Insurance Service has …” lacks its article, which other agencies' names must not have."""
    assert template.language == "ko" or not re.search(r"#{기관} (?:has|is|was|will|does)\b", template.body)


@in_one_test(("spec", "stage", "template"), of("health_checkup", "start_of_year", "d91", "d30"))
@in_one_test("clinic", ["가나의료원 검진센터", None])
def test_no_person_is_sent_to_a_booking_that_is_over(
    spec: DataTypeSpec, stage: StageSpec, template: MessageTemplateSpec, clinic: str | None
) -> None:
    go = re.compile(r"예약하신 (?:날에|검진을)|Please go to")
    gone = re.compile("예약하신 날이 지났습니다|booking is over")
    for text in texts(spec, stage, template, booked_at=AHEAD, clinic=clinic):
        assert go.search(text) and not gone.search(text), text
    for text in texts(spec, stage, template, booked_at=OVER, clinic=clinic):
        assert gone.search(text) and not go.search(text), text


@in_one_test(("spec", "stage", "template"), of("health_checkup", "start_of_year", "d91", "d30", "changed"))
def test_a_clinic_is_not_named_where_no_booking_is(
    spec: DataTypeSpec, stage: StageSpec, template: MessageTemplateSpec
) -> None:
    for text in texts(spec, stage, template, booked_at=None, clinic="가나의료원 검진센터"):
        assert "가나의료원" not in text, text


@in_one_test(("spec", "stage", "template"), of("vaccination", "after_care"))
@in_one_test(("days", "planned"), [(-1, False), (0, True), (21, True)])
def test_a_next_dose_is_planned_only_while_it_is_ahead(
    spec: DataTypeSpec, stage: StageSpec, template: MessageTemplateSpec, days: int, planned: bool
) -> None:
    for text in texts(spec, stage, template, next_dose_on=str(DAY + timedelta(days=days))):
        notified = bool(re.search("다음 접종|next dose", text, re.IGNORECASE))
        assert notified == (planned and template.channel != "toss"), text


@in_one_test(("spec", "stage", "template"), of("licence_renewal", "window_opens", "d90", "d30", "d7"))
def test_every_channel_notifies_people_of_75_of_what_comes_before_the_renewal(
    spec: DataTypeSpec, stage: StageSpec, template: MessageTemplateSpec
) -> None:
    """도로교통법 §87③1: without it people go to an office in vain."""
    for left in days_left(stage):
        text = shown(spec, template, record(spec), left, born=DAY.replace(year=DAY.year - 75))
        assert re.search("인지 선별검사|cognitive test", text), text


@in_one_test(("spec", "stage", "template"), of("national_scholarship", "changed"))
def test_a_corrected_scholarship_fits_without_a_result_too(
    spec: DataTypeSpec, stage: StageSpec, template: MessageTemplateSpec
) -> None:
    values = {item.name: longest(item, template.language) for item in spec.fields} | {"result": None}
    for text in texts(spec, stage, template, **values):
        assert template.channel != "toss" or len(text) <= 200, (len(text), text)


@in_one_test(("spec", "stage", "template"), of("senior_driver_training", "changed"))
def test_who_was_given_a_due_date_hears_that_a_recommendation_has_none(
    spec: DataTypeSpec, stage: StageSpec, template: MessageTemplateSpec
) -> None:
    for due in ("2026-12-31", None):
        for text in texts(spec, stage, template, duty="recommended", due_on=due):
            assert "정해진 기한도 없습니다" in text or "no deadline" in text, text
            assert "12. 31." not in text and "December" not in text, text


@in_one_test(("spec", "stage", "template"), of("health_checkup", "start_of_year", "d91", "d30"))
def test_by_the_last_day_the_check_up_is_over_and_not_only_booked(
    spec: DataTypeSpec, stage: StageSpec, template: MessageTemplateSpec
) -> None:
    for booked in (None, OVER, AHEAD):
        for text in texts(spec, stage, template, booked_at=booked):
            assert not re.search(r"까지 (?:다시 )?예약해|book (?:again )?by", text), text


@in_one_test("spec", SPECS, ids=lambda spec: spec.code)
def test_no_summary_promises_a_percentage_that_not_every_record_has(spec: DataTypeSpec) -> None:
    """도로교통법 시행령 §88⑤: up to 20 % off, by violation; some have no reduction."""
    assert "%" not in spec.summary.ko + spec.summary.en
