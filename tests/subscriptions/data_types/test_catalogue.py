"""Test the shipped data types: complete, valid, and loaded without ever editing a version."""

import copy
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from secretary.kernel.korean.korean import euc_kr_bytes
from subscriptions.data_types.format import read_agencies, read_data_type, read_file
from subscriptions.data_types.load import FOLDER
from subscriptions.data_types.reading import SpecErrors
from subscriptions.message_templates import check_template, compile_lines, compile_template, preview, sample_values
from subscriptions.message_templates.site import site_in_words
from subscriptions.specs import CHANNELS, LANGUAGES
from tests.support.catalogue import AGENCIES, SPECS
from tests.support.present import present
from tests.support.together import in_one_test

STAGES = [(spec, stage) for spec in SPECS for stage in spec.stages]
TEMPLATES = [(spec, stage, template) for spec, stage in STAGES for template in stage.templates]
FINE = read_file(FOLDER / "traffic_fine.toml")


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """Problems are in the language of the reader; these tests read English."""
    with translation.override("en"):
        yield


def name(value: Any) -> Any:
    return getattr(value, "code", None) or f"{value.channel}-{value.language}"


def problems_of(data: Any, **options: Any) -> Any:
    with pytest.raises(SpecErrors) as raised:
        read_data_type(data, "fine.toml", **options)
    return [str(problem) for problem in raised.value.problems]


# What is shipped


def test_the_eight_data_types_are_shipped_with_their_agencies() -> None:
    assert {spec.code: spec.agency for spec in SPECS} == {
        "traffic_penalty": "knpa",
        "traffic_fine": "knpa",
        "licence_renewal": "koroad",
        "school_bus_training": "koroad",
        "senior_driver_training": "koroad",
        "national_scholarship": "kosaf",
        "health_checkup": "nhis",
        "vaccination": "kdca",
    }
    assert {agency.code for agency in AGENCIES} == {"mois", *(spec.agency for spec in SPECS)}  # mois: the service's own


@pytest.mark.parametrize("spec", SPECS, ids=name)
def test_every_type_can_notify_people_that_a_record_was_not_about_them(spec: Any) -> None:
    [stage] = [item for item in spec.stages if item.on == "not_yours"]
    for template in stage.templates:
        assert not set(compile_lines(template.body).placeholders) & {field.placeholder for field in spec.fields}


@pytest.mark.parametrize(
    ("spec", "template"),
    [(spec, template) for spec, stage, template in TEMPLATES if spec.payable and stage.on == "reopened"],
    ids=name,
)
def test_a_debt_that_is_back_is_notified_with_the_price_of_that_day(spec: Any, template: Any) -> None:
    """The agency's own amount may be reduced by then, or have a surcharge. It may have been objected to before."""
    shown = set(compile_lines(template.body).placeholders)
    owed = {field.placeholder for field in spec.fields if field.type == "won"}
    assert {"지금금액", "지금기한"} <= shown
    assert not shown & owed
    assert "끝난" not in template.body
    assert "settled" not in template.body


@in_one_test(("spec", "stage"), STAGES, ids=name)
def test_every_stage_has_a_template_on_every_channel_in_every_language(spec: Any, stage: Any) -> None:
    there = [(template.channel, template.language) for template in stage.templates]
    assert sorted(there) == sorted((channel, language) for channel in CHANNELS for language in LANGUAGES)


@in_one_test(("spec", "stage", "template"), TEMPLATES, ids=name)
def test_every_template_is_fit_to_be_sent(spec: Any, stage: Any, template: Any) -> None:
    texts = (template.body, template.title, template.channel, template.language)
    problems = check_template(*texts, spec.fields, stage, sensitive=spec.sensitive)
    assert [str(problem) for problem in problems] == []


@in_one_test(("spec", "stage", "template"), TEMPLATES, ids=name)
def test_every_template_says_whom_to_call_and_how_to_check_it(spec: Any, stage: Any, template: Any) -> None:
    assert "#{문의}" in template.body
    english = "Code #{확인코드}" if template.channel == "toss" else "Check code #{확인코드}"  # 200 characters there
    assert ("확인코드 #{확인코드}" if template.language == "ko" else english) in template.body
    assert not compile_template(template.title).slots  # what a lock screen shows first names no person


@in_one_test(("spec", "stage", "template"), TEMPLATES, ids=name)
def test_every_template_is_written_in_its_language(spec: Any, stage: Any, template: Any) -> None:
    shown = [compile_template(line.text).literals for line in compile_lines(template.body).lines]
    literals = "".join([*(literal for line in shown for literal in line), template.title])
    hangul = any("가" <= character <= "힣" for character in literals)
    assert hangul == (template.language == "ko")
    assert "(을)" not in literals
    assert "(이)" not in literals


@in_one_test(("spec", "stage", "template"), [item for item in TEMPLATES if item[2].channel == "sms"], ids=name)
def test_text_messages_are_short(spec: Any, stage: Any, template: Any) -> None:
    shown = preview(template.body, template.title, "sms", template.language, spec.fields, stage)
    says_more = (spec.code, stage.code) == ("traffic_fine", "issued")  # the opinion, the driver, what paying ends
    site = site_in_words(template.language)  # an installation's own, and as long as that is
    to_check = template.body.count(site) * euc_kr_bytes(site) + 35  # "(국민비서 누리집 …에서 확인)"
    assert present(shown.bytes) - to_check <= (340 if says_more else 300)


@pytest.mark.parametrize("spec", SPECS, ids=name)
def test_health_plates_and_cases_are_private(spec: Any) -> None:
    private = {field.name for field in spec.fields if field.private}
    expected = {
        "traffic_fine": {"vehicle", "case_number"},
        "traffic_penalty": {"case_number"},
        "health_checkup": {"kinds"},
        "vaccination": {"vaccine"},
    }
    assert private == expected.get(spec.code, set())
    assert spec.sensitive == (spec.code in ("health_checkup", "vaccination"))


def test_the_page_says_that_paying_the_reduced_fine_ends_the_procedure() -> None:
    """질서위반행위규제법 §18: payers of the reduced amount must have been notified."""
    fine = next(spec for spec in SPECS if spec.code == "traffic_fine")
    offers = [stage for stage in fine.stages if stage.code in ("issued", "reduction_ends")]
    for template in (template for stage in offers for template in stage.templates):
        assert ("이의를 제기하실 수 없습니다" if template.language == "ko" else "object") in template.body


def test_vaccination_stages_come_at_their_times() -> None:
    vaccination = next(spec for spec in SPECS if spec.code == "vaccination")
    stages = {stage.code: stage for stage in vaccination.stages}
    assert {code for code, stage in stages.items() if stage.urgent} == {"day_of", "changed", "cancelled", "reopened"}
    assert (stages["after_care"].at.hour, stages["after_care"].states) == (18, ("open", "completed"))
    assert [stages[code].days for code in ("day_before", "next_dose_d3")] == [-1, -3]
    assert all(present(stages[code].expires).at_event for code in ("booked", "day_of", "changed"))


def test_the_next_dose_has_its_reminders_from_its_own_booking() -> None:
    """A second dose is a booking of its own: a planned one must not have "tomorrow" beside it."""
    [vaccination] = [spec for spec in SPECS if spec.code == "vaccination"]
    of_the_plan = [stage for stage in vaccination.stages if stage.field == "next_dose_on"]
    assert [stage.code for stage in of_the_plan] == ["next_dose_d3"]
    assert present(of_the_plan[0].expires).days < -1


# Reading


def test_all_problems_are_named_with_their_place() -> None:
    data = copy.deepcopy(FINE)
    data["stages"][0]["template"][2]["body"] += " #{차량번호} bit.ly/x"
    data["stages"][1]["template"] = data["stages"][1]["template"][1:]
    data["stages"][3]["field"] = "amount"
    assert problems_of(data) == [
        "fine.toml, stage issued, sms ko, body: “bit.ly” is or looks like a link. "
        "Notices carry no links, to protect people from imitations.",
        "fine.toml, stage issued, sms ko, body: “차량번호” is private: it may never be in a notice.",
        "fine.toml, stage reduction_ends, kakaotalk ko: There is no message template.",
        "fine.toml, stage reduction_ends, naver ko: There is no message template.",
        "fine.toml, stage due_soon: “amount” is not a field with a date_slot.",
    ]


def test_a_draft_may_lack_templates() -> None:
    data = copy.deepcopy(FINE)
    data["stages"][1]["template"] = []
    assert read_data_type(data, "fine.toml", complete=False).stages[1].templates == ()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda data: data.pop("agency"), "fine.toml: agency is missing."),
        (lambda data: data.update(colour="red"), "fine.toml: colour is unknown."),
        (lambda data: data.update(order="first"), "fine.toml: order has the wrong type."),
        (lambda data: data.update(code="Traffic Fine"), "fine.toml: code: only lowercase letters"),
        (lambda data: data["name"].pop("en"), "fine.toml, name: en is missing."),
        (lambda data: data["consent"].pop("en"), "fine.toml, consent: en is missing."),
        (lambda data: data["fields"][0].update(type="html"), "fine.toml, field violation: type must be one of"),
        (lambda data: data["fields"][0].update(date_slot=1), "fine.toml, field violation: date_slot is only for"),
        (lambda data: data["fields"][6].update(date_slot=2), "fine.toml: date_slot 2 is defined twice."),
        (
            lambda data: data["fields"][6].update(sample="2026-02-30"),
            "field reduction_ends_on: The sample does not fit",
        ),
        (lambda data: data["fields"][0].update(sample_en="S" * 41), "field violation: The English sample is too long."),
        (lambda data: data["fields"][1].update(sample_en="2 March"), "field violated_at: An English sample is only"),
        (lambda data: data["fields"][0].update(placeholder="이름"), "fine.toml: placeholder 이름 is defined twice."),
        (lambda data: data["stages"][1].update(at="25:00"), "stage reduction_ends: at must be a time"),
        (lambda data: data["stages"][1].update(states=["lost"]), "reduction_ends: states must be distinct values"),
        (lambda data: data["stages"][1].update(expires={"event": True}), "expires: event = true needs a field of type"),
        (lambda data: data["stages"].append(data["stages"][0]), "fine.toml: stage issued is defined twice."),
        (lambda data: data.update(stages=["issued"]), "fine.toml, stage 1: is not a table."),
        (lambda data: data.update(name="Fine\u202e"), "fine.toml: name has the wrong type."),
    ],
)
def test_a_mistake_is_named(change: Any, problem: Any) -> None:
    data = copy.deepcopy(FINE)
    change(data)
    assert any(problem in found for found in problems_of(data))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=10), children, max_size=3),
    max_leaves=10,
)


@settings(deadline=None)  # all templates of the type are checked in all variants
@given(key=st.sampled_from(sorted(FINE)), value=JSON)
def test_whatever_an_administrator_types_is_read_or_refused(key: Any, value: Any) -> None:
    try:
        read_data_type({**FINE, key: value}, "form")
    except SpecErrors as errors:
        assert errors.problems


def test_the_stage_for_people_whose_record_it_was_not_is_there_once_and_knows_no_date_of_the_record() -> None:
    data = copy.deepcopy(FINE)
    [stage] = [item for item in data["stages"] if item["on"] == "not_yours"]
    data["stages"].append({**copy.deepcopy(stage), "code": "again"})
    stage["expires"] = {"field": "due_on", "days": 0}
    found = problems_of(data)
    assert "fine.toml: More than one stage tells people that a record was not about them." in found
    assert "fine.toml, stage not_yours: expires: the dates of the record are another person's at this stage." in found


def test_english_sample_messages_have_english_samples() -> None:
    hangul = re.compile("[가-힣]")
    for spec in SPECS:
        written = [item for item in spec.fields if item.type == "text" and item.sample and not item.private]
        for item in written:
            value = sample_values(spec.fields, "en")[item.placeholder]
            assert not hangul.search(value), (spec.code, item.name)
            assert sample_values(spec.fields, "ko")[item.placeholder] == item.sample


def test_an_english_sample_is_part_of_the_content_and_its_lack_is_not() -> None:
    """Else each installation would load every type anew, with a version of its own to approve."""
    spec = next(item for item in SPECS if item.code == "traffic_fine")
    without = replace(spec, fields=tuple(replace(item, sample_en="") for item in spec.fields))
    assert spec.digest() != without.digest()
    assert "sample_en" not in str(without._canonical_field(without.fields[0]))


def test_agencies_are_checked_too() -> None:
    with pytest.raises(SpecErrors, match="agency kdca: phone is missing"):
        read_agencies({"agencies": [{"code": "kdca", "name": {"ko": "질병관리청", "en": "KDCA"}}]}, "agencies.toml")


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text("code = ", encoding="utf-8")
    with pytest.raises(SpecErrors, match=r"x\.toml"):
        read_file(tmp_path / "x.toml")


@pytest.mark.parametrize("spec", SPECS, ids=name)
def test_what_the_news_of_an_event_must_say_is_notified_again_when_it_is_corrected(spec: Any) -> None:
    events = {stage.event for stage in spec.stages if stage.on == "event"}
    needed = [field for field in spec.fields if events & set(field.required_for) and not field.private]
    assert all(field.announce_changes for field in needed), [field.name for field in needed]
    for template in (item for stage in spec.stages if stage.on == "changed" for item in stage.templates):
        assert all(f"#{{{field.placeholder}" in template.body for field in needed), (
            template.channel,
            template.language,
        )
