"""The audit trail can be added to and nothing else."""

import pytest
from django.db import InternalError, connection, transaction

from secretary.common.audit import record_audit
from secretary.common.models import AuditEvent
from tests.notifications.cast import MORNING


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE common_auditevent SET actor = 'nobody'",
        "DELETE FROM common_auditevent",
        "TRUNCATE common_auditevent",
    ],
)
def test_the_database_refuses_every_change(append_only_refuses_truncate: None, change: str) -> None:
    record_audit(now=MORNING, actor="system", action="test")
    with pytest.raises(InternalError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)
    assert AuditEvent.objects.get().actor == "system"


@pytest.mark.django_db
def test_each_event_is_chained_to_the_one_before() -> None:
    for number in range(3):
        record_audit(now=MORNING, actor="system", action=f"test.{number}")
    first, second, third = AuditEvent.objects.order_by("id")
    assert bytes(second.previous_hash) == bytes(first.hash) and bytes(third.previous_hash) == bytes(second.hash)
    assert len({bytes(event.hash) for event in (first, second, third)}) == 3
