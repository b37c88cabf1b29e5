"""The one table of how notices and deliveries move. The database enforces the same table by triggers."""

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
NOTIFIED = (SENDING, UNKNOWN, DELIVERED)
# Ended untold, for a reason that may go away. Such a notice stays as it ended, but once it may give its cause back
# (`released_at`), so that what is still true is made again as another notice (docs/adr/0025).
NOTICE_RELEASABLE: dict[str, tuple[str, ...]] = {
    FAILED: ("no_channel", "all_channels_failed"),
    CANCELLED: ("unsubscribed", "consent_withdrawn"),
}
# The same as SQL, for `(state, reason) IN (…)`.
RELEASABLE_SQL = ", ".join(f"('{state}', '{why}')" for state, whys in NOTICE_RELEASABLE.items() for why in whys)

# Behind a channel's code in a notice's `tried`: the channel lacks a character of the message, or it is too long for it.
# It comes after all the person's other ways, and carries the message then as well as it can (fit.py).
PUT_OFF = "?"

# A delivery (one attempt on one channel). RETURNED: the gateway said that it had not sent it, or did not know of it.
# "Delivered" wins over all that was said before: a list may lag and a carrier may report late (docs/adr/0023).
SENT, RETURNED = "sent", "returned"

DELIVERY_MOVES: dict[str, tuple[str, ...]] = {
    SENDING: (SENT, DELIVERED, FAILED, UNKNOWN, RETURNED),
    SENT: (DELIVERED, FAILED, UNKNOWN, RETURNED),
    UNKNOWN: (SENT, DELIVERED, FAILED, RETURNED),
    DELIVERED: (),
    FAILED: (DELIVERED,),
    RETURNED: (DELIVERED,),
}
