"""ARRIVAL: apply "delivered" that ends deliveries in the usual way, which nearly all receipts say, in a statement that
has no branches for anything else. What it leaves is for `apply_outcomes`, which would do just the same (docs/adr/0085).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection, transaction

from notifications.delivery import moves
from notifications.models import reach
from notifications.models.delivery_hour import LONGEST
from notifications.states import DELIVERED
from secretary.kernel.database.prepared import Prepared, number_array, text_array
from secretary.kernel.database.sql import read_sql

ARRIVED = Prepared(
    "notifications_arrived",
    read_sql(
        "notifications",
        "apply_arrived",
        delivered=DELIVERED,
        widest=str(LONGEST),
        count_reached=reach.COUNT_DELIVERED,
    ),
    {
        "ids": "bigint[]",
        "codes": "text[]",
        "vendor_ids": "text[]",
        "channel": "text",
        "gateway": "text",
        "now": "timestamptz",
    },
)


class Arrived(NamedTuple):
    """What a gateway reports as delivered."""

    delivery_id: int
    code: str
    vendor_id: str


def apply_arrived(arrived: Sequence[Arrived], *, channel: str, gateway: str, now: datetime, soon: bool) -> int:
    """End those of the deliveries that are still to be polled, belong to the gateway and carried one notice; return how
    many. In the caller's transaction.

    `soon`: where it has ended all of them, a crash of the database may lose it (docs/adr/0078).
    """
    ids, codes, vendor_ids = zip(*arrived, strict=True)
    values = {
        "ids": number_array(ids),
        "codes": text_array(codes),
        "vendor_ids": text_array(vendor_ids),
        "channel": channel,
        "gateway": gateway,
        "now": now,
    }
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        ARRIVED.execute(cursor, values, after=moves.SOON if soon else moves.IN_ORDER)
        (ended,) = cursor.fetchone()
        if soon and ended < len(arrived):
            cursor.execute(moves.DURABLY)
    return int(ended)
