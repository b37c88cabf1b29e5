"""What auditors see and take with them: found by what they choose, on record, and verified by the program of
docs/audit-export.md, which shares no code with ours."""

import hashlib
import json
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from secretary.kernel.audit import export_lines as exporting
from secretary.kernel.audit.audit import record_audit
from secretary.kernel.audit.audit_links import audit_head, link_audit
from secretary.kernel.backoffice import trail_pages
from secretary.kernel.models import AuditEvent
from subscriptions.accounts import roles
from tests.notifications.cast import MORNING
from tests.plugin import ROOT
from tests.subscriptions.admin.ninth_type import staff_client
from tests.support.present import present

pytestmark = pytest.mark.django_db
LIST, EXPORT = "/admin/common/auditevent/", "/admin/common/auditevent/export/"
REASON = "yearly audit 2026"
ODD = 'said "no"; 국민\\ =1+1\ttab\x7f \U0001f600'


@pytest.fixture
def trail() -> list[int]:
    """Eight sealed lines, a day apart, by two members of staff; one of them with every odd letter."""
    for number in range(8):
        record_audit(
            now=MORNING + timedelta(days=number),
            actor=f"staff:{number % 2}",
            action="looked at",
            object=f"notice:{number}",
            reason=ODD if number == 3 else "=because",
            citizen_id=uuid4() if number % 3 else None,
        )
    link_audit()
    return list(AuditEvent.objects.order_by("id").values_list("id", flat=True))


@pytest.fixture
def auditor() -> Client:
    client = staff_client("auditor", roles.AUDITOR)
    client.handler.enforce_csrf_checks = False
    return client


def shown(client: Client, **chosen: str) -> list[str]:
    """Return the objects that the page lists, in its order."""
    page = client.get(LIST, chosen)
    assert page.status_code == 200
    return listed(page.content.decode())


def listed(page: str) -> list[str]:
    found = re.findall(r"object=notice%3A(\d)", page.partition("<tbody>")[2].partition("</tbody>")[0])
    return [f"notice:{number}" for number in found]


def exported(client: Client, form: str = "jsonl", **chosen: str) -> bytes:
    answer = client.post(EXPORT, {**chosen, "form": form, "reason": REASON})
    assert answer.status_code == 200, answer
    return answer.content


def test_each_choice_finds_its_lines_and_no_other(trail: list[int], auditor: Client) -> None:
    day = str((MORNING + timedelta(days=3)).date())
    person = str(AuditEvent.objects.get(object="notice:4").citizen_id)
    assert shown(auditor, since=day, until=day) == ["notice:3"]
    assert shown(auditor, actor="staff:1") == ["notice:7", "notice:5", "notice:3", "notice:1"]
    assert shown(auditor, object="notice:2", action="looked at") == ["notice:2"]
    assert shown(auditor, citizen_id=person) == ["notice:4"]
    assert shown(auditor, action="revealed") == []
    assert "errorlist" in auditor.get(LIST, {"since": "2026-13-01"}).content.decode()
    for far in ({"since": "0001-01-01"}, {"until": "9999-12-31"}):
        page = auditor.get(LIST, far).content.decode()
        assert "2000년부터 2100년까지의 날짜를 선택해 주세요." in page and listed(page) == []


def test_pages_follow_each_other_and_each_look_is_on_record(
    trail: list[int], auditor: Client, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    monkeypatch.setattr(trail_pages, "SIZE", 3)
    seen, query = list[str](), {"action": "looked at"}
    while True:
        with django_assert_max_num_queries(14):
            page = auditor.get(LIST, query).content.decode()
        seen += listed(page)
        onward = re.search(r'href="\?[^"]*before=(\d+)"', page)
        if onward is None:
            break
        query["before"] = onward[1]
    assert seen == [f"notice:{number}" for number in range(7, -1, -1)]
    looks = AuditEvent.objects.filter(action="audit.read")
    assert [line.reason for line in looks] == ["action=looked at"] * 3


def test_only_who_may_export_does_so_and_with_a_reason(trail: list[int], auditor: Client) -> None:
    reader = staff_client("reader", roles.READER)
    reader.handler.enforce_csrf_checks = False
    assert shown(reader, actor="staff:1")
    assert reader.post(EXPORT, {"form": "csv", "reason": REASON}).status_code == 403
    assert auditor.post(EXPORT, {"form": "csv", "reason": ""}).status_code == 302
    assert not AuditEvent.objects.filter(action="audit.exported").exists()


def test_an_export_is_on_record_with_its_digest(trail: list[int], auditor: Client) -> None:
    content = exported(auditor, actor="staff:1")
    line = AuditEvent.objects.get(action="audit.exported")
    assert line.reason == f"sha256:{hashlib.sha256(content).hexdigest()} {REASON}"
    assert line.object.endswith("lines:4 jsonl")
    about, *rows = map(json.loads, content.decode().splitlines())
    assert (about["kind"], about["lines"], len(rows)) == ("extract", 4, 4)
    words = {(row["action"], row["action_ko"], row["action_en"]) for row in rows}
    assert words == {("looked at", "가려진 정보 조회함", "Entry looked at, masked")}


def test_too_much_for_one_file_is_refused_in_words(
    trail: list[int], auditor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "MOST", 3)
    answer = auditor.post(EXPORT, {"form": "csv", "reason": REASON, "action": "looked at"}, follow=True)
    assert "notice-box" in answer.content.decode() or "messagelist" in answer.content.decode()
    assert not AuditEvent.objects.filter(action="audit.exported").exists()


def verified(folder: Path, content: bytes, form: str = "jsonl", heads: str = "") -> tuple[int, str]:
    """Run the program of the document, as it is printed there."""
    program, file, kept = folder / "verify_export.py", folder / f"export.{form}", folder / "heads"
    printed = re.findall(r"```python\n(.*?)```", (ROOT / "docs/audit-export.md").read_text(encoding="utf-8"), re.S)
    program.write_text(printed[0], encoding="utf-8")
    file.write_bytes(content)
    kept.write_text(heads, encoding="utf-8")
    done = subprocess.run([sys.executable, "-I", program, file, kept], capture_output=True, text=True, check=False)
    assert not done.stderr, done.stderr
    return done.returncode, done.stdout


def test_an_outsider_verifies_an_export_and_finds_what_was_done_to_it(
    trail: list[int], auditor: Client, tmp_path: Path
) -> None:
    """A file as it left, and with a line altered, removed, cut off, and sealed anew against a head from outside."""
    head = present(audit_head()).line()
    first, last = (str((MORNING + timedelta(days=days)).date()) for days in (0, 7))
    section = exported(auditor, since=first, until=last)
    lines = section.decode().splitlines(keepends=True)
    words = f"Nothing that does not fit.\n{len(trail)} lines; heads met at positions [{len(trail)}]\n"
    assert verified(tmp_path, section, heads=head) == (0, words)
    period = {"since": first, "until": last}
    for form, chosen in (("csv", period), ("csv", {"actor": "staff:1"}), ("jsonl", {"actor": "staff:1"})):
        assert verified(tmp_path, exported(auditor, form, **chosen), form)[0] == 0, (form, chosen)
    of_csv = exported(auditor, "csv", **period).splitlines(keepends=True)
    assert (
        "positions after 2 and before 4 were removed" in verified(tmp_path, b"".join(of_csv[:3] + of_csv[4:]), "csv")[1]
    )
    altered = section.replace(b"staff:1", b"staff:7", 1)
    assert "position 2: the line or its seal was altered" in verified(tmp_path, altered)[1]
    removed = "".join(lines[:3] + lines[4:]).encode()
    assert "positions after 2 and before 4 were removed" in verified(tmp_path, removed)[1]
    cut = "".join(lines[:-1]).encode()
    assert "cut off" in verified(tmp_path, cut)[1]
    assert verified(tmp_path, section, heads=head.replace('"hash": "', '"hash": "00'))[0] == 1
