"""Test all variants of the shipped templates, with missing, the longest and the oddest values, on every channel."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import chain, combinations, product
from typing import Any

import pytest

from secretary.kernel.korean.korean import Language
from secretary.kernel.persons.person_names import MAX_NAME
from secretary.kernel.time.working_days import moved
from subscriptions.message_templates import (
    Lines,
    builtin_values,
    compile_lines,
    earlier_values,
    facts_of,
    format_fields,
    limits,
    variants,
)
from subscriptions.message_templates.compile import MissingValue
from subscriptions.message_templates.prices import absences, fits, price_values
from subscriptions.message_templates.samples import sample_facts, sample_values
from subscriptions.message_templates.variants import may_lack
from subscriptions.specs import DataTypeSpec, FieldSpec, MessageTemplateSpec, StageSpec
from subscriptions.triggers import NOT_YOURS
from tests.support.catalogue import SPECS
from tests.support.together import in_one_test

STAGES = [pytest.param(spec, stage, id=f"{spec.code}-{stage.code}") for spec in SPECS for stage in spec.stages]
DAY = date(2026, 3, 10)
BORN = (date(1951, 3, 10), date(1985, 3, 14), None)  # 75 today, of working age, not known

# Texts that once replaced a missing value, and the traces of a removed value.
BROKEN = re.compile(
    r"없음|정해지지 않|따로 안내|to be announced|: nothing\b|\bNone\b|\bnull\b|undefined|납부하신 곳에서 확인"
    r"|see where|#\{|  |\( *\)|\[ *\]|“ *”|[:：] *(?=\n\n|\Z)|[,(·] *$|^ *[,.)]|^- *$|\n\n\n|\A\n|\n\Z| $|, *,|\.\.",
    re.MULTILINE,
)
SMALL_WORDS = re.compile(r"(?<!\d)0일|지나쳐 주|대상이십|밖에 남지|학기학기|오시기 바랍|아직이시면|연말")


def fields_shown(lines: Lines, spec: DataTypeSpec) -> list[FieldSpec]:
    named = {*lines.placeholders, *(condition.name for condition in lines.conditions)}
    return [item for item in spec.fields if item.placeholder in named and not item.private]


def subsets(names: list[str]) -> Iterator[frozenset[str]]:
    every = chain.from_iterable(combinations(names, size) for size in range(len(names) + 1))
    return map(frozenset, every)


def days_left(stage: StageSpec) -> list[int | None]:
    """Return each number of days with which the notice can be sent: on its day, or late, until it expires."""
    if stage.on != "date":
        return [None]
    most = max(0, -stage.days)
    least = 0
    if stage.expires is not None and stage.expires.field == stage.field and not stage.expires.at_event:
        least = max(0, -stage.expires.days)
    return list(range(least, most + 1)) if most - least < 8 else [least, least + 1, most]


def sample(field: FieldSpec) -> Any:
    samples = {"phone": "02-000-0000", "text": "가나", "date": "2026-06-30", "datetime": "2026-06-30T14:00:00+09:00"}
    written = field.sample or samples.get(field.type, "1")
    return int(written) if field.type in ("won", "int") else written


def odd(field: FieldSpec, language: Language) -> Any:
    """Return allowed values that an author does not expect."""
    values = {
        "text": "A" if field.max_length < 8 else "St.Mary (구관) 3F",
        "won": 0,
        "int": 1_000_000,
        "phone": "1339",
        "date": "2026-08-15",  # a Saturday before a substitute holiday
        "datetime": "2026-12-31T00:00:00+09:00",
    }
    return values.get(field.type) or (field.choices[-1][0] if field.type == "choice" else sample(field))


def usual(field: FieldSpec, language: Language) -> Any:
    return sample(field)


def longest(field: FieldSpec, language: Language) -> Any:
    if field.type == "choice":
        return max(field.choices, key=lambda choice: len(choice[1].of(language)))[0]
    values = {
        "text": ("가나다라" * field.max_length)[: field.max_length],
        "won": 100_000_000,  # longer ones are checked when they are filled in (notifications/delivery/fit.py)
        "int": 9_999_999_999,
        "phone": "0000-0000-0000",
        "date": "2026-09-26",
        "datetime": "2026-09-26T12:30:00+09:00",
    }
    return values[field.type]


def built_in(language: Language, left: int | None, *, name: str = "", agency: str = "", phone: str = "182") -> Any:
    agency = agency or ("경찰청" if language == "ko" else "Korean National Police Agency")
    values = builtin_values(
        name=name or ("홍길동" if language == "ko" else "Hong Gildong"),
        check_code="K7MP-2QX9-3HVC",
        agency=agency,
        contact=phone,
        days_left=left,
    )
    return values | earlier_values(check_code="M3XD-7V2K-8QTA", day=DAY, language=language)


def prices(language: Language, won: int = 32_000, day: date = date(2026, 9, 26)) -> dict[str, str]:
    last = (day, moved(day))
    return price_values(amount=won, until=last, later=won, later_until=last, ends_procedure=True, language=language)


def shown(
    spec: DataTypeSpec, template: MessageTemplateSpec, payload: Mapping[str, Any], left: int | None, **how: Any
) -> str:
    born, unpriced, won = how.pop("born", None), how.pop("unpriced", ()), how.pop("won", 32_000)
    facts = facts_of(spec.fields, payload, day=DAY, born=born, days_left=left)
    values = format_fields(spec.fields, payload, template.language) | built_in(template.language, left, **how)
    values |= prices(template.language, won) | dict.fromkeys(unpriced, "")
    return compile_lines(template.body).fill(values, facts)


def unpriced(spec: DataTypeSpec, lines: Lines, payload: Mapping[str, Any]) -> list[frozenset[str]]:
    """Return the placeholders of a price that can be without a value for such a record."""
    facts = facts_of(spec.fields, payload, day=DAY)
    days = {item.placeholder: facts.get(item.placeholder) for item in spec.fields}
    return [gone for gone in absences(lines.placeholders) if fits(gone, lines.placeholders, spec.fields, days)]


def every_text(spec: DataTypeSpec, stage: StageSpec, template: MessageTemplateSpec) -> Iterator[str]:
    fields = fields_shown(compile_lines(template.body), spec)
    optional = [item.name for item in fields if may_lack(stage, item)]
    choices = [item for item in fields if item.type == "choice"]
    for missing, left, born in product(subsets(optional), days_left(stage), BORN):
        for codes in product(*([code for code, _ in item.choices] for item in choices)):
            chosen = dict(zip((item.name for item in choices), codes, strict=True))
            payload = {item.name: sample(item) for item in spec.fields} | chosen
            payload = {name: value for name, value in payload.items() if name not in missing}
            if stage.on == NOT_YOURS:
                payload = {}
            for gone in unpriced(spec, compile_lines(template.body), payload):
                yield shown(spec, template, payload, left, born=born, unpriced=gone)


@in_one_test(("spec", "stage"), STAGES)
def test_whatever_is_missing_no_text_has_a_hole_or_a_word_for_nothing(spec: DataTypeSpec, stage: StageSpec) -> None:
    for template in stage.templates:
        for text in dict.fromkeys(every_text(spec, stage, template)):
            found = BROKEN.search(text)
            assert not found, (template.channel, template.language, found.group(), text)


@in_one_test(("spec", "stage"), STAGES)
def test_a_day_stands_in_no_brackets_as_it_has_its_own(spec: DataTypeSpec, stage: StageSpec) -> None:
    days = "|".join(item.placeholder for item in spec.fields if item.type in ("date", "datetime"))
    for template in stage.templates:
        found = re.search(rf"\(#{{(?:{days})(?:\|[^}}]*)?}}\)", f"{template.title} {template.body}") if days else None
        assert not found, (template.channel, template.language, found.group())


@in_one_test(("spec", "stage"), STAGES)
def test_the_small_words_are_those_of_a_civil_servant(spec: DataTypeSpec, stage: StageSpec) -> None:
    for template in stage.templates:
        for text in dict.fromkeys(every_text(spec, stage, template)):
            found = SMALL_WORDS.search(text)
            assert not found, (template.channel, template.language, found.group(), text)


@in_one_test(("spec", "stage"), STAGES)
def test_every_text_is_one_that_the_vendor_was_asked_for(spec: DataTypeSpec, stage: StageSpec) -> None:
    for template in stage.templates:
        lines = compile_lines(template.body)
        known = {item.shown for item in variants(template.body, spec.fields, stage)}
        optional = [item for item in fields_shown(lines, spec) if may_lack(stage, item)]
        for missing, left, born in product(subsets([item.name for item in optional]), days_left(stage), BORN):
            payload = {item.name: sample(item) for item in spec.fields if item.name not in missing}
            facts = facts_of(spec.fields, payload, day=DAY, born=born, days_left=left)
            values = format_fields(spec.fields, payload, template.language) | built_in(template.language, left)
            for gone in unpriced(spec, lines, payload):
                priced = values | prices(template.language) | dict.fromkeys(gone, "")
                assert lines.shown(priced, facts) in known


@in_one_test(("spec", "stage"), STAGES)
def test_the_longest_and_the_oddest_values_fit_every_channel(spec: DataTypeSpec, stage: StageSpec) -> None:
    for template, left, born in product(stage.templates, days_left(stage), BORN):
        limit, language = limits(template.channel), template.language
        most = {"name": "가" * 20, "agency": "가" * 20, "phone": "0000-0000-0000", "won": 100_000_000}
        for value, how in ((longest, most), (odd, {}), (usual, most | {"name": "가" * MAX_NAME})):
            payload = {item.name: value(item, language) for item in spec.fields}
            text = shown(spec, template, payload, left, born=born, **how)
            assert not BROKEN.search(text), text
            assert limit.max_chars is None or len(text) <= limit.max_chars, text
            assert limit.max_bytes is None or len(text.encode("euc-kr")) <= limit.max_bytes, text


@in_one_test("spec", [item for item in SPECS if item.sensitive], ids=lambda spec: spec.code)
def test_a_locked_phone_shows_nothing_of_a_sensitive_record(spec: DataTypeSpec) -> None:
    for stage in (item for item in spec.stages if item.on != NOT_YOURS):
        for template in stage.templates:
            payload = {item.name: sample(item) for item in spec.fields}
            shown = format_fields(spec.fields, payload, template.language)
            for text in every_text(spec, stage, template):
                first = text.partition("\n")[0]
                assert not [name for name, value in shown.items() if len(value) > 1 and value in first], first
                assert not re.search(r"오전|오후|\d:\d\d", f"{first} {template.title}")


@in_one_test(("spec", "stage"), STAGES)
def test_a_sample_message_has_lines_that_would_go_together(spec: DataTypeSpec, stage: StageSpec) -> None:
    """As the landing page shows one: with three days left nothing ends today, and waiting costs something."""
    for template in stage.templates:
        try:
            text = compile_lines(template.body).fill(
                sample_values(spec.fields, template.language), sample_facts(spec.fields)
            )
        except MissingValue:
            continue  # a field without a sample: no page shows it
        assert not re.search(r"오늘까지입니다|ends today|is today\b", text) or stage.days == 0, text
        now, then = re.search(r"지금 납부하실 금액: (.*)", text), re.search(r"그 뒤의 금액: (.*)", text)
        assert not (now and then) or now[1] != then[1], text


def test_a_text_for_people_of_75_goes_to_no_younger_person() -> None:
    [licence] = [spec for spec in SPECS if spec.code == "licence_renewal"]
    payload = {item.name: sample(item) for item in licence.fields}
    for stage in (item for item in licence.stages if item.on == "date"):
        for template in (item for item in stage.templates if item.channel in ("kakaotalk", "naver")):
            old = shown(licence, template, payload, 1, born=DAY.replace(year=DAY.year - 75))
            young = shown(licence, template, payload, 1, born=DAY.replace(year=DAY.year - 75) + timedelta(days=1))
            assert "75" in old and "75" not in young and "75" not in shown(licence, template, payload, 1)


@in_one_test(("needed", "threatens"), [("needed", True), ("not_needed", False)])
def test_only_those_who_need_the_aptitude_test_can_lose_the_licence(needed: str, threatens: bool) -> None:
    """도로교통법 §87②, §93①9: class 1, and class 2 from 70."""
    [licence] = [spec for spec in SPECS if spec.code == "licence_renewal"]
    payload = {item.name: sample(item) for item in licence.fields} | {"aptitude_test": needed}
    texts = [
        shown(licence, template, payload, 3)
        for stage in licence.stages
        if stage.code == "d7"
        for template in stage.templates
        if template.channel in ("kakaotalk", "naver")
    ]
    assert {"취소" in text or "revoked" in text for text in texts} == {threatens}


def test_a_recommendation_is_no_duty_and_has_no_deadline() -> None:
    [senior] = [spec for spec in SPECS if spec.code == "senior_driver_training"]
    payload = {item.name: sample(item) for item in senior.fields} | {"duty": "recommended"}
    for stage in (item for item in senior.stages if item.on in ("date", "event")):
        for template in stage.templates:
            text = shown(senior, template, payload, 5)
            assert "의무는 아" in text or "not a duty" in text
            assert "12. 31." not in text and "31 December" not in text


def test_the_second_round_of_the_scholarship_sends_no_person_to_the_first() -> None:
    [scholarship] = [spec for spec in SPECS if spec.code == "national_scholarship"]
    for stage, code in product(scholarship.stages, ("first", "second")):
        for template in stage.templates:
            if stage.on == NOT_YOURS:
                continue
            payload = {item.name: sample(item) for item in scholarship.fields} | {"round": code}
            text = shown(scholarship, template, payload, 1 if stage.on == "date" else None)
            if code == "second":
                assert "1차에" not in text and "in the first round" not in text


@in_one_test(
    ("spec", "stage"),
    [
        pytest.param(spec, stage, id=f"{spec.code}-{stage.code}")
        for spec in SPECS
        if spec.payable
        for stage in spec.stages
    ],
)
def test_two_fines_of_one_day_can_be_distinguished_in_every_channel(spec: DataTypeSpec, stage: StageSpec) -> None:
    if stage.on == NOT_YOURS:
        return  # no field of the record may be in it
    first = {item.name: sample(item) for item in spec.fields}
    [left, *_] = days_left(stage)
    for template in stage.templates:
        texts = {
            shown(spec, template, {**first, "violated_at": f"2026-03-02T{hour}:05:00+09:00", "place": place}, left)
            for hour, place in (("09", "세종대로 사거리"), ("18", "종로 3가"))
        }
        assert len(texts) == 2, (template.channel, template.language, texts)
