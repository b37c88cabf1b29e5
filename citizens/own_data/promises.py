"""PROMISES: do on its day what the consent texts and pages promise about erasing. Once an hour, by a job.

- Who withdraws the consent to the service is erased, unless they agree again within `KEEP_WITHDRAWN_DAYS`.
- What was received and sent of a kind that ended goes after the same days, unless it is taken up again.
- A case that is over goes `KEEP_OVER_DAYS` later, with its notices, no matter whose it is.
- Payments of people who are enrolled end `KEEP_PAYMENTS_DAYS` after the newest payment or refund of their bill.
- What the law keeps after an erasure goes when its time is over (law.py), and with the last of it the row's number.

A longer period than promised cannot be set (secretary/setting_groups/kept_days.py);
tests/citizens/own_data/test_promises.py holds every live text to this.
"""

import time
from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction

from citizens.models import Erasure, RecordWalk
from citizens.own_data.erase_person import PaymentUnderWay, request_erasure
from citizens.own_data.law import CONSENTS, KEPT, PAYMENTS
from notifications.alarms import alarm_of_row
from notifications.own_data.erase import erase_notices, erase_record, erase_records, records_over
from payments.own_data.erase import (
    bills_over,
    erase_bills,
    erase_bills_of,
    forget_bill,
    forget_payments,
    holds_bills,
    records_with_bills,
)
from secretary.kernel.audit.audit import record_audit
from secretary.kernel.database.each import for_each_apart
from secretary.kernel.time.clock import kst_date
from subscriptions.enrolment.people import lock_person
from subscriptions.models import Subscription
from subscriptions.own_data.erase import (
    ended_kinds,
    forget_consents,
    hashes_of,
    note_kind_erased,
    remove_rows,
    who_withdrew,
)

AT_ONCE = 500
WALK_SECONDS = 30.0


def keep_promises(*, now: datetime) -> None:
    """Do all that is due; a row that fails is tried again in the next hour, and raises an alarm."""
    before = now - timedelta(days=settings.KEPT_DAYS["withdrawn"])
    work = (
        ("people who withdrew", who_withdrew(before=before, limit=AT_ONCE), _erase_who_withdrew),
        ("kinds that ended", ended_kinds(before=before, limit=AT_ONCE), _erase_kind),
        ("what the law has kept", list(_with_rest()), _end_kept),
    )
    for what, rows, do in work:
        alarm = alarm_of_row(loop=f"erasing {what}", now=now)
        for_each_apart(rows, lambda row, do=do: do(row, now), what=what, on_failure=alarm)  # type: ignore[misc]
    _erase_cases_over(now)
    _end_payments(now)


def _erase_who_withdrew(citizen_id: object, now: datetime) -> None:
    try:
        request_erasure(citizen_id=citizen_id, actor="system", why=Erasure.WITHDREW, now=now)  # type: ignore[arg-type]
    except PaymentUnderWay:
        return  # in the next hour


@transaction.atomic
def _erase_kind(ended: Subscription, now: datetime) -> None:
    """In one transaction with the lock on the person: a kind that is taken up at this moment is not erased."""
    lock_person(ended.citizen_id)
    person, kind = [ended.citizen_id], [ended.data_type_id]
    if Subscription.objects.filter(citizen=ended.citizen_id, data_type=ended.data_type_id, ended_at=None).exists():
        return
    if erase_bills(people=person, data_types=kind, now=now).waits:
        return
    _, waits = erase_notices(people=person, data_types=kind)
    if waits:
        return
    erase_records(
        hashes=hashes_of(person), before=now, held=records_with_bills, data_types=kind, owned_by=person, blank=False
    )
    note_kind_erased(ended, now=now)
    what = f"data_type:{ended.data_type_id}"
    record_audit(now=now, actor="system", action="kind.erased", citizen_id=ended.citizen_id, object=what)


def _erase_cases_over(now: datetime) -> None:
    """Walk over all records, on from where the last run ended, for half a minute; at the end begin anew."""
    before = now - timedelta(days=settings.KEPT_DAYS["over"])
    alarm = alarm_of_row(loop="erasing cases that are over", now=now)

    def block(after: int) -> int | None:
        over, onward = records_over(after=after, before=before)
        for_each_apart(over, lambda pk: _erase_case(pk, now), what="cases that are over", on_failure=alarm)
        return onward

    _walk(RecordWalk.CASES, block)


def _end_payments(now: datetime) -> None:
    """Cut payments of enrolled people off from them when their time is over, and remove what the agency sent of it."""
    before = now - timedelta(days=settings.KEPT_DAYS["payments"])
    quiet_since = now - timedelta(days=settings.KEPT_DAYS["over"])
    alarm = alarm_of_row(loop="ending payments", now=now)

    def block(after: int) -> int | None:
        over, onward = bills_over(after=after, before=before, quiet_since=quiet_since)
        for_each_apart(over, _end_payment, what="payments whose time is over", on_failure=alarm)
        return onward

    _walk(RecordWalk.PAYMENTS, block)


def _end_payment(bill_id: int) -> None:
    if (record_id := forget_bill(bill_id)) is not None:
        erase_record(record_id)  # while a message about it is sent, the walk over cases removes it later


def _walk(which: int, block: Callable[[int], int | None]) -> None:
    walk, _ = RecordWalk.objects.get_or_create(pk=which)
    end, after = time.monotonic() + WALK_SECONDS, walk.after
    while True:
        after = block(after) or 0
        RecordWalk.objects.filter(pk=which).update(after=after)
        if not after or time.monotonic() > end:
            return


def _erase_case(record_id: int, now: datetime) -> None:
    if erase_bills_of(record_id, now=now):
        erase_record(record_id)


def _with_rest() -> list[Erasure]:
    return list(Erasure.objects.filter(state=Erasure.DONE).exclude(kept={}).order_by("pk"))


def _end_kept(erasure: Erasure, now: datetime) -> None:
    today = kst_date(now)
    due = [what for what, until in erasure.kept.items() if date.fromisoformat(until) < today]
    if not due:
        return
    with transaction.atomic():
        for what in due:
            if _end(what, erasure, today):
                del erasure.kept[what]
        if not erasure.kept:
            if not holds_bills(erasure.people):
                remove_rows(erasure.people)
            erasure.people = []
        erasure.save(update_fields=["kept", "people"])
    record_audit(now=now, actor="system", action="erasure.rest_removed", object=f"erasure:{erasure.pk}")


def _end(what: str, erasure: Erasure, today: date) -> bool:
    if what == PAYMENTS:
        period = timedelta(days=settings.KEPT_DAYS[KEPT[what].days])
        return forget_payments(people=erasure.people, before=today - period)
    if what == CONSENTS:
        forget_consents(erasure.people)
    return True
