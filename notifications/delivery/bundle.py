"""BUNDLE: send the waiting notices of one person on one channel as one message (calm mode, docs/adr/0043).

Each notice keeps its own delivery. One of them is the carrier, the only one that the gateway knows; what is reported of
it counts for the others (outcomes.py). A bundle is marked before any HTTP: what is not marked is sent by itself.
"""

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any, NamedTuple

from django.db import Error as DatabaseTrouble
from django.db import connection

from notifications.channels.contract import Message
from notifications.delivery.as_sent import moved_sql, renamed_sql
from notifications.delivery.bundled.details import details
from notifications.delivery.bundled.lines import Line, distinguished
from notifications.delivery.check_codes import check_code
from notifications.delivery.claim import Claimed
from notifications.delivery.compose import (
    Approved,
    Filling,
    NoTemplate,
    Sheet,
    approved,
    message_of,
    name_of,
    sheet,
)
from notifications.delivery.fit import Filled, Unfit
from notifications.delivery.gateways import USABLE, channel_facts
from notifications.matching.stage_dates import DAY, NEXT_DAY
from notifications.matching.triggers import OVER_ONCE_PAID
from notifications.models import Bundle, Delivery
from notifications.models.record import about_sql
from secretary.kernel.database.each import place_of
from secretary.kernel.database.sql import read_sql
from secretary.kernel.log_ids import bound
from subscriptions.message_templates import builtin_values
from subscriptions.models.data_type import BUNDLE

logger = logging.getLogger(__name__)
MOST_LINES = 5  # the fields line_1 to line_5 of subscriptions/catalogue/service/bundle.toml
APART = "apart_1"  # a line that also has a detail where it would read like another
_READ = {"day": DAY, "next": NEXT_DAY, "about": about_sql(record="r", citizen="n.citizen_id")}
_RENAMED = renamed_sql("(SELECT c.registered_by FROM subscriptions_citizen c WHERE c.id = n.citizen_id)")
# A payment here, or the agency's answer to a page, closes a record without a new version: it had a next day before.
_CLOSED = f"(r.state IN ('paid', 'withdrawn') AND {OVER_ONCE_PAID})"
_REREAD = f"n.record_version <> r.version OR n.fence <> d.fence OR {_CLOSED} OR {_RENAMED}"
_CHANGED = f"({_REREAD} OR {moved_sql(DAY, 'next.day')})"
LINES_OF_NOTICES = read_sql("notifications", "bundle_lines", which="d.id", changed="false", **_READ)
LINES_OF_CARRIERS = read_sql("notifications", "bundle_lines", which="d.carrier_id", changed=_CHANGED, **_READ)
# Of the live version, each with the providers that may be given it.
TEMPLATES = f"""
SELECT w.channel, w.language, w.id, w.vendor_template, usable.gateways
FROM unnest(%(channels)s::text[], %(templated)s::boolean[], %(gateways)s::text[]) AS known(channel, templated, gateways)
JOIN subscriptions_wording w ON w.channel = known.channel
JOIN subscriptions_stage st ON st.id = w.stage_id
JOIN subscriptions_datatype dt ON dt.live_version_id = st.version_id AND dt.code = '{BUNDLE}'
CROSS JOIN LATERAL ({USABLE}) usable
WHERE usable.gateways IS NOT NULL
"""  # noqa: S608  (constants)
# Not where the claim's lease has ended meanwhile, and the sweeper has taken the notice.
MARK = """
WITH bundle AS (
    SELECT * FROM unnest(%(ids)s::bigint[], %(carriers)s::bigint[], %(templates)s::bigint[], %(gateways)s::text[])
        AS m(id, carrier, template, gateway)
), marked AS (
    UPDATE notifications_delivery d SET carrier_id = bundle.carrier, gateway = bundle.gateway FROM bundle
    WHERE d.id = bundle.id AND d.state = 'sending' RETURNING d.carrier_id
), written AS (
    INSERT INTO notifications_bundle (carrier_id, template_id) SELECT id, template FROM bundle WHERE id = carrier
)
SELECT carrier_id FROM marked
"""


class Template(NamedTuple):
    """A template of bundled messages, by the names of `Claimed`."""

    template_id: int
    template_code: str
    gateways: str


@dataclass(slots=True)
class Bundles:
    """What a claim of bundles sends: a message of each carrier, and attempts that are sent by themselves."""

    messages: list[tuple[Claimed, Message]] = field(default_factory=list)
    alone: list[Claimed] = field(default_factory=list)
    untemplated: list[int] = field(default_factory=list)  # templates with a text that the vendor has not approved


def bundle(attempts: Sequence[Claimed], *, contents: Mapping[int, Approved], day: date) -> Bundles:
    """Compose and mark a bundle of each person and channel with several attempts. What cannot be bundled is left
    alone: no template of the service for the channel, or a name that it cannot carry.

    `contents`: the approvals of the attempts' own templates.
    """
    made = Bundles()
    several, templates = _several(attempts, made), _templates()
    ready: list[tuple[list[Claimed], Claimed]] = []
    for theirs in several:
        language = sheet(contents[theirs[0].template_id]).language
        template = templates.get((theirs[0].channel, language))
        if template is None:
            made.alone += theirs
            continue
        last_resort = any(attempt.last_resort for attempt in theirs)
        carrier = theirs[0]._replace(**template._asdict(), last_resort=last_resort)
        ready.append((theirs, carrier))
    if ready:
        _compose(ready, day, made)
    return made


@dataclass(frozen=True, slots=True)
class Sent:
    """A bundled message that was sent: by which template, and its lines as they read now."""

    template_id: int
    lines: list[Line]


def sent_bundles(carriers: Sequence[int]) -> dict[int, Sent]:
    """Return the bundled messages of these deliveries, by carrier; two statements."""
    written_by = Bundle.objects.filter(carrier__in=carriers).values_list("carrier_id", "template_id")
    found = {carrier: Sent(template_id, []) for carrier, template_id in written_by}
    for line in _lines(LINES_OF_CARRIERS, carriers):
        if line.carrier_id in found:
            found[line.carrier_id].lines.append(line)
    return found


def compose_bundle(carrier: Claimed, *, content: Approved, day: date, lines: Sequence[Line]) -> Message:
    """Return the message that carries these notices of one person; the days left are counted from `day` (KST).

    `carrier`: its attempt with the bundle's template. The template has room for the first lines, and a line for how
    many are left. Raises Unfit, NoTemplate.
    """
    page = sheet(content)
    return message_of(carrier, page, carrier.template_code, _prepared(carrier, page, day, lines))


def text_as_carried(carrier_id: int, day: date, like: Claimed) -> Filled | None:
    """Return title and text of the bundled message of a carrier; None where that is not known any more.

    `day`: of its text. `like`: an attempt of the same person.
    """
    found = sent_bundles([carrier_id]).get(carrier_id)
    carrier = Delivery.objects.filter(pk=carrier_id).first()
    if found is None or carrier is None or any(line.is_changed or not line.is_theirs for line in found.lines):
        return None
    content = approved([found.template_id])[found.template_id]
    attempt = like._replace(notice_id=carrier.notice_id, template_id=found.template_id, last_resort=True)
    try:
        text, _, values = _prepared(attempt, sheet(content), day, found.lines)
        return text.fit(values, last_resort=True)
    except Unfit:
        return None


def _prepared(carrier: Claimed, page: Sheet, day: date, lines: Sequence[Line]) -> Filling:
    # Templates that were approved with lines without a detail go on without it.
    shown = {field_name for field_name, _, _ in page.format_fields.writers}
    name, known = ("apart", partial(details, on=day, language=page.language)) if APART in shown else ("line", None)
    texts = distinguished(lines, on=day, language=page.language, details=known)
    payload: dict[str, Any] = {f"{name}_{nth}": line for nth, line in enumerate(texts[:MOST_LINES], 1)}
    payload |= {"count": len(texts), "rest": max(0, len(texts) - MOST_LINES)}
    values = page.format_fields(payload) | builtin_values(
        name=name_of(carrier),
        check_code=check_code(carrier.notice_id),
        agency=page.agency_name,
        contact=page.agency_phone,
    )
    return page.fill(values, payload, day=day)


def _several(attempts: Sequence[Claimed], made: Bundles) -> list[list[Claimed]]:
    """Return the attempts of each person and channel that has more than one; the others are left alone."""
    groups: dict[tuple[str, str], list[Claimed]] = defaultdict(list)
    for attempt in attempts:
        groups[attempt.citizen_id, attempt.channel].append(attempt)
    made.alone += [theirs[0] for theirs in groups.values() if len(theirs) == 1]
    return [theirs for theirs in groups.values() if len(theirs) > 1]


def _templates() -> dict[tuple[str, str], Template]:
    """Return the templates that can be used, by channel and language."""
    channels, _, templated, gateways = channel_facts()
    with connection.cursor() as cursor:
        cursor.execute(TEMPLATES, {"channels": channels, "templated": templated, "gateways": gateways})
        return {(channel, language): Template(*rest) for channel, language, *rest in cursor.fetchall()}


def _compose(ready: Sequence[tuple[list[Claimed], Claimed]], day: date, made: Bundles) -> None:
    contents = approved(carrier.template_id for _, carrier in ready)
    carrier_of = {attempt.delivery_id: carrier.delivery_id for theirs, carrier in ready for attempt in theirs}
    lines: dict[int, list[Line]] = defaultdict(list)
    for line in _lines(LINES_OF_NOTICES, list(carrier_of)):
        lines[carrier_of[line.delivery_id]].append(line)
    composed: list[tuple[list[Claimed], Claimed, Message]] = []
    for theirs, carrier in ready:
        content = contents[carrier.template_id]
        try:
            message = compose_bundle(carrier, content=content, day=day, lines=lines[carrier.delivery_id])
        except DatabaseTrouble:
            raise  # no fault of the notices: their leases end and they are claimed again
        except Exception as error:
            made.alone += theirs
            if isinstance(error, NoTemplate):
                made.untemplated.append(carrier.template_id)
            elif not isinstance(error, Unfit):
                with bound(notice=carrier.notice_id):
                    logger.error("cannot be bundled: %s at %s", type(error).__name__, place_of(error))
            continue
        composed.append((theirs, carrier, message))
    marked = _mark([(theirs, carrier) for theirs, carrier, _ in composed])
    made.messages += [(carrier, message) for _, carrier, message in composed if carrier.delivery_id in marked]


def _lines(statement: str, deliveries: Sequence[int]) -> list[Line]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"deliveries": list(deliveries)})
        return [Line._make(row) for row in cursor.fetchall()]


def _mark(bundles: Sequence[tuple[list[Claimed], Claimed]]) -> set[int]:
    """Write the carrier of each delivery, and the provider that is tried first; return the carriers whose deliveries
    all were still claimed."""
    rows = [
        (each.delivery_id, carrier.delivery_id, carrier.template_id, carrier.gateway)
        for some, carrier in bundles
        for each in some
    ]
    if not rows:
        return set()
    ids, carriers, templates, gateways = map(list, zip(*rows, strict=True))
    values: dict[str, Any] = {"ids": ids, "carriers": carriers, "templates": templates, "gateways": gateways}
    with connection.cursor() as cursor:
        cursor.execute(MARK, values)
        marked = [carrier for (carrier,) in cursor.fetchall()]
    return {carrier.delivery_id for some, carrier in bundles if marked.count(carrier.delivery_id) == len(some)}
