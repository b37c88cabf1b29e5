"""Every kind that is shipped as a draft, once it is live: its sample record is taken in, its first notice sent."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.test import Client

from notifications.delivery.deliver import deliver_due
from notifications.matching.match import match_everything
from notifications.models import AgencyKey, Feed, Notice
from secretary.kernel.http.standard_webhooks import new_secret, secret_bytes, sign
from secretary.kernel.time.clock import KST
from secretary.kernel.time.working_days import moved
from subscriptions.data_types.load import ensure_agency, load_data_type
from subscriptions.message_templates.samples import sample_payload
from subscriptions.models import Agency, DataType
from subscriptions.specs import DataTypeSpec, FieldSpec
from subscriptions.triggers import TOLD_ONLY
from tests.notifications.cast import ci_of, enrol
from tests.support.catalogue import AGENCIES
from tests.support.drafts import DRAFT_AGENCIES, DRAFTS
from tests.support.prepared_database import kept_for_a_file
from tests.support.sandbox_process import SandboxProcess

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("all_live")]
NOW = datetime.now(UTC)
START = (NOW + timedelta(days=200)).astimezone(KST).date()  # every date of a record is ahead, and on its own month


@pytest.fixture(scope="module")
def all_live(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """All drafts live, a push feed of each agency, and one person who subscribed to everything."""

    def prepare() -> None:
        for agency in (*AGENCIES, *DRAFT_AGENCIES):
            ensure_agency(agency)
        for spec in DRAFTS:
            load_data_type(spec=spec, now=NOW, approve=True)
        enrol(1, *DataType.objects.all(), channels=["sms"])
        for owner in Agency.objects.all():
            feed = Feed.objects.create(name=f"{owner.code}-push", agency=owner, kind="push")
            key = AgencyKey(feed=feed, key_id=f"{owner.code}-1")
            key.secret = new_secret()
            key.save()

    with kept_for_a_file(prepare, blocker=django_db_blocker):
        yield


def value(field: FieldSpec) -> str | int:
    """Return the field's sample, on days ahead where stages hang on it."""
    if field.date_slot is None:
        return sample_payload(field)
    day = START + timedelta(days=40 * field.date_slot)
    return f"{day}T09:00:00+09:00" if field.type == "datetime" else day.isoformat()


def push(client: Client, spec: DataTypeSpec) -> dict[str, Any]:
    fields = {item.name: value(item) for item in spec.fields}
    record = {"external_id": spec.code, "data_type": spec.code, "subject": {"ci": ci_of(1)}, "fields": fields}
    if events := [stage.event for stage in spec.stages[:1] if stage.event]:
        record["event"] = events[0]
    body = json.dumps({"records": [record]}).encode()
    key = AgencyKey.objects.get(key_id=f"{spec.agency}-1")
    headers = sign(f"push-{spec.code}", datetime.now(UTC), body, secret_bytes(key.secret)) | {
        "x-agency-key": key.key_id
    }
    answer = client.post("/api/agencies/v1/records", body, "application/json", headers=headers)
    return dict(answer.json())


def first_moment(spec: DataTypeSpec) -> datetime:
    """Return ten o'clock of the day on which the first stage is due; tomorrow's for what is news at once."""
    stage = spec.stages[0]
    if stage.on != "date":
        return datetime.combine(NOW.astimezone(KST).date() + timedelta(days=1), time(10), KST)
    [field] = [item for item in spec.fields if item.name == stage.field]
    day = date.fromisoformat(str(value(field))[:10])
    day = (moved(day) if field.deadline else day) + timedelta(days=stage.days)
    return datetime.combine(day, time(10), KST)


def test_each_kinds_sample_record_is_taken_in_and_notified(client: Client, sandbox: SandboxProcess) -> None:
    answers = {spec.code: push(client, spec) for spec in DRAFTS}
    assert {code: answer for code, answer in answers.items() if (answer["new"], answer["refused"]) != (1, 0)} == {}
    for moment in sorted({first_moment(spec) for spec in DRAFTS}):
        match_everything(now=moment)
        deliver_due(now=lambda at=moment: at)  # type: ignore[misc]
    made = set(Notice.objects.values_list("record__data_type__code", "stage__code"))
    assert {(spec.code, spec.stages[0].code) for spec in DRAFTS} - made == set()
    told_only = {(spec.code, stage.code) for spec in DRAFTS for stage in spec.stages if stage.on in TOLD_ONLY}
    assert made & told_only == set()
    sent = set(Notice.objects.filter(deliveries__state="sent").values_list("record__data_type__code", flat=True))
    assert {spec.code for spec in DRAFTS} - sent == set()
    texts = [row["text"] for row in sandbox.rows()]
    assert len(texts) == Notice.objects.count()
    assert not [text for text in texts if "#{" in text or "[국민비서] 홍길동님, " not in text]
