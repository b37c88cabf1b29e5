"""Show administrators the pages about citizens, data types and accounts; the data type editor is in `editor/`."""

from subscriptions.admin import (
    agency,
    attempt,
    bulk,
    citizen,
    consent,
    data_type,
    data_type_version,
    family,
    name_key_move,
    office,
    subscription,
    toss_link,
    trail_codes,
)
from subscriptions.admin.accounts import account, sign_in

__all__ = [
    "account",
    "agency",
    "attempt",
    "bulk",
    "citizen",
    "consent",
    "data_type",
    "data_type_version",
    "family",
    "name_key_move",
    "office",
    "sign_in",
    "subscription",
    "toss_link",
    "trail_codes",
]
