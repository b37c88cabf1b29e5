"""Show in the bar of a signed-in person how many notices are new to them."""

from typing import Any
from uuid import UUID

from django import template

from citizens.inbox.unread import COUNTED, unread
from subscriptions.web.session import signed_in

register = template.Library()


@register.simple_tag(takes_context=True)
def unread_notices(context: dict[str, Any]) -> str:
    """Return "3" or "9+"; "" for none."""
    request = context.get("request")
    found = signed_in.current(request) if request else None
    count = unread(UUID(found.id)) if found else 0
    return f"{COUNTED}+" if count > COUNTED else str(count or "")
