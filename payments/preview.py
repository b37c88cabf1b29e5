"""PREVIEW: compute every notice that one record would ever cause for one person, without a trace.

A made-up citizen and the record go through the product's own intake, match, claim and template, day by day, in a
transaction that is rolled back. So an administrator checks a new kind of data, and tests compare texts with amounts.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from notifications.channels.contract import Outcome, Verdict
from notifications.delivery.claim import Claimed, claim
from notifications.delivery.compose import approved, compose
from notifications.delivery.outcomes import Reported, apply_outcomes
from notifications.intake.ingest import ingest_page
from notifications.intake.parsing.schema import live_schemas
from notifications.matching.match import match_record
from notifications.models import Feed, FeedRun, Notice, Record
from notifications.sources.contract import Line
from notifications.states import READY
from payments.tariffs.contract import BadFacts, NotPayable
from payments.tariffs.ladder import quote
from secretary.kernel.persons.blind_index import person_index
from secretary.kernel.time.clock import kst_date, kst_instant
from subscriptions.models import (
    ChannelChoice,
    Citizen,
    CitizenKey,
    Consent,
    Contact,
    DataType,
    DataTypeVersion,
    MessageTemplate,
    Subscription,
)
from subscriptions.specs import CHANNELS, LANGUAGES

MORNING = time(10)
PHONE = "+821000000000"  # not assigned
TOSS_USER_KEY = "0"
ARRIVED = Outcome("", Verdict.DELIVERED)


class NoSuchDataType(LookupError):
    """No data type of that code has a version; the message lists those that have."""


class RecordRefused(ValueError):
    """The intake refuses the record, or would not read a field of it; `reason` and `field` state why."""

    def __init__(self, reason: str, field: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.reason, self.field = reason, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """What arrives when, and about whom. `until`: the last day (KST) that is computed."""

    data_type: str
    fields: Mapping[str, Any]
    arrives: datetime
    until: date
    state: str = "open"
    event: str = "opened"
    was: str = ""  # they were notified of it before, as open and then as this
    name: str = "홍길동"
    born: date = date(1985, 3, 14)


@dataclass(frozen=True, slots=True)
class Statement:
    """One message. `amount`: won, what the record costs at that moment by its tariff; None: nothing can be paid."""

    on: date
    stage: str
    channel: str
    language: str
    title: str
    text: str
    amount: int | None


def preview(occasion: Occasion) -> list[Statement]:
    """Return all messages in order of time, in every channel and language. Raises NoSuchDataType, RecordRefused."""
    with transaction.atomic():
        try:
            return list(_statements(occasion))
        finally:
            transaction.set_rollback(True)


def _statements(occasion: Occasion) -> Iterator[Statement]:
    version = _live(occasion.data_type)
    citizen = _citizen(occasion, version)
    run = _run(occasion, version)
    if occasion.was:
        _notified_before(occasion, run)
    record = _ingest(occasion, run, number=3)
    addresses = {contact.kind: contact.value_encrypted for contact in citizen.contacts.all()}
    eventful, waits = _eventful(occasion, version, record), False
    for now in _instants(occasion, version):
        if not waits and kst_date(now) not in eventful:
            continue
        match_record(record_id=record.pk, now=now)
        for attempt in claim(now=now, record_id=record.pk).attempts:
            yield from _messages(attempt, addresses, record, now)
            apply_outcomes([Reported(attempt.delivery_id, ARRIVED)], now=now)
        waits = Notice.objects.filter(record=record, state=READY).exists()


def _eventful(occasion: Occasion, version: DataTypeVersion, record: Record) -> frozenset[date]:
    """Return the days (KST) on which matching may find something: those after the arrival, and where a stage meets its
    date or has met it within the grace. On any other day the record is what it was, and so is what was reported of
    it."""
    stages = version.stages.filter(trigger="date").values_list("date_slot", "offset_days")
    met = [anchor + timedelta(days=offset) for slot, offset in stages if (anchor := getattr(record, f"date_{slot}"))]
    grace = range(settings.STAGE_GRACE_DAYS + 1)
    return frozenset(day + timedelta(days=late) for day in (kst_date(occasion.arrives), *met) for late in (*grace, 1))


def _notified_before(occasion: Occasion, run: FeedRun) -> None:
    """They are notified that the record is open and, where it was more than that, what it was."""
    for number, state in enumerate(dict.fromkeys(("open", occasion.was)), start=1):
        before = _ingest(replace(occasion, state=state), run, number=number)
        match_record(record_id=before.pk, now=occasion.arrives)
        attempts = claim(now=occasion.arrives, record_id=before.pk).attempts
        apply_outcomes([Reported(each.delivery_id, ARRIVED) for each in attempts], now=occasion.arrives)


def _live(code: str) -> DataTypeVersion:
    """Return the live version; of a type that has none yet the newest one, which is live until the rollback."""
    data_type = DataType.objects.filter(code=code, versions__isnull=False).first()
    if data_type is None:
        known = DataType.objects.filter(versions__isnull=False).values_list("code", flat=True).distinct()
        raise NoSuchDataType(", ".join(sorted(known)))
    if data_type.live_version is None:
        data_type.live_version = data_type.versions.order_by("-number").first()
        data_type.save(update_fields=["live_version"])
    assert data_type.live_version is not None
    return data_type.live_version


def _citizen(occasion: Occasion, version: DataTypeVersion) -> Citizen:
    """Enrol a person with all channels and the subscription; matched already, so that only the record's batch
    matches."""
    citizen = Citizen(language="ko")
    citizen.name, citizen.birth_date = occasion.name, occasion.born
    citizen.save()
    key_hash = person_index(occasion.name, occasion.born, PHONE)
    CitizenKey.objects.update_or_create(key_hash=key_hash, defaults={"kind": CitizenKey.PERSON, "citizen": citizen})
    for kind, value in ((Contact.PHONE, PHONE), (Contact.TOSS_USER_KEY, TOSS_USER_KEY)):
        contact = Contact(citizen=citizen, kind=kind, verified_at=occasion.arrives)
        contact.value = value
        contact.save()
    ChannelChoice.objects.bulk_create(
        ChannelChoice(citizen=citizen, channel=channel, position=position)
        for position, channel in enumerate(CHANNELS, start=1)
    )
    at = occasion.arrives
    consent = Consent.objects.create(citizen=citizen, text=version.consent_text, method=Consent.WEB, given_at=at)
    Subscription.objects.create(
        citizen=citizen, data_type=version.data_type, consent=consent, started_at=at, matched_at=at
    )
    return citizen


def _run(occasion: Occasion, version: DataTypeVersion) -> FeedRun:
    if unknown := sorted(occasion.fields.keys() - {each["name"] for each in version.fields}):
        raise RecordRefused("no_such_field", unknown[0])
    agency = version.data_type.agency
    feed = Feed.objects.create(name=f"preview-{agency.code}", agency=agency, kind=Feed.PUSH, enabled=False)
    return FeedRun.objects.create(feed=feed, started_at=occasion.arrives)


def _ingest(occasion: Occasion, run: FeedRun, *, number: int) -> Record:
    subject = {"name": occasion.name, "birth_date": occasion.born.isoformat(), "phone": PHONE}
    line = {
        "external_id": "preview",
        "version": number,
        "data_type": occasion.data_type,
        "state": occasion.state,
        "event": occasion.event,
        "subject": subject,
        "fields": dict(occasion.fields),
    }
    schemas = {occasion.data_type: live_schemas()[occasion.data_type]}
    counts = ingest_page(run=run, lines=[Line(1, line)], schemas=schemas, now=occasion.arrives)
    if counts.refused:
        refusal = counts.refusals[0]
        raise RecordRefused(refusal.reason, refusal.detail)
    return Record.objects.select_related("agency", "data_type").get(batch__run=run)


def _instants(occasion: Occasion, version: DataTypeVersion) -> Iterator[datetime]:
    """Yield the arrival, then each day at ten and at the hours of urgent stages."""
    yield occasion.arrives
    urgent = version.stages.filter(urgent=True, trigger="date").values_list("send_at", flat=True)
    hours = sorted({MORNING, *urgent})
    day = kst_date(occasion.arrives)
    while day <= occasion.until:
        yield from (at for hour in hours if (at := kst_instant(day, hour)) > occasion.arrives)
        day += timedelta(days=1)


def _messages(attempt: Claimed, addresses: Mapping[str, Any], record: Record, now: datetime) -> Iterator[Statement]:
    """Yield the message of an attempt in every channel and language, not only in the one that was claimed."""
    claimed = MessageTemplate.objects.select_related("stage").get(pk=attempt.template_id)
    templates = {(item.channel, item.language): item for item in claimed.stage.templates.all()}
    contents = approved(item.pk for item in templates.values())
    amount = _amount(record, now)
    for channel in CHANNELS:
        for language in LANGUAGES:
            template = templates.get((channel, language))
            if template is None:
                continue
            kind = Contact.TOSS_USER_KEY if channel == "toss" else Contact.PHONE
            asked = attempt._replace(
                template_id=template.pk, channel=channel, address_encrypted=addresses[kind], last_resort=True
            )
            message = compose(
                asked, content=contents[template.pk], template_code=template.vendor_template, day=kst_date(now)
            )
            yield Statement(kst_date(now), claimed.stage.code, channel, language, message.title, message.text, amount)


def _amount(record: Record, now: datetime) -> int | None:
    if not record.data_type.payable or record.state not in (Record.OPEN, Record.OBJECTED):
        return None
    objected = record.state == Record.OBJECTED
    try:
        return quote(record.data_type.payable, record.payload, on=kst_date(now), objected=objected).amount
    except (BadFacts, NotPayable):
        return None
