"""The one table of how notices and deliveries move. The database enforces the same table by triggers."""

import pgtrigger

# A notice (one per cause and person). SENDING lasts from the claim until the outcome is known: whether the gateway has
# the message already is a state of the delivery, so that the notice is not written once more for it.
READY, SENDING, UNKNOWN, REVIEW = "ready", "sending", "unknown", "review"
DELIVERED, FAILED, CANCELLED, TOO_LATE = "delivered", "failed", "cancelled", "too_late"

NOTICE_MOVES: dict[str, tuple[str, ...]] = {
    READY: (SENDING, FAILED, CANCELLED, TOO_LATE, REVIEW),
    SENDING: (READY, DELIVERED, FAILED, UNKNOWN, REVIEW),
    UNKNOWN: (READY, SENDING, DELIVERED, FAILED, REVIEW),
    REVIEW: (READY, SENDING, DELIVERED, FAILED, CANCELLED),
    DELIVERED: (),
    FAILED: (),
    CANCELLED: (),
    TOO_LATE: (),
}
NOTICE_FINAL = tuple(state for state, moves in NOTICE_MOVES.items() if not moves)
NOTICE_TOLD = (SENDING, UNKNOWN, DELIVERED)

# A delivery (one attempt on one channel). RETURNED: the gateway certainly did not send it.
SENT, RETURNED = "sent", "returned"

DELIVERY_MOVES: dict[str, tuple[str, ...]] = {
    SENDING: (SENT, DELIVERED, FAILED, UNKNOWN, RETURNED),
    SENT: (DELIVERED, FAILED, UNKNOWN, RETURNED),
    UNKNOWN: (SENT, DELIVERED, FAILED, RETURNED),
    DELIVERED: (),
    FAILED: (),
    RETURNED: (),
}
DELIVERY_FINAL = tuple(state for state, moves in DELIVERY_MOVES.items() if not moves)


def moves_only_forward(name: str, moves: dict[str, tuple[str, ...]]) -> pgtrigger.Trigger:
    """A trigger that refuses every change of `state` that the table does not hold.

    The test is in the trigger's WHEN clause, so a legal change costs no function call.
    """
    pairs = ", ".join(f"('{old}', '{new}')" for old, news in moves.items() for new in news)
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.UpdateOf("state"),  # type: ignore[no-untyped-call]
        condition=pgtrigger.Condition(
            f"OLD.state IS DISTINCT FROM NEW.state AND (OLD.state, NEW.state) NOT IN ({pairs})"
        ),
        func="RAISE EXCEPTION 'state may not go from % to %', OLD.state, NEW.state USING ERRCODE = 'check_violation';",
    )
