"""Show in the bar of a signed-in person how many notices are new to them."""

from typing import Any
from uuid import UUID

from django import template
from django.db import connection

from citizens.inbox.notices import NEVER_OUT
from secretary.kernel.database.prepared import planned
from subscriptions.web.session import signed_in

COUNTED = 9  # a header says "9+" beyond
LOOKED_AT = 100  # of the newest notices: a long history costs no more
# OFFSET 0: each of the newest is looked up by its key until enough are new. As a join, a plan that was made while few
# notices were read hashes all rows.
LATEST = """
SELECT count(*) FROM (
    SELECT 1 FROM (
        SELECT n.id, n.state FROM notifications_notice n WHERE n.citizen_id = {citizen}
        ORDER BY n.id DESC LIMIT {most}
    ) newest
    WHERE newest.state <> ALL({never_out})
      AND NOT EXISTS (SELECT 1 FROM citizens_readnotice rd WHERE rd.notice_id = newest.id OFFSET 0)
    LIMIT {counted}
) unread
"""
WRITTEN = {"most": LOOKED_AT, "never_out": f"ARRAY{sorted(NEVER_OUT)}", "counted": COUNTED + 1}
COUNT = planned(LATEST.format(citizen="%(citizen)s", **WRITTEN))
ALONG = "new_notices"  # what the person's row brings along (citizens/apps.py)

register = template.Library()


@register.simple_tag(takes_context=True)
def unread_notices(context: dict[str, Any]) -> str:
    """Return "3" or "9+"; "" for none."""
    request = context.get("request")
    found = signed_in.current(request) if request else None
    if request is None or found is None:
        return ""
    count = signed_in.along(request, ALONG)
    if count is None:
        count = unread(UUID(found.id))
    return f"{COUNTED}+" if count > COUNTED else str(count or "")


def unread(citizen_id: UUID) -> int:
    """Return how many of the newest notices are new, at most one more than COUNTED."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, {"citizen": citizen_id})
        (count,) = cursor.fetchone()
    return int(count)


def sql_along() -> str:
    """Return the SQL that counts them for each row of citizens that a statement reads."""
    return f"({LATEST.format(citizen='subscriptions_citizen.id', **WRITTEN)})"
