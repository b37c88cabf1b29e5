"""`manage.py verify_audit`: its output, where the head goes, and its exit codes."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from secretary.kernel.audit.audit import record_audit
from secretary.kernel.audit.audit_links import link_audit
from secretary.kernel.models import AuditEvent
from tests.notifications.cast import MORNING

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def line() -> int:
    record_audit(now=MORNING, actor="staff:1", action="looked at")
    link_audit()
    return AuditEvent.objects.get().pk


def test_an_exported_head_is_compared_later(
    line: int, tmp_path: Path, owner: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "heads"
    call_command("verify_audit", "--export", str(kept))
    call_command("verify_audit", "--export", str(kept), "--head", str(kept))
    assert kept.read_text().count("\n") == 2
    owner.execute("SET session_replication_role = replica; TRUNCATE common_auditevent, common_auditlink")
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        call_command("verify_audit", "--json", "--head", str(kept))
    assert ended.value.code == 1
    output = json.loads(capsys.readouterr().out)
    assert (output["holds"], {finding["kind"] for finding in output["findings"]}) == (False, {"cut_off"})


def test_what_was_altered_is_named_with_its_number_and_its_day(
    line: int, tmp_path: Path, owner: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    owner.execute("SET session_replication_role = replica")
    owner.execute("UPDATE common_auditevent SET actor = 'staff:2'")
    with pytest.raises(SystemExit) as ended:
        call_command("verify_audit", "--export", str(tmp_path / "heads"))
    output = capsys.readouterr().out
    assert ended.value.code == 1 and "DOES NOT HOLD" in output
    assert f"line {line} of {MORNING:%Y-%m-%d}" in output and "was altered" in output
    assert not (tmp_path / "heads").exists(), "a head of a forged trail proves nothing"


@pytest.mark.parametrize("content", [None, "no head at all"])
def test_a_head_that_cannot_be_read_is_not_taken_for_a_trail_that_holds(
    line: int, tmp_path: Path, content: str | None
) -> None:
    file = tmp_path / "heads"
    if content is not None:
        file.write_text(content)
    with pytest.raises(CommandError) as raised:
        call_command("verify_audit", "--head", str(file))
    assert raised.value.returncode == 2


def test_nothing_to_export_is_reported(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="nothing is sealed"):
        call_command("verify_audit", "--export", str(tmp_path / "heads"))
