from .agency_posting import AgencyPosting
from .bill import Bill
from .ledger import Journal, LedgerEntry
from .payment import Payment
from .provider_event import EventCount, ProviderEvent
from .quote import Quote
from .reconciliation import Difference, ReconcileRun
from .refund import Refund
from .settlement import Settlement

__all__ = [
    "AgencyPosting",
    "Bill",
    "Difference",
    "EventCount",
    "Journal",
    "LedgerEntry",
    "Payment",
    "ProviderEvent",
    "Quote",
    "ReconcileRun",
    "Refund",
    "Settlement",
]
