"""Write what gateways report of yearly messages in one statement: answers, receipts and polls alike."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection, transaction

from notifications.alarms import report_account
from notifications.channels.contract import Outcome, Receipt, Verdict
from notifications.channels.registry import adapters
from notifications.delivery.gateways import (
    HELD_BACK,
    account_codes,
    channel_that_reports,
    first_gateway,
    gateways_of,
    modules,
    yearly_attempt,
)
from notifications.delivery.outcomes import DELIVERY_STATE
from notifications.delivery.stop_template import stop_template
from notifications.states import RETURNED, YEARLY_MOVES
from secretary.kernel.database.prepared import number_array, text_array
from secretary.kernel.database.sql import read_sql

PAIRS = ", ".join(f"('{old}', '{new}')" for old, news in YEARLY_MOVES.items() for new in news)
APPLY = read_sql("notifications", "apply_yearly", moves=PAIRS)
# It is no news that helps only today: what a gateway refuses for now is tried again an hour later.
RETRY_SECONDS = 3600


class Heard(NamedTuple):
    """What was reported of one attempt. `reporter`: the channel whose gateway has called, "" of answers and polls."""

    message: int
    attempt: int
    outcome: Outcome
    gateway: str = ""
    reporter: str = ""


@transaction.atomic
def apply_yearly(heard: Sequence[Heard], *, now: datetime) -> int:
    """Write outcomes of any number of messages; return how many moved. What is done about a template or an account
    that a gateway refuses is done as for notices, once for all messages of it."""
    if not heard:
        return 0
    refused = {each.message for each in heard if each.outcome.verdict is Verdict.TEMPLATE_REJECTED}
    with connection.cursor() as cursor:
        cursor.execute(APPLY, _values(heard, now))
        moved = cursor.fetchall()
    failed = [row for row in moved if row[1] == "failed"]
    stopped = [row for row in moved if row[0] in refused and row[1] in ("failed", "returned")]
    for template, channel, gateway, code in sorted({(row[3], row[2], row[4], row[5]) for row in stopped}):
        stop_template(template_id=template, channel=channel, gateway=gateway, code=code, now=now)
    for channel, code in sorted({(row[2], row[5]) for row in failed if _is_of_account(row[2], row[4], row[5])}):
        report_account(channel=channel, code=code, now=now)
    return len(moved)


def take_yearly_receipts(*, gateway: str, receipts: Sequence[Receipt], now: datetime) -> Sequence[Receipt]:
    """Apply the receipts that are about yearly messages; return the others."""
    found = [(yearly_attempt(receipt.reference), receipt) for receipt in receipts]
    reporter = channel_that_reports(gateway)
    heard = [
        Heard(*attempt, Outcome("", receipt.verdict, receipt.code, receipt.vendor_id), gateway, reporter)
        for attempt, receipt in found
        if attempt is not None
    ]
    apply_yearly(heard, now=now)
    return [receipt for attempt, receipt in found if attempt is None] if heard else receipts


def _is_of_account(channel: str, gateway: str, code: str) -> bool:
    return code in account_codes(gateway or first_gateway(channel))


def _is_passed_on(heard: Heard) -> bool:
    """Return whether the next claim finds another provider: the template is stopped at the one that refuses it, and
    the channel has others (docs/adr/0069)."""
    refused = heard.outcome.verdict is Verdict.TEMPLATE_REJECTED
    return refused and len(gateways_of(channel_that_reports(heard.gateway))) > 1


def _values(heard: Sequence[Heard], now: datetime) -> dict[str, Any]:
    messages, attempts, outcomes, gateways, reporters = zip(*heard, strict=True)
    passed_on = [_is_passed_on(each) for each in heard]
    states = [RETURNED if passed else DELIVERY_STATE[o.verdict] for o, passed in zip(outcomes, passed_on, strict=True)]
    return {
        "ids": number_array(messages),
        "attempts": number_array(attempts),
        "states": text_array(states),
        "codes": text_array([outcome.code[:40] for outcome in outcomes]),
        "vendor_ids": text_array([outcome.vendor_id[:80] for outcome in outcomes]),
        "waits": number_array([outcome.retry_after or 0.0 for outcome in outcomes]),
        "gateways": text_array(gateways),
        "reporters": text_array(reporters),
        "held_back": [*HELD_BACK, *(o.code[:40] for o, passed in zip(outcomes, passed_on, strict=True) if passed)],
        "mute": [
            code for code in settings.CHANNELS if {adapters()[each].reports_by for each in modules(code)} == {"answer"}
        ],
        "now": now,
        "receipt_wait": settings.RECEIPT_WAIT_SECONDS,
        "unknown_wait": settings.UNKNOWN_WAIT_SECONDS,
        "retry": RETRY_SECONDS,
        "most": settings.MAX_ATTEMPTS,
    }
