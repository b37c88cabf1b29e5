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
COUNT = planned("""
SELECT count(*) FROM (
    SELECT 1 FROM (
        SELECT n.id, n.state FROM notifications_notice n WHERE n.citizen_id = %(citizen)s
        ORDER BY n.id DESC LIMIT %(most)s
    ) newest
    WHERE newest.state <> ALL(%(never_out)s)
      AND NOT EXISTS (SELECT 1 FROM citizens_readnotice rd WHERE rd.notice_id = newest.id) LIMIT %(counted)s
) unread
""")

register = template.Library()


@register.simple_tag(takes_context=True)
def unread_notices(context: dict[str, Any]) -> str:
    """Return "3" or "9+"; "" for none."""
    request = context.get("request")
    found = signed_in.current(request) if request else None
    count = unread(UUID(found.id)) if found else 0
    return f"{COUNTED}+" if count > COUNTED else str(count or "")


def unread(citizen_id: UUID) -> int:
    """Return how many of the newest notices are new, at most one more than COUNTED."""
    values: dict[str, Any] = {
        "citizen": citizen_id,
        "most": LOOKED_AT,
        "never_out": list(NEVER_OUT),
        "counted": COUNTED + 1,
    }
    with connection.cursor() as cursor:
        cursor.execute(COUNT, values)
        (count,) = cursor.fetchone()
    return int(count)
