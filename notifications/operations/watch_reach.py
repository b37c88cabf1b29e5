"""REACH: check unreached people: reached by now, perhaps reachable, or still counted as unreached.

They have a small table of their own (subscriptions/models/unreached.py): no scan over notices is needed.
"""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from notifications.alarms import alarm_of_row, raise_alarm
from secretary.kernel.database.each import for_each_apart
from secretary.kernel.database.retry import retried
from secretary.kernel.database.sql import read_sql
from secretary.kernel.scheduled_runs import first_of_run
from subscriptions.enrolment.look_again import look_again, look_anew
from subscriptions.enrolment.people import lock_person
from subscriptions.models import Unreached

AT_ONCE = 2000  # rows of one check, beginning with the longest unchecked; a second of work
LOOK = read_sql("notifications", "unreached_people")
# Off the index of the citizens, and no further than COUNTED.
COUNT = """
SELECT count(*), count(*) FILTER (WHERE c.registered_by = 'office'), count(*) FILTER (WHERE EXISTS (
    SELECT 1 FROM subscriptions_unreached u WHERE u.citizen_id = c.id AND u.notice_id IS NULL))
FROM (SELECT DISTINCT citizen_id FROM subscriptions_unreached ORDER BY citizen_id LIMIT %(most)s) people
JOIN subscriptions_citizen c ON c.id = people.citizen_id
"""
COUNTED = 10_000


def watch_reach(*, now: datetime) -> int:
    """Check the people who were not checked for longest; return for how many undelivered notices are made again."""
    with connection.cursor() as cursor:
        cursor.execute(LOOK, {"most": AT_ONCE})
        people = cursor.fetchall()
    over = [citizen for citizen, has_ended, _, _ in people if has_ended]
    Unreached.objects.filter(citizen__in=over).delete()
    found = [
        (citizen, reached) for citizen, has_ended, reached, hopeful in people if not has_ended and (reached or hopeful)
    ]
    for_each_apart(
        found,
        lambda each: _again(*each),
        what="people to reach",
        on_failure=lambda each, why: alarm_of_row(loop="people to reach", now=now)(each[0], why),
    )
    Unreached.objects.filter(citizen__in=[citizen for citizen, *_ in people]).update(looked_at=now)
    if first_of_run(name="count_unreached", seconds=900, now=now):
        count_unreached(now=now)
    return len(found)


@retried
@transaction.atomic
def _again(citizen_id: UUID, is_reached: bool) -> None:
    lock_person(citizen_id)
    if is_reached:
        look_anew(citizen_id)
    else:
        look_again(citizen_id)


def count_unreached(*, now: datetime) -> int:
    """Raise an alarm with the number of unreached people, from UNREACHED_ALARM_PEOPLE on; return it (≤ COUNTED)."""
    people, by_office, without_way = unreached_people()
    if people >= settings.UNREACHED_ALARM_PEOPLE:
        message = (
            f"{people}{' or more' if people == COUNTED else ''} people are reached by no channel, {by_office} of them "
            f"registered by an office; {without_way} chose no usable channel. See the list"
        )
        raise_alarm(kind="unreached", subject="people", message=message, now=now, newest_words=True)
    return people


def unreached_people() -> tuple[int, int, int]:
    """Return how many people no channel reaches (≤ COUNTED), and of them those whom an office registered, and those
    who chose no usable channel."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, {"most": COUNTED})
        people, by_office, without_way = cursor.fetchone()
    return people, by_office, without_way
