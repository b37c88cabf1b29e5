"""Test the template for former subjects: no field of the record, and a reference to the notice that it corrects."""

from datetime import date

from subscriptions.message_templates import earlier_values
from subscriptions.specs import StageSpec, Words
from tests.subscriptions.message_templates.test_template import GOOD, OPENED, codes

NOT_YOURS = StageSpec("not_yours", Words("다른 분의 건", "Not yours"), "not_yours")
CORRECTION = "#{이름}님, #{앞선날짜} 안내(#{앞선확인코드})는 다른 분의 건입니다. #{기관} #{문의} 확인코드 #{확인코드}"


def test_who_is_notified_that_a_record_was_not_theirs_reads_nothing_of_it() -> None:
    assert codes(CORRECTION, stage=NOT_YOURS) == []
    for field in ("#{금액}", "#{납부기한}", "#{위반내용}"):
        assert codes(f"{CORRECTION} {field}", stage=NOT_YOURS) == ["not_yours"]
    assert "private" in codes(f"{CORRECTION} #{{차량번호}}", stage=NOT_YOURS)
    assert codes(f"{CORRECTION} #{{남은일수}}", stage=NOT_YOURS) == ["days_left"]


def test_they_can_find_the_notice_that_it_corrects() -> None:
    assert codes(CORRECTION.replace("(#{앞선확인코드})", ""), stage=NOT_YOURS) == ["earlier_code"]
    assert codes(f"{GOOD} #{{앞선날짜}}", stage=OPENED) == ["earlier"]


def test_the_earlier_notice_is_named_by_its_code_and_its_day() -> None:
    earlier = earlier_values(check_code="K7MP-2QX9-3HVC", day=date(2026, 3, 2), language="en")
    assert earlier == {"앞선확인코드": "K7MP-2QX9-3HVC", "앞선날짜": "Mon, 2 March 2026"}
