"""A forger with all power over the database, triggers off: what is altered, removed, put in or cut off is found."""

from datetime import datetime
from typing import Any

import pytest
from django.db import connection

from secretary.kernel.audit import verify_audit as verifying
from secretary.kernel.audit.audit import record_audit
from secretary.kernel.audit.audit_links import Head, audit_head, link_audit, read_heads
from secretary.kernel.audit.verify_audit import verify_audit
from secretary.kernel.models import AuditEvent
from tests.notifications.cast import MORNING

pytestmark = pytest.mark.django_db(transaction=True)
LINES = 9
SEALED_ANEW = """
DO $$ DECLARE line record; seal bytea := '';
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR line IN SELECT l.position, l.linked_at, e.*
                FROM common_auditlink l JOIN common_auditevent e ON e.id = l.event_id ORDER BY l.position LOOP
        UPDATE common_auditlink SET previous_hash = seal WHERE position = line.position;
        seal := sha256(seal || convert_to(jsonb_build_array(line.position, extract(epoch FROM line.linked_at), line.id,
            extract(epoch FROM line.at), line.actor, line.action, line.citizen_id, line.object, line.reason,
            extract(epoch FROM line.written_at))::text, 'UTF8'));
        UPDATE common_auditlink SET hash = seal WHERE position = line.position;
    END LOOP;
END $$
"""


@pytest.fixture(autouse=True)
def pages_of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifying, "PAGE", 2)


@pytest.fixture
def trail() -> list[int]:
    """The ids of nine sealed lines."""
    for number in range(LINES):
        record_audit(now=MORNING, actor=f"staff:{number}", action="looked at", reason="because")
    link_audit()
    return list(AuditEvent.objects.order_by("id").values_list("id", flat=True))


@pytest.fixture
def forger(owner: Any) -> Any:
    owner.execute("SET session_replication_role = replica")
    return owner


def found(*heads: Head) -> set[tuple[str, int | None]]:
    return {(finding.kind, finding.event_id) for finding in verify_audit(heads=heads).findings}


def test_an_untouched_trail_holds(trail: list[int]) -> None:
    head = audit_head()
    assert head is not None and (head.position, head.count) == (LINES, LINES)
    assert found(head) == set()
    record_audit(now=MORNING, actor="system", action="not sealed yet")
    assert found(head) == set()


COLUMNS = {
    "at": "'2020-01-01'",
    "actor": "'staff:77'",
    "action": "'nothing'",
    "citizen_id": "'00000000-0000-0000-0000-000000000001'",
    "object": "'other'",
    "reason": "''",
    "written_at": "'2020-01-01'",
}


@pytest.mark.parametrize("column", COLUMNS)
def test_any_column_that_is_altered_is_found(trail: list[int], forger: Any, column: Any) -> None:
    forger.execute(f"UPDATE common_auditevent SET {column} = {COLUMNS[column]} WHERE id = %s", [trail[4]])
    assert found() == {("altered", trail[4])}


def test_the_hash_covers_every_column_of_a_line() -> None:
    fields = {field.column for field in AuditEvent._meta.concrete_fields}
    assert fields == {"id", *COLUMNS}


@pytest.mark.parametrize("which", [0, 3, LINES - 1])
def test_a_line_that_was_removed_is_found(trail: list[int], forger: Any, which: Any) -> None:
    forger.execute("DELETE FROM common_auditevent WHERE id = %s", [trail[which]])
    assert found() == {("removed", trail[which])}


def test_a_line_that_was_removed_with_its_seal_is_found(trail: list[int], forger: Any) -> None:
    forger.execute("DELETE FROM common_auditevent WHERE id = %s", [trail[3]])
    forger.execute("DELETE FROM common_auditlink WHERE event_id = %s", [trail[3]])
    assert found() == {("seal_removed", trail[4])}


def test_a_beginning_that_was_removed_is_found(trail: list[int], forger: Any) -> None:
    forger.execute("DELETE FROM common_auditevent WHERE id <= %s", [trail[2]])
    forger.execute("DELETE FROM common_auditlink WHERE event_id <= %s", [trail[2]])
    assert found() == {("seal_removed", trail[3])}


def test_a_line_that_was_put_in_is_found(trail: list[int], forger: Any) -> None:
    forger.execute(
        "INSERT INTO common_auditevent (id, at, actor, action, object, reason, written_at, previous_hash, hash)"
        " VALUES (%s, '2026-01-01', 'staff:1', 'looked at', '', '', '2026-01-01', '', '') RETURNING id",
        [trail[0] - 1],
    )
    assert found() == {("inserted", trail[0] - 1)}


def test_a_seal_that_was_altered_is_found(trail: list[int], forger: Any) -> None:
    forger.execute("UPDATE common_auditlink SET hash = sha256('x') WHERE event_id = %s", [trail[4]])
    assert found() == {("altered", trail[4]), ("seal_altered", trail[5])}


def test_an_end_that_was_cut_off_is_found_by_an_exported_head(trail: list[int], forger: Any) -> None:
    head = audit_head()
    assert head is not None
    forger.execute("DELETE FROM common_auditevent WHERE id > %s", [trail[5]])
    forger.execute("DELETE FROM common_auditlink WHERE event_id > %s", [trail[5]])
    assert found() == set()  # nothing inside the database can show it
    verdict = verify_audit(heads=[head])
    assert [(finding.kind, finding.position) for finding in verdict.findings] == [("cut_off", LINES)]


def test_a_trail_that_was_sealed_anew_is_found_by_an_exported_head(trail: list[int], forger: Any) -> None:
    head = audit_head()
    assert head is not None
    forger.execute("UPDATE common_auditevent SET actor = 'staff:77' WHERE id = %s", [trail[4]])
    forger.execute(SEALED_ANEW)
    assert found() == set()
    assert found(head) == {("rewritten", None)}


def test_a_line_that_vanished_before_it_was_sealed_is_found(trail: list[int], forger: Any) -> None:
    record_audit(now=MORNING, actor="staff:1", action="looked at")
    newest = AuditEvent.objects.order_by("-id").values_list("id", flat=True)[0]
    forger.execute("DELETE FROM common_auditevent WHERE id = %s", [newest])
    link_audit()
    assert found() == {("vanished", newest)}


def test_a_line_that_waits_too_long_is_found(trail: list[int], settings: Any) -> None:
    settings.AUDIT_SEAL_ALARM_MINUTES = -1
    record_audit(now=MORNING, actor="staff:1", action="looked at")
    assert {kind for kind, _ in found()} == {"unsealed"}


def test_a_head_is_read_from_a_log_too(trail: list[int]) -> None:
    head = audit_head()
    assert head is not None
    line = f'{{"at": "10:00", "message": "10:00 INFO audit: audit head {head.line()}"}}'
    quoted = line.replace(head.line(), head.line().replace('"', '\\"'))
    assert read_heads(f"nothing\n{quoted}\n{head.line()}\n") == [head, head]
    assert isinstance(head.at, datetime)


OLD_LINE = """
INSERT INTO common_auditevent (id, at, actor, action, object, reason, previous_hash, hash)
SELECT n, moment, 'staff:1', 'looked at', '', '', before, sha256(before || convert_to(jsonb_build_array(
    n, extract(epoch FROM moment), 'staff:1', 'looked at', NULL, '', '')::text, 'UTF8'))
FROM (SELECT %(id)s AS n, timestamptz '2026-03-01 10:00:00+09' AS moment,
      coalesce((SELECT hash FROM common_auditevent ORDER BY id DESC LIMIT 1), ''::bytea) AS before) line
"""


@pytest.fixture
def old_trail(forger: Any) -> list[int]:
    """Five lines of the chain before migration 0002, its last line as position 0, and two lines after it."""
    for number in range(1, 6):
        forger.execute(OLD_LINE, {"id": number})
    forger.execute(
        "INSERT INTO common_auditlink (position, event_id, previous_hash, hash, linked_at)"
        " SELECT 0, id, previous_hash, hash, now() FROM common_auditevent WHERE id = 5"
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('common_auditevent', 'id')) FROM generate_series(1, 9)")
    for _ in range(2):
        record_audit(now=MORNING, actor="staff:1", action="looked at")
    link_audit()
    return [1, 2, 3, 4, 5]


def test_the_chain_of_before_is_verified_and_sealed_by_the_new_one(old_trail: list[int]) -> None:
    head = audit_head()
    assert head is not None and (head.position, head.count) == (2, 7)
    assert found(head) == set()


def test_old_lines_that_were_altered_removed_or_cut_off_are_found(old_trail: list[int], forger: Any) -> None:
    forger.execute("UPDATE common_auditevent SET actor = 'staff:2' WHERE id = 2")
    assert found() == {("altered", 2)}
    forger.execute("DELETE FROM common_auditevent WHERE id = 2")
    assert found() == {("removed_before", 3)}
    forger.execute("DELETE FROM common_auditevent WHERE id = 5")
    assert ("removed", 5) in found()
    forger.execute("DELETE FROM common_auditlink WHERE position = 0")
    assert "seal_altered" in {kind for kind, _ in found()}
