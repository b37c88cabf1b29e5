"""Share what administrators' pages have in common: read-only pages, look-ups by hash, reasons, audited views."""

from secretary.kernel.backoffice.audited import AuditedAdmin
from secretary.kernel.backoffice.filters import choice_filter
from secretary.kernel.backoffice.find import FindAdmin
from secretary.kernel.backoffice.pages import PlainAdmin, ReadOnlyAdmin, actor_of, staff_id
from secretary.kernel.backoffice.reasons import ReasonForm, ask_reason

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
