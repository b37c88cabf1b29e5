"""The audit trail is append-only and hash-chained: an alteration is located."""

import hashlib
from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.db import InternalError, connection, transaction

from secretary.common.audit import first_broken_link, record_audit
from secretary.common.models import AuditEvent

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 10, 1, 2, 3, 456789, UTC)


@pytest.fixture
def trail() -> list[AuditEvent]:
    for number in range(4):
        record_audit(
            now=AT, actor=f"official:{number}", action="revealed", citizen_id=UUID(int=number), reason="전화 확인"
        )
    return list(AuditEvent.objects.order_by("id"))


def alter(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # what only a database owner could do
        cursor.execute(sql)
        cursor.execute("SET LOCAL session_replication_role = origin")


def test_each_event_holds_the_hash_of_the_one_before(trail) -> None:
    hashes = [bytes(event.hash) for event in trail]
    assert [bytes(event.previous_hash) for event in trail] == [b"", *hashes[:-1]]
    assert len({*hashes}) == 4 and all(len(item) == hashlib.sha256().digest_size for item in hashes)
    assert first_broken_link() is None


@pytest.mark.parametrize(
    "act", [lambda: AuditEvent.objects.update(reason="x"), lambda: AuditEvent.objects.all().delete()]
)
def test_nothing_can_be_changed_or_removed(trail, act) -> None:
    with pytest.raises(InternalError), transaction.atomic():
        act()
    assert AuditEvent.objects.count() == 4


def test_an_alteration_and_a_removal_are_located(trail) -> None:
    alter(f"UPDATE common_auditevent SET actor = 'somebody' WHERE id = {trail[2].id}")
    assert first_broken_link() == trail[2].id


def test_a_removal_in_the_middle_is_located(trail) -> None:
    alter(f"DELETE FROM common_auditevent WHERE id = {trail[1].id}")
    assert first_broken_link() == trail[2].id
