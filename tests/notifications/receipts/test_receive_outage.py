"""Test receipts while the database goes away: one cut connection does no harm, an outage is reported."""

from contextlib import closing

import psycopg2
import pytest
from django.db import connection

from notifications.channels.contract import Receipt, Verdict
from notifications.models import ReceiptEvent
from notifications.receipts.receive import Parcel, ReceiptStore
from secretary.kernel.database.outage import is_outage
from tests.notifications.cast import MORNING

pytestmark = pytest.mark.django_db(transaction=True)


def parcel(event_id: str) -> Parcel:
    return Parcel("nhn", [Receipt(event_id, "ps-7", "", Verdict.DELIVERED, "")], MORNING)


def cut_our_connection() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        ours = cursor.fetchone()[0]
    with closing(psycopg2.connect(**connection.get_connection_params())) as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [ours])


def test_a_connection_that_was_cut_between_two_receipts_costs_nothing() -> None:
    store = ReceiptStore()
    store.store([parcel("first")])
    cut_our_connection()
    store.store([parcel("second")])
    assert set(ReceiptEvent.objects.values_list("event_id", flat=True)) == {"first", "second"}


def test_a_database_that_is_away_is_reported_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    store = ReceiptStore()
    store.store([parcel("first")])
    cut_our_connection()
    with monkeypatch.context() as patched, pytest.raises(Exception) as raised:
        patched.setitem(connection.settings_dict, "PORT", 9)
        store.store([parcel("second")])
    assert is_outage(raised.value)
    store.store([parcel("second")])
    assert ReceiptEvent.objects.count() == 2
