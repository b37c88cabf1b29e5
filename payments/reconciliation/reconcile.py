"""Reconcile one day three ways: the providers' settlement files, our ledger, the agencies' lists of what came in.

What others list for the day must be known here, on whatever day; what we booked on the day must be listed there
within a day on either side, since an answer that was lost before midnight is learnt after it. Running it again updates
only what has changed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Sum

from notifications.alarms import alarm_of_row, raise_alarm
from payments.checkout.poll_payments import poll_soon
from payments.models import Difference, LedgerEntry, Payment, ReconcileRun
from payments.reconciliation import remedies
from payments.reconciliation.compare_agencies import Agencies, compare_agencies, read_agencies
from payments.reconciliation.compare_providers import Files, compare_providers, read_files
from payments.reconciliation.remedies import Found
from secretary.kernel.audit.audit import record_audit
from secretary.kernel.database.each import for_each_apart
from secretary.kernel.time.clock import KST, end_of_day, kst_date

MACHINE = "reconcile"
LOOK_BACK = 3  # days that are repeated if answers are missing


@dataclass(frozen=True, slots=True)
class Reconciled:
    run: ReconcileRun
    open: int  # unresolved differences


def reconcile(*, day: date, now: datetime) -> Reconciled:
    """Query all first, with no transaction open; then write all that was found at once."""
    files = read_files(day, now=now)
    agencies = read_agencies(day, now=now)
    return _write(day, files, agencies, now)


def reconcile_due(*, now: datetime) -> int:
    """Compare the recent days that are not compared completely; return how many were tried."""
    if now.astimezone(KST).time() < settings.RECONCILE_AFTER:
        return 0
    days = [kst_date(now) - timedelta(days=back) for back in range(1, LOOK_BACK + 1)]
    complete = set(ReconcileRun.objects.filter(day__in=days, complete=True).values_list("day", flat=True))
    due = [day for day in days if day not in complete and _was_in_use(day)]
    alarm = alarm_of_row(loop="days to reconcile", now=now)
    for_each_apart(due, lambda day: reconcile(day=day, now=now), what="reconcile", on_failure=alarm)
    return len(due)


def _was_in_use(day: date) -> bool:
    return Payment.objects.filter(created_at__lt=end_of_day(day)).exists()


@transaction.atomic
def resolve_difference(*, difference_id: int, actor: str, reason: str, now: datetime) -> bool:
    """Mark a difference as resolved by a person. False where it was resolved already."""
    unresolved = Difference.objects.filter(pk=difference_id, resolved_at=None)
    if not unresolved.update(resolved_at=now, resolved_by=actor, resolution=reason[:200]):
        return False
    record_audit(
        now=now, actor=actor, action="difference.resolved", object=f"difference:{difference_id}", reason=reason
    )
    return True


@transaction.atomic
def _write(day: date, files: Files, agencies: Agencies, now: datetime) -> Reconciled:
    complete = files.complete and agencies.complete
    run, _ = ReconcileRun.objects.select_for_update().update_or_create(
        day=day, defaults={"ran_at": now, "complete": complete, **_totals(day, files, agencies)}
    )
    found = [*compare_providers(day, files), *compare_agencies(day, agencies)]
    _keep(run, found, now)
    _resolve_gone(run, found, {*files.silent, *agencies.silent}, now)
    poll_soon(payment_ids=[item.payment_id for item in found if item.kind in remedies.POLLED and item.payment_id])
    unresolved = run.differences.filter(resolved_at=None).count()
    if unresolved or not complete:
        silent = ", ".join(sorted({*files.silent, *agencies.silent})) or "none"
        message = f"{unresolved} differences to resolve; no answer from: {silent}"
        raise_alarm(kind="reconcile", subject=str(day), message=message, now=now)
    return Reconciled(run, unresolved)


def _totals(day: date, files: Files, agencies: Agencies) -> dict[str, int]:
    return {
        "provider_total": files.total,
        "ledger_total": _booked(day, "provider:"),
        "due_to_agencies": -_booked(day, "agency:"),
        "agency_total": agencies.total(day),
    }


def _booked(day: date, accounts: str) -> int:
    rows = LedgerEntry.objects.filter(journal__day=day, account__startswith=accounts)
    return int(rows.aggregate(won=Sum("amount"))["won"] or 0)


def _keep(run: ReconcileRun, found: Iterable[Found], now: datetime) -> None:
    for item in found:
        row, new = Difference.objects.get_or_create(
            run=run,
            kind=item.kind,
            where=item.where,
            reference=item.reference,
            defaults={"payment_id": item.payment_id, "ours": item.ours, "theirs": item.theirs, "found_at": now},
        )
        if not new:
            _found_again(row, item)


def _found_again(row: Difference, item: Found) -> None:
    """Keep resolved what a person resolved; reopen what had gone by itself."""
    changes: dict[str, Any] = {"ours": item.ours, "theirs": item.theirs, "payment_id": item.payment_id}
    if row.resolved_by == MACHINE:
        changes |= {"resolved_at": None, "resolved_by": "", "resolution": ""}
    Difference.objects.filter(pk=row.pk).update(**changes)


def _resolve_gone(run: ReconcileRun, found: Iterable[Found], silent: set[str], now: datetime) -> None:
    still = {(item.kind, item.where, item.reference) for item in found}
    gone = [
        row.pk
        for row in run.differences.filter(resolved_at=None).exclude(where__in=silent)
        if (row.kind, row.where, row.reference) not in still
    ]
    Difference.objects.filter(pk__in=gone).update(resolved_at=now, resolved_by=MACHINE, resolution="gone by itself")
