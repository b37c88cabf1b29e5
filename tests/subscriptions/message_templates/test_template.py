"""Test compiling, filling, checking and previewing message templates, of which nothing is ever executed."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretary.kernel.korean.korean import with_particle
from secretary.kernel.persons.person_names import MAX_NAME
from subscriptions.message_templates import (
    BadPlaceholder,
    MissingValue,
    builtin_values,
    check_template,
    compile_fields,
    compile_template,
    format_fields,
    preview,
)
from subscriptions.specs import FieldSpec, StageSpec, Words
from tests.support.present import present

FIELDS = (
    FieldSpec("violation", "text", "위반내용", Words("위반 내용", "Violation"), max_length=40, sample="신호 위반"),
    FieldSpec("vehicle", "text", "차량번호", Words("차량번호", "Plate"), private=True, sample="00가0000"),
    FieldSpec("amount", "won", "금액", Words("금액", "Amount"), sample="40000"),
    FieldSpec("due_on", "date", "납부기한", Words("납부기한", "Due date"), date_slot=1, sample="2026-04-02"),
    FieldSpec("at", "datetime", "일시", Words("일시", "When"), required=False),
    FieldSpec("kind", "choice", "종류", Words("종류", "Kind"), choices=(("a", Words("동의", "consent")),), sample="a"),
)
OPENED = StageSpec("issued", Words("발생", "Issued"), "opened")
GOOD = "#{이름}님, #{금액}을 #{납부기한}까지 납부해 주세요. 문의 #{문의} 확인코드 #{확인코드}"


def codes(body: Any, title: Any = "", channel: Any = "kakaotalk", stage: Any = OPENED) -> Any:
    return [problem.code for problem in check_template(body, title, channel, "ko", FIELDS, stage)]


# Filling


def test_placeholders_are_filled_and_particles_fit_the_value() -> None:
    compiled = compile_template("#{위반내용|으로/로} #{금액|이/가} 나왔습니다. 100% #{이름}님")
    filled = compiled.fill({"위반내용": "과속", "금액": "40,000원", "이름": "홍길동"})
    assert filled == "과속으로 40,000원이 나왔습니다. 100% 홍길동님"
    assert compiled.placeholders == ("위반내용", "금액", "이름")


def test_vendors_get_the_values_under_the_placeholder_as_written() -> None:
    compiled = compile_template("#{위반내용|을/를} #{위반내용}")
    assert compiled.keyed({"위반내용": "서류"}) == {"위반내용을": "서류를", "위반내용": "서류"}


@pytest.mark.parametrize(
    "value", ["#{이름}", "{{ settings.SECRET_KEY }}", "{0.__class__}", "%s %(이름)s", "%", "\\g<0>"]
)
def test_a_value_is_never_read_as_a_template(value: Any) -> None:
    assert compile_template("#{금액}, #{이름}").fill({"금액": value, "이름": "홍"}) == f"{value}, 홍"
    assert compile_template("#{금액}").fill({"금액": value}) == value


def test_a_missing_value_is_named() -> None:
    with pytest.raises(MissingValue, match="금액"):
        compile_template("#{금액} #{이름}").fill({"이름": "홍길동"})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("#{이름", "unclosed"),
        ("#{이름 #{금액}", "unclosed"),
        ("#{}", "name"),
        ("#{이름.__class__}", "name"),
        ("#{이름\n}", "name"),
        ("#{이름|upper}", "particle"),
        ("#{이름|}", "particle"),
    ],
)
def test_a_placeholder_that_cannot_be_read_is_refused(text: Any, reason: Any) -> None:
    with pytest.raises(BadPlaceholder) as raised:
        compile_template(text)
    assert raised.value.reason == reason


NAMES = st.sampled_from(["이름", "금액", "납부기한", "위반내용"])
LITERALS = st.text(st.characters(exclude_characters="#{}"))


@given(st.lists(st.one_of(NAMES.map(lambda name: (name, True)), LITERALS.map(lambda text: (text, False)))), st.data())
def test_compiling_and_filling_gives_the_text_with_its_values(parts: Any, data: Any) -> None:
    values = {name: data.draw(st.text(), label=name) for name in ("이름", "금액", "납부기한", "위반내용")}
    text = "".join(f"#{{{part}}}" if is_name else part for part, is_name in parts)
    compiled = compile_template(text)
    expected = "".join(values[slot] if slot else part for part, slot in _pieces(compiled))
    assert compiled.fill(values) == expected
    assert list(compiled.placeholders) == list(dict.fromkeys(part for part, is_name in parts if is_name))


def _pieces(compiled: Any) -> Any:
    for literal, slot in zip(compiled.literals, [*compiled.slots, None], strict=True):
        yield literal, ""
        if slot:
            yield "", slot.name


@given(st.text())
def test_hostile_text_is_compiled_or_refused_and_never_anything_else(text: Any) -> None:
    try:
        compiled = compile_template(text)
    except BadPlaceholder:
        return
    filled = compiled.fill(dict.fromkeys(compiled.placeholders, "x"))
    slots = [with_particle("x", slot.pair) if slot.pair else "x" for slot in compiled.slots]
    assert filled == "".join(literal + slot for literal, slot in zip(compiled.literals, [*slots, ""], strict=True))


@given(st.text(), st.text(), st.sampled_from(["sms", "kakaotalk", "naver", "toss"]))
def test_hostile_text_is_checked_and_previewed_without_an_error(body: Any, title: Any, channel: Any) -> None:
    shown = preview(body, title, channel, "ko", FIELDS, OPENED)
    assert shown.problems == check_template(body, title, channel, "ko", FIELDS, OPENED)


# Fields


def test_fields_are_written_for_people_and_private_ones_are_left_out() -> None:
    payload = {"violation": "신호 위반", "vehicle": "00가0000", "amount": 40000, "due_on": "2026-04-02", "kind": "a"}
    assert format_fields(FIELDS, payload, "ko") == {
        "위반내용": "신호 위반",
        "금액": "40,000원",
        "납부기한": "2026. 4. 2.(목)",
        "일시": "",
        "종류": "동의",
    }
    assert format_fields(FIELDS, payload, "en")["납부기한"] == "Thu, 2 April 2026"


@pytest.mark.parametrize("written", ["2026-04-02 14:00", "2026-04-02T14:00:00+09:00", "2026-04-02T05:00:00+00:00"])
def test_a_datetime_without_an_offset_is_korean_time(written: Any) -> None:
    assert compile_fields(FIELDS[4:5], "ko")({"at": written}) == {"일시": "2026. 4. 2.(목) 오후 2:00"}


def test_a_text_field_stays_one_clean_line_of_its_length() -> None:
    [filled] = compile_fields(FIELDS[:1], "ko")({"violation": "가\n\u202e나\x00" + "다" * 100_000}).values()
    assert filled == "가 나" + "다" * 36 + "…"


def test_a_field_survives_its_json() -> None:
    for field in FIELDS:
        assert FieldSpec.from_json(field.to_json()) == field


# Checks


def test_a_good_template_has_no_problem() -> None:
    assert codes(GOOD) == []


@pytest.mark.parametrize(
    ("addition", "code"),
    [
        ("{{ 이름 }}", "code"),
        ("{% load x %}", "code"),
        ("${이름}", "code"),
        ("%(이름)s", "code"),
        ("<script>", "code"),
        ("&lt;", "code"),
        ("}", "code"),
        ("#{이름.pk}", "name"),
        ("#{이름|upper}", "particle"),
        ("#{이름", "unclosed"),
        ("#{주민번호}", "unknown"),
        ("#{차량번호}", "private"),
        ("#{남은일수}", "days_left"),
        ("\u200b", "hidden"),
        ("\x00", "hidden"),
        ("\u202e", "hidden"),
    ],
)
def test_what_does_not_belong_into_a_template_is_refused(addition: Any, code: Any) -> None:
    assert code in codes(f"{GOOD} {addition}")


@pytest.mark.parametrize(
    "link",
    [
        "https://example.com",
        "HTTP://EXAMPLE.COM/pay",
        "javascript:alert(1)",
        "www.example",
        "example.kr",
        "han.gl/abcd",
        "bit.ly/3xYz",
        "국민비서.한국",
        "ｗｗｗ．ｅｘａｍｐｌｅ．ｃｏｍ",
        "example。com",
        "exam\u200bple.com",
        "192.168.0.1",
        "me@example.com",
        "www#{이름}.com",
        "exam#{이름}ple.com",
        "intent:pay",
    ],
)
def test_links_are_refused_in_every_disguise(link: Any) -> None:
    assert "link" in codes(f"{GOOD} {link}")


@pytest.mark.parametrize(
    "text", ["오후 2.5시간", "2026. 3. 14.(토)", "No.3", "e.g. 3", "(02) 0000-0000", "1.2%씩", "내 주세요. 문의"]
)
def test_ordinary_text_is_no_link(text: Any) -> None:
    assert codes(f"{GOOD} {text}") == []


def test_the_check_code_must_be_there() -> None:
    assert codes("#{이름}님, 안녕하세요.") == ["check_code"]


def test_an_empty_template_is_refused() -> None:
    assert "empty" in codes("  \n ")


def test_a_title_is_one_line_and_toss_needs_one() -> None:
    assert "line_break" in codes(GOOD, title="가\n나")
    assert "title_missing" in codes("확인코드 #{확인코드}", channel="toss")


CODE = len("K7MP-2QX9-3HVC")


def test_lengths_are_counted_with_the_longest_values() -> None:
    assert codes("가" * 180 + "#{확인코드}", title="가", channel="toss") == []
    assert codes("가" * 180 + "#{위반내용}#{확인코드}", title="가", channel="toss") == ["chars"]
    assert codes("가" * (1000 - CODE) + "#{확인코드}") == []
    assert codes("가" * (1001 - CODE) + "#{확인코드}") == ["chars"]


def test_a_template_carries_every_name_that_signing_up_accepts() -> None:
    body = "#{이름}님 확인코드 #{확인코드} "
    used = len(body) - len("#{이름}#{확인코드}") + MAX_NAME + CODE
    assert codes(body + "가" * (1000 - used)) == []
    assert codes(body + "가" * (1001 - used)) == ["chars"]


def test_text_messages_are_counted_in_euc_kr_bytes() -> None:
    assert codes("가" * ((2000 - CODE) // 2) + "#{확인코드}", channel="sms") == []
    assert codes("가" * ((2000 - CODE) // 2 + 1) + "#{확인코드}", channel="sms") == ["bytes"]
    assert codes(GOOD, title="가" * 21, channel="sms") == ["bytes"]


def test_text_messages_refuse_what_phones_cannot_show() -> None:
    found = check_template(f"{GOOD} 똠😀", "", "sms", "ko", FIELDS, OPENED)
    assert [problem.code for problem in found] == ["euc_kr"]
    assert "똠😀" in str(found[0])


def test_a_hundred_kilobytes_are_refused_before_they_are_read() -> None:
    assert "too_long" in codes("가" * 100_000)


def test_days_left_works_in_a_stage_that_hangs_on_a_date() -> None:
    stage = StageSpec("d3", Words("3일 전", "D-3"), "date", field="due_on", days=-3)
    assert codes(f"{GOOD} #{{남은일수}}일", stage=stage) == []


# Preview


def test_a_preview_is_filled_like_a_notice_and_counts() -> None:
    shown = preview(GOOD, "안내", "sms", "ko", FIELDS, OPENED)
    assert shown.text == "홍길동님, 40,000원을 2026. 4. 2.(목)까지 납부해 주세요. 문의 182 확인코드 K7MP-2QX9-3HVC"
    assert (shown.chars, shown.kind, shown.problems) == (len(shown.text), "SMS", [])
    assert shown.bytes == len(shown.text.encode("euc-kr"))
    assert present(shown.bytes_longest) > present(shown.bytes)


def test_a_preview_names_the_agency_that_is_given() -> None:
    shown = preview("#{기관} #{문의}", "", "naver", "en", FIELDS, agency=Words("질병관리청", "KDCA"), contact="1339")
    assert shown.text == "KDCA 1339"


def test_a_preview_of_a_broken_template_shows_what_was_typed() -> None:
    shown = preview("#{이름 😀", "", "sms", "ko", FIELDS)
    assert (shown.text, shown.bytes) == ("#{이름 😀", None)


def test_built_in_values() -> None:
    values = builtin_values(name="홍길동", check_code="K7MP-2QX9-3HVC", agency="경찰청", contact="182", days_left=3)
    assert values == {"이름": "홍길동", "확인코드": "K7MP-2QX9-3HVC", "기관": "경찰청", "문의": "182", "남은일수": "3"}
