"""One notice as its person sees it: what it said, what is to be done now, why it came, where it went, and why not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from citizens.inbox.facts import Day, Fact, days_to_come, facts
from citizens.inbox.kinds import Kind, kind_of
from citizens.inbox.notices import is_to_do
from citizens.inbox.outcome_words import channel_name, outcome_words
from citizens.inbox.why import Why, why
from notifications.delivery.check_codes import check_code
from notifications.delivery.fit import Filled
from notifications.delivery.sent_text import text_as_sent
from notifications.matching.subject import is_about
from notifications.models import Delivery, Notice, Record
from notifications.states import DELIVERED, FAILED, RETURNED
from payments.bills.bills import owed
from payments.web.bill_view import BillView, view_bill_of_record
from secretary.kernel.korean.korean import Language, masked_phone
from secretary.kernel.secrets.encryption import Undecryptable
from secretary.kernel.time.clock import kst_date
from subscriptions.models import Citizen, Consent, Contact, Subscription
from subscriptions.specs import DATE_SLOTS
from subscriptions.triggers import NOT_YOURS, TRIGGERS


class NoSuchNotice(LookupError):
    """No such notice, or another person's: the caller does not learn which."""


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
    """The message as it was handed over. `text` is None where it cannot be said exactly."""

    channel: str
    text: Filled | None
    language: str
    went_out: bool  # False: every attempt failed, this is what was tried


@dataclass(frozen=True, slots=True)
class NoticeView:
    notice: Notice
    kind: Kind
    title: str
    stage: str
    occasion: str  # the trigger of its stage, in words
    agency: str
    check_code: str
    theirs: bool  # the record is about this person now
    is_readable: bool
    why: Why
    newer: int | None  # the newest notice to them about the same record
    sent: Sent | None  # None: there was no attempt yet
    attempts: tuple[Attempt, ...]
    bill: BillView | None
    days: tuple[Day, ...]
    to_do: bool
    facts: tuple[Fact, ...]
    consent: Consent | None

    @property
    def record(self) -> Record:
        return self.notice.record

    @property
    def has_days(self) -> bool:
        """Whether the record names a day at all, over or not."""
        return any(getattr(self.record, f"date_{slot}") for slot in DATE_SLOTS)

    @property
    def consent_given_on(self) -> date | None:
        return kst_date(self.consent.given_at) if self.consent else None

    @property
    def consent_withdrawn_on(self) -> date | None:
        return kst_date(self.consent.withdrawn_at) if self.consent and self.consent.withdrawn_at else None


def view_notice(*, citizen: Citizen, notice_id: int, language: Language, now: datetime) -> NoticeView:
    """Raises NoSuchNotice."""
    notice = _notice(citizen, notice_id)
    deliveries = list(notice.deliveries.select_related("template").order_by("fence"))
    kind, stage, record = kind_of(_version_of(notice)), notice.stage, notice.record
    theirs = bool(vars(notice)["about"]) and notice.not_theirs_at is None and stage.trigger != NOT_YOURS
    payload = _payload(record) if theirs else {}
    bill = _bill(citizen, notice, language, now) if theirs else None
    days = days_to_come(kind.fields, payload or {}, language, now=now)
    owes = owed(citizen=citizen, records=[record.pk], now=now)[record.pk] if bill else None
    explained = why(
        state=notice.state, reason=notice.reason, not_before=notice.not_before, arrived=_arrived(deliveries), now=now
    )
    return NoticeView(
        notice=notice,
        kind=kind,
        title=kind.title(language),
        stage=stage.label_en if language == "en" else stage.label_ko,
        occasion=str(TRIGGERS[stage.trigger].label),
        agency=kind.agency.of(language),
        check_code=check_code(notice.pk),
        theirs=theirs,
        is_readable=payload is not None,
        why=explained,
        newer=_newer(notice),
        sent=_sent(notice, deliveries, bill, theirs=theirs),
        attempts=_attempts(citizen, deliveries),
        bill=bill,
        days=days,
        to_do=is_to_do(record_state=record.state, theirs=theirs, days=days, owes=owes),
        facts=facts(kind.fields, payload or {}, language),
        consent=_consent(notice),
    )


def _notice(citizen: Citizen, notice_id: int) -> Notice:
    found = Notice.objects.annotate(about=is_about()).filter(citizen=citizen, pk=notice_id)
    notice = found.select_related("record__agency", "record__data_type", "stage").first()
    if notice is None:
        raise NoSuchNotice
    notice.citizen = citizen
    return notice


def _version_of(notice: Notice) -> int:
    return notice.record.data_type.live_version_id or notice.stage.version_id


def _payload(record: Record) -> Mapping[str, Any] | None:
    """Return None where it cannot be read."""
    try:
        return record.payload
    except (Undecryptable, ValueError):
        return None


def _bill(citizen: Citizen, notice: Notice, language: Language, now: datetime) -> BillView | None:
    if not notice.record.data_type.payable:
        return None
    return view_bill_of_record(citizen=citizen, record_id=notice.record_id, language=language, now=now)


def _arrived(deliveries: Sequence[Delivery]) -> str:
    return next((item.channel for item in reversed(deliveries) if item.state == DELIVERED), "")


def _newer(notice: Notice) -> int | None:
    later = Notice.objects.filter(record=notice.record_id, citizen=notice.citizen_id, pk__gt=notice.pk)
    newest: int | None = later.order_by("-pk").values_list("pk", flat=True).first()
    return newest


def _sent(notice: Notice, deliveries: Sequence[Delivery], bill: BillView | None, *, theirs: bool) -> Sent | None:
    """Return the message that arrived, or else the newest that may have, or else the last that was tried."""
    if not deliveries:
        return None
    out = [item for item in deliveries if item.state not in (FAILED, RETURNED)]
    shown = next((item for item in reversed(out) if item.state == DELIVERED), (out or deliveries)[-1])
    text = None if _is_undone(notice, bill) else text_as_sent(notice=notice, delivery=shown, theirs=theirs)
    return Sent(channel_name(shown.channel), text, shown.template.language, bool(out))


def _is_undone(notice: Notice, bill: BillView | None) -> bool:
    """Return whether it told of a payment here that was refunded since: its amount and number left the record."""
    is_receipt = notice.stage.trigger == Record.PAID and notice.record.told_encrypted is None
    return is_receipt and bill is not None and any(payment.taken for payment in bill.payments)


def _attempts(citizen: Citizen, deliveries: Sequence[Delivery]) -> tuple[Attempt, ...]:
    contacts = {each.kind: each for each in Contact.objects.filter(citizen=citizen)} if deliveries else {}
    return tuple(
        Attempt(
            at=item.started_at,
            channel=channel_name(item.channel),
            address=_address(item, contacts),
            words=outcome_words(channel=item.channel, state=item.state, code=item.code),
            finished_at=item.finished_at,
        )
        for item in deliveries
    )


def _address(delivery: Delivery, contacts: Mapping[str, Contact]) -> str:
    phone = contacts.get(Contact.PHONE)
    if delivery.channel == "toss" or phone is None or phone.changed_at > delivery.started_at:
        return ""
    return masked_phone(phone.value)


def _consent(notice: Notice) -> Consent | None:
    """Return the consent of the subscription by which it was made: the newest that had begun by then."""
    mine = Subscription.objects.filter(citizen=notice.citizen_id, data_type=notice.record.data_type_id)
    by_then = (
        mine.filter(started_at__lte=notice.created_at).select_related("consent__text").order_by("-started_at", "-pk")
    )
    subscription = by_then.first()
    return subscription.consent if subscription else None
