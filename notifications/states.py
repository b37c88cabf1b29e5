"""Define how the states of notices and deliveries move. Triggers in the database enforce the same table."""

# A notice (one per cause and person). SENDING lasts from the claim until the outcome is known: only the delivery
# records that the gateway has the message, which saves one more UPDATE of the notice.
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
NOTIFIED = (SENDING, UNKNOWN, DELIVERED)
# Ended undelivered, for a reason that may go away. Such a notice keeps its state, but its cause may be freed once
# (`released_at`), so that another notice is made where it is still true (docs/adr/0025).
NOTICE_RELEASABLE: dict[str, tuple[str, ...]] = {
    FAILED: ("no_channel", "all_channels_failed"),
    CANCELLED: ("unsubscribed", "consent_withdrawn"),
}
# As SQL, for `(state, reason) IN (…)`.
RELEASABLE_SQL = ", ".join(f"('{state}', '{why}')" for state, whys in NOTICE_RELEASABLE.items() for why in whys)

# Behind a channel's code in a notice's `tried`: the channel lacks a character of the message, or it is too long for it.
# It moves behind all other channels of the person, and then carries the message adapted (fit.py).
PUT_OFF = "?"

# A delivery (one attempt on one channel). RETURNED: the gateway reported that it was not sent, or is unknown there.
# "Delivered" overrides all earlier reports: a list may lag and a carrier may report late (docs/adr/0023).
SENT, RETURNED = "sent", "returned"

DELIVERY_MOVES: dict[str, tuple[str, ...]] = {
    SENDING: (SENT, DELIVERED, FAILED, UNKNOWN, RETURNED),
    SENT: (DELIVERED, FAILED, UNKNOWN, RETURNED),
    UNKNOWN: (SENT, DELIVERED, FAILED, RETURNED),
    DELIVERED: (),
    FAILED: (DELIVERED,),
    RETURNED: (DELIVERED,),
}

# A test message that a person asked for. It moves as a delivery does, once a worker has taken it.
WAITING = "waiting"
TRIAL_MOVES: dict[str, tuple[str, ...]] = {WAITING: (SENDING, RETURNED), **DELIVERY_MOVES}

# The yearly message to one person. A definite failure leads back to WAITING, for the next channel; where none is left
# when the next year's run begins, it is FAILED. CANCELLED: the person refuses it, or has withdrawn. "Delivered"
# overrides, as of a delivery.
YEARLY_MOVES: dict[str, tuple[str, ...]] = {
    WAITING: (SENDING, DELIVERED, FAILED, CANCELLED, TOO_LATE),
    SENDING: (WAITING, SENT, DELIVERED, UNKNOWN),
    SENT: (WAITING, DELIVERED, UNKNOWN),
    UNKNOWN: (WAITING, SENT, DELIVERED),
    DELIVERED: (),
    FAILED: (DELIVERED,),
    CANCELLED: (DELIVERED,),
    TOO_LATE: (DELIVERED,),
}
