"""List the retention periods that operators choose. Their meaning: docs/privacy.md."""

from secretary import env

KEPT_DAYS = {
    "receipts": env.integer("KEEP_RECEIPTS_DAYS", 180),
    "pushes": env.integer("KEEP_PUSHES_DAYS", 90),
    "refused_lines": env.integer("KEEP_REFUSED_LINES_DAYS", 90),
    "feed_runs": env.integer("KEEP_FEED_RUNS_DAYS", 366),
    "alarms": env.integer("KEEP_ALARMS_DAYS", 366),
    "access_logs": env.integer("KEEP_ACCESS_LOGS_DAYS", 731),
    "payment_events": env.integer("KEEP_PAYMENT_EVENTS_DAYS", 1827),
}
# A person's own copy holds everything in clear: long enough to fetch it after a weekend, no longer.
OWN_DATA_EXPORT_HOURS = env.integer("OWN_DATA_EXPORT_HOURS", 72)
OWN_DATA_EXPORTS_PER_DAY = env.integer("OWN_DATA_EXPORTS_PER_DAY", 3)  # each reads all that is held about the person
