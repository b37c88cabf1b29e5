"""An administrator's new data type is live at once: a record is pushed for it and its notice arrives."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from notifications.delivery.deliver import deliver_due
from notifications.matching.match import match_everything
from notifications.models import AgencyKey, Feed, Notice
from notifications.operations.submit_templates import submit_templates
from secretary.kernel.http.standard_webhooks import new_secret, secret_bytes, sign
from subscriptions.models import DataType
from tests.notifications.cast import MORNING, ci_of, enrol
from tests.subscriptions.admin.ninth_type import create_ninth_type, staff_client
from tests.support.sandbox_process import SandboxProcess

pytestmark = pytest.mark.django_db


def push(client: Client, key: AgencyKey, record: dict[str, Any]) -> dict[str, Any]:
    body = json.dumps({"records": [record]}).encode()
    headers = sign("passport-1", datetime.now(UTC), body, secret_bytes(key.secret))
    answer = client.post(
        "/api/agencies/v1/records", body, "application/json", headers={**headers, "x-agency-key": key.key_id}
    )
    notified: dict[str, Any] = answer.json()
    return notified


@pytest.fixture(scope="module")
def passport(django_db_setup: None, django_db_blocker: Any) -> Iterator[DataType]:
    """Made once; each test is undone to here."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield create_ninth_type(staff_client("alice"), staff_client("bob"))
        transaction.set_rollback(True)


@pytest.mark.parametrize("channel", ["kakaotalk", "sms"])
def test_a_record_of_the_ninth_type_reaches_the_phone(
    passport: DataType, client: Client, sandbox: SandboxProcess, channel: str
) -> None:
    assert submit_templates(now=MORNING) == 12  # two stages, two languages, three channels that need approval
    enrol(1, passport, channels=[channel])
    key = AgencyKey(feed=Feed.objects.create(name="mofa-push", agency=passport.agency, kind="push"), key_id="mofa-1")
    key.secret = new_secret()
    key.save()
    notified = push(
        client,
        key,
        {
            "external_id": "P-1",
            "data_type": passport.code,
            "subject": {"ci": ci_of(1)},
            "fields": {"expires_on": "2026-09-30"},
        },
    )
    assert (notified["new"], notified["refused"]) == (1, 0), notified
    match_everything(now=MORNING)
    assert deliver_due(now=lambda: MORNING) == 1
    [row] = sandbox.rows()
    assert "홍길동님, 여권이 2026. 9. 30.(수)에 만료됩니다." in row["text"]
    assert Notice.objects.get().deliveries.get().state == "sent"
