"""List every allowed move of bills, payments, refunds and postings. Triggers of the database enforce the same table."""

from secretary.kernel.database.transitions import Moves

# A bill (one per record).
OPEN, PAID, PART_REFUNDED, REFUNDED, CLOSED = "open", "paid", "part_refunded", "refunded", "closed"

BILL_MOVES: Moves = {
    OPEN: (PAID, CLOSED),
    PAID: (PART_REFUNDED, REFUNDED),
    PART_REFUNDED: (REFUNDED,),
    REFUNDED: (OPEN, CLOSED),  # the agency reports, after it was notified, that the debt stands all the same
    CLOSED: (OPEN,),  # an objection was withdrawn, or the agency has corrected itself
}
# Why a bill is closed without a payment through us.
PAID_ELSEWHERE, CANCELLED_BY_AGENCY = "paid_elsewhere", "cancelled_by_agency"
# OBJECTED: an objection stands, by the agency's record. OBJECTION: the person has paused our reminders, which files
# nothing.
OBJECTION, OBJECTED, SIBLING = "objection", "objected", "sibling"
ANOTHER_PERSON = "another_person"  # the agency has corrected whom its record is about

# A payment (one attempt to pay one bill with one provider). SURPLUS: money was captured, and settles nothing (the debt
# was paid or withdrawn meanwhile, the attempt had been given up, or the amount is wrong): it is to be refunded.
# RETURNED: it was refunded.
CREATED, OPENED, CONFIRMING, UNKNOWN = "created", "opened", "confirming", "unknown"
DECLINED, ABANDONED, EXPIRED, SURPLUS, RETURNED = "declined", "abandoned", "expired", "surplus", "returned"
# The provider had captured the money and refunded all of it before we learnt of either (its own net cancel after a
# time-out, or a person at its console): nothing was paid, nothing is owed, and nothing of it is in our books.
REVERSED = "reversed"

PAYMENT_MOVES: Moves = {
    CREATED: (OPENED, PAID, DECLINED, ABANDONED, EXPIRED, UNKNOWN, SURPLUS, REVERSED),
    OPENED: (CONFIRMING, PAID, DECLINED, ABANDONED, EXPIRED, UNKNOWN, SURPLUS, REVERSED),
    CONFIRMING: (OPENED, PAID, DECLINED, UNKNOWN, SURPLUS, REVERSED),
    UNKNOWN: (PAID, DECLINED, EXPIRED, SURPLUS, REVERSED),
    # Nothing was captured, as far as was known. A later contradiction of the provider is recorded, never hidden.
    DECLINED: (SURPLUS, REVERSED),
    ABANDONED: (SURPLUS, REVERSED),
    EXPIRED: (SURPLUS, REVERSED),
    REVERSED: (SURPLUS,),
    PAID: (PART_REFUNDED, REFUNDED),
    PART_REFUNDED: (REFUNDED,),
    REFUNDED: (),
    SURPLUS: (RETURNED,),
    RETURNED: (),
}
LIVE = (CREATED, OPENED, CONFIRMING, UNKNOWN)  # one at a time per debt
# Certain that nothing was captured and nothing can be: only `confirm` captures money, and it was not called yet.
UNTOUCHED = (CREATED, OPENED)
SETTLED = (PAID, PART_REFUNDED)  # one at a time per debt
CAPTURED = (PAID, PART_REFUNDED, REFUNDED, SURPLUS, RETURNED)

# A refund. SENDING: the refund request is at the provider at this moment.
REQUESTED, REJECTED, APPROVED = "requested", "rejected", "approved"
SENDING, DONE, REFUSED = "sending", "done", "refused"
REFUND_MOVES: Moves = {
    REQUESTED: (APPROVED, REJECTED),
    APPROVED: (SENDING, REJECTED),
    SENDING: (DONE, REFUSED, UNKNOWN),
    UNKNOWN: (SENDING, DONE, REFUSED),  # again under the same key, once the provider has reported that it is not done
    DONE: (),
    REFUSED: (),
    REJECTED: (),
}
REFUND_LIVE = (REQUESTED, APPROVED, SENDING, UNKNOWN)  # one at a time per payment

# Postings to agencies (the outbox).
WAITING, ACKNOWLEDGED = "waiting", "acknowledged"

POSTING_MOVES: Moves = {
    WAITING: (ACKNOWLEDGED, REFUSED),
    REFUSED: (WAITING, ACKNOWLEDGED),  # a person has checked it
    ACKNOWLEDGED: (),
}
