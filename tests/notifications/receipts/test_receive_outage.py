"""Test the writers of receipts: cut connections do no harm, outages are reported, a commit waits for what may come."""

import asyncio
from contextlib import closing

import psycopg2
import pytest
from django.db import connection, connections

from notifications.channels.contract import Receipt, Verdict
from notifications.models import ReceiptEvent
from notifications.receipts.receive import Parcel, ReceiptStore
from notifications.receipts.write_on_loop import LoopWriter
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


def test_a_commit_begins_once_as_many_wait_as_of_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits longer than a moment for others never ends here."""
    monkeypatch.setattr("notifications.receipts.write_on_loop.QUIET_SECONDS", 3600.0)
    monkeypatch.setattr("notifications.receipts.receive.enqueue", lambda _: None)

    async def report() -> None:
        writer = LoopWriter()
        await writer.commit(parcel("alone"))
        for several in (["a", "b", "c"], ["d", "e", "f"]):
            await asyncio.gather(*[writer.commit(parcel(each)) for each in several])
        early = [asyncio.create_task(writer.commit(parcel(each))) for each in ("g", "h")]
        await asyncio.sleep(0.05)
        assert not any(each.done() for each in early)
        await asyncio.gather(writer.commit(parcel("i")), *early)
        await writer._in_thread(connections.close_all)

    asyncio.run(report())
    assert set(ReceiptEvent.objects.values_list("event_id", flat=True)) == {"alone", *"abcdefghi"}
