"""Build SQL over a delivery `d` and its notice `n`: whether what went into the text, besides the record's own version,
has changed since the delivery began, so that it cannot be written again as it was sent.
"""

from secretary.kernel.time.working_days import LONGEST_REST


def renamed_sql(registered_by: str) -> str:
    """Return whether an office has corrected the name that it had entered. `registered_by`: SQL, of the person."""
    return f"""
({registered_by} = 'office' AND EXISTS (
    SELECT 1 FROM common_auditevent e
    WHERE e.citizen_id = n.citizen_id AND e.action = 'registration.corrected' AND e.at > d.started_at))
"""  # noqa: S608  (constants)


def moved_sql(*days: str) -> str:
    """Return whether a holiday was declared or withdrawn that may move one of these days; `days` is SQL."""
    near = " OR ".join(f"abs(h.day - ({day})) <= {LONGEST_REST.days}" for day in days)
    return f"""
EXISTS (
    SELECT 1 FROM notifications_declaredholiday h
    WHERE greatest(h.declared_at, h.withdrawn_at) > d.started_at AND ({near}))
"""  # noqa: S608  (constants)
