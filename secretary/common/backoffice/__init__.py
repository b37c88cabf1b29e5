"""What the pages of administrators have in common: read-only pages, look-ups by hash, reasons, audited views."""

from secretary.common.backoffice.audited import AuditedAdmin
from secretary.common.backoffice.filters import choice_filter
from secretary.common.backoffice.find import FindAdmin
from secretary.common.backoffice.pages import PlainAdmin, ReadOnlyAdmin, actor_of, staff_id
from secretary.common.backoffice.reasons import ReasonForm, ask_reason

__all__ = [
    "AuditedAdmin",
    "FindAdmin",
    "PlainAdmin",
    "ReadOnlyAdmin",
    "ReasonForm",
    "actor_of",
    "ask_reason",
    "choice_filter",
    "staff_id",
]
