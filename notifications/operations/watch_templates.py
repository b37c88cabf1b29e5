"""Raise an alarm for each live version that lacks a stage its records may come to."""

from datetime import datetime

from notifications.alarms import raise_alarm
from subscriptions.data_types.checks import live_without_return


def watch_templates(*, now: datetime) -> int:
    """Return how many live versions notify people of an end and have no stage for its reversal."""
    versions = list(live_without_return())
    for version in versions:
        message = (
            f"{version.data_type.code} v{version.number} notifies people that a record is over, but has no stage for "
            "reopening it (reopened): add one with message templates on every channel; until then they get the first "
            "notice once more"
        )
        raise_alarm(kind="reopened_unsaid", subject=version.data_type.code, message=message, now=now)
    return len(versions)
