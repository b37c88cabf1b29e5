"""Compose the messages of one template together, column by column (docs/adr/0093).

What is composed here is the very message that `compose` makes of the attempt. Every other attempt is left to `compose`,
which alone says why a notice cannot be sent.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import orjson
from django.core.exceptions import ObjectDoesNotExist

from notifications.channels.contract import Message
from notifications.delivery.claim import Claimed
from notifications.delivery.compose import Approved, NoTemplate, Sheet, code_of, days_until, priced, sheet
from notifications.delivery.gateways import references
from notifications.matching.prices import prices
from notifications.models import Record
from secretary.kernel.secrets.encryption import Undecryptable, cipher
from subscriptions.message_templates.columns import Columns, Payloads, chosen_lines, field_columns
from subscriptions.message_templates.compile import Shown
from subscriptions.message_templates.prices import PRICES
from subscriptions.message_templates.values import AGENCY, CHECK_CODE, CONTACT, DAYS_LEFT, NAME

FEWEST = 4  # attempts of one template: fewer are not worth the start
# What a record or a template raises in `compose`; whatever else happens is no fault of theirs.
OF_ONE = (Undecryptable, ObjectDoesNotExist, ValueError, LookupError, TypeError, AttributeError, ArithmeticError)


def compose_many(
    attempts: Sequence[Claimed], codes: Sequence[str], *, contents: Mapping[int, Approved], day: date
) -> list[Message | None]:
    """Return the message of each attempt; None: it is to be composed alone. `codes`: the notices' check codes."""
    messages: list[Message | None] = [None] * len(attempts)
    for (template_id, template_code, _), places in _alike(attempts).items():
        if len(places) < FEWEST:
            continue
        some, theirs = [attempts[at] for at in places], [codes[at] for at in places]
        try:
            composed = _messages(some, theirs, sheet(contents[template_id]), template_code, day)
        except OF_ONE:  # it is one of them: composed alone, it shows, and the others go out
            continue
        for at, message in zip(places, composed, strict=True):
            messages[at] = message
    return messages


def _alike(attempts: Iterable[Claimed]) -> dict[tuple[int, str, bool], list[int]]:
    """Return the places of attempts by template, its code and whether they have a date; without those that are about
    another person, follow a payment here, or must be sent whatever they lack."""
    places: dict[tuple[int, str, bool], list[int]] = defaultdict(list)
    for at, attempt in enumerate(attempts):
        is_usual = attempt.payload_encrypted is not None and attempt.told_encrypted is None and attempt.earlier is None
        if is_usual and not attempt.last_resort:
            places[attempt.template_id, attempt.template_code, isinstance(attempt.anchor, date)].append(at)
    return places


def _messages(
    attempts: Sequence[Claimed], codes: Sequence[str], page: Sheet, template_code: str, day: date
) -> list[Message | None]:
    messages: list[Message | None] = [None] * len(attempts)
    if page.asks_age:
        return messages
    days_left = [days_until(attempt.anchor, day) for attempt in attempts]
    columns, payloads = _columns(attempts, codes, page)
    if None not in days_left:
        columns[DAYS_LEFT] = list(map(str, days_left))
    if page.tariff:
        columns |= _prices(payloads, page, day)
    shown = chosen_lines(page.choice, columns, payloads, day=day, days_left=days_left)
    named = references([attempt.delivery_id for attempt in attempts])
    addresses = _opened(f"contact.{page.address_kind}", attempts, [each.address_encrypted for each in attempts])
    for (title, body), places in _by_lines(shown).items():
        try:
            code = code_of(page, body, template_code)
        except NoTemplate:
            continue
        of_lines = page.page(title, body)
        theirs = {name: [columns[name][at] for at in places] for name in of_lines.placeholders if name in columns}
        for at, filled in zip(places, of_lines.fit_all(theirs, len(places), keyed=bool(code)), strict=True):
            if filled is not None:
                messages[at] = Message(named[at], addresses[at], code, *filled)
    return messages


def _columns(attempts: Sequence[Claimed], codes: Sequence[str], page: Sheet) -> tuple[Columns, Payloads]:
    """Return what every template may use of the records, and the records."""
    bound_to = [Record.payload_bound_to(page.agency_code, attempt.external_id) for attempt in attempts]
    sealed = [attempt.payload_encrypted for attempt in attempts if attempt.payload_encrypted is not None]
    payloads = list(map(orjson.loads, cipher().decrypt_all(sealed, bound_to=bound_to)))
    columns = field_columns(page.format_fields, payloads)
    columns |= {
        NAME: _opened("citizen.name", attempts, [attempt.name_encrypted for attempt in attempts]),
        CHECK_CODE: list(codes),
        AGENCY: [page.agency_name] * len(attempts),
        CONTACT: [page.agency_phone] * len(attempts),
    }
    return columns, payloads


def _opened(what: str, attempts: Sequence[Claimed], sealed: Sequence[memoryview]) -> list[str]:
    bound_to = [f"{what}:{attempt.citizen_id}" for attempt in attempts]
    return list(map(bytes.decode, cipher().decrypt_all(sealed, bound_to=bound_to)))


def _prices(payloads: Payloads, page: Sheet, day: date) -> Columns:
    price, language = prices().price, page.language
    texts = [priced(price(page.tariff, payload, on=day, objected=page.objected), language) for payload in payloads]
    return {name: [each[name] for each in texts] for name in PRICES}


def _by_lines(shown: Sequence[Shown]) -> dict[Shown, list[int]]:
    places: dict[Shown, list[int]] = defaultdict(list)
    for at, lines in enumerate(shown):
        places[lines].append(at)
    return places
