"""Define the Celery tasks: three lines each. Losing any of these messages loses nothing."""

from celery import shared_task

from notifications.alarms import alarm_of_row
from payments.bills.follow_records import follow_records
from payments.checkout.poll_payments import alarm_about_unknown, poll_payments
from payments.checkout.poll_settled import poll_settled
from payments.checkout.post_to_agency import alarm_about_unposted, post_to_agencies
from payments.checkout.sweep import find_waiting
from payments.reconciliation.reconcile import reconcile_due
from payments.refunds.carry_out_refund import carry_out_refunds
from secretary.kernel.database.each import for_each_apart
from secretary.kernel.enqueue import enqueue
from secretary.kernel.scheduled_runs import first_of_run
from secretary.kernel.time import database_clock

# All calls of one task must end before the broker hands its message to another worker.
SOFT_LIMIT, LIMIT = 240, 270
# But for reconciliation, where a provider without settlement files is polled about every order. A message that is
# handed out a second time meanwhile finds that its run exists already.
LONG_SOFT_LIMIT, LONG_LIMIT = 3000, 3300


@shared_task(name="payments.ask", soft_time_limit=SOFT_LIMIT, time_limit=LIMIT)
def poll() -> None:
    poll_payments(now=database_clock.now())


@shared_task(name="payments.refund", soft_time_limit=SOFT_LIMIT, time_limit=LIMIT)
def refund() -> None:
    carry_out_refunds(now=database_clock.now())


@shared_task(name="payments.post", soft_time_limit=SOFT_LIMIT, time_limit=LIMIT)
def post() -> None:
    post_to_agencies(now=database_clock.now())


@shared_task(name="payments.sweep")
def sweep() -> None:
    """Enqueue again what a lost message or a killed worker left behind."""
    waiting = find_waiting()
    due = [
        name for name, is_due in (("ask", waiting.poll), ("refund", waiting.refund), ("post", waiting.post)) if is_due
    ]
    alarm = alarm_of_row(loop="payments to enqueue", now=database_clock.now())
    for_each_apart(due, lambda name: enqueue(f"payments.{name}"), what="payments.sweep", on_failure=alarm)


@shared_task(name="payments.watch")
def watch() -> None:
    """Update bills from the agencies' feeds; raise an alarm for what takes too long."""
    steps = (follow_records, alarm_about_unknown, alarm_about_unposted)
    alarm = alarm_of_row(loop="watch over payments", now=database_clock.now())
    for_each_apart(steps, lambda step: step(now=database_clock.now()), what="payments.watch", on_failure=alarm)


@shared_task(name="payments.reconcile", soft_time_limit=LONG_SOFT_LIMIT, time_limit=LONG_LIMIT)
def reconcile() -> None:
    """Yesterday, and the days about which a provider has not answered yet; every half hour at most, until it is
    complete. And what was settled some days ago with a provider that lists nothing."""
    now = database_clock.now()
    if first_of_run(name="reconcile", seconds=1800, now=now):
        alarm = alarm_of_row(loop="reconciliation", now=now)
        steps = (poll_settled, reconcile_due)
        for_each_apart(steps, lambda step: step(now=now), what="payments.reconcile", on_failure=alarm)
