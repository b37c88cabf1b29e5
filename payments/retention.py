"""List how long providers' events are kept. Bills, payments, refunds, the ledger and postings are not here.

See secretary/kernel/retention.py.
"""

from payments.models import EventCount, ProviderEvent
from secretary.kernel.retention import Keep, days, fixed

KEPT = (
    Keep(
        what="payment providers' events about no payment of ours",
        table=ProviderEvent._meta.db_table,
        age="t.received_at",
        also="t.payment_id IS NULL",
        period=fixed(days=30),
        why="an attack or a mistake at the provider is looked into",
    ),
    Keep(
        what="payment providers' events",
        table=ProviderEvent._meta.db_table,
        age="t.received_at",
        period=days("payment_events"),
        why="as long as the payment's record: 전자금융거래법 §22 (at most 5 years)",
    ),
    Keep(
        what="counts of payment providers' events",
        table=EventCount._meta.db_table,
        age="t.hour",
        period=fixed(days=366),
        why="a year's floods can be looked back at; they hold no personal data",
    ),
)
