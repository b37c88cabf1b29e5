"""Show in the bar of a signed-in person how many notices are new to them."""

from typing import Any

from django import template

from citizens.inbox.unread import COUNTED, unread
from subscriptions.web.citizens.entry import KEY

register = template.Library()


@register.simple_tag(takes_context=True)
def unread_notices(context: dict[str, Any]) -> str:
    """Return "3" or "9+"; "" for none."""
    request = context.get("request")
    entry = request.session.get(KEY) if request else None
    count = unread(entry["id"]) if entry else 0
    return f"{COUNTED}+" if count > COUNTED else str(count or "")
