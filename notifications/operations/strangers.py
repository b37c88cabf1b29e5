"""STRANGERS: find feeds whose newest records match no enrolled person, as with names in another order.

Most records of a feed are about people who are not enrolled. But thousands in a row that match no person are a
sign that the agency's keys are made differently from ours. Checked once an hour and on a feed's page, off the indexes
of batches and keys; nothing is counted while records are ingested.
"""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext_lazy as _

from notifications.alarms import raise_alarm
from notifications.models import Feed
from secretary.kernel.database.sql import read_sql

KINDS = {"ci": _("CI"), "person": _("name, birth date and phone")}
LOOKED_AT = 3  # times FEED_STRANGERS_ALARM: a feed may name its people in two ways
MOST_RUNS = 1000  # runs with records; a push may be a run of one record
NEWEST = read_sql("notifications", "feed_strangers")


@dataclass(frozen=True, slots=True)
class Met:
    """The count of a feed's newest records that name people in one way, and how many match an enrolled person."""

    kind: str
    records: int
    known: int


def people_met(feed_id: int) -> list[Met]:
    """Return one count for each way in which the feed names people."""
    most = LOOKED_AT * max(settings.FEED_STRANGERS_ALARM, 1000)
    with connection.cursor() as cursor:
        cursor.execute(NEWEST, {"feed": feed_id, "runs": MOST_RUNS, "records": most})
        by_ci, known_by_ci, by_person, known_by_person = cursor.fetchone()
    met = [Met("ci", by_ci, known_by_ci), Met("person", by_person, known_by_person)]
    return [each for each in met if each.records]


def watch_strangers(*, now: datetime) -> None:
    """Raise an alarm for each feed that names FEED_STRANGERS_ALARM people and no enrolled person."""
    if not settings.FEED_STRANGERS_ALARM:
        return
    for feed in Feed.objects.filter(enabled=True):
        for met in people_met(feed.pk):
            if met.records >= settings.FEED_STRANGERS_ALARM and not met.known:
                way = "CI" if met.kind == "ci" else "name, birth date and phone"
                raise_alarm(
                    kind="feed_strangers",
                    subject=f"{feed.name} {met.kind}",
                    message=f"none of the newest {met.records} records with {way} matches an enrolled person",
                    now=now,
                )
