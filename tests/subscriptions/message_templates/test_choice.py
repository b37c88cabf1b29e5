"""A choice is kept by everything that it depends on, and never by what an agency writes about a person."""

from datetime import date
from typing import Any

from subscriptions.message_templates import Choice, compile_lines, facts_of
from subscriptions.specs import FieldSpec, Words

DAY = date(2026, 3, 14)


def spec(name: str, kind: str) -> FieldSpec:
    return FieldSpec(name=name, type=kind, placeholder=name, label=Words(name, name))  # type: ignore[arg-type]


FIELDS = (spec("기한", "date"), spec("금액", "won"))
BODY = (
    "#{이름}님\n#{?기한 남음}#{기한}까지\n#{?금액 1000 이상}#{금액}\n#{?만나이 75 이상}댁으로\n"
    "#{?남은일수 3 이하}곧\n#{?월 = 4}사월\n#{장소}"
)


def test_it_is_the_same_again_and_another_where_anything_differs() -> None:
    choice = Choice(compile_lines("제목"), compile_lines(BODY), FIELDS)
    values = {"이름": "홍길동", "기한": "오늘", "금액": "1,000원", "장소": "강남구"}
    payload: dict[str, Any] = {"기한": "2026-03-20", "금액": 1000}
    usual: dict[str, Any] = {"day": DAY, "born": date(1950, 1, 1), "days_left": 6}
    others = (
        (values, payload, usual),
        (values | {"장소": ""}, payload, usual),
        (values, payload | {"기한": "2026-03-13"}, usual),
        (values, payload | {"금액": 999}, usual),
        (values, payload, usual | {"born": date(1990, 1, 1)}),
        (values, payload, usual | {"days_left": 2}),
        (values, payload, usual | {"day": date(2026, 4, 1)}),
    )
    expected = [(1, compile_lines(BODY).shown(some, facts_of(FIELDS, record, **when))) for some, record, when in others]
    assert len(set(expected)) == len(others)
    for _ in range(2):  # the second time from what was kept
        assert [choice.lines(some, record, **when) for some, record, when in others] == expected
    assert len(choice._kept) == len(others)


def test_words_of_a_record_are_not_kept() -> None:
    fields = (spec("내용", "text"),)
    body = compile_lines("가\n#{?내용 포함 주차}나")
    choice = Choice(compile_lines(""), body, fields)
    assert choice.lines({"내용": "주차"}, {"내용": "불법 주차"}, day=DAY) == (1, 3)
    assert choice.lines({"내용": "속도"}, {"내용": "속도 위반"}, day=DAY) == (1, 1)
    assert not choice._kept
