"""DELIVER: claim → compose → send → write, a batch at a time. No transaction or connection is held during HTTP."""

import logging
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime
from functools import partial

from django.conf import settings
from django.db import Error as DatabaseTrouble
from django.db import transaction

from notifications.alarms import raise_alarm
from notifications.channels.contract import Channel, Message, Outcome, Verdict
from notifications.delivery.breaker import note_health
from notifications.delivery.bundle import bundle
from notifications.delivery.by_columns.compose_many import FEWEST, compose_many
from notifications.delivery.check_codes import check_codes
from notifications.delivery.claim import Claim, Claimed, claim, claim_bundles
from notifications.delivery.compose import Approved, NoTemplate, approved, compose
from notifications.delivery.fit import Unfit
from notifications.delivery.gateways import channel, first_gateway, provider
from notifications.delivery.moves import note_handed_over
from notifications.delivery.outcomes import Reported, apply_outcomes
from notifications.delivery.providers import Batch, alarm_of_caps, hand_over
from notifications.models import Delivery, Notice
from notifications.models.declared_holiday import use_declared_holidays
from notifications.states import RETURNED, REVIEW
from secretary.kernel.database.each import place_of
from secretary.kernel.log_ids import bound
from secretary.kernel.time.clock import kst_date

logger = logging.getLogger(__name__)
NO_TEMPLATE = "template_missing"
# A worker starts nothing else before its claim is done. With a slow gateway, claims get smaller until one takes about
# so long, but never smaller than the number sent at once over one worker's connections.
CLAIM_SECONDS, LEAST = 2.0, 64
TOGETHER = 64  # from so many messages of a claim on, those handed over are noted in one row


class Pace:
    """How many notices this process claims at a time."""

    def __init__(self) -> None:
        self.most: int | None = None  # CLAIM_BATCH

    def note(self, seconds: float, attempts: int) -> None:
        if seconds > CLAIM_SECONDS:
            self.most = max(LEAST, int(attempts * CLAIM_SECONDS / seconds))
        elif self.most and seconds < CLAIM_SECONDS / 2:
            self.most = self.most * 2 if self.most < settings.CLAIM_BATCH else None


PACE = Pace()


def deliver_due(
    *, now: Callable[[], datetime], urgent_only: bool = False, until: Callable[[], bool] = lambda: False
) -> int:
    """Send everything that is due, batch after batch, until nothing is left or `until` returns true.

    Returns how many attempts were made. `now` is called once a batch, so that a long run keeps to the hours.
    """
    use_declared_holidays()
    made, retry_candidates_first = 0, False
    while not until():
        claimed = claim(
            now=now(), urgent_only=urgent_only, batch=PACE.most, retry_candidates_first=retry_candidates_first
        )
        if not claimed.looked_at:
            break
        deliver_claim(claimed=claimed, now=now())
        made += len(claimed.attempts)
        PACE.note(time.monotonic() - claimed.began, len(claimed.attempts))
        retry_candidates_first = not retry_candidates_first  # a long backlog does not delay them
    return made


def deliver_bundles(*, now: Callable[[], datetime], until: Callable[[], bool] = lambda: False) -> int:
    """Send the bundled messages that are due, claim after claim, until nothing is left or `until` returns true.

    Returns how many notices they carried, including single ones that were sent by themselves.
    """
    use_declared_holidays()
    made = 0
    while not until():
        claimed = claim_bundles(now=now())
        if not claimed.looked_at:
            break
        deliver_claim(claimed=claimed, now=now())
        made += len(claimed.attempts)
    return made


def deliver_claim(*, claimed: Claim, now: datetime) -> None:
    """Carry out a claim and write the outcome of every attempt. No transaction is open while gateways answer; with slow
    ones, no connection to the database is kept either (`Timing.let_go`)."""
    by_channel, attempts, unfit = _compose(claimed, now)
    batch = Batch(attempts, claimed.batch_key, kst_date(now), partial(is_late, claimed.began), adapter_of)
    try:
        for code, messages in by_channel.items():
            hand_over(code, messages, batch)
    finally:  # also when the task's time is up: the gateways' answers must not be lost
        _write(batch, unfit, bundled=claimed.bundled, now=now)
    for (code, gateway), some in batch.health.items():
        by_template: dict[int, list[Outcome]] = defaultdict(list)
        for outcome in some:
            by_template[attempts[outcome.reference].template_id].append(outcome)
        note_health(channel=code, outcomes=by_template, now=now, gateway=gateway)
    alarm_of_caps([(code, outcome.code) for code, _, outcome in batch.outcomes], now=now)


def _write(batch: Batch, unfit: list[Reported], *, bundled: bool, now: datetime) -> None:
    """Write the outcomes of a claim. If gateways accepted many messages, write one row for them: most get their receipt
    before the sweeper marks them as handed over (docs/adr/0071)."""
    taken: list[tuple[int, str, str]] = []
    others = [*unfit]
    together = not bundled and len(batch.outcomes) >= TOGETHER
    for code, gateway, outcome in batch.outcomes:
        delivery_id = batch.attempts[outcome.reference].delivery_id
        if together and outcome.verdict is Verdict.ACCEPTED:
            taken.append((delivery_id, outcome.code, outcome.vendor_id))
        else:
            others.append(Reported(delivery_id, outcome, code, False, gateway))
    if not taken:
        apply_outcomes(others, now=now)
        return
    with transaction.atomic():
        note_handed_over(taken)
        apply_outcomes(others, now=now)


def _compose(claimed: Claim, now: datetime) -> tuple[dict[str, list[Message]], dict[str, Claimed], list[Reported]]:
    """Return the messages of a claim by channel, their attempts by reference, and the outcomes of those that their
    channels cannot carry or have no template for; notices that cannot be composed are quarantined."""
    by_channel: dict[str, list[Message]] = defaultdict(list)
    attempts: dict[str, Claimed] = {}
    unfit: list[Reported] = []
    broken, untemplated, day = [], list[int](), kst_date(now)
    contents = approved(attempt.template_id for attempt in claimed.attempts) if claimed.attempts else {}
    alone = _bundle(claimed, contents, day, by_channel, attempts, untemplated) if claimed.bundled else claimed.attempts
    codes = check_codes([attempt.notice_id for attempt in alone])
    altered = {attempt.channel for attempt in claimed.attempts if claimed.bundled and attempt.last_resort}
    together: list[Message | None] = [None] * len(alone)
    if len(alone) >= FEWEST:
        together = compose_many(alone, codes, contents=contents, day=day)
    for attempt, code, composed in zip(alone, codes, together, strict=True):
        try:
            message = composed or _message(attempt, contents[attempt.template_id], day, code, altered)
        except Unfit as error:
            unfit.append(_not_carried(attempt, error.code))
            continue
        except DatabaseTrouble:
            raise  # no fault of the notice: its lease ends and it is claimed again
        except NoTemplate:
            unfit.append(_not_carried(attempt, NO_TEMPLATE))
            untemplated.append(attempt.template_id)
            continue
        except Exception as error:
            # A record that breaks composing must not stop the other notices of the batch.
            with bound(notice=attempt.notice_id):
                logger.error("cannot be composed: %s at %s", type(error).__name__, place_of(error))
            broken.append(attempt)
            continue
        by_channel[attempt.channel].append(message)
        attempts[message.reference] = attempt
    _set_aside(broken, now)
    _alarm_altered(altered, now)
    _alarm_untemplated(untemplated, now)
    return by_channel, attempts, unfit


def _not_carried(attempt: Claimed, code: str) -> Reported:
    """Report a message that its channel cannot carry as undeliverable there: the next channel is tried."""
    return Reported(attempt.delivery_id, Outcome("", Verdict.UNDELIVERABLE, code), attempt.channel)


def _bundle(
    claimed: Claim,
    contents: dict[int, Approved],
    day: date,
    by_channel: dict[str, list[Message]],
    attempts: dict[str, Claimed],
    untemplated: list[int],
) -> list[Claimed]:
    """Add the bundled messages of a claim to those to be sent; return the attempts that are sent by themselves."""
    bundles = bundle(claimed.attempts, contents=contents, day=day)
    untemplated += bundles.untemplated
    for carrier, message in bundles.messages:
        by_channel[carrier.channel].append(message)
        attempts[message.reference] = carrier
    return bundles.alone


def _message(attempt: Claimed, content: Approved, day: date, code: str, altered: set[str]) -> Message:
    """Compose like `compose`; note the channel if a message was altered to fit it."""
    if not attempt.last_resort:  # nearly all
        return compose(attempt, content=content, template_code=attempt.template_code, day=day, code=code)
    write = partial(compose, content=content, template_code=attempt.template_code, day=day, code=code)
    try:
        return write(attempt._replace(last_resort=False))
    except Unfit:
        altered.add(attempt.channel)
        return write(attempt)


def _alarm_altered(channels: set[str], now: datetime) -> None:
    """Raise an alarm for messages that were altered to fit their channel, because no other channel was left."""
    for code in sorted(channels):
        raise_alarm(
            kind="written_otherwise",
            subject=code,
            message=f"{code}: names or places were transliterated or shortened; no other channel was available",
            now=now,
        )


def _alarm_untemplated(templates: list[int], now: datetime) -> None:
    """Raise an alarm for templates with a text that the vendor has not approved."""
    for template_id in sorted(set(templates)):
        message = "A variant of the message template has no template code; its notices go to the next channel"
        raise_alarm(kind="template_missing", subject=f"template {template_id}", message=message, now=now)


def is_late(began: float) -> bool:
    """Return whether it is too late to send within the lease of a claim: after it the sweeper passes the notices to
    another deliverer. `began`: by time.monotonic()."""
    longest = settings.HTTP_BATCH_SECONDS + settings.HTTP_TOTAL_SECONDS
    return time.monotonic() - began > settings.LEASE_SECONDS - longest


def adapter_of(code: str, gateway: str) -> Channel:
    return channel(code) if gateway == first_gateway(code) else provider(gateway)


def _set_aside(broken: list[Claimed], now: datetime) -> None:
    """Quarantine notices that cannot be composed: the attempt is returned, an operator reviews the notice."""
    if not broken:
        return
    with transaction.atomic():
        Delivery.objects.filter(pk__in=[attempt.delivery_id for attempt in broken]).update(
            state=RETURNED, code="cannot_compose", finished_at=now, ask_at=None
        )
        Notice.objects.filter(pk__in=[attempt.notice_id for attempt in broken]).update(
            state=REVIEW, reason="cannot_compose"
        )
        raise_alarm(
            kind="cannot_compose",
            subject=f"template {broken[0].template_id}",
            message="Notices could not be composed and need review",
            now=now,
        )
