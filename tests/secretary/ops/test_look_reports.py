"""Who looked at whom in a month: counted from the trail, the lines that the person reads, marked by stated rules."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from citizens.own_data.accesses import every_access
from secretary.kernel.audit.audit import record_audit
from secretary.kernel.audit.report_looks import RULES, report_looks
from secretary.kernel.models import AuditEvent, LookReport, LookReportLine, LookReportMember
from secretary.ops import admin as pages
from subscriptions.accounts import roles
from tests.subscriptions import cast
from tests.subscriptions.admin.ninth_type import staff, staff_client

pytestmark = pytest.mark.django_db
TUESDAY = datetime(2026, 3, 10, 1, tzinfo=UTC)  # ten o'clock in Korea
FIRST = datetime(2026, 3, 31, 16, tzinfo=UTC)  # one o'clock on the first of April
LOOKS = "/admin/common/lookreport"


def look(
    actor: str, person: UUID | None, *, at: datetime = TUESDAY, action: str = "looked at", reason: str = ""
) -> None:
    record_audit(now=at, actor=actor, action=action, citizen_id=person, object="citizen", reason=reason)


def marks(actor: str) -> set[str]:
    return set(LookReportMember.objects.get(actor=actor).marks)


def test_each_rule_marks_what_it_says_and_a_quiet_member_of_staff_has_no_mark() -> None:
    person = uuid4()
    look("staff:1", person)
    for number in range(5):
        look("staff:2", person, at=TUESDAY + timedelta(days=(0, 1, 2, 3, 6)[number]))
    look("staff:3", person, at=datetime(2026, 3, 9, 22, 59, tzinfo=UTC))  # 7:59
    look("staff:4", person, at=datetime(2026, 3, 10, 11, tzinfo=UTC))  # 20:00
    look("staff:5", person, at=datetime(2026, 3, 2, 3, tzinfo=UTC))  # a Monday in place of 삼일절
    look("staff:6", person, action="revealed")
    look("staff:7", person, action="revealed", reason="a caller asked")
    look("official:8", person, action="registration.refused")
    for _ in range(31):
        look("staff:9", uuid4())
    report_looks(now=FIRST)
    found = {member.actor: set(member.marks) for member in LookReportMember.objects.all()}
    assert found == {
        "staff:1": set(),
        "staff:2": {"often"},
        **{actor: {"out_of_hours"} for actor in ("staff:3", "staff:4", "staff:5")},
        "staff:6": {"unexplained"},
        "staff:7": set(),
        "official:8": {"refused"},
        "staff:9": {"many"},
    }
    assert set().union(*found.values()) == set(RULES)
    report = LookReport.objects.get()
    assert (str(report), report.members, report.looks, report.marked) == ("2026-03", 9, 43, 7)


def test_a_person_reads_the_very_lines_that_the_report_counts() -> None:
    person, other = uuid4(), uuid4()
    for actor in ("staff:1", "official:2", "staff:3"):
        for action in ("found", "looked at", "revealed", "call.looked_up", "registration.corrected"):
            look(actor, person, action=action)
    for actor in ("citizen", "system", "visitor"):
        look(actor, person)
    look("staff:1", other)
    look("staff:1", None, action="signed in")
    look("staff:1", person, at=datetime(2026, 2, 28, 14, 59, tzinfo=UTC))
    look("staff:1", person, at=datetime(2026, 3, 31, 15, tzinfo=UTC))
    report_looks(now=FIRST)
    listed = [each for each in every_access(person) if (each.at + timedelta(hours=9)).month == 3]
    assert sum(LookReportLine.objects.filter(citizen_id=person).values_list("looks", flat=True)) == len(listed) == 15


def test_a_report_is_made_once_on_the_first_and_missed_months_are_made_up() -> None:
    assert report_looks(now=datetime(2026, 3, 31, 15, 30, tzinfo=UTC)) == 1  # half past midnight: February
    assert report_looks(now=FIRST) == 1
    assert report_looks(now=FIRST + timedelta(days=3)) == 0
    assert report_looks(now=datetime(2026, 8, 1, tzinfo=UTC)) == 4
    months = LookReport.objects.order_by("month").values_list("month", flat=True)
    assert [month.month for month in months] == [2, 3, 4, 5, 6, 7]


def test_an_auditor_reads_it_page_by_page_takes_it_along_and_is_on_record(
    monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    monkeypatch.setattr(pages, "SIZE", 2)
    clerk, official = staff("clerk", roles.CALL_CENTRE), cast.official("clerk2")
    people = [uuid4() for _ in range(3)]
    for person in people:
        look(f"staff:{clerk.pk}", person, action="revealed", reason="=a caller asked")
        look(f"official:{official.pk}", person)
    report_looks(now=FIRST)
    auditor, report = staff_client("auditor", roles.AUDITOR), LookReport.objects.get()
    month = auditor.get(f"{LOOKS}/{report.pk}/change/").content.decode()
    assert "clerk (call centre (상담원))" in month and f"clerk2 ({official.office})" in month
    member = LookReportMember.objects.get(actor=f"staff:{clerk.pk}")
    with django_assert_max_num_queries(22):
        page = auditor.get(f"/admin/common/lookreportmember/{member.pk}/change/").content.decode()
    assert page.count("=a caller asked") == 2
    after = page.partition("?after=")[2].partition('"')[0]
    rest = auditor.get(f"/admin/common/lookreportmember/{member.pk}/change/?after={after}").content.decode()
    shown = [[str(person) in text for person in people].count(True) for text in (page, rest)]
    assert shown == [2, 1]
    file = b"".join(auditor.get(f"{LOOKS}/{report.pk}/file/").streaming_content)  # type: ignore[attr-defined]
    rows = list(csv.DictReader(io.StringIO(file.decode("utf-8-sig"))))
    assert len(rows) == 6
    assert {row["reasons"] for row in rows} == {"", "'=a caller asked"}
    assert {row["person"] for row in rows} == set(map(str, people))
    seen = AuditEvent.objects.filter(action__startswith="report.").values_list("action", flat=True)
    assert sorted(seen) == ["report.exported", *["report.read"] * 3]
    assert staff_client("operator", roles.OPERATOR).get(f"{LOOKS}/{report.pk}/file/").status_code == 403
