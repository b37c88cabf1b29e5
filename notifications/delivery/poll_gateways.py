"""Poll gateways for deliveries without a receipt or with a lost answer. Never resends blindly.

Some gateways can only be searched by the number and the exact text. So the message is composed again as it was (for the
same day); and where record or number have changed since, "never received" proves nothing and an operator decides. For a
record that is about another person by now nothing is composed: the gateway is polled by our reference alone.
"""

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import Error as DatabaseTrouble
from django.db import connection, transaction

from notifications.alarms import alarm_of_row, raise_alarm
from notifications.channels.contract import Polled, Verdict
from notifications.channels.registry import adapters
from notifications.delivery.bundle import Sent, compose_bundle, sent_bundles
from notifications.delivery.claim import Claimed
from notifications.delivery.compose import Approved, address_only, approved, compose, template_codes
from notifications.delivery.gateways import channel_facts, delivery_number, first_gateway, modules, provider
from notifications.delivery.outcomes import Reported, apply_outcomes
from notifications.delivery.providers import coded_for
from notifications.matching.notify_former import EARLIER, EARLIER_DAY
from notifications.matching.stage_dates import ANCHOR
from notifications.models.delivery import BITS, DUE_BLOCKS, IN_ORDER, OF_BLOCK
from notifications.models.record import about_sql
from secretary.kernel.database.each import for_each_apart
from secretary.kernel.database.sql import read_sql

logger = logging.getLogger(__name__)

# A claim's lease is over and the gateway has the message: the gateway is polled after the time for its receipt.
PUT_OFF = f"""
UPDATE notifications_delivery d SET ask_at = d.answered_at + make_interval(secs => %(receipt_wait)s)
FROM {DUE_BLOCKS} b CROSS JOIN LATERAL (
    SELECT d.id FROM notifications_delivery d WHERE {OF_BLOCK} AND d.ask_at <= statement_timestamp() {IN_ORDER}
) due
WHERE d.id = due.id AND d.ask_at <= statement_timestamp() AND d.state = 'sent' AND d.asked = 0
  AND d.answered_at + make_interval(secs => %(receipt_wait)s) > clock_timestamp()
"""  # noqa: S608  (constants)
CLAIM = read_sql(
    "notifications",
    "poll_status",
    about=about_sql(record="r", citizen="n.citizen_id"),
    anchor=ANCHOR,
    earlier=EARLIER,
    earlier_day=EARLIER_DAY,
    due_blocks=DUE_BLOCKS,
    of_block=OF_BLOCK,
    in_order=IN_ORDER,
)
# The outcome cannot be found out any more: the gateway cannot be polled, or was silent for days, or the delivery is
# one of those named. Blocks are left out of which all has only just been claimed.
GIVE_UP = f"""
WITH silent AS (
    SELECT d.id, d.notice_id, d.fence FROM (
        SELECT block FROM notifications_deliveryblock WHERE NOT fresh
        UNION SELECT id >> {BITS} FROM unnest(%(changed)s::bigint[]) id
    ) b
    CROSS JOIN LATERAL (
        SELECT d.id, d.notice_id, d.fence FROM notifications_delivery d
        WHERE {OF_BLOCK} AND d.state IN ('sent', 'unknown') AND d.ask_at IS NOT NULL
          AND (coalesce(d.answered_at, d.started_at) < clock_timestamp() - make_interval(hours => %(hours)s)
               OR d.state = 'unknown' AND (d.channel = ANY(%(mute)s) OR d.id = ANY(%(changed)s)))
        {IN_ORDER} FOR UPDATE SKIP LOCKED
    ) d
    LIMIT 1000
), lost AS (
    SELECT * FROM silent
    UNION ALL -- what their messages carried besides
    SELECT d.id, d.notice_id, d.fence FROM silent JOIN notifications_delivery d ON d.carrier_id = silent.id
    WHERE d.id <> silent.id AND d.state IN ('sent', 'unknown')
), parked AS (
    UPDATE notifications_delivery d SET state = 'unknown', ask_at = NULL FROM lost s WHERE d.id = s.id
)
UPDATE notifications_notice n SET state = 'review', reason = 'gateway_silent'
FROM lost s WHERE n.id = s.notice_id AND n.fence = s.fence AND n.state IN ('sending', 'unknown')
"""  # noqa: S608  (constants)
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Question:
    """A delivery to poll. `changed`: the message cannot be composed again as it was sent."""

    polled: Polled
    attempt: Claimed
    changed: bool


def poll_gateways(*, now: datetime) -> int:
    """Poll all deliveries that are due; return how many."""
    _let_receipts_come()
    polled = 0
    changed: list[int] = []
    while claimed := _claim():
        questions, unpollable = _questions(claimed)
        polled += len(questions)
        changed += unpollable
        by_gateway: dict[str, list[Question]] = defaultdict(list)
        for question in questions:
            by_gateway[question.attempt.gateway or first_gateway(question.attempt.channel)].append(question)
        if not connection.in_atomic_block:
            connection.close()
        changed += _poll_each(by_gateway, now)
        if len(claimed) < AT_ONCE:
            break
    give_up_on_silence(now=now, changed=changed)
    return polled


def give_up_on_silence(*, now: datetime, changed: Sequence[int] = ()) -> int:
    """Move notices to review whose outcome no gateway can report any more; return how many."""
    # By its class: an adapter that cannot be built here (a setting is missing) must not delay the others.
    mute = [code for code in settings.CHANNELS if {adapters()[each].reports_by for each in modules(code)} == {"answer"}]
    values: dict[str, Any] = {"hours": settings.RECEIPT_GIVE_UP_HOURS, "mute": mute, "changed": list(changed)}
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(GIVE_UP, values)
            given_up = int(cursor.rowcount)
        if given_up:
            message = "Outcomes stayed unknown; see the notices in review"
            raise_alarm(kind="gateway_silent", subject="deliveries", message=message, now=now)
    return given_up


def _let_receipts_come() -> None:
    with connection.cursor() as cursor:
        cursor.execute(PUT_OFF, {"receipt_wait": settings.RECEIPT_WAIT_SECONDS})


def _claim() -> list[tuple[object, ...]]:
    codes, kinds, *_ = channel_facts()
    values: dict[str, Any] = {
        "limit": AT_ONCE,
        "wait": settings.UNKNOWN_WAIT_SECONDS,
        "channels": codes,
        "kinds": kinds,
    }
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, values)
        return list(cursor.fetchall())


def _questions(rows: Sequence[tuple[Any, ...]]) -> tuple[list[Question], list[int]]:
    """Return the deliveries to poll, and those whose message cannot be composed any more: an operator must decide."""
    carriers = [int(row[7]) for row in rows if row[6]]
    bundles = sent_bundles(carriers) if carriers else {}
    written_by = [row[10] for row in rows] + [sent.template_id for sent in bundles.values()]
    templates, contents = template_codes(written_by), approved(written_by)
    questions, unpollable = [], []
    for row in rows:
        try:
            questions.append(_question(row, templates, contents, bundles.get(row[7])))
        except DatabaseTrouble:
            raise
        except Exception as error:
            # An unreadable record or a number that was given up must not keep the others from being polled.
            logger.error("status of delivery %s cannot be polled: %s", row[7], type(error).__name__)
            unpollable.append(int(row[7]))
    return questions, unpollable


def _question(
    row: tuple[object, ...], templates: dict[int, str], contents: dict[int, Approved], bundle: Sent | None
) -> Question:
    """Return a delivery to poll; `bundle`: the message that carried other notices too, None of an ordinary one."""
    vendor_id, batch_key, started_at, polled_at, day, changed, _, *rest = row
    # As it was sent: the last resort leaves a message that fits unchanged, and any other one was sent by it.
    attempt = Claimed(*rest)._replace(last_resort=True)  # type: ignore[arg-type]
    assert isinstance(day, date) and isinstance(started_at, datetime) and isinstance(polled_at, datetime)
    lines = bundle.lines if bundle else []
    if bundle:
        attempt = attempt._replace(template_id=bundle.template_id)
    content, code = contents[attempt.template_id], templates[attempt.template_id]
    if not all(line.is_theirs for line in lines) or (attempt.payload_encrypted is None and attempt.earlier is None):
        message = address_only(attempt, content=content, template_code=code)
    elif bundle:
        message = compose_bundle(attempt._replace(template_code=code), content=content, day=day, lines=lines)
    else:
        message = compose(attempt, content=content, template_code=code, day=day)
    is_changed = bool(changed) or any(line.is_changed for line in lines)
    return Question(Polled(message, str(vendor_id), str(batch_key), started_at, polled_at), attempt, is_changed)


def _poll_each(by_gateway: Mapping[str, Sequence[Question]], now: datetime) -> list[int]:
    """Poll each gateway apart; return the deliveries whose "never received" proves nothing. The next poll of each is
    already scheduled."""
    changed: list[int] = []

    def poll(gateway: str) -> None:
        reported, undecided = _poll(gateway, by_gateway[gateway])
        apply_outcomes(reported, now=now)
        changed.extend(undecided)

    alarm = alarm_of_row(loop="gateways to poll", now=now)
    for_each_apart(list(by_gateway), poll, what="poll_gateways", on_failure=alarm)
    return changed


def _poll(gateway: str, questions: Sequence[Question]) -> tuple[list[Reported], list[int]]:
    """Return what was reported, and the deliveries whose "never received" proves nothing."""
    changed = {question.attempt.delivery_id for question in questions if question.changed}
    reported, undecided = [], []
    code = questions[0].attempt.channel
    for outcome in provider(gateway).poll(_as_given(code, gateway, questions)):
        number = delivery_number(outcome.reference)
        if number is None:
            continue
        if outcome.verdict is Verdict.RETRY_LATER and number in changed:
            undecided.append(number)
        else:
            reported.append(Reported(number, outcome, code, gateway=gateway))
    return reported, undecided


def _as_given(code: str, gateway: str, questions: Sequence[Question]) -> list[Polled]:
    """Return the deliveries to poll under the template codes by which this provider was given them."""
    written_by = {question.polled.message.reference: question.attempt.template_id for question in questions}
    messages = [question.polled.message for question in questions]
    coded = {message.reference: message for message in coded_for(code, gateway, messages, written_by)}
    return [
        replace(question.polled, message=coded.get(question.polled.message.reference, question.polled.message))
        for question in questions
    ]
