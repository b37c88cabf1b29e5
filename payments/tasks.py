"""Celery's side: three lines each. Losing any of these messages loses nothing."""

from celery import shared_task

from notifications.ticks import first_of_tick
from notifications.wake import wake
from payments.ask_payments import alarm_about_unknown, ask_payments
from payments.carry_out_refund import carry_out_refunds
from payments.follow_records import follow_records
from payments.post_to_agency import alarm_about_unposted, post_to_agencies
from payments.reconcile import reconcile_due
from payments.sweep import find_waiting
from secretary.common import database_clock

# Everything that one task asks of others must end before the broker hands its message to somebody else.
SOFT_LIMIT, LIMIT = 240, 270
# But for reconciliation, where a provider without settlement files is asked about every order. A message that is handed
# out a second time meanwhile finds its tick taken.
LONG_SOFT_LIMIT, LONG_LIMIT = 3000, 3300


@shared_task(name="payments.ask", soft_time_limit=SOFT_LIMIT, time_limit=LIMIT)
def ask() -> None:
    ask_payments(now=database_clock.now())


@shared_task(name="payments.refund", soft_time_limit=SOFT_LIMIT, time_limit=LIMIT)
def refund() -> None:
    carry_out_refunds(now=database_clock.now())


@shared_task(name="payments.post", soft_time_limit=SOFT_LIMIT, time_limit=LIMIT)
def post() -> None:
    post_to_agencies(now=database_clock.now())


@shared_task(name="payments.sweep")
def sweep() -> None:
    """Restore whatever a queue can lose."""
    waiting = find_waiting()
    for name, due in (("ask", waiting.ask), ("refund", waiting.refund), ("post", waiting.post)):
        if due:
            wake(f"payments.{name}")


@shared_task(name="payments.watch")
def watch() -> None:
    """Bills follow the agencies' feeds; what takes too long raises an alarm."""
    follow_records(now=database_clock.now())
    alarm_about_unknown(now=database_clock.now())
    alarm_about_unposted(now=database_clock.now())


@shared_task(name="payments.reconcile", soft_time_limit=LONG_SOFT_LIMIT, time_limit=LONG_LIMIT)
def reconcile() -> None:
    """Yesterday, and what nobody answered about before; every half hour at most, until it is complete."""
    if first_of_tick(name="reconcile", seconds=1800, now=database_clock.now()):
        reconcile_due(now=database_clock.now())
