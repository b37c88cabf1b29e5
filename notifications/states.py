"""The one table of how notices and deliveries move. The database enforces the same table by triggers."""

from secretary.common.transitions import final_states

# A notice (one per cause and person).
READY, SENDING, SENT, UNKNOWN, REVIEW = "ready", "sending", "sent", "unknown", "review"
DELIVERED, FAILED, CANCELLED, TOO_LATE = "delivered", "failed", "cancelled", "too_late"

NOTICE_MOVES: dict[str, tuple[str, ...]] = {
    READY: (SENDING, FAILED, CANCELLED, TOO_LATE, REVIEW),
    SENDING: (READY, SENT, DELIVERED, FAILED, UNKNOWN, REVIEW),
    SENT: (READY, DELIVERED, FAILED, UNKNOWN, REVIEW),
    UNKNOWN: (READY, SENT, DELIVERED, FAILED, REVIEW),
    REVIEW: (READY, SENT, DELIVERED, FAILED, CANCELLED),
    DELIVERED: (),
    FAILED: (),
    CANCELLED: (),
    TOO_LATE: (),
}
NOTICE_FINAL = final_states(NOTICE_MOVES)
NOTICE_TOLD = (SENDING, SENT, UNKNOWN, DELIVERED)

# A delivery (one attempt on one channel). RETURNED: the gateway certainly did not send it.
RETURNED = "returned"

DELIVERY_MOVES: dict[str, tuple[str, ...]] = {
    SENDING: (SENT, DELIVERED, FAILED, UNKNOWN, RETURNED),
    SENT: (DELIVERED, FAILED, UNKNOWN, RETURNED),
    UNKNOWN: (SENT, DELIVERED, FAILED, RETURNED),
    DELIVERED: (),
    FAILED: (),
    RETURNED: (),
}
DELIVERY_FINAL = final_states(DELIVERY_MOVES)
