"""NOTICE → message: decrypt, fill the pinned wording, and hand plain values to the channel.

What an administrator previews goes through the same compiled wordings and the same formatting.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from notifications.channels.contract import Message
from notifications.check_codes import check_code
from notifications.claim import Claimed
from notifications.fit import Page
from notifications.gateways import carries, reference
from notifications.models import Record
from secretary.common.encryption import cipher
from secretary.common.korean import Language
from subscriptions.models import Wording
from subscriptions.models.data_type import CONTACT
from subscriptions.specs import FieldSpec, fields_from_json
from subscriptions.wording import (
    FieldFormatter,
    builtin_values,
    compile_fields,
    compile_wording,
    earlier_values,
)
from subscriptions.wording.values import NAME

MOST_WORDINGS = 4096


@dataclass(frozen=True, slots=True)
class Sheet:
    """A wording with everything about its data type that filling it needs. Never changes once it is live."""

    page: Page
    format_fields: FieldFormatter
    agency_code: str
    agency_name: str
    agency_phone: str
    address_kind: str
    language: Language


@dataclass(frozen=True, slots=True)
class Approved:
    """What a second person approved: the wording, its version by digest, and what it says of the agency.

    The key of compiled wordings, so that another approval is seen by every process at once.
    """

    wording_id: int
    digest: str
    agency_name_ko: str
    agency_name_en: str
    agency_phone: str


def approved(wording_ids: Iterable[int]) -> dict[int, Approved]:
    """What is approved of these wordings now; one statement for a batch."""
    wanted = Wording.objects.filter(pk__in=set(wording_ids)).order_by()
    columns = (f"stage__version__{name}" for name in ("digest", *CONTACT))
    return {row[0]: Approved(*row) for row in wanted.values_list("pk", *columns)}


@lru_cache(maxsize=MOST_WORDINGS)
def sheet(content: Approved) -> Sheet:
    """The compiled wording, from the database once per process and approval."""
    wording = Wording.objects.select_related("stage__version__data_type__agency").get(pk=content.wording_id)
    version = wording.stage.version
    language: Language = "en" if wording.language == "en" else "ko"
    fields = fields_from_json(version.fields)
    return Sheet(
        page=_page(wording, fields, language),
        format_fields=compile_fields(fields, language),
        agency_code=version.data_type.agency.code,
        agency_name=content.agency_name_en if language == "en" else content.agency_name_ko,
        agency_phone=content.agency_phone,
        address_kind="toss_user_key" if wording.channel == "toss" else "phone",
        language=language,
    )


def _page(wording: Wording, fields: Sequence[FieldSpec], language: Language) -> Page:
    texts = frozenset((NAME, *(item.placeholder for item in fields if item.type == "text")))
    title, body = compile_wording(wording.title), compile_wording(wording.body)
    return Page(title, body, carries(wording.channel), language, texts)


def template_codes(wording_ids: Iterable[int]) -> dict[int, str]:
    """The vendors' template codes as they stand now; one statement for a batch."""
    return dict(Wording.objects.filter(pk__in=set(wording_ids)).values_list("pk", "vendor_template"))


def compose(attempt: Claimed, *, content: Approved, template_code: str, day: date) -> Message:
    """The message of one attempt; `day` (KST) is what the days left are counted from.

    Where the record is about another person it is not even opened, and a wording that asks for a field of it fails.
    Raises Unfit: the channel cannot carry it. Undecryptable, MissingValue: the notice then needs a person's look.
    """
    page = sheet(content)
    values = _about_record(attempt, page) | builtin_values(
        name=_open(attempt.name_encrypted, f"citizen.name:{attempt.citizen_id}"),
        check_code=check_code(attempt.notice_id),
        agency=page.agency_name,
        contact=page.agency_phone,
        days_left=_days_left(attempt.anchor, day) if attempt.earlier is None else None,
    )
    filled = page.page.fit(values, last_resort=attempt.last_resort)
    return Message(
        reference=reference(attempt.delivery_id),
        address=_address(attempt.address_encrypted, page.address_kind, attempt.citizen_id),
        template_code=template_code,
        title=filled.title,
        text=filled.text,
        values=page.page.keyed(filled.values),
    )


def address_only(attempt: Claimed, *, content: Approved, template_code: str) -> Message:
    """A message without words, to ask a gateway about one whose record is about another person by now."""
    kind = sheet(content).address_kind
    address = _address(attempt.address_encrypted, kind, attempt.citizen_id)
    return Message(reference(attempt.delivery_id), address, template_code, title="", text="", values={})


def _about_record(attempt: Claimed, page: Sheet) -> dict[str, str]:
    """What the record says; or, where it is not the person's, which notice had said that it was."""
    sealed, told = attempt.payload_encrypted, attempt.told_encrypted
    if sealed is not None:
        return page.format_fields(Record.open_payload(sealed, told, page.agency_code, attempt.external_id))
    if attempt.earlier is None or not isinstance(attempt.anchor, date):
        return {}
    return earlier_values(check_code=check_code(attempt.earlier), day=attempt.anchor, language=page.language)


def _address(encrypted: memoryview, kind: str, citizen_id: str) -> str:
    return _open(encrypted, f"contact.{kind}:{citizen_id}")


def _open(encrypted: memoryview, bound_to: str) -> str:
    return cipher().decrypt(bytes(encrypted), bound_to=bound_to).decode()


def _days_left(anchor: object, day: date) -> int | None:
    return max((anchor - day).days, 0) if isinstance(anchor, date) else None
