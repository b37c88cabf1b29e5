"""ERASE: remove a person, at once where they are known and in the background where they are many.

The request and the person's end are one transaction: name, birth date, contacts, keys and choices go in it, so that
from its commit on no one can sign in as them, nothing new is sent, and a new sign-up finds nothing. Notices, records,
bills, history and sessions go in steps by a job that is enqueued at once, which also tells Toss that a link has ended.
Each step may run again; what a step has to wait for (a message that a worker is sending, a payment whose outcome is
unknown, Toss) makes it come back later. The sweep finds what a lost message or a killed worker left.
"""

import logging
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.apps import apps
from django.db import connection, transaction

from citizens.models import Erasure
from citizens.own_data.end_toss_links import end_toss_links
from citizens.own_data.law import CONSENTS, KEPT, PAYMENTS
from notifications.alarms import raise_alarm
from notifications.own_data.erase import erase_notices, erase_records
from payments.own_data.erase import erase_bills, last_payment, payment_under_way, records_with_bills
from secretary.kernel.audit.audit import record_audit
from secretary.kernel.database.each import ends_everything, place_of
from secretary.kernel.database.retry import retried
from secretary.kernel.enqueue import enqueue
from secretary.kernel.time.clock import kst_date
from subscriptions.enrolment.people import lock_keys, lock_people_of
from subscriptions.models import Citizen
from subscriptions.own_data.erase import close_people, erase_history, hashes_of, numbers_of, rows_of, toss_keys_of
from subscriptions.web.erase_sessions import erase_sessions

logger = logging.getLogger(__name__)
TASK = "citizens.erase"
ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"  # no I, L, O, U, 0, 1: it is read out on the telephone
LETTERS = 12  # 58 bits: no guessing finds a receipt
# 표준 개인정보 보호지침 §10①: without delay is within five days.
PROMISED = timedelta(days=5)
LEASE_SECONDS = 300  # longer than the task's limit
WAIT_SECONDS = 60
TAKE = """
UPDATE citizens_erasure SET tries = tries + 1, try_at = clock_timestamp() + make_interval(secs => %s)
WHERE id = %s AND state = 'waiting' AND try_at <= clock_timestamp() RETURNING 1
"""
LATER = "UPDATE citizens_erasure SET try_at = clock_timestamp() + make_interval(secs => %s) WHERE id = %s"


class PaymentUnderWay(Exception):
    """Money may be captured at this moment. Its outcome is found out first; then the person can be erased."""


@retried
@transaction.atomic
def request_erasure(*, citizen_id: UUID, actor: str, why: str, now: datetime) -> Erasure:
    """End the person now, and let the job remove the rest. A second request returns the first one.

    Raises PaymentUnderWay, Citizen.DoesNotExist, Busy.
    """
    hashes = hashes_of([citizen_id])
    lock_keys([*hashes, *numbers_of([citizen_id])])
    people = rows_of(citizen_id)
    locked = {row.pk: row for row in lock_people_of([], people=people)}
    if citizen_id not in locked:
        raise Citizen.DoesNotExist
    if locked[citizen_id].state == Citizen.ERASED:
        return Erasure.objects.get(people__contains=[citizen_id])
    if payment_under_way(people):
        raise PaymentUnderWay
    erasure = Erasure(
        number=new_number(),
        why=why,
        asked_at=now,
        promised_by=now + PROMISED,
        people=people,
        hashes=hashes_of(people),
        contacts=numbers_of(people),
    )
    erasure.toss_keys = toss_keys_of(people)
    erasure.save()
    close_people(people=people, now=now)
    record_audit(now=now, actor=actor, action="citizen.erased", citizen_id=citizen_id, object=f"erasure:{erasure.pk}")
    transaction.on_commit(lambda: enqueue(TASK, erasure_id=erasure.pk))
    return erasure


def new_number() -> str:
    """Return a receipt number that cannot be guessed: "KMPT-2QX9-ABCD"."""
    text = "".join(secrets.choice(ALPHABET) for _ in range(LETTERS))
    return "-".join(text[start : start + 4] for start in range(0, LETTERS, 4))


def erase_person(*, erasure_id: int, now: datetime) -> bool:
    """Do the steps that are left, unless another worker is at them; return whether all are done."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [LEASE_SECONDS, erasure_id])
        if cursor.fetchone() is None:
            return False
    erasure = Erasure.objects.get(pk=erasure_id)
    for number, step in enumerate(STEPS[erasure.done :], erasure.done + 1):
        if not step(erasure, now):
            _later(erasure, now)
            return False
        erasure.done = number
        erasure.save(update_fields=["done", "removed"])
    _finish(erasure, now)
    return True


def erase_person_safely(*, erasure_id: int, now: datetime) -> None:
    """As `erase_person`; a failure is tried again by the sweep after the lease, and raises an alarm."""
    try:
        erase_person(erasure_id=erasure_id, now=now)
    except Exception as error:
        if ends_everything(error):
            raise
        logger.error("erasure %s stopped: %s at %s", erasure_id, type(error).__name__, place_of(error))
        message = f"an erasure stopped ({type(error).__name__}); it is tried again; see the log"
        raise_alarm(kind="erasure_stopped", subject=f"erasure:{erasure_id}", message=message, now=now)


def waiting_erasures() -> list[int]:
    """Return those that no worker holds. One statement that touches a partial index."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM citizens_erasure WHERE state = 'waiting' AND try_at <= clock_timestamp() LIMIT 100"
        )
        return [pk for (pk,) in cursor.fetchall()]


def _copies(erasure: Erasure, now: datetime) -> bool:
    """Remove what this app holds about the person: copies of their data, and whatever else hangs on their row."""
    for model in apps.get_app_config("citizens").get_models():
        if "citizen" in {field.name for field in model._meta.fields}:
            model._default_manager.filter(citizen__in=erasure.people).delete()
    return True


def _bills(erasure: Erasure, now: datetime) -> bool:
    bills = erase_bills(people=erasure.people, now=now)
    _count(erasure, "bills", bills.removed)
    return not bills.waits


def _notices(erasure: Erasure, now: datetime) -> bool:
    removed, waits = erase_notices(people=erasure.people)
    _count(erasure, "notices", removed)
    return not waits


def _records(erasure: Erasure, now: datetime) -> bool:
    hashes = [bytes(each) for each in erasure.hashes]
    _count(erasure, "records", erase_records(hashes=hashes, before=erasure.asked_at, held=records_with_bills))
    return True


def _sessions(erasure: Erasure, now: datetime) -> bool:
    keys, contacts = ({bytes(each) for each in column} for column in (erasure.hashes, erasure.contacts))
    erase_sessions(people=set(erasure.people), keys=keys, contacts=contacts)
    return True


def _history(erasure: Erasure, now: datetime) -> bool:
    erase_history(erasure.people)
    return True


# Toss last: while it does not answer, nothing of the person is left but the numbers by which it knows them.
STEPS: Sequence[Callable[[Erasure, datetime], bool]] = (
    *(_copies, _bills, _notices, _records, _sessions, _history),
    end_toss_links,
)


def _count(erasure: Erasure, what: str, rows: int) -> None:
    erasure.removed = {**erasure.removed, what: erasure.removed.get(what, 0) + rows}


def _later(erasure: Erasure, now: datetime) -> None:
    erasure.save(update_fields=["removed"])
    with connection.cursor() as cursor:
        cursor.execute(LATER, [WAIT_SECONDS, erasure.pk])
    if now > erasure.promised_by:
        message = "an erasure is overdue: a message or a payment of the person has not ended, or Toss gives no answer"
        raise_alarm(kind="erasure_overdue", subject=f"erasure:{erasure.pk}", message=message, now=now)


@transaction.atomic
def _finish(erasure: Erasure, now: datetime) -> None:
    begins = {CONSENTS: kst_date(erasure.asked_at)}
    if (paid := last_payment(erasure.people)) is not None:
        begins[PAYMENTS] = paid
    erasure.kept = {what: KEPT[what].until(begins[what]).isoformat() for what in KEPT if what in begins}
    erasure.hashes, erasure.contacts = [], []
    erasure.state, erasure.finished_at = Erasure.DONE, now
    erasure.save()
    record_audit(now=now, actor="system", action="erasure.finished", object=f"erasure:{erasure.pk}")
