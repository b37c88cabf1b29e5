"""One notice as its person sees it: what it said, what is to be done now, why it came, where it went, and why not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from citizens.inbox.facts import Day, days_to_come, facts
from citizens.inbox.kinds import kind_of
from citizens.inbox.notices import AROUND, is_to_do
from citizens.inbox.why import Why, why
from citizens.models import ReadNotice
from notifications.delivery.check_codes import check_code
from notifications.delivery.outcome_words import channel_name, channel_within, outcome_words
from notifications.models import Record
from notifications.own_data.sent_texts import SentText, bundled_text, sent_texts
from notifications.states import DELIVERED, FAILED, RETURNED
from payments.web.bill_view import BillView, view_bill_of_record
from secretary.kernel.database.prepared import planned
from secretary.kernel.database.sql import read_sql
from secretary.kernel.korean.korean import Language, masked_phone
from secretary.kernel.secrets.encryption import Undecryptable, decrypt_text
from secretary.kernel.time.clock import kst_date
from subscriptions.message_templates.values import Fact
from subscriptions.models import Citizen
from subscriptions.triggers import TRIGGERS

NOTICE = planned(read_sql("citizens", "notice", around=AROUND))


class NoSuchNotice(LookupError):
    """No such notice, or another person's: the caller does not learn which."""


def mark_read(*, notice_id: int, citizen_id: UUID, now: datetime) -> None:
    """Remember that the person has opened it. Waits for no lock; a second time it changes nothing."""
    row = ReadNotice(notice_id=notice_id, citizen_id=citizen_id, read_at=now)
    ReadNotice.objects.bulk_create([row], ignore_conflicts=True)


class Found(NamedTuple):
    """The row of sql/notice.sql: `record_…` of the record as it is now, `consent_…` of what the notice rests on."""

    notice_id: int
    state: str
    reason: str
    created_at: datetime
    not_before: datetime
    version: int  # of the record, of which the notice spoke
    trigger: str
    label_ko: str
    label_en: str
    data_type_version: int
    payable: str
    record_id: int
    record_state: str
    record_version: int
    external_id: str
    first_seen_at: datetime
    received_at: datetime
    has_days: bool  # the record names a day at all, over or not
    payload_encrypted: memoryview | None  # None: the record is not about them now, or the notice says just that
    told_encrypted: memoryview | None
    agency_code: str
    theirs: bool
    is_read: bool
    newer: int | None  # the newest notice to them about the same record
    consent_number: int | None
    consent_method: str | None
    consent_given_at: datetime | None
    consent_withdrawn_at: datetime | None
    phone_encrypted: memoryview | None
    phone_changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to reach the person."""

    at: datetime
    channel: str
    address: str  # masked; "" where the number has changed since
    words: str
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Sent:
    """The message as it was handed over. `text` is "" where it cannot be said exactly."""

    channel: str
    title: str
    text: str
    language: str
    went_out: bool  # False: every attempt failed, this is what was tried


@dataclass(frozen=True, slots=True)
class NoticeView:
    row: Found
    title: str
    stage: str
    occasion: str  # the trigger of its stage, in words
    agency: str
    agency_phone: str
    check_code: str
    is_readable: bool
    why: Why
    sent: Sent | None  # None: there was no attempt yet
    attempts: tuple[Attempt, ...]
    bill: BillView | None
    days: tuple[Day, ...]
    to_do: bool
    facts: tuple[Fact, ...]

    @property
    def went_out(self) -> bool:
        """Return whether a message of it reached the person, or may have."""
        return self.sent is not None and self.sent.went_out

    @property
    def consent_given_on(self) -> date | None:
        return kst_date(self.row.consent_given_at) if self.row.consent_given_at else None

    @property
    def consent_withdrawn_on(self) -> date | None:
        return kst_date(self.row.consent_withdrawn_at) if self.row.consent_withdrawn_at else None


def view_notice(*, citizen: Citizen, notice_id: int, language: Language, now: datetime) -> NoticeView:
    """Raises NoSuchNotice."""
    row = _found(citizen, notice_id)
    kind, payload = kind_of(row.data_type_version), _payload(row)
    attempts = sent_texts([notice_id])
    bill = _bill(citizen, row, language, now)
    days = days_to_come(kind.dated, payload or {}, language, now=now)
    owes = bill.is_owed if bill else None
    return NoticeView(
        row=row,
        title=kind.title(language),
        stage=row.label_en if language == "en" else row.label_ko,
        occasion=str(TRIGGERS[row.trigger].label),
        agency=kind.agency.of(language),
        agency_phone=kind.agency_phone,
        check_code=check_code(notice_id),
        is_readable=payload is not None,
        why=why(row.state, row.reason, not_before=row.not_before, arrived=_arrived(attempts), now=now),
        sent=_sent(row, attempts, bill),
        attempts=_attempts(citizen, row, attempts),
        bill=bill,
        days=days,
        to_do=is_to_do(record_state=row.record_state, theirs=row.theirs, days=days, owes=owes),
        facts=facts(kind, payload or {}, language),
    )


def _found(citizen: Citizen, notice_id: int) -> Found:
    with connection.cursor() as cursor:
        cursor.execute(NOTICE, {"notice": notice_id, "citizen": citizen.pk})
        row = cursor.fetchone()
    if row is None:
        raise NoSuchNotice
    return Found._make(row)


def _payload(row: Found) -> Mapping[str, Any] | None:
    """Return None where it cannot be read."""
    if row.payload_encrypted is None:
        return {}
    try:
        return Record.open_payload(row.payload_encrypted, row.told_encrypted, row.agency_code, row.external_id)
    except (Undecryptable, ValueError):
        return None


def _bill(citizen: Citizen, row: Found, language: Language, now: datetime) -> BillView | None:
    if not row.payable or not row.theirs:
        return None
    return view_bill_of_record(citizen=citizen, record_id=row.record_id, language=language, now=now)


def _arrived(attempts: Sequence[SentText]) -> str:
    return next((item.channel for item in reversed(attempts) if item.state == DELIVERED), "")


def _sent(row: Found, attempts: Sequence[SentText], bill: BillView | None) -> Sent | None:
    """Return the message that arrived, or else the newest that may have, or else the last that was tried."""
    if not attempts:
        return None
    out = [item for item in attempts if item.state not in (FAILED, RETURNED)]
    shown = next((item for item in reversed(out) if item.state == DELIVERED), (out or attempts)[-1])
    title, text = (shown.title, shown.text) if shown.is_as_sent and not _is_undone(row, bill) else ("", "")
    if (bundle := bundled_text(shown)) is not None:
        title, text = bundle.title, bundle.text
    return Sent(channel_within(shown.channel), title, text, shown.language, bool(out))


def _is_undone(row: Found, bill: BillView | None) -> bool:
    """Return whether it told of a payment here that was refunded since: its amount and number left the record."""
    is_receipt = row.trigger == Record.PAID and row.told_encrypted is None
    return is_receipt and bill is not None and any(payment.captured for payment in bill.payments)


def _attempts(citizen: Citizen, row: Found, attempts: Sequence[SentText]) -> tuple[Attempt, ...]:
    phone = ""
    if attempts and row.phone_encrypted is not None:
        phone = masked_phone(decrypt_text(row.phone_encrypted, bound_to=f"contact.phone:{citizen.pk}"))
    return tuple(
        Attempt(
            at=item.started_at,
            channel=channel_name(item.channel),
            address=phone if _is_same_number(row, item) else "",
            words=outcome_words(channel=item.channel, state=item.state, code=item.code, gateway=item.attempt.gateway),
            finished_at=item.finished_at,
        )
        for item in attempts
    )


def _is_same_number(row: Found, item: SentText) -> bool:
    return item.channel != "toss" and row.phone_changed_at is not None and row.phone_changed_at <= item.started_at
