"""Messages of one template that are composed together are those that each attempt would get alone, whatever its record
holds."""

from datetime import date
from typing import Any

import orjson
import pytest

from notifications.channels.contract import Message
from notifications.delivery.by_columns.compose_many import OF_ONE, compose_many
from notifications.delivery.check_codes import check_codes
from notifications.delivery.claim import Claimed, claim
from notifications.delivery.compose import NoTemplate, approved, compose
from notifications.delivery.fit import Unfit
from notifications.matching.match import match_everything
from notifications.models import Record
from secretary.kernel.secrets.encryption import cipher
from secretary.kernel.time.clock import kst_date
from subscriptions.models import DataType, DataTypeVersion, MessageTemplate, TemplateVariant
from tests.notifications.cast import MORNING, enrol, ingest, make_data_type, record, templates

pytestmark = pytest.mark.django_db
TODAY, ANCHOR = kst_date(MORNING), date(2026, 3, 13)  # its stage is three days before
TITLE = "#{위반내용} 안내"
BODY = """[국민비서] #{이름}님, #{위반내용|은/는} 100% #{금액|을/를} #{남은일수}일 안에
#{?남은일수 3 이하}서둘러 주세요
#{?금액 50000 이상}나눠 낼 수 있습니다
#{?출석일시 지남}출석일이 지났습니다
출석: #{출석일시}
기한 #{납부기한} #{기관} #{문의} #{확인코드}"""
PRICED = "#{이름}님, 오늘 #{지금금액}, #{지금기한}까지\n그 뒤 #{다음금액}\n#{확인코드} #{남은일수}"
FIELDS = {"violation": "신호위반", "amount": 40000, "due_on": "2026-04-02"}
VALUES: dict[str, tuple[Any, ...]] = {
    "violation": (
        *("", None, " ", 3, ["신호"], "가" * 40, "가" * 90, "a.b 위반", "http://evil.kr 위반", "Dr.Kim", "두\n줄"),
        *("똠방", "é", "鬱", "#{이름}", "100%", "%s", '"', "①", "\ud55c\u200b글"),
    ),
    "amount": (0, 1, 50_000, -5, 10**15, None, "", "40000", True, 1.5, {}),
    "due_on": ("2026-05-02", "2026-05-01", "", None, "2026-02-30", "내일", 20260402),
    "hearing_at": ("2026-04-01T10:00:00+09:00", "2026-03-01T10:00", "2026-03-10", "", None, "x", 5),
    "plate": ("12가3456", 7),
    "unknown": ("x",),
}


def attempt_of(channel: str, body: str = BODY, title: str = TITLE) -> Claimed:
    """Return the attempt of a notice with these texts, which vendors have approved with all their variants."""
    kind = make_data_type()
    theirs = MessageTemplate.objects.filter(stage__code="due_soon")
    theirs.update(body=body)
    theirs.exclude(channel="sms").update(title=title)
    DataTypeVersion.objects.update(digest="other texts")
    templates()
    enrol(1, kind, channels=[channel], toss_user_key="443000001")
    ingest(record(1))
    match_everything(now=MORNING)
    [attempt] = claim(now=MORNING).attempts
    template = theirs.get(channel=channel, language="ko")
    return attempt._replace(anchor=ANCHOR, template_id=template.pk, template_code=template.vendor_template)


def holding(attempt: Claimed, payload: Any, **other: Any) -> Claimed:
    """Return the same attempt about a record with this payload."""
    bound_to = Record.payload_bound_to("knpa", attempt.external_id)
    sealed = cipher().encrypt(orjson.dumps(payload), bound_to=bound_to)
    return attempt._replace(payload_encrypted=memoryview(sealed), **other)


def several(attempt: Claimed, *odd: Claimed) -> list[Claimed]:
    """Return four usual attempts and these, each with numbers of its own."""
    usual = [holding(attempt, {**FIELDS, "amount": 1000 * nth}) for nth in range(1, 5)]
    return [each._replace(delivery_id=nth, notice_id=100 + nth) for nth, each in enumerate([*usual, *odd])]


def together(attempts: list[Claimed]) -> list[Message | None]:
    codes = check_codes([each.notice_id for each in attempts])
    return compose_many(attempts, codes, contents=approved(each.template_id for each in attempts), day=TODAY)


def alone(attempt: Claimed) -> Message | Exception:
    content = approved([attempt.template_id])[attempt.template_id]
    try:
        return compose(attempt, content=content, template_code=attempt.template_code, day=TODAY)
    except Exception as error:
        return error


def compare(attempts: list[Claimed]) -> None:
    """All that are composed together read as alone; none is left that could be, where no record breaks composing."""
    composed, by_themselves = together(attempts), [alone(each) for each in attempts]
    for one, expected in zip(composed, by_themselves, strict=True):
        assert one is None or one == expected
    if not any(isinstance(each, OF_ONE) for each in by_themselves):
        assert None not in composed[:4]


@pytest.mark.parametrize("channel", ["kakaotalk", "toss", "sms"])
def test_messages_composed_together_are_those_composed_alone(channel: str) -> None:
    attempt = attempt_of(channel)
    odd = [{**FIELDS, name: value} for name, values in VALUES.items() for value in values]
    odd += [{name: value for name, value in FIELDS.items() if name != missing} for missing in FIELDS]
    for payload in (*odd, {}, [], "x"):
        compare(several(attempt, holding(attempt, payload)))
    composable = [each for payload in odd if not isinstance(alone(each := holding(attempt, payload)), (*OF_ONE, Unfit))]
    assert len(composable) > 20
    other_days = [attempt._replace(anchor=day) for day in (TODAY, date(2026, 3, 11), date(2027, 1, 1))]
    compare(several(attempt, *composable, *[holding(each, FIELDS) for each in other_days]))


def test_what_is_not_usual_is_left_to_be_composed_alone() -> None:
    attempt = attempt_of("kakaotalk")
    usual = holding(attempt, FIELDS)
    left = [
        usual._replace(last_resort=True),
        usual._replace(payload_encrypted=None),
        usual._replace(earlier=7),
        usual._replace(told_encrypted=usual.payload_encrypted),
        usual._replace(anchor=None),  # by itself: it has no days left
    ]
    composed = together(several(attempt, *left))
    assert None not in composed[:4] and composed[4:] == [None] * 5
    assert together(several(attempt)[:3]) == [None] * 3  # too few


def test_one_that_was_moved_to_another_row_keeps_no_other_from_going_out() -> None:
    attempt = attempt_of("kakaotalk")
    attempts = several(attempt, holding(attempt, FIELDS)._replace(citizen_id="another"))
    assert together(attempts) == [None] * 5
    assert [type(alone(each)) for each in attempts[:4]] == [Message] * 4


def test_a_text_without_a_code_is_left_alone_and_the_others_are_not() -> None:
    attempt = attempt_of("kakaotalk")
    heard = holding(attempt, {**FIELDS, "hearing_at": "2026-04-01T10:00:00+09:00"})
    assert isinstance(alone(heard), Message)
    TemplateVariant.objects.filter(template=attempt.template_id).exclude(vendor_template=alone_code(attempt)).update(
        vendor_template=""
    )
    compare(several(attempt, heard))
    assert isinstance(alone(holding(attempt, {**FIELDS, "amount": 60_000})), NoTemplate)
    compare(several(attempt, holding(attempt, {**FIELDS, "amount": 60_000})))


def alone_code(attempt: Claimed) -> str:
    message = alone(holding(attempt, FIELDS))
    assert isinstance(message, Message)
    return message.template_code


def test_prices_and_texts_without_a_title_are_the_same() -> None:
    attempt = attempt_of("kakaotalk", PRICED, title="")
    DataType.objects.update(payable="traffic_fine")
    DataTypeVersion.objects.update(digest="priced")
    reduced = {**FIELDS, "reduced_amount": 32_000, "reduction_ends_on": "2026-03-20"}
    compare(several(attempt, holding(attempt, reduced), holding(attempt, {**reduced, "amount": 7})))
    assert isinstance(alone(holding(attempt, reduced)), Message)
    compare(several(attempt, holding(attempt, reduced)))


def test_where_an_age_is_asked_each_is_composed_alone() -> None:
    attempt = attempt_of("kakaotalk", f"{BODY}\n#{{?만나이 65 이상}}65세 이상")
    assert together(several(attempt)) == [None] * 4
    assert isinstance(alone(several(attempt)[0]), Message)
