"""Test that a line is sent where its values exist and its conditions hold, and that all variants are known."""

from datetime import date
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscriptions.message_templates import (
    BadPlaceholder,
    check,
    check_template,
    compile_lines,
    facts_of,
    preview,
    variants,
)
from subscriptions.message_templates.conditions import read_condition
from subscriptions.message_templates.limits import Limit
from subscriptions.specs import FieldSpec, StageSpec, Words

SAME = Words("x", "x")
CHOICES = (("review", Words("심사 중", "in review")), ("granted", Words("선정", "granted")))
FIELDS = (
    FieldSpec("amount", "won", "금액", SAME, sample="40000"),
    FieldSpec("phone", "phone", "전화", SAME, required=False, sample="02-000-0000"),
    FieldSpec("place", "text", "장소", SAME, required=False, sample="서울의료원", required_for=("booked",)),
    FieldSpec("result", "choice", "결과", SAME, required=False, choices=CHOICES, sample="review"),
    FieldSpec("due_on", "date", "기한", SAME, date_slot=1, deadline=True, sample="2026-08-15"),
    FieldSpec("secret", "text", "비밀", SAME, private=True, sample="x"),
)
OPENED = StageSpec("issued", SAME, "opened")
END = "\n확인코드 #{확인코드}"
DAY = date(2026, 3, 10)


def shown(text: str, *, born: date | None = None, day: date = DAY, days_left: int | None = None, **payload: Any) -> str:
    values = {"전화": "", "장소": "", "결과": "", "기한": "", "이름": "홍길동"}
    values |= {item.placeholder: str(payload[item.name]) for item in FIELDS if item.name in payload}
    facts = facts_of(FIELDS, payload, day=day, born=born, days_left=days_left)
    return compile_lines(text).fill(values, facts)


def codes(
    body: str, *, title: str = "안내", channel: str = "kakaotalk", stage: StageSpec = OPENED, **how: Any
) -> list[str]:
    return [problem.code for problem in check_template(body, title, channel, "ko", FIELDS, stage, **how)]


def test_a_line_vanishes_with_its_value_and_leaves_no_hole() -> None:
    text = "#{이름}님\n\n- 전화: #{전화}\n\n- 장소: #{장소}\n끝"
    assert shown(text) == "홍길동님\n\n끝"
    assert shown(text, phone="119") == "홍길동님\n\n- 전화: 119\n\n끝"
    assert shown(text, phone="119", place="서울") == "홍길동님\n\n- 전화: 119\n\n- 장소: 서울\n끝"


@pytest.mark.parametrize(
    ("condition", "payload", "holds"),
    [
        ("만나이 75 이상", {"born": date(1951, 3, 10)}, True),
        ("만나이 75 이상", {"born": date(1951, 3, 11)}, False),  # 75 tomorrow
        ("연나이 75 이상", {"born": date(1951, 12, 31)}, True),
        ("연나이 75세 이상", {"born": date(1952, 1, 1)}, False),
        ("만나이 75 미만", {}, False),  # an unknown age meets no condition
        ("만나이 75 이상", {}, False),
        ("월 = 3, 4", {}, True),
        ("월 = 11월, 12월", {}, False),
        ("월 아님 11, 12", {}, True),
        ("남은일수 = 0", {"days_left": 0}, True),
        ("남은일수 1 이상", {"days_left": 0}, False),
        ("금액 300,000 이상", {"amount": 300_000}, True),
        ("금액 300,000원 초과", {"amount": 300_000}, False),
        ("금액 300,000 이하", {"amount": 300_000}, True),
        ("전화 있음", {"phone": "119"}, True),
        ("전화 있음", {}, False),
        ("전화 없음", {}, True),
        ("장소 포함 서울, 부산", {"place": "부산의료원"}, True),
        ("장소 미포함 서울, 부산", {"place": "대구의료원"}, True),
        ("장소 미포함 서울", {}, False),
        ("결과 = 심사 중", {"result": "review"}, True),
        ("결과 = review", {"result": "review"}, True),
        ("결과 아님 in review", {"result": "granted"}, True),
        ("기한 지남", {"due_on": "2026-03-09"}, True),
        ("기한 지남", {"due_on": "2026-03-08"}, True),  # a Sunday: it ended on the 9th
        ("기한 남음", {"due_on": "2026-03-10"}, True),
    ],
)
def test_a_line_stands_where_its_condition_holds(condition: str, payload: dict[str, Any], holds: bool) -> None:
    assert shown(f"처음\n#{{?{condition}}} 그 줄\n끝", **payload) == ("처음\n그 줄\n끝" if holds else "처음\n끝")


def test_a_deadline_is_over_when_its_moved_day_is() -> None:
    """15 August 2026 is a Saturday, the 17th the substitute holiday: 민법 §161."""
    text = "#{?기한 지남}지났습니다.\n#{?기한 남음}남았습니다."
    assert shown(text, day=date(2026, 8, 18), due_on="2026-08-15") == "남았습니다."
    assert shown(text, day=date(2026, 8, 19), due_on="2026-08-15") == "지났습니다."


def test_several_conditions_must_all_hold() -> None:
    text = "#{?만나이 65 이상}#{?만나이 75 미만} 권장합니다.\n끝"
    assert shown(text, born=date(1956, 3, 10)) == "권장합니다.\n끝"
    assert shown(text, born=date(1951, 3, 10)) == "끝"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("#{?만나이}", "condition"),
        ("#{?만나이 많음}", "condition"),
        ("#{?}", "condition"),
        ("먼저 #{?전화 있음} 나중", "condition_place"),
        ("#{?전화 있음", "unclosed"),
    ],
)
def test_a_condition_that_cannot_be_read_is_refused(line: str, reason: str) -> None:
    with pytest.raises(BadPlaceholder) as raised:
        compile_lines(line)
    assert raised.value.reason == reason
    assert reason in codes(f"{line}{END}")


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("#{?비밀 있음} x", "condition_name"),
        ("#{?주소 있음} x", "condition_name"),
        ("#{?남은일수 = 0} x", "days_left"),
        ("#{?장소 3 이상} x", "condition_kind"),
        ("#{?기한 = 3} x", "condition_kind"),
        ("#{?월 = 삼} x", "condition_kind"),
        ("#{?결과 = 거절} x", "condition_kind"),
        ("#{?월 있음} x", "condition_kind"),
    ],
)
def test_a_condition_about_an_unknown_field_is_refused(line: str, code: str) -> None:
    assert codes(f"{line}{END}") == [code]


def test_a_condition_is_not_about_the_record_where_that_is_another_persons() -> None:
    stage = StageSpec("not_yours", SAME, "not_yours")
    body = "#{?금액 있음} x\n#{앞선날짜} #{앞선확인코드} #{확인코드}"
    assert codes(body, stage=stage) == ["condition_name"]


def test_the_check_code_is_in_every_text() -> None:
    assert codes("#{금액}\n#{전화} 확인코드 #{확인코드}") == ["check_code"]


def test_a_label_of_which_nothing_is_left_is_refused() -> None:
    assert codes(f"연락처:\n#{{전화}}\n\n#{{금액}}{END}") == ["dangling"]
    assert codes(f"#{{?전화 있음}}연락처:\n#{{전화}}\n\n#{{금액}}{END}") == []


def test_a_title_shows_no_value_that_may_be_missing() -> None:
    assert codes(f"#{{금액}}{END}", title="#{장소} 안내") == ["title_changes"]


def test_a_vendor_is_asked_to_approve_eight_texts_at_most_and_a_text_message_has_no_template() -> None:
    body = f"#{{전화}}\n#{{장소}}\n#{{결과}}\n#{{?월 = 3}}봄입니다.{END}"
    assert codes(body) == ["variants"]
    assert codes(body, channel="sms") == []
    assert codes("#{전화}\n#{장소}\n#{결과}" + END) == []


def test_a_sensitive_type_shows_nothing_on_a_locked_phone() -> None:
    body = f"#{{장소}} 예약\n#{{금액}}{END}"
    assert codes(body) == []
    assert codes(body, sensitive=True) == ["lock_screen"]
    assert codes(f"#{{이름}}님 안내입니다.\n#{{장소}} 예약{END}", sensitive=True) == []
    assert "lock_screen" in codes(f"안내{END}", title="#{금액|을/를} 안내", sensitive=True)


def test_a_field_that_an_event_requires_is_never_missing_at_its_stage() -> None:
    body = f"#{{장소}}{END}"
    assert len(variants(body, FIELDS, OPENED)) == 2
    assert len(variants(body, FIELDS, StageSpec("booked", SAME, "event", event="booked"))) == 1


def test_the_days_left_are_those_that_a_stage_can_have() -> None:
    body = f"#{{?남은일수 1 이상}}#{{남은일수}}일 남았습니다.\n#{{?남은일수 = 0}}오늘까지입니다.{END}"
    assert len(variants(body, FIELDS, StageSpec("d3", SAME, "date", field="due_on", days=-3))) == 2
    assert len(variants(body, FIELDS, StageSpec("d0", SAME, "date", field="due_on", days=0))) == 1


LINES = (
    "- 전화: #{전화}",
    "#{장소}에서 #{결과}",
    "#{?월 = 3}봄",
    "#{?월 아님 3}봄 아님",
    "#{?전화 없음}전화 없음",
    "",
    "늘",
)


@given(st.lists(st.sampled_from(LINES), max_size=6), st.integers(1, 12), st.tuples(*[st.booleans()] * 3))
def test_whatever_a_record_lacks_its_text_is_one_of_those_that_were_approved(
    lines: list[str], month: int, there: tuple[bool, bool, bool]
) -> None:
    text = "\n".join([*lines, "확인코드 #{확인코드}"])
    known = {item.text.text for item in variants(text, FIELDS, OPENED)}
    names = [name for name, is_there in zip(("phone", "place", "result"), there, strict=True) if is_there]
    payload = {"phone": "119", "place": "서울", "result": "review"}
    payload = {name: payload[name] for name in names}
    values = {"전화": payload.get("phone", ""), "장소": payload.get("place", ""), "결과": payload.get("result", "")}
    facts = facts_of(FIELDS, payload, day=date(2026, month, 10))
    assert compile_lines(text).pick(values, facts).text in known


def test_the_preview_shows_the_text_without_any_optional_value_and_without_each() -> None:
    shown = preview(f"#{{금액}}\n전화 #{{전화}}\n장소 #{{장소}}{END}", "안내", "kakaotalk", "ko", FIELDS, OPENED)
    assert [item.text for item in shown.emptied] == [
        "40,000원\n확인코드 K7MP-2QX9-3HVC",
        "40,000원\n장소 서울의료원\n확인코드 K7MP-2QX9-3HVC",
        "40,000원\n전화 02-000-0000\n확인코드 K7MP-2QX9-3HVC",
    ]
    assert len(shown.texts) == 4


def test_no_condition_is_read_in_two_ways() -> None:
    for name, (sign, operand) in product(("금액", "위반 장소"), (("이상", "3"), ("있음", ""), ("포함", "가, 나"))):
        written = f"{name} {operand} {sign}" if sign == "이상" else f"{name} {sign} {operand}".strip()
        found = read_condition(written)
        assert (found.name, found.sign) == (name, sign)


def test_a_text_that_has_passed_is_not_read_again_and_passes_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    body = f"#{{이름}}님, 금액 #{{금액}}입니다.{END}"
    assert codes(body) == []
    read: list[str] = []
    whole = check._check_text

    def look(text: str, where: str) -> Any:
        read.append(text)
        return whole(text, where)

    monkeypatch.setattr(check, "_check_text", look)
    assert (codes(body), read) == ([], [])
    assert codes(f"{body} #{{없음}}") == codes(f"{body} #{{없음}}") == ["unknown"]
    assert len(read) == 4, "what has a problem is described each time"
    assert codes(body, title="금액 #{금액}", sensitive=True) == ["lock_screen", "lock_screen"]
    assert codes(body, channel="toss", title="") == ["title_missing"]
    monkeypatch.setattr(check, "limits", lambda _: Limit(max_chars=10))
    assert codes(body) == ["chars"], "an adapter has a limit of its own"
