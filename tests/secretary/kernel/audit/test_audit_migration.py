"""The chain of before is carried over, and code of before goes on writing while a deployment runs."""

from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from secretary.kernel.audit.audit import record_audit
from secretary.kernel.audit.audit_links import audit_head, link_audit
from secretary.kernel.audit.verify_audit import verify_audit
from secretary.kernel.models import AuditLink
from tests.notifications.cast import MORNING

pytestmark = pytest.mark.django_db(transaction=True)
# As the code of 148511c writes it, through its model with both columns.
OLD_CODE = (
    "INSERT INTO common_auditevent (at, actor, action, citizen_id, object, reason, previous_hash, hash)"
    " VALUES (now(), 'staff:1', 'looked at', NULL, '', '', ''::bytea, ''::bytea) RETURNING id"
)


def write_as_before(lines: int) -> None:
    with connection.cursor() as cursor:
        for _ in range(lines):
            cursor.execute(OLD_CODE)


def test_lines_written_before_during_and_after_the_migration_are_one_chain(owner: Any) -> None:
    call_command("migrate", "common", "0001", verbosity=0, interactive=False)
    try:
        write_as_before(3)
    finally:
        call_command("migrate", verbosity=0, interactive=False)
    write_as_before(2)
    record_audit(now=MORNING, actor="system", action="test")
    assert link_audit() == 3
    assert list(AuditLink.objects.order_by("position").values_list("position", flat=True)) == [0, 1, 2, 3]
    head = audit_head()
    assert head is not None and head.count == 6
    assert verify_audit(heads=[head]).holds
    owner.execute(
        "SET session_replication_role = replica; UPDATE common_auditevent SET reason = 'x' WHERE id = ("
        "SELECT min(id) FROM common_auditevent)"
    )
    assert [finding.kind for finding in verify_audit().findings] == ["altered"]
