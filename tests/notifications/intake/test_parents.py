"""Test that triggers protect a notice's record and person without a foreign key (docs/adr/0034)."""

import pytest
from django.db import IntegrityError, connection, transaction

from notifications.matching.match import match_everything
from notifications.models import Notice, Record
from subscriptions.models import Citizen
from tests.notifications.cast import MORNING, enrol, ingest, make_data_type, record

pytestmark = pytest.mark.django_db


@pytest.fixture
def notified() -> Notice:
    data_type = make_data_type()
    enrol(1, data_type, channels=["sms"])
    ingest(record(1))
    match_everything(now=MORNING)
    return Notice.objects.get()


def delete(sql: str, key: object) -> None:
    """Delete by SQL, as at a console: Django would check dependent rows by itself."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, [key])  # type: ignore[list-item]
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_record_of_which_a_person_was_notified_cannot_be_deleted(notified: Notice) -> None:
    with pytest.raises(IntegrityError, match="has notices"):
        delete("DELETE FROM notifications_record WHERE id = %s", notified.record_id)
    assert Record.objects.filter(pk=notified.record_id).exists()


def test_one_without_notices_can(notified: Notice) -> None:
    ingest(record(2))
    other = Record.objects.exclude(pk=notified.record_id).get()
    delete("DELETE FROM notifications_record WHERE id = %s", other.pk)
    assert Record.objects.get().pk == notified.record_id


def test_a_person_who_gave_consent_cannot_be_deleted(notified: Notice) -> None:
    with pytest.raises(IntegrityError, match="foreign key"):
        delete("DELETE FROM subscriptions_citizen WHERE id = %s", notified.citizen_id)
    assert Citizen.objects.filter(pk=notified.citizen_id).exists()
