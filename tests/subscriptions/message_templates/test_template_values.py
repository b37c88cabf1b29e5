"""Test how a notice writes an agency's values: names with a dot, and legal deadlines."""

from typing import Any

import pytest

from secretary.kernel.korean.korean import with_particle
from subscriptions.message_templates import preview
from subscriptions.message_templates.values import writer
from subscriptions.specs import FieldSpec, Words


@pytest.mark.parametrize(
    ("day", "ko", "en"),
    [
        ("2026-05-01", "2026. 5. 4.(월, 고지서에는 5. 1.)", "Mon, 4 May 2026 (bill: 1 May)"),
        ("2026-05-04", "2026. 5. 4.(월)", "Mon, 4 May 2026"),
        ("2026-09-25", "2026. 9. 28.(월, 고지서에는 9. 25.)", "Mon, 28 September 2026 (bill: 25 Sep)"),
    ],
)
def test_a_legal_deadline_says_the_day_on_which_it_ends_and_the_agencys_own_where_that_is_another(
    day: Any, ko: Any, en: Any
) -> None:
    due = FieldSpec("due_on", "date", "납부기한", Words("납부기한", "Due date"), date_slot=1, deadline=True)
    assert (writer(due, "ko")(day), writer(due, "en")(day)) == (ko, en)
    assert with_particle(writer(due, "ko")("2026-05-01"), "은/는").endswith("은")


@pytest.mark.parametrize(("channel", "warned"), [("kakaotalk", ["value_chars"]), ("sms", []), ("naver", [])])
def test_the_editor_says_which_values_may_be_too_long_for_a_new_account(channel: Any, warned: Any) -> None:
    """NHN's code -1028: a day with its hour has more than 14 characters, a telephone number has not."""
    when = FieldSpec("at", "datetime", "일시", Words("일시", "When"), sample="2026-03-14T14:00:00+09:00")
    phone = FieldSpec("phone", "phone", "전화", Words("전화", "Phone"), sample="02-000-0000")
    shown = preview("#{일시} #{전화} 확인코드 #{확인코드}", "", channel, "ko", [when, phone])
    found = [warning for warning in shown.warnings if warning.code != "site"]
    assert [warning.code for warning in found] == warned
    assert all("일시" in str(warning) and "전화" not in str(warning) for warning in found)


def test_a_preview_of_a_text_message_shows_and_counts_what_is_really_sent() -> None:
    place = FieldSpec("place", "text", "장소", Words("장소", "Place"), sample="Café – 2층")
    shown = preview("#{장소}", "", "sms", "ko", [place])
    assert (shown.text, shown.bytes) == ("Cafe - 2층", 10)
    assert preview("#{장소}", "", "kakaotalk", "ko", [place]).text == "Café – 2층"
