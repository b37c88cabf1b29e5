"""Lines are sealed one after the other, each once, whenever they were committed."""

import threading
from contextlib import closing
from typing import Any

import psycopg2
import pytest
from django.db import connection

from secretary.kernel.audit.audit import record_audit
from secretary.kernel.audit.audit_links import audit_head, link_audit, unsealed_too_long
from secretary.kernel.models import AuditEvent, AuditLink, AuditPending
from tests.notifications.cast import MORNING

WRITE = (
    "INSERT INTO common_auditevent (at, actor, action, object, reason, previous_hash, hash)"
    " VALUES (now(), 'system', %s, '', '', '', '') RETURNING id"
)


def write(*actions: str) -> None:
    for action in actions:
        record_audit(now=MORNING, actor="system", action=action)


@pytest.mark.django_db
def test_each_seal_covers_the_one_before() -> None:
    write("one", "two", "three")
    assert link_audit() == 3
    links = list(AuditLink.objects.select_related("event").order_by("position"))
    assert [(link.position, link.event.action) for link in links] == [(1, "one"), (2, "two"), (3, "three")]
    assert [bytes(link.previous_hash) for link in links] == [b"", *(bytes(link.hash) for link in links[:2])]
    assert len({bytes(link.hash) for link in links}) == 3
    assert not AuditPending.objects.exists() and link_audit() == 0


@pytest.mark.django_db(transaction=True)
def test_a_line_that_commits_late_is_sealed_after_those_with_higher_numbers() -> None:
    with closing(psycopg2.connect(**connection.get_connection_params())) as slow, slow.cursor() as cursor:
        cursor.execute(WRITE, ["late"])
        write("early")
        assert link_audit() == 1
        slow.commit()
    assert link_audit() == 1
    sealed = AuditLink.objects.order_by("position").values_list("event__action", flat=True)
    assert list(sealed) == ["early", "late"]
    assert list(AuditEvent.objects.order_by("id").values_list("action", flat=True)) == ["late", "early"]


@pytest.mark.django_db(transaction=True)
def test_linkers_at_once_seal_each_line_once() -> None:
    write(*(f"line {number}" for number in range(200)))

    def link() -> None:
        link_audit()
        connection.close()

    linkers = [threading.Thread(target=link) for _ in range(4)]
    for linker in linkers:
        linker.start()
    for linker in linkers:
        linker.join()
    link_audit()
    assert list(AuditLink.objects.order_by("position").values_list("position", flat=True)) == list(range(1, 201))


@pytest.mark.django_db
def test_ten_thousand_lines_are_sealed_in_one_statement(django_assert_max_num_queries: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO common_auditevent (at, actor, action, object, reason)"
            " SELECT now(), 'system', 'line ' || n, '', '' FROM generate_series(1, 10000) n"
        )
    with django_assert_max_num_queries(6):  # two rounds, each in a savepoint
        assert link_audit() == 10_000
    head = audit_head()
    assert head is not None and (head.position, head.count) == (10_000, 10_000)


@pytest.mark.django_db
def test_a_line_that_waits_too_long_is_counted(settings: Any) -> None:
    settings.AUDIT_SEAL_ALARM_MINUTES = 5
    write("one")
    assert unsealed_too_long() == 0
    settings.AUDIT_SEAL_ALARM_MINUTES = -1
    assert unsealed_too_long() == 1
    link_audit()
    assert unsealed_too_long() == 0
