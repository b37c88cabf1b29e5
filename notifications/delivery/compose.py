"""COMPOSE: notice → message: decrypt, fill the pinned template, and pass plain values to the channel.

An administrator's preview uses the same compiled templates and the same formatting.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import connection

from notifications.channels.contract import Message
from notifications.delivery.check_codes import check_code
from notifications.delivery.claim import Claimed
from notifications.delivery.fit import Filled, Page
from notifications.delivery.gateways import reference
from notifications.matching.prices import Price, prices
from notifications.models import Record
from secretary.kernel.database.prepared import Prepared
from secretary.kernel.korean.korean import Language
from secretary.kernel.language import as_language
from secretary.kernel.secrets.encryption import decrypt_text
from subscriptions.data_types.rows import spec_of_row
from subscriptions.message_templates import (
    Choice,
    FieldFormatter,
    Limit,
    TooMany,
    builtin_values,
    compile_fields,
    compile_lines,
    earlier_values,
    limits,
    variants,
)
from subscriptions.message_templates.conditions import AGE, AGE_BY_YEAR
from subscriptions.message_templates.prices import PRICES, price_values
from subscriptions.message_templates.values import NAME
from subscriptions.models import MessageTemplate
from subscriptions.models.data_type import CONTACT
from subscriptions.specs import FieldSpec, fields_from_json

MOST_TEMPLATES = 4096
MOST_PRICES = 8192  # the same few values repeat in the records of a day

Filling = tuple[Page, int, dict[str, str]]  # the lines of a text, their number, and the values by placeholder


class NoTemplate(Exception):
    """No vendor has approved the text that the template gives for this record: the next channel is used."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A template with everything about its data type that filling it needs. Never changes once it is live."""

    main: int  # the lines of the text whose code is `MessageTemplate.vendor_template`
    codes: Mapping[str, str]  # template codes of the other texts, by `TemplateVariant.key`
    limits: Limit
    texts: frozenset[str]  # placeholders of names and texts
    choice: Choice
    asks_age: bool
    format_fields: FieldFormatter  # of the fields that it shows
    tariff: str  # computes the template's prices; "" where it states none
    objected: bool  # the stage states that an objection stands
    agency_code: str
    agency_name: str
    agency_phone: str
    address_kind: str
    language: Language
    _pages: dict[tuple[int, int], Page] = field(default_factory=dict, repr=False, compare=False)

    def page(self, title: int, body: int) -> Page:
        """Return the text with these lines, on its channel."""
        known = self._pages.get((title, body))
        if known is None:
            texts = self.choice.title.variant(title), self.choice.body.variant(body)
            known = self._pages[title, body] = Page(*texts, self.limits, self.language, self.texts)
        return known

    def fill(self, values: dict[str, str], payload: Mapping[str, Any], **when: Any) -> Filling:
        """Return the lines that a record shows (`Choice.lines`), their number, and the values by placeholder."""
        title, body = self.choice.lines(values, payload, **when)
        return self.page(title, body), body, values


class Approved(NamedTuple):
    """What a second person approved: the template, its version by digest, and the agency's name and telephone.

    The key of compiled templates, so that another approval is seen by every process at once.
    """

    template_id: int
    digest: str
    agency_name_ko: str
    agency_name_en: str
    agency_phone: str
    variant_codes: str  # a line "key code" for each approved text except the main one


def approved(template_ids: Iterable[int]) -> dict[int, Approved]:
    """Return the current approval of these templates; one statement for a batch."""
    with connection.cursor() as cursor:
        APPROVED.execute(cursor, {"templates": list(set(template_ids))})
        return {row[0]: Approved(*row) for row in cursor.fetchall()}


APPROVED_ROWS = f"""
SELECT w.id, v.digest, {", ".join(f"v.{name}" for name in CONTACT)},
    array_to_string(ARRAY(SELECT c.key || ' ' || c.vendor_template FROM subscriptions_wordingvariant c
        WHERE c.wording_id = w.id AND c.vendor_template <> '' ORDER BY c.key), E'\\n')
FROM subscriptions_wording w
JOIN subscriptions_stage st ON st.id = w.stage_id JOIN subscriptions_datatypeversion v ON v.id = st.version_id
WHERE w.id = ANY(%s)
"""  # noqa: S608  (constants)
APPROVED = Prepared("notifications_approved", APPROVED_ROWS.replace("%s", "%(templates)s"), {"templates": "bigint[]"})


@lru_cache(maxsize=MOST_TEMPLATES)
def sheet(content: Approved) -> Sheet:
    """Return the compiled template, from the database once per process and approval."""
    template = MessageTemplate.objects.select_related("stage__version__data_type__agency").get(pk=content.template_id)
    version = template.stage.version
    language = as_language(template.language)
    fields = fields_from_json(version.fields)
    body, title = compile_lines(template.body), compile_lines(template.title)
    asked = {condition.name for condition in (*body.conditions, *title.conditions)}
    shown = {*body.placeholders, *title.placeholders}
    return Sheet(
        main=_main_text(template, fields),
        codes=dict(pair.split(" ", 1) for pair in content.variant_codes.splitlines()),
        limits=limits(template.channel),
        texts=frozenset((NAME, *(item.placeholder for item in fields if item.type == "text"))),
        choice=Choice(title, body, tuple(item for item in fields if item.placeholder in asked)),
        asks_age=not asked.isdisjoint((AGE, AGE_BY_YEAR)),
        format_fields=compile_fields((item for item in fields if item.placeholder in shown), language),
        tariff=version.data_type.payable if _speaks_of_prices(template) else "",
        objected=template.stage.trigger == Record.OBJECTED,
        agency_code=version.data_type.agency.code,
        agency_name=content.agency_name_en if language == "en" else content.agency_name_ko,
        agency_phone=content.agency_phone,
        address_kind="toss_user_key" if template.channel == "toss" else "phone",
        language=language,
    )


def _speaks_of_prices(template: MessageTemplate) -> bool:
    return any(name in PRICES for text in (template.body, template.title) for name in compile_lines(text).placeholders)


def _main_text(template: MessageTemplate, fields: tuple[FieldSpec, ...]) -> int:
    """Return the lines of the text that was approved under the template's own code."""
    try:
        return variants(template.body, fields, spec_of_row(template.stage))[0].shown
    except TooMany:  # written before the editor refused such: only its whole text was ever submitted
        return compile_lines(template.body).all_shown


def template_codes(template_ids: Iterable[int]) -> dict[int, str]:
    """Return the vendors' current template codes; one statement for a batch."""
    return dict(MessageTemplate.objects.filter(pk__in=set(template_ids)).values_list("pk", "vendor_template"))


def compose(attempt: Claimed, *, content: Approved, template_code: str, day: date, code: str = "") -> Message:
    """Return the message of one attempt; the days left are counted from `day` (KST); `code` is the notice's check
    code where the caller has made those of many at once.

    Where the record is about another person it is not decrypted, and a template that uses a field of it fails.
    Raises Unfit: the channel cannot carry it. NoTemplate: its vendor has not approved this text. Undecryptable,
    MissingValue, PriceUnknown: an operator must then review the notice.
    """
    page = sheet(content)
    return message_of(attempt, page, template_code, _prepared(attempt, page, day, code))


def message_of(attempt: Claimed, page: Sheet, template_code: str, prepared: Filling) -> Message:
    """Return a prepared text as the attempt's message. Raises Unfit, NoTemplate."""
    text, shown, values = prepared
    template = code_of(page, shown, template_code)
    filled = text.fit(values, last_resort=attempt.last_resort)
    return Message(
        reference(attempt.delivery_id),
        _address(attempt.address_encrypted, page.address_kind, attempt.citizen_id),
        template,
        filled.title,
        filled.text,
        text.keyed(filled) if template else {},
    )


def compose_text(attempt: Claimed, *, content: Approved, day: date) -> Filled:
    """Return title and text of an attempt for its person to read, without an address. Raises as `compose` does."""
    text, _, values = _prepared(attempt, sheet(content), day, "")
    return text.fit(values, last_resort=attempt.last_resort)


def _prepared(attempt: Claimed, page: Sheet, day: date, code: str) -> Filling:
    """Return the lines that the record's values show, their number, and the values by placeholder."""
    days_left = days_until(attempt.anchor, day) if attempt.earlier is None else None
    values, payload = _about_record(attempt, page)
    values |= builtin_values(
        name=name_of(attempt),
        check_code=code or check_code(attempt.notice_id),
        agency=page.agency_name,
        contact=page.agency_phone,
        days_left=days_left,
    )
    if page.tariff:
        values |= priced(prices().price(page.tariff, payload, on=day, objected=page.objected), page.language)
    born = _born(attempt) if page.asks_age else None
    return page.fill(values, payload, day=day, born=born, days_left=days_left)


@lru_cache(maxsize=MOST_PRICES)
def priced(price: Price, language: Language) -> Mapping[str, str]:
    """Return a price as texts by placeholder."""
    return price_values(**price._asdict(), language=language)


def code_of(page: Sheet, shown: int, main: str) -> str:
    """Return the code under which the vendor approved exactly these lines; "" on a channel without templates. Raises
    NoTemplate."""
    if not main or shown == page.main:
        return main
    try:
        return page.codes[f"{shown:x}"]
    except KeyError:
        raise NoTemplate from None


def code_at(gateway: str, page: Sheet, code: str) -> str:
    """Return the code of the same text at a further provider of the channel, "" where that has not approved it."""
    key = next((key for key, of_text in page.codes.items() if of_text == code and ":" not in key), "")
    return page.codes.get(f"{gateway}:{key}", "")


def address_only(attempt: Claimed, *, content: Approved, template_code: str) -> Message:
    """Return a message without a text, to poll a gateway where the record is about another person by now."""
    kind = sheet(content).address_kind
    address = _address(attempt.address_encrypted, kind, attempt.citizen_id)
    return Message(reference(attempt.delivery_id), address, template_code, title="", text="", values={})


def _about_record(attempt: Claimed, page: Sheet) -> tuple[dict[str, str], Mapping[str, Any]]:
    """Return the record's values, formatted and raw; or, where the record is another person's, the earlier notice."""
    sealed, notified = attempt.payload_encrypted, attempt.told_encrypted
    if sealed is not None:
        payload = Record.open_payload(sealed, notified, page.agency_code, attempt.external_id)
        return page.format_fields(payload), payload
    if attempt.earlier is None or not isinstance(attempt.anchor, date):
        return {}, {}
    day = attempt.anchor
    return earlier_values(check_code=check_code(attempt.earlier), day=day, language=page.language), {}


def name_of(attempt: Claimed) -> str:
    return decrypt_text(attempt.name_encrypted, bound_to=f"citizen.name:{attempt.citizen_id}")


def _born(attempt: Claimed) -> date | None:
    """Return the birth date; None where it is not at hand, or no day of our calendar: a lunar 30 February."""
    if attempt.birth_date_encrypted is None:
        return None
    try:
        bound_to = f"citizen.birth_date:{attempt.citizen_id}"
        return date.fromisoformat(decrypt_text(attempt.birth_date_encrypted, bound_to=bound_to))
    except ValueError:
        return None


def _address(encrypted: memoryview, kind: str, citizen_id: str) -> str:
    return decrypt_text(encrypted, bound_to=f"contact.{kind}:{citizen_id}")


def days_until(anchor: object, day: date) -> int | None:
    """Return the days that are left until an attempt's date; None where it has none."""
    return max((anchor - day).days, 0) if isinstance(anchor, date) else None
