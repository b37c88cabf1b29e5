"""Show administrators the pages about bills, payments, refunds, the ledger, the outbox and reconciliation."""

from payments.admin import bill, ledger, payment, posting, reconciliation, refund

__all__ = ["bill", "ledger", "payment", "posting", "reconciliation", "refund"]
