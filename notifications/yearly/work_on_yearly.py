"""Do what one minute may do for the yearly message: list people, poll, send no more than is set, count."""

from collections.abc import Callable
from datetime import datetime

from django.conf import settings

from notifications.delivery.gateways import smallest_batch
from notifications.yearly.poll_yearly import poll_yearly
from notifications.yearly.send_yearly import claim_yearly, send_claimed
from notifications.yearly.yearly_run import count_outcomes, day_of_run, list_people


def work_on_yearly(*, now: Callable[[], datetime], until: Callable[[], bool] = lambda: False) -> int:
    """Do what one minute may do: list people, poll for open outcomes, send; return how many attempts were made."""
    poll_yearly(now=now())
    day = day_of_run(now())
    if day is None:
        return 0
    most = settings.YEARLY_MESSAGES_PER_MINUTE
    list_people(day=day, most=most, now=now())
    made = looked_at = 0
    while looked_at < most and not until():
        claimed = claim_yearly(
            year=day.year, most=min(settings.CLAIM_BATCH, smallest_batch(), most - looked_at), now=now()
        )
        if not claimed.looked_at:
            break
        send_claimed(claimed, now=now())
        made, looked_at = made + len(claimed.made), looked_at + claimed.looked_at
    count_outcomes(year=day.year, now=now())
    return made
