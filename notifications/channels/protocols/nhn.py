"""Read what NHN Cloud's message products share: the webhook's envelope, times of lists, one answer for a group."""

import hmac
from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import timedelta, timezone
from typing import Any, TypeVar

from notifications.channels.answers import callback_json
from notifications.channels.contract import Callback, ForgedCallback, Polled, Receipt, UnreadableCallback
from secretary.kernel.adapters.reading import UNREADABLE

KST = timezone(timedelta(hours=9))
PAGE = 1000  # the page size limit of a list, and the most recipients of one request
# NHN's request dates are assumed to be KST: unverified, so the range is wide enough for UTC.
BEFORE, AFTER = timedelta(hours=10), timedelta(hours=14)

ItemT = TypeVar("ItemT")


def grouped(items: Sequence[ItemT], key: Callable[[ItemT], Hashable]) -> list[list[ItemT]]:
    groups: dict[Hashable, list[ItemT]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return list(groups.values())


def around(group: Sequence[Polled], form: str) -> dict[str, str]:
    """Return the range of request dates that a list by our keys must name (at most 30 days)."""
    starts = [item.started_at.astimezone(KST) for item in group]
    return {
        "startRequestDate": f"{min(starts) - BEFORE:{form}}",
        "endRequestDate": f"{max(starts) + AFTER:{form}}",
    }


def hooks(
    callback: Callback,
    *,
    secret: str,
    app_key: str,
    read: Callable[[Mapping[str, Any]], Receipt],
    read_all: Callable[[Sequence[Mapping[str, Any]]], list[Receipt] | None] = lambda _: None,
) -> list[Receipt]:
    """Authenticate a webhook and read its results of messages; another product's or event's are none of ours.

    `read_all`: reads many together, as `read` would; None: they must be read one by one.
    The header is a fixed shared value and no HMAC over the body (Webhook Guides of both products): TLS must protect it.
    """
    given = callback.headers.get("x-toast-webhook-signature", "").encode()
    if not hmac.compare_digest(given, secret.encode()):
        raise ForgedCallback
    body = callback_json(callback.body)
    try:
        if body["appKey"] != app_key or body["event"] != "MESSAGE_RESULT_UPDATE":
            return []
        given = body["hooks"]
        together = read_all(given)
        return [read(hook) for hook in given] if together is None else together
    except UNREADABLE:
        raise UnreadableCallback("not a hook of the documented shape") from None
