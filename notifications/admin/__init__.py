"""Show administrators the pages about records, notices, feeds and channels."""

from notifications.admin import (
    agency_key,
    alarm,
    channel,
    declared_holiday,
    delivery_hour,
    feed,
    feed_run,
    notice,
    record,
    serial_pattern,
    yearly,
)

__all__ = [
    "agency_key",
    "alarm",
    "channel",
    "declared_holiday",
    "delivery_hour",
    "feed",
    "feed_run",
    "notice",
    "record",
    "serial_pattern",
    "yearly",
]
