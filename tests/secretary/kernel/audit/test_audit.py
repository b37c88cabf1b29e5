"""The audit trail is append-only, and a writer of a line never waits for another."""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg2
import pytest
from django.db import ProgrammingError, connection, transaction

from secretary.kernel.audit.audit import record_audit
from secretary.kernel.audit.audit_links import link_audit
from secretary.kernel.models import AuditEvent
from tests.notifications.cast import MORNING

FROZEN_SECONDS = 60  # a writer that waited for the frozen one would wait until the test gives up


CHANGES = (
    "UPDATE common_auditevent SET actor = 'other'",
    "DELETE FROM common_auditevent",
    "TRUNCATE common_auditevent",
    "DELETE FROM common_auditlink",
    "TRUNCATE common_auditlink",
)


@pytest.mark.django_db
@pytest.mark.parametrize("change", CHANGES)
def test_the_application_has_no_right_to_change_it(change: str) -> None:
    record_audit(now=MORNING, actor="system", action="test")
    link_audit()
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        connection.cursor().execute(change)
    assert AuditEvent.objects.get().actor == "system"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("change", CHANGES)
def test_triggers_refuse_it_to_the_owner_too(owner: psycopg2.extensions.cursor, change: str) -> None:
    record_audit(now=MORNING, actor="system", action="test")
    link_audit()
    with pytest.raises(psycopg2.errors.RaiseException):
        owner.execute(change)
    assert AuditEvent.objects.get().actor == "system"


@pytest.mark.django_db(transaction=True)
def test_a_line_is_written_at_once_while_another_writer_is_frozen_in_its_transaction() -> None:
    with frozen_writer():
        writer = threading.Thread(target=write_and_leave, daemon=True)
        writer.start()
        writer.join(FROZEN_SECONDS)
        assert not writer.is_alive()
        assert AuditEvent.objects.get().action == "written"


@pytest.mark.django_db
def test_number_and_time_of_a_line_are_the_databases() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO common_auditevent (id, at, actor, action, object, reason, written_at, previous_hash, hash)"
            " VALUES (9000000000, now(), 'staff:1', 'forged', '', '', '2020-01-01', 'x', 'y')"
            " RETURNING id < 9000000000, written_at > now() - interval '1 hour', previous_hash, hash"
        )
        youngest, now, previous, seal = cursor.fetchone()
    assert (youngest, now, bytes(previous), bytes(seal)) == (True, True, b"", b"")


def write_and_leave() -> None:
    record_audit(now=MORNING, actor="system", action="written")
    connection.close()


@contextmanager
def frozen_writer() -> Iterator[None]:
    """Another session that has written a line and neither commits nor ends."""
    with closing(psycopg2.connect(**connection.get_connection_params())) as other, other.cursor() as cursor:
        cursor.execute(
            "INSERT INTO common_auditevent (at, actor, action, object, reason, previous_hash, hash)"
            " VALUES (now(), 'system', 'frozen', '', '', '', '')"
        )
        yield
        other.rollback()
