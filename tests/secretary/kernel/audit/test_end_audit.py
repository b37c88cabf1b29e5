"""Lines of the trail end after two years, money's after five; what is left is verified, and no end can be forged."""

import os
import subprocess
import sys
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from secretary.kernel.audit import end_audit as ending
from secretary.kernel.audit.audit import record_audit
from secretary.kernel.audit.audit_links import Head, audit_head, link_audit
from secretary.kernel.audit.verify_audit import verify_audit
from secretary.kernel.models import AuditEvent, AuditLink
from secretary.kernel.time import database_clock
from secretary.ops import tasks
from subscriptions.models import Citizen
from tests.notifications.cast import MORNING
from tests.plugin import ROOT
from tests.secretary.kernel.audit.test_verify_audit import OLD_LINE

pytestmark = pytest.mark.django_db(transaction=True)
YEAR = 365
# A seal whose line has ended stays as it is, over the one before.
SEALED_ANEW = """
DO $$ DECLARE line record; seal bytea := '';
BEGIN
    FOR line IN SELECT l.position, l.linked_at, l.hash AS old, e.*
                FROM common_auditlink l LEFT JOIN common_auditevent e ON e.id = l.event_id ORDER BY l.position LOOP
        UPDATE common_auditlink SET previous_hash = seal WHERE position = line.position;
        seal := CASE WHEN line.id IS NULL THEN line.old ELSE
            sha256(seal || convert_to(jsonb_build_array(line.position, extract(epoch FROM line.linked_at), line.id,
            extract(epoch FROM line.at), line.actor, line.action, line.citizen_id, line.object, line.reason,
            extract(epoch FROM line.written_at))::text, 'UTF8')) END;
        UPDATE common_auditlink SET hash = seal WHERE position = line.position;
    END LOOP;
END $$
"""


def write(*actions: str, citizen: UUID | None = None, object: str = "") -> None:
    for action in actions:
        record_audit(now=MORNING, actor="staff:1", action=action, citizen_id=citizen, object=object, reason="because")


def let_pass(owner: Any, days: int) -> None:
    """All that is sealed was sealed so many days earlier, in a trail that holds."""
    owner.execute("SET session_replication_role = replica")
    owner.execute("UPDATE common_auditlink SET linked_at = linked_at - make_interval(days => %s)", [days])
    owner.execute(
        "UPDATE common_auditevent SET written_at = written_at - make_interval(days => %s)"
        " WHERE id IN (SELECT event_id FROM common_auditlink)",
        [days],
    )
    owner.execute(SEALED_ANEW)
    owner.execute("SET session_replication_role = origin")


def run_job(monkeypatch: pytest.MonkeyPatch, *, hour: int = 0) -> None:
    """The hourly job, so many hours from now."""
    now = database_clock.now() + timedelta(hours=hour)
    with monkeypatch.context() as patched:
        patched.setattr(database_clock, "now", lambda: now)
        tasks.end_lines_of_the_trail()


def actions() -> list[str]:
    return list(AuditEvent.objects.order_by("id").values_list("action", flat=True))


def findings(*heads: Head) -> set[tuple[str, int | None]]:
    return {(finding.kind, finding.position) for finding in verify_audit(heads=heads).findings}


def head() -> Head:
    found = audit_head()
    assert found is not None
    return found


def test_lines_end_after_two_years_and_what_is_left_is_verified(owner: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ending, "BLOCK", 2)
    person = uuid4()
    write("looked at", "revealed", "payment.begun", "found", citizen=person)
    link_audit()
    let_pass(owner, 2 * YEAR)  # the day before
    run_job(monkeypatch)
    assert actions() == ["looked at", "revealed", "payment.begun", "found"]
    let_pass(owner, 2)
    write("looked at")
    link_audit()
    exported = head()
    run_job(monkeypatch, hour=1)
    assert actions() == ["payment.begun", "looked at", "audit.ended", "audit.ended"]  # one for each block
    assert AuditLink.objects.count() == 5
    assert findings(exported) == set()
    link_audit()
    assert findings(exported, head()) == set()
    run_job(monkeypatch, hour=2)
    assert actions().count("audit.ended") == 2  # nothing more was over
    let_pass(owner, 3 * YEAR)
    write("found")
    link_audit()
    run_job(monkeypatch, hour=3)
    assert actions()[0] == "found" and set(actions()[1:]) == {"audit.ended"} and findings(head()) == set()
    assert not AuditEvent.objects.filter(citizen_id=person).exists()


def test_a_merger_stays_until_its_person_is_erased(owner: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    person = Citizen()
    person.name, person.birth_date = "홍길동", date(1985, 3, 14)
    person.save()
    write("citizen.merged", citizen=uuid4(), object=f"into:{person.pk}")
    write("citizen.merged", citizen=uuid4(), object=f"into:{uuid4()}")
    link_audit()
    let_pass(owner, 2 * YEAR + 2)
    run_job(monkeypatch)
    assert list(AuditEvent.objects.filter(action="citizen.merged").values_list("object", flat=True)) == [
        f"into:{person.pk}"
    ]
    Citizen.objects.update(state=Citizen.ERASED)
    run_job(monkeypatch, hour=1)
    assert actions() == ["audit.ended", "audit.ended"] and findings() == set()


def test_a_longer_time_can_be_set_and_a_shorter_one_cannot(
    owner: Any, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    write("looked at")
    link_audit()
    let_pass(owner, 2 * YEAR + 2)
    settings.KEPT_DAYS = {**settings.KEPT_DAYS, "audit": 2000}
    run_job(monkeypatch)
    assert actions() == ["looked at"]
    asked = "from secretary.setting_groups.kept_days import KEPT_DAYS; print(KEPT_DAYS['audit'])"
    for given, taken in (("2000", "2000"), ("30", "731")):
        environment = os.environ | {"KEEP_AUDIT_DAYS": given}
        done = subprocess.run([sys.executable, "-c", asked], env=environment, cwd=ROOT, capture_output=True, text=True)
        assert done.stdout.strip() == taken, done.stderr


def test_the_application_ends_no_line_before_its_time() -> None:
    """Whatever it names: a stolen role of the application removes nothing younger by it."""
    write("looked at")
    link_audit()
    line = AuditEvent.objects.get().pk
    with connection.cursor() as cursor:
        cursor.execute("SELECT common_end_audit(%s::bigint[])", [[line]])
        assert cursor.fetchone() == (0,)
    for statement in (
        "DELETE FROM common_auditevent",
        "SET LOCAL pgtrigger.ignore = '{pgtrigger_audit_append_only_6e869}'; DELETE FROM common_auditevent",
    ):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            connection.cursor().execute(statement)
    assert actions() == ["looked at"]


def test_no_end_can_be_forged(owner: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    write("one")
    link_audit()
    let_pass(owner, 2 * YEAR + 2)
    write("two", "three", "four")
    link_audit()
    exported = head()
    run_job(monkeypatch)
    link_audit()
    assert findings(exported) == set()
    young = AuditEvent.objects.get(action="three").pk
    owner.execute("SET session_replication_role = replica; DELETE FROM common_auditevent WHERE id = %s", [young])
    assert findings() == {("removed", 3)}
    owner.execute("UPDATE common_auditlink SET linked_at = linked_at - interval '900 days' WHERE position = 3")
    assert findings() == {("seal_altered", 3)}  # older than the one before, whose line is there
    owner.execute("DELETE FROM common_auditevent WHERE action = 'two'")
    owner.execute(
        "UPDATE common_auditlink SET linked_at = (SELECT linked_at FROM common_auditlink WHERE position = 1)"
        " WHERE position IN (2, 3)"
    )
    assert findings() == set()  # nothing inside the database can show it
    first = Head(1, bytes(AuditLink.objects.get(position=1).hash).hex(), 1, exported.at)
    assert findings(first) == {("seal_altered", 2)}  # sealed after a head that had left the database


def test_the_chain_of_before_ends_as_a_whole(owner: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    owner.execute("SET session_replication_role = replica")
    for number in range(1, 6):
        owner.execute(OLD_LINE, {"id": number})
    owner.execute(
        "INSERT INTO common_auditlink (position, event_id, previous_hash, hash, linked_at)"
        " SELECT 0, id, previous_hash, hash, now() - interval '700 days' FROM common_auditevent WHERE id = 5"
    )
    owner.execute("SELECT nextval(pg_get_serial_sequence('common_auditevent', 'id')) FROM generate_series(1, 9)")
    write("looked at")
    link_audit()
    run_job(monkeypatch)
    assert len(actions()) == 6 and findings() == set()
    owner.execute("UPDATE common_auditlink SET linked_at = now() - interval '732 days' WHERE position = 0")
    run_job(monkeypatch, hour=1)
    assert actions() == ["looked at", "audit.ended"] and findings(head()) == set()
