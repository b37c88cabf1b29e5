"""Name why no money was captured, or why a bill's page offers no payment: each code once.

Stored as a payment's reason; the words are in words.py, the pages in web/stop_words.py. Why a bill is closed,
DECLINED and REVERSED stand in states.py, and are such codes too.
"""

from typing import Final

# Of the bill.
ALREADY_PAID: Final = "already_paid"
UNDER_WAY: Final = "under_way"  # another payment of the debt is being confirmed
NOT_PAYABLE: Final = "not_payable"
UNREADABLE: Final = "unreadable"  # the record cannot be decrypted at present
UNDER_REVIEW: Final = "in_review"  # money may have been refunded; staff is checking
AMOUNT_CHANGED: Final = "amount_changed"
# Of the agency.
AGENCY_SILENT: Final = "agency_silent"
UNKNOWN_TO_AGENCY: Final = "unknown_to_agency"
# Of the provider.
NOT_OFFERED: Final = "not_offered"
PROVIDER_REFUSED: Final = "provider_refused"
PROVIDER_UNAVAILABLE: Final = "provider_unavailable"
PROVIDER_EXPIRED: Final = "provider_expired"
PROVIDER_FAILED: Final = "provider_failed"
WINDOW_BLOCKED: Final = "no_window"
NOT_CAPTURED: Final = "not_taken"  # the order to capture did not arrive
# Of this attempt.
REPLACED: Final = "replaced"  # by another attempt of the same person
GIVEN_UP: Final = "given_up"
LEFT_PROVIDER: Final = "left"
TAMPERED: Final = "tampered"
TOO_LATE: Final = "too_late"
UNFINISHED: Final = "unfinished"
