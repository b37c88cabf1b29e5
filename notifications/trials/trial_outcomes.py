"""Write what a gateway reports of test messages: answers, receipts and polls alike. States only move forward."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from notifications.alarms import report_account
from notifications.channels.contract import Outcome, Receipt, Verdict
from notifications.channels.registry import adapters
from notifications.delivery.gateways import account_codes, channel_that_reports, first_gateway, modules, trial_number
from notifications.delivery.outcomes import DELIVERY_STATE
from notifications.delivery.stop_template import stop_template
from notifications.models import TrialMessage
from notifications.states import SENT, TRIAL_MOVES, UNKNOWN


@transaction.atomic
def note_outcome(*, trial_id: int, outcome: Outcome, now: datetime, reported_by: str = "", gateway: str = "") -> bool:
    """Write what was reported of a test message; return whether it has moved.

    `reported_by`, `gateway`: the channel whose gateway has called, and that gateway; a receipt of another one, or of
    another message, is no report.
    """
    trial = TrialMessage.objects.select_for_update(of=("self",)).filter(pk=trial_id).first()
    if trial is None or (reported_by and not _fits(trial, outcome, reported_by, gateway)):
        return False
    state = DELIVERY_STATE[outcome.verdict]
    if state not in TRIAL_MOVES[trial.state]:
        return False
    trial.state, trial.code = state, outcome.code[:40]
    trial.vendor_id = outcome.vendor_id[:80] or trial.vendor_id
    trial.answered_at = trial.answered_at or now
    trial.look_at = _next_look(trial, now)
    trial.finished_at = None if state in (SENT, UNKNOWN) else now
    trial.save(update_fields=["state", "code", "vendor_id", "answered_at", "look_at", "finished_at"])
    _follow_up(trial, outcome, now)
    return True


def take_trial_receipts(*, gateway: str, receipts: Sequence[Receipt], now: datetime) -> Sequence[Receipt]:
    """Apply the receipts that are about test messages; return the others."""
    numbered = [(trial_number(receipt.reference), receipt) for receipt in receipts]
    if not any(number for number, _ in numbered):
        return receipts
    for number, receipt in numbered:
        if number is not None:
            outcome = Outcome("", receipt.verdict, receipt.code, receipt.vendor_id)
            reporter = channel_that_reports(gateway)
            note_outcome(trial_id=number, outcome=outcome, now=now, reported_by=reporter, gateway=gateway)
    return [receipt for number, receipt in numbered if number is None]


def _fits(trial: TrialMessage, outcome: Outcome, channel: str, gateway: str) -> bool:
    is_known = bool(trial.vendor_id and outcome.vendor_id)
    is_its_gateway = trial.gateway in ("", gateway) and trial.channel == channel
    return is_its_gateway and (not is_known or trial.vendor_id == outcome.vendor_id)


def _next_look(trial: TrialMessage, now: datetime) -> datetime | None:
    """Return when its gateway is polled next; None: its outcome is final, or the gateway cannot be polled."""
    of_channel = [adapters()[name] for name in modules(trial.channel)]
    adapter = next((each for each in of_channel if each.gateway == trial.gateway), of_channel[0])
    if trial.state == SENT:
        return now + timedelta(seconds=settings.RECEIPT_WAIT_SECONDS)
    if trial.state == UNKNOWN and adapter.reports_by != "answer":
        return now + timedelta(seconds=settings.UNKNOWN_WAIT_SECONDS)
    return None


def _follow_up(trial: TrialMessage, outcome: Outcome, now: datetime) -> None:
    """Do what is done about a template or an account that a gateway refuses, as for notices."""
    if outcome.verdict is Verdict.TEMPLATE_REJECTED:
        at: dict[str, str] = {"channel": trial.channel, "gateway": trial.gateway}
        stop_template(template_id=trial.template_id, **at, code=outcome.code, now=now)
        return
    gateway = trial.gateway or first_gateway(trial.channel)
    if outcome.verdict is Verdict.UNDELIVERABLE and outcome.code in account_codes(gateway):
        report_account(channel=trial.channel, code=outcome.code, now=now)
