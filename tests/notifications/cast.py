"""Create the cast of the notification tests: an agency, a small data type, Alice, Bob and an outsider."""

import itertools
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import Any

from django.db import connection

from notifications.intake.ingest import Counts, ingest_page
from notifications.intake.parsing.schema import live_schemas
from notifications.models import Feed, FeedRun
from notifications.sources.contract import Line
from secretary.kernel.persons.blind_index import ci_index, person_index
from secretary.kernel.time.clock import KST
from subscriptions.data_types.rows import spec_of_row
from subscriptions.message_templates import compile_template, variants
from subscriptions.models import (
    Agency,
    ChannelChoice,
    Citizen,
    CitizenKey,
    Consent,
    ConsentText,
    Contact,
    DataType,
    DataTypeVersion,
    MessageTemplate,
    Stage,
    Subscription,
    TemplateVariant,
)
from subscriptions.specs import FieldSpec, Words, fields_from_json
from tests.support.present import present

MORNING = datetime(2026, 3, 10, 10, tzinfo=KST).astimezone(UTC)  # a Tuesday, within the hours
NIGHT = datetime(2026, 3, 10, 23, tzinfo=KST).astimezone(UTC)
LIVE_CHANNELS = ("kakaotalk", "naver", "toss", "sms")

FIELDS = (
    FieldSpec("violation", "text", "위반내용", Words("위반내용", "Violation"), max_length=40),
    FieldSpec("plate", "text", "차량번호", Words("차량번호", "Plate"), private=True, required=False),
    FieldSpec("amount", "won", "금액", Words("금액", "Amount"), announce_changes=True),
    FieldSpec("due_on", "date", "납부기한", Words("납부기한", "Due"), date_slot=1, announce_changes=True),
    FieldSpec("hearing_at", "datetime", "출석일시", Words("출석일시", "Hearing"), required=False, date_slot=2),
)
BODY = "[국민비서] #{이름}님, #{위반내용} #{금액|을/를} #{납부기한}까지 내 주세요. 확인코드 #{확인코드}"
NOT_YOURS_BODY = "[국민비서] #{이름}님, #{앞선날짜} 안내(#{앞선확인코드})는 다른 분의 건입니다. 확인코드 #{확인코드}"
STAGES: dict[str, dict[str, Any]] = {
    "issued": {"trigger": "opened"},
    "due_soon": {"trigger": "date", "date_slot": 1, "offset_days": -3, "expires_slot": 1},
    "hearing": {"trigger": "date", "date_slot": 2, "send_at": time(7), "urgent": True, "expires_at_event": True},
    "changed": {"trigger": "changed", "told_only": True},
    "reopened": {"trigger": "reopened", "told_only": True},
    "paid": {"trigger": "paid", "told_only": True},
    "done": {"trigger": "completed", "told_only": True},
    "cancelled": {"trigger": "withdrawn", "told_only": True, "urgent": True},
    "not_yours": {"trigger": "not_yours", "told_only": True},
}
_TEMPLATES = """
    INSERT INTO subscriptions_wording (stage_id, channel, language, title, body, vendor_template)
    SELECT st.id, channel, language, CASE channel WHEN 'sms' THEN '' ELSE '국민비서 안내' END,
        CASE st.code WHEN 'not_yours' THEN %(not_yours)s ELSE %(body)s END || ' (' || st.code || ')',
        CASE channel WHEN 'sms' THEN '' ELSE 't-' || st.id || '-' || language END
    FROM subscriptions_stage st, unnest(%(channels)s) WITH ORDINALITY AS c(channel, nth),
        unnest('{ko,en}'::text[]) AS language
    WHERE st.id = ANY(%(stages)s) ORDER BY st.id, nth, language DESC
"""


def make_data_type(code: str = "traffic_fine", agency: str = "knpa") -> DataType:
    """A live data type with nine stages and a template for every channel in both languages."""
    owner, _ = Agency.objects.get_or_create(
        code=agency, defaults={"name_ko": "경찰청", "name_en": "Police", "phone": "182"}
    )
    data_type = DataType.objects.create(code=code, agency=owner, group="traffic")
    data_type.live_version = DataTypeVersion.objects.create(
        data_type=data_type,
        number=1,
        state=DataTypeVersion.LIVE,
        name_ko="교통과태료",
        name_en="Traffic fine",
        fields=[field.to_json() for field in FIELDS],
        consent_text=_make_consent_text(code),
        digest="-",
    )
    _add_stages(
        data_type.live_version, {code: {**each, "position": nth} for nth, (code, each) in enumerate(STAGES.items())}
    )
    DataType.objects.filter(pk=data_type.pk).update(live_version=data_type.live_version)
    return data_type


def _make_consent_text(code: str) -> ConsentText:
    parts, languages = ("purpose", "items", "retention", "refusal"), ("ko", "en")
    words = {f"{part}_{language}": part for part in parts for language in languages}
    return ConsentText.objects.create(code=code, number=1, digest="-", **words)


def add_stage(version: DataTypeVersion, code: str, **values: Any) -> None:
    """A stage with the cast's template on every channel in both languages."""
    _add_stages(version, {code: values})


def _add_stages(version: DataTypeVersion, stages: dict[str, dict[str, Any]]) -> None:
    """Write all rows in two statements, as most tests begin with this; 72 models of templates take Django 5 ms."""
    made = Stage.objects.bulk_create(
        Stage(version=version, code=code, label_ko=code, label_en=code, **values) for code, values in stages.items()
    )
    with connection.cursor() as cursor:
        words: dict[str, Any] = {"body": BODY, "not_yours": NOT_YOURS_BODY, "channels": list(LIVE_CHANNELS)}
        cursor.execute(_TEMPLATES, {"stages": [stage.pk for stage in made], **words})


def templates() -> list[dict[str, str]]:
    """Every text of every template that has a code, as the sandbox's template console wants it."""
    rows = MessageTemplate.objects.exclude(vendor_template="").select_related("stage")
    rows = rows.prefetch_related("stage__version__data_type")
    fields = {version.pk: fields_from_json(version.fields) for version in DataTypeVersion.objects.all()}
    found, coded = list[dict[str, str]](), list[TemplateVariant]()
    for row in rows:
        of_row, variants_of_row = _templates(row, fields[row.stage.version_id])
        found += of_row
        coded += variants_of_row
    unique, update = ["template", "key"], ["vendor_template"]
    TemplateVariant.objects.bulk_create(coded, update_conflicts=True, unique_fields=unique, update_fields=update)
    return found


def _templates(
    template: MessageTemplate, fields: tuple[FieldSpec, ...]
) -> tuple[list[dict[str, str]], list[TemplateVariant]]:
    """Return the variants of a template, and the rows of all but the first, which get a code of their own here."""
    texts = variants(template.body, fields, spec_of_row(template.stage))
    codes = {text.key: f"{template.vendor_template}-{nth}" for nth, text in enumerate(texts[1:], start=1)}
    written = [
        {
            "channel": template.channel,
            "code": codes.get(text.key, template.vendor_template),
            "name": template.in_codes(),
            "title": compile_template(template.title).vendor_text,
            "body": text.text.vendor_text,
        }
        for text in texts
    ]
    return written, [TemplateVariant(template=template, key=key, vendor_template=code) for key, code in codes.items()]


def ci_of(number: int) -> str:
    return f"{number:086d}=="


def phone_of(number: int) -> str:
    return f"+8210{number:08d}"


def enrol(
    number: int,
    *data_types: DataType,
    channels: Iterable[str] = ("kakaotalk", "sms"),
    language: str = "ko",
    name: str = "홍길동",
    toss_user_key: str = "",
) -> Citizen:
    """Person `number`, known by CI and by name + birth date + phone, subscribed to these data types.

    Rows of a table are written by one statement, as most tests begin with this.
    """
    citizen = Citizen(language=language)
    citizen.name, citizen.birth_date = name, date(1960, 1, 2)
    citizen.save()
    keys = {"ci": ci_index(ci_of(number)), "person": person_index(name, citizen.birth_date, phone_of(number))}
    CitizenKey.objects.bulk_create(CitizenKey(citizen=citizen, kind=kind, key_hash=key) for kind, key in keys.items())
    contacts = list[Contact]()
    for kind, value in (("phone", phone_of(number)), ("toss_user_key", toss_user_key)):
        if value:
            contacts.append(Contact(citizen=citizen, kind=kind))
            contacts[-1].value = value
    Contact.objects.bulk_create(contacts)
    ChannelChoice.objects.bulk_create(
        ChannelChoice(citizen=citizen, channel=channel, position=nth) for nth, channel in enumerate(channels, 1)
    )
    for data_type in data_types:
        subscribe(citizen, data_type)
    return citizen


def subscribe(citizen: Citizen, data_type: DataType, *, matched: bool = True) -> Subscription:
    consent = Consent.objects.create(
        citizen=citizen, text=present(data_type.live_version).consent_text, method="web", given_at=MORNING
    )
    return Subscription.objects.create(
        citizen=citizen,
        data_type=data_type,
        consent=consent,
        started_at=MORNING,
        matched_at=MORNING if matched else None,
    )


_numbers = itertools.count(1)


def record(person: int = 1, **values: Any) -> dict[str, Any]:
    """A canonical record about person `person`; keyword arguments replace parts or fields of it."""
    fields = {"violation": "신호위반", "amount": 40000, "due_on": "2026-04-02"}
    fields |= values.pop("fields", {})
    return {
        "external_id": f"F-{next(_numbers)}",
        "data_type": "traffic_fine",
        "version": 1,
        "subject": {"ci": ci_of(person)},
        "fields": fields,
        **values,
    }


def make_feed(name: str = "knpa-push", agency: str = "knpa", **values: Any) -> Feed:
    return Feed.objects.create(name=name, agency=Agency.objects.get(code=agency), kind="push", **values)


def ingest(*records: dict[str, Any], now: datetime = MORNING, feed: Feed | None = None) -> Counts:
    """Ingest records as one batch, the way every feed does."""
    feed = feed or Feed.objects.filter(name="knpa-push").first() or make_feed()
    run = FeedRun.objects.create(feed=feed, started_at=now, state=FeedRun.FINISHED)
    lines = [Line(number, data) for number, data in enumerate(records, 1)]
    return ingest_page(run=run, lines=lines, schemas=live_schemas(), now=now)
