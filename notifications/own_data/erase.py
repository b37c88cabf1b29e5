"""Remove the notices to a person with all that came of them, and the records about them.

A record is an agency's, and is kept while it is about an enrolled person; erased are those that are about the person
and about no one else who is enrolled. What an agency sends again afterwards is stored as any record about people who
are not enrolled, and no one is notified of it before a new sign-up. A record that a kept bill or another person's
notice hangs on stays as a row without content: agency, number, kind and state.
"""

import os
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from notifications.models import (
    Bundle,
    BundleEntry,
    Delivery,
    Notice,
    QueueEntry,
    ReceiptEvent,
    Record,
    TemplateComplaint,
    TrialMessage,
    YearlyMessage,
    YearlyRefusal,
)
from secretary.kernel.database.retry import retried
from secretary.kernel.secrets.encryption import cipher
from secretary.kernel.time.clock import kst_date
from subscriptions.models import CitizenKey

AT_ONCE = 500
Held = Callable[[Sequence[int]], set[int]]  # returns those of these records that a kept bill hangs on
CASE = "case_number"  # names the debt of a kept bill (payments/bills/debts.py)
# A notice that a worker is handing over at this moment is not removed: its lease ends within a minute.
_AT_WORK = Exists(Delivery.objects.filter(notice=OuterRef("pk"), state="sending"))
# One block by the primary key: no index of its own, and no scan of the table at once.
BLOCK = 20_000
OVER = """
SELECT max(id), count(*), array_agg(id) FILTER (WHERE over) FROM (
    SELECT r.id, r.received_at < %(before)s AND (
        r.state IN ('paid', 'completed', 'withdrawn')
        OR dt.payable = '' AND greatest(r.date_1, r.date_2, r.date_3, r.date_4,
                                        (r.happens_at AT TIME ZONE 'Asia/Seoul')::date) < %(day)s
    ) AS over
    FROM notifications_record r JOIN subscriptions_datatype dt ON dt.id = r.data_type_id
    WHERE r.id > %(after)s ORDER BY r.id LIMIT %(block)s
) block
"""
BLANK = bytes(16)  # the digest of a record without content
NUMBERS = """
DELETE FROM notifications_refusedline l USING notifications_feedrun f, notifications_feed s
WHERE f.id = l.run_id AND s.id = f.feed_id AND (s.agency_id, l.external_id) IN (
    SELECT * FROM unnest(%(agencies)s::smallint[], %(numbers)s::text[]))
"""


def erase_notices(*, people: Collection[UUID], data_types: Collection[int] | None = None) -> tuple[int, bool]:
    """Remove the notices to these people, of these data types or of all; how many, and whether some still wait for the
    worker that is sending them. With those of all, their test and yearly messages."""
    if data_types is None:
        for model in (TrialMessage, YearlyMessage, YearlyRefusal):
            model._default_manager.filter(citizen__in=people).delete()
    removed = 0
    while chunk := _erase_some_notices(people, data_types):
        removed += chunk
    return removed, _notices(people, data_types).exists()


def erase_records(
    *,
    hashes: Sequence[bytes],
    before: datetime,
    held: Held,
    data_types: Collection[int] | None = None,
    owned_by: Collection[UUID] = (),
    blank: bool = True,
) -> int:
    """Remove the records under these keys that were read before that moment; how many.

    Those that are about an enrolled person other than `owned_by` stay. `blank`: those that something hangs on lose
    their content; otherwise, where the person goes on to see their payments, they stay as they are.
    """
    removed, after = 0, 0
    while rows := _some_records(hashes, before, data_types, after):
        after = rows[-1]
        removed += _erase_some_records(rows, held, owned_by, blank=blank)
    return removed


def records_over(*, after: int, before: datetime) -> tuple[list[int], int | None]:
    """Return, of the next records by number, those whose case is over since before that moment, and the number to go
    on from; None: that was the last.

    Over is what the agency has closed, and what cannot be paid and whose last day has passed.
    """
    with connection.cursor() as cursor:
        cursor.execute(OVER, {"after": after, "before": before, "day": kst_date(before), "block": BLOCK})
        last, looked_at, over = cursor.fetchone()
    return over or [], last if looked_at == BLOCK else None


@retried
@transaction.atomic
def erase_record(record_id: int) -> bool:
    """Remove a record of which no bill is left, with its notices to all citizens; False while one is sending."""
    chosen = list(Notice.objects.filter(record=record_id).order_by("pk").values_list("pk", flat=True))
    free = _lock(chosen)
    if len(free) < len(chosen):
        return False
    _remove(free)
    rows = list(Record.objects.select_for_update(of=("self",)).filter(pk=record_id).select_related("agency"))
    _remove_numbers(rows)
    TemplateComplaint.objects.filter(record=record_id).delete()
    Record.objects.filter(pk=record_id).delete()
    return True


def stand_in_record(*, of: Record, number: int) -> Record:
    """Return a new record without content for a kept bill, in place of the agency's. Joins the transaction."""
    name = f"erased-{number}"
    blank = Record(
        agency_id=of.agency_id,
        external_id=name,
        data_type_id=of.data_type_id,
        batch_id=of.batch_id,
        version=of.version,
        state=of.state,
        event=of.event,
        first_seen_at=of.first_seen_at,
        received_at=of.received_at,
        **_no_content(of.agency.code, name, {}),
    )
    blank.save(force_insert=True)
    return blank


def remove_blank_record(record_id: int) -> None:
    """Remove a record without content that nothing hangs on any more. One that the agency has sent again stays."""
    if not Notice.objects.filter(record=record_id).exists():
        Record.objects.filter(pk=record_id, announce_digest=BLANK, content_digest=None).delete()


def _notices(people: Collection[UUID], data_types: Collection[int] | None) -> QuerySet[Notice]:
    rows = Notice.objects.filter(citizen__in=people)
    return rows if data_types is None else rows.filter(record__data_type__in=data_types)


@retried
@transaction.atomic
def _erase_some_notices(people: Collection[UUID], data_types: Collection[int] | None) -> int:
    rows = _notices(people, data_types).filter(~_AT_WORK).order_by("pk")
    chosen = list(rows.values_list("pk", flat=True)[:AT_ONCE])
    return _remove(_lock(chosen))


def _lock(chosen: Sequence[int]) -> list[int]:
    """Lock in the order in which outcomes are applied: deliveries before their notices. Returns the notices that no
    worker holds: a claim that had begun before has ended by now, and shows."""
    list(Delivery.objects.select_for_update().filter(notice__in=chosen).order_by("pk").values_list("pk"))
    locked = list(Notice.objects.select_for_update().filter(pk__in=chosen).order_by("pk").values_list("pk", flat=True))
    return list(Notice.objects.filter(~_AT_WORK, pk__in=locked).values_list("pk", flat=True))


def _remove(notices: Sequence[int]) -> int:
    attempts = list(Delivery.objects.filter(notice__in=notices).values_list("pk", flat=True))
    # A bundled message of which a line goes cannot be written again: pages must not show the rest as what was sent.
    carried_by = Delivery.objects.filter(pk__in=attempts, carrier__isnull=False).values_list("carrier_id", flat=True)
    Bundle.objects.filter(carrier__in=list(carried_by)).delete()
    ReceiptEvent.objects.filter(delivery_id__in=attempts).delete()
    Delivery.objects.filter(pk__in=attempts).delete()
    BundleEntry.objects.filter(notice__in=notices).delete()
    QueueEntry.objects.filter(notice__in=notices).delete()
    Notice.objects.filter(pk__in=notices).delete()
    return len(notices)


def _some_records(
    hashes: Sequence[bytes], before: datetime, data_types: Collection[int] | None, after: int
) -> list[int]:
    theirs = Q(ci_hash__in=hashes) | Q(person_hash__in=hashes)
    rows = Record.objects.filter(theirs, received_at__lte=before, pk__gt=after)
    if data_types is not None:
        rows = rows.filter(data_type__in=data_types)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])


@retried
@transaction.atomic
def _erase_some_records(chosen: Sequence[int], held: Held, owned_by: Collection[UUID], *, blank: bool) -> int:
    keys = CitizenKey.objects.filter(Q(key_hash=OuterRef("ci_hash")) | Q(key_hash=OuterRef("person_hash")))
    rows = Record.objects.select_for_update(of=("self",)).filter(pk__in=chosen).select_related("agency")
    found = list(rows.filter(~Exists(keys.exclude(citizen__in=owned_by))).order_by("pk"))
    numbers = [row.pk for row in found]
    _remove_numbers(found)
    TemplateComplaint.objects.filter(record__in=numbers).delete()
    stay = held(numbers) | set(Notice.objects.filter(record__in=numbers).values_list("record_id", flat=True))
    Record.objects.filter(pk__in=set(numbers) - stay).delete()
    for row in found:
        if row.pk in stay and blank:
            case = row.payload.get(CASE)
            content = _no_content(row.agency.code, row.external_id, {CASE: case} if case else {})
            Record.objects.filter(pk=row.pk).update(**content)
    return len(found)


def _remove_numbers(records: Sequence[Record]) -> None:
    """Remove lines that feeds refused about the same case: they name its number."""
    if records:
        values: dict[str, Any] = {
            "agencies": [row.agency_id for row in records],
            "numbers": [row.external_id for row in records],
        }
        with connection.cursor() as cursor:
            cursor.execute(NUMBERS, values)


def _no_content(agency_code: str, external_id: str, fields: dict[str, object]) -> dict[str, Any]:
    """Return the columns of a record without a subject: its key hash is random, equal to no citizen's key."""
    sealed = cipher().encrypt(orjson.dumps(fields), bound_to=Record.payload_bound_to(agency_code, external_id))
    return {
        "ci_hash": None,
        "person_hash": os.urandom(32),
        "payload_encrypted": sealed,
        "told_encrypted": None,
        "announce_digest": BLANK,
        "content_digest": None,
        "digest_version": 0,
        "date_1": None,
        "date_2": None,
        "date_3": None,
        "date_4": None,
        "happens_at": None,
    }
