"""The pages of the report on reach: each figure leads to its notices, for those who may see figures."""

import re
from typing import Any

import pytest
from django.test import Client

from notifications.channels.contract import Verdict
from notifications.delivery.claim import claim
from notifications.models import Notice
from notifications.operations.count_ended import count_reach
from secretary.kernel.models import AuditEvent
from subscriptions.accounts import roles
from tests.citizens.inbox.cast import arrive, hand_over, report
from tests.notifications.cast import MORNING, enrol, make_data_type, record
from tests.subscriptions.admin.ninth_type import staff_client

pytestmark = pytest.mark.django_db
REPORT = "/admin/reach/"


@pytest.fixture(autouse=True)
def morning(time_machine: Any) -> None:
    time_machine.move_to(MORNING, tick=False)


@pytest.fixture
def notices() -> list[Notice]:
    """One that arrived by the second channel, and one that is under way."""
    kind = make_data_type()
    enrol(1, kind, channels=["kakaotalk", "sms"])
    first = arrive(record(1))[0]
    hand_over((Verdict.UNDELIVERABLE, "3019"))
    claim(now=MORNING)
    report(Verdict.DELIVERED, notice=first)
    enrol(2, kind, channels=["kakaotalk"])
    second = arrive(record(2))[0]
    count_reach()
    return [first, second]


def page(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_each_figure_of_the_report_leads_to_its_notices(notices: list[Notice]) -> None:
    auditor = staff_client("reader", roles.AUDITOR)
    first = page(auditor, REPORT)
    assert "제때: 긴급은 1시간, 그 밖은 24시간 이내." in first and "100.0 %" in first
    links = re.findall(r'href="(/admin/reach/[a-z_]+/notices/[^"]+)">(\d+)<', first)
    listed = [(count, len(re.findall(r"알림 \d+", page(auditor, url.replace("&amp;", "&"))))) for url, count in links]
    assert [int(count) for count, _ in listed] == [found for _, found in listed] == [2, 1, 1]
    kind = page(auditor, re.findall(r'href="(/admin/reach/[a-z_]+/\?[^"]+)"', first)[0])
    assert "문자메시지(다른 채널 실패 뒤)" in kind
    way = re.findall(r'href="(/admin/reach/[^"]+way=[^"]+)"', kind)[0].replace("&amp;", "&")
    shown = page(auditor, way)
    assert f"알림 {notices[0].pk}" in shown and f"알림 {notices[1].pk}" not in shown
    assert f"/notice/{notices[0].pk}/" not in shown  # an auditor has no right to the notice itself
    assert f"/notice/{notices[0].pk}/" in page(staff_client("runs", roles.OPERATOR), way)
    assert AuditEvent.objects.filter(action="reach.listed", actor__startswith="staff:").count() == 5


def test_the_figures_can_be_downloaded(notices: list[Notice]) -> None:
    operator = staff_client("runs", roles.OPERATOR)
    lines = operator.get(f"{REPORT}reach.csv").content.decode("utf-8-sig").splitlines()
    assert lines[0] == "month,kind,name,outcome,way,notices"
    assert [line.split(",")[3:] for line in lines[1:]] == [
        ["만든 알림", "", "2"],
        ["제때 도달", "문자메시지(다른 채널 실패 뒤)", "1"],
        ["진행 중", "", "1"],
    ]
    assert AuditEvent.objects.get(action="reach.exported").object == f"month:{MORNING:%Y-%m}"


def test_other_months_and_wrong_addresses(notices: list[Notice]) -> None:
    operator = staff_client("runs", roles.OPERATOR)
    assert "이 달에 만든 알림이 없습니다" in page(operator, f"{REPORT}?month=2020-01")
    assert "100.0 %" in page(operator, f"{REPORT}?month=2999-01")  # none that is to come
    code = notices[0].stage.version.data_type.code
    for wrong in (f"{REPORT}unknown/", f"{REPORT}{code}/notices/?outcome=x", f"{REPORT}{code}/notices/?before=-1"):
        assert operator.get(wrong).status_code == 404, wrong
    assert staff_client("writes", roles.WRITER).get(REPORT).status_code == 403
