"""The invariant of every fault: what was committed is finished, and the gateways' own messages agree with ours."""

from collections import Counter

from notifications.states import DELIVERED, FAILED, NOTICE_MOVES, REVIEW, UNKNOWN
from tests.faults.rig.service import Service

GATEWAYS = {"kakaotalk": "nhn", "naver": "solapi", "toss": "toss", "sms": "twilio"}
AT_THE_GATEWAY = (DELIVERED, FAILED)  # states of a delivery that a gateway has had


def assert_balanced(service: Service, *, committed: int, review: int = 0) -> None:
    """`committed` notices, all of them finished but for `review`; each message once, and known to both sides alike."""
    states = service.states()
    finished = sum(number for state, number in states.items() if not NOTICE_MOVES[state])
    figures = service.figures
    figures.notices, figures.finished, figures.review = committed, finished, states.get(REVIEW, 0)
    figures.unknown = states.get(UNKNOWN, 0)
    assert (finished, states.get(REVIEW, 0)) == (committed - review, review), states
    assert sum(states.values()) == committed
    _assert_messages_agree(service)


def _assert_messages_agree(service: Service) -> None:
    """Message by message: reference, gateway, the gateway's id, and how it ended."""
    rows = service.sandbox.rows()
    theirs = {row["reference"]: (row["gateway"], row["vendor_id"], row["state"]) for row in rows}
    twice = [reference for reference, times in Counter(row["reference"] for row in rows).items() if times > 1]
    service.figures.duplicates = len(twice)
    assert twice == []
    deliveries = service.rows(
        "SELECT 'ps-' || id, channel, vendor_id, state FROM notifications_delivery WHERE state = ANY(%s)",
        list(AT_THE_GATEWAY),
    )
    ours = {
        reference: (GATEWAYS[channel], own_id(vendor_id, channel), state)
        for reference, channel, vendor_id, state in deliveries
    }
    differing = {key: (ours.get(key), theirs.get(key)) for key in ours.keys() | theirs.keys()}
    differing = {key: pair for key, pair in differing.items() if pair[0] != pair[1]}
    assert differing == {}, (len(differing), list(differing.items())[:5])
    _assert_notified_once(service)


def own_id(vendor_id: str, channel: str) -> str:
    """Solapi's messages are known by their group as well; it has them by their own id."""
    return vendor_id.rpartition("/")[2] if channel == "naver" else vendor_id


def _assert_notified_once(service: Service) -> None:
    """No notice reached a person on two messages, and the same words never went out twice to one number."""
    delivered = "SELECT notice_id FROM notifications_delivery WHERE state = 'delivered' GROUP BY 1 HAVING count(*) > 1"
    assert service.rows(delivered) == []
    words = Counter((row["person"], row["text"]) for row in service.sandbox.rows() if row["state"] == DELIVERED)
    assert [key for key, times in words.items() if times > 1] == []
