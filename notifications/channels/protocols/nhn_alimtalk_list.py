"""Build the list query of NHN's Alimtalk and read its answer.

`GET /alimtalk/v2.3/appkeys/{appkey}/messages` by `requestId`, or by a range of request dates (at most 30 days) with
`senderGroupingKey` or `recipientGroupingKey`. Source: Alimtalk API v2.3 Guide, message list.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from notifications.channels.codes import nhn_alimtalk
from notifications.channels.contract import Outcome, Polled
from notifications.channels.protocols.nhn import PAGE, around
from secretary.kernel.adapters.exchange import HttpAnswer
from secretary.kernel.adapters.reading import UNREADABLE, code_label, label, mapping

_DATE = "%Y-%m-%d %H:%M"

Listed = Mapping[str, Mapping[str, Any]]  # our reference → the message as NHN lists it


def by_request(request_id: str) -> str:
    return _query({"requestId": request_id})


def by_batch(group: Sequence[Polled]) -> str:
    """Return all messages that were sent under one batch key."""
    return _query({**around(group, _DATE), "senderGroupingKey": group[0].batch_key})


def by_reference(item: Polled) -> str:
    return _query({**around([item], _DATE), "recipientGroupingKey": item.message.reference})


def listed(answer: HttpAnswer) -> Listed | None:
    """Query the list. None when there was no answer, or none that can be read: nothing is known."""
    try:
        body = mapping(answer.body)
        if not body["header"]["isSuccessful"]:
            return None
        messages = body["messageSearchResultResponse"]["messages"]
        return {item["recipientGroupingKey"]: item for item in messages}
    except UNREADABLE:
        return None


def outcome(reference: str, item: Mapping[str, Any]) -> Outcome:
    code = code_label(item.get("resultCode") or "")
    verdict = nhn_alimtalk.listed(str(item.get("messageStatus") or ""), code)
    return Outcome(reference, verdict, code, label(f"{item.get('requestId')}/{item.get('recipientSeq')}"))


def _query(query: Mapping[str, str]) -> str:
    return urlencode({**query, "pageNum": "1", "pageSize": str(PAGE)})
