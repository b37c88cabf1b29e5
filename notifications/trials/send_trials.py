"""Hand over test messages, each once, and poll the gateway about those whose outcome is open. None is sent again.

What a provider refuses for certain goes to the channel's next one at once.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from notifications.alarms import alarm_of_row
from notifications.channels.contract import Outcome, Polled, Verdict
from notifications.channels.registry import MissingSetting
from notifications.delivery.fit import Unfit
from notifications.delivery.gateways import first_gateway, provider
from notifications.delivery.providers import coded_for, send_apart
from notifications.models import TrialMessage
from notifications.models.of_service.trial_message import WAITS
from notifications.states import RETURNED, SENDING, SENT, UNKNOWN, WAITING
from notifications.trials.compose_trial import compose_trial
from notifications.trials.trial_outcomes import note_outcome
from notifications.trials.trial_way import contact_of, way_of
from secretary.kernel.database.each import for_each_apart

logger = logging.getLogger(__name__)
AT_ONCE = 100
MOST_WAIT = timedelta(hours=6)  # between two polls
# Why it was not handed over. They are no gateway's codes.
TOO_LATE, CHANGED, NO_ACCOUNT = "too_late", "changed", "no_account"


def work_on_trials(*, now: Callable[[], datetime]) -> int:
    """Do what is due: hand over those that wait, find out about the others; return how many were looked at."""
    due = TrialMessage.objects.filter(Q(state=WAITING) | Q(look_at__lte=now()), look_at__isnull=False)
    rows = list(due.order_by("look_at").values_list("pk", "state")[:AT_ONCE])
    steps = {WAITING: _send, SENDING: _recover, SENT: _poll, UNKNOWN: _poll}
    alarm = alarm_of_row(loop="test messages", now=now())
    for_each_apart(
        [(pk, state) for pk, state in rows if state in steps],
        lambda row: steps[row[1]](row[0], now()),
        what="trials",
        on_failure=lambda row, why: alarm(row[0], why),
    )
    return len(rows)


def _send(pk: int, now: datetime) -> None:
    """Claim it in a transaction of its own, so that it is handed over at most once, then send."""
    with transaction.atomic():
        trial = _locked(pk, WAITING)
        if trial is None:
            return
        way, contact = way_of(trial.citizen, now=now), contact_of(trial.citizen, trial.channel)
        why_not = TOO_LATE if now - trial.asked_at > WAITS else CHANGED if way.channel != trial.channel else way.why_not
        if why_not:
            trial.state, trial.code, trial.finished_at, trial.look_at = RETURNED, why_not, now, None
        else:
            trial.state, trial.started_at = SENDING, now
            trial.look_at = now + timedelta(seconds=settings.LEASE_SECONDS)
        trial.save(update_fields=["state", "code", "started_at", "finished_at", "look_at"])
    if why_not or contact is None:
        return
    try:
        message = compose_trial(trial, contact)
        handed = send_apart(
            trial.channel,
            [message],
            batch_key=message.reference,
            before=partial(_given_to, pk),
            written_by={message.reference: trial.template_id},
            refused_by=way.refused_by,
        )
        outcome = handed[message.reference].outcome
    except Unfit as error:
        outcome = Outcome("", Verdict.UNDELIVERABLE, error.code)
    except MissingSetting:
        outcome = Outcome("", Verdict.RETRY_LATER, NO_ACCOUNT)
    note_outcome(trial_id=pk, outcome=outcome, now=now)


def _given_to(pk: int, gateway: str) -> None:
    """Write down who is given it: after a crash it is polled for there."""
    TrialMessage.objects.filter(pk=pk).update(gateway=gateway)


def _recover(pk: int, now: datetime) -> None:
    """Its worker was lost: it may have been handed over, so the gateway is polled."""
    with transaction.atomic():
        if _locked(pk, SENDING) is not None:
            note_outcome(trial_id=pk, outcome=Outcome("", Verdict.UNKNOWN, "lease-over"), now=now)


def _poll(pk: int, now: datetime) -> None:
    with transaction.atomic():
        trial = _locked(pk, SENT, UNKNOWN)
        if trial is None or trial.started_at is None:
            return
        wait = min(timedelta(seconds=settings.UNKNOWN_WAIT_SECONDS) * 2 ** min(trial.polls, 12), MOST_WAIT)
        is_given_up = now - trial.started_at > timedelta(hours=settings.RECEIPT_GIVE_UP_HOURS)
        trial.polls, trial.look_at = min(trial.polls + 1, 1000), None if is_given_up else now + wait
        trial.save(update_fields=["polls", "look_at"])
    contact = contact_of(trial.citizen, trial.channel)
    if contact is None:
        return
    message, gateway = compose_trial(trial, contact), trial.gateway or first_gateway(trial.channel)
    [message] = coded_for(trial.channel, gateway, [message], {message.reference: trial.template_id}) or [message]
    found = provider(gateway).poll(
        [Polled(message, trial.vendor_id, message.reference, trial.started_at, polled_at=now)]
    )
    is_same_address = contact.changed_at <= trial.started_at
    for outcome in found:
        # Of another number than it went to, "never received" proves nothing.
        if is_same_address or outcome.verdict is not Verdict.RETRY_LATER:
            note_outcome(trial_id=pk, outcome=outcome, now=now)


def _locked(pk: int, *states: str) -> TrialMessage | None:
    """Return the row, locked, where it is still in one of these states and no other worker holds it."""
    rows = TrialMessage.objects.select_for_update(of=("self",), skip_locked=True).filter(pk=pk, state__in=states)
    return rows.select_related("citizen", "template").first()
