"""Find whom a caller speaks of, by a number that they read out.

Numbers that people have: the check code of a message; the receipt number of a payment; that of their sign-up or
registration; the number of their paper form, on the slip from the office. The last one is looked for among the people
with the caller's mobile number alone: offices number their forms themselves. Two people may have one receipt number;
then the mobile number tells which.
"""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from citizens.verify.check_notice import look_up
from notifications.delivery.check_codes import Mistyped, read_code
from notifications.models import Notice
from payments.models import Settlement
from secretary.kernel.audit.audit import record_audit
from secretary.kernel.korean.korean import Language, clean_line
from secretary.kernel.persons.blind_index import phone_index
from subscriptions.enrolment.receipt_numbers import holders_of, receipt_of, stored
from subscriptions.models import Citizen, Consent, Contact, ReceiptNumber

By = Literal["check code", "payment", "sign-up", "paper form", "receipt number", "nothing"]
WITH_PHONE: Collection[By] = ("sign-up", "paper form")
PAYMENT = re.compile(r"(\d{8})\W*(\d{8,})")


@dataclass(frozen=True, slots=True)
class Found:
    """What the number is. `citizen_id` None: it leads to no person; `is_false`: a check code, and none of ours;
    `is_shared`: a receipt number that several people have."""

    by: By
    citizen_id: UUID | None = None
    notice_id: int | None = None
    is_false: bool = False
    is_shared: bool = False


def find_caller(*, typed: str, phone: str, actor: str, why: str, language: Language, now: datetime) -> Found:
    """Look the number up, and record that it was. `phone`: E.164, "" where the caller was not asked for it."""
    found = _by_payment(typed) or (_by_phone(typed, phone) if phone else None) or _by_any_code(typed, language, now)
    hit = "found" if found.citizen_id else "nothing"
    record_audit(
        now=now,
        actor=actor,
        action="call.looked_up",
        citizen_id=found.citizen_id,
        object=f"{found.by}: {hit}",
        reason=why,
    )
    return found


def _by_payment(typed: str) -> Found | None:
    number = PAYMENT.fullmatch(unicodedata.normalize("NFKC", clean_line(typed)))
    if number is None:
        return None
    settlements = Settlement.objects.filter(receipt_number=f"{number[1]}-{number[2]}")
    citizen_id = settlements.values_list("payment__bill__citizen", flat=True).first()
    return Found("payment", citizen_id) if citizen_id is not None else None


def _by_phone(typed: str, phone: str) -> Found | None:
    wanted = stored(typed)
    contacts = Contact.objects.filter(kind=Contact.PHONE, value_hash=phone_index(phone))
    for citizen in Citizen.objects.filter(pk__in=contacts.values("citizen"), state=Citizen.ACTIVE).order_by("pk"):
        if wanted in _receipts(citizen.pk):
            return Found("sign-up", citizen.pk)
        forms = Consent.objects.filter(citizen=citizen, method=Consent.PAPER).values_list("paper_form", flat=True)
        if wanted and wanted in map(stored, forms):
            return Found("paper form", citizen.pk)
    return None


def _receipts(citizen_id: UUID) -> set[str]:
    """Return the person's receipt numbers: also those of rows that were merged with theirs."""
    noted = ReceiptNumber.objects.filter(citizen=citizen_id).values_list("number", flat=True)
    return {stored(receipt_of(citizen_id)), *noted}


def _by_any_code(typed: str, language: Language, now: datetime) -> Found:
    """Look for a check code, then for a receipt number: eight letters may be either."""
    found = _by_code(typed, language, now)
    if found.citizen_id is not None:
        return found
    holders = holders_of(typed)
    if len(holders) == 1:
        return Found("receipt number", holders[0])
    return Found("receipt number", is_shared=True) if holders else found


def _by_code(typed: str, language: Language, now: datetime) -> Found:
    try:
        code = read_code(typed)
    except Mistyped:
        return Found("nothing")
    checked = look_up(code, language=language, now=now)
    if checked.verdict == "unknown":
        return Found("nothing", is_false=not code.short)
    owner = Notice.objects.filter(pk=code.notice).values_list("citizen", flat=True).first()
    return Found("check code", owner, code.notice)
