"""A kind that is shipped as a draft goes live by two persons in the admin, and a pushed record of it arrives."""

import json
from datetime import UTC, datetime

import pytest
from django.test import Client

from notifications.delivery.deliver import deliver_due
from notifications.matching.match import match_everything
from notifications.models import AgencyKey, Feed
from secretary.kernel.http.standard_webhooks import new_secret, secret_bytes, sign
from subscriptions.data_types.load import ensure_agency, load_data_type
from subscriptions.models import DataType, DataTypeVersion
from tests.notifications.cast import MORNING, ci_of, enrol
from tests.subscriptions.admin.ninth_type import VERSIONS, publish, staff_client
from tests.support.drafts import DRAFT_AGENCIES, DRAFTS
from tests.support.sandbox_process import SandboxProcess

pytestmark = pytest.mark.django_db
CODE = "car_tax"


def load_draft() -> str:
    """Return the address of the draft's page in the admin."""
    for agency in DRAFT_AGENCIES:
        ensure_agency(agency)
    [spec] = [spec for spec in DRAFTS if spec.code == CODE]
    load_data_type(spec=spec, now=MORNING, approve=False)
    return f"{VERSIONS}/{DataTypeVersion.objects.get().pk}/change/"


def push(client: Client, data_type: DataType) -> dict[str, int]:
    feed = Feed.objects.create(name="local-push", agency=data_type.agency, kind="push")
    key = AgencyKey(feed=feed, key_id="local-1")
    key.secret = new_secret()
    key.save()
    fields = {"period": "2026년 제1기분", "due_on": "2026-06-30", "amount": 130000}
    record = {"external_id": "C-1", "data_type": CODE, "subject": {"ci": ci_of(1)}, "fields": fields}
    body = json.dumps({"records": [record]}).encode()
    headers = sign("car-tax-1", datetime.now(UTC), body, secret_bytes(key.secret))
    address = "/api/agencies/v1/records"
    answer = client.post(address, body, "application/json", headers={**headers, "x-agency-key": key.key_id})
    counts: dict[str, int] = answer.json()
    return counts


def test_a_draft_that_two_persons_made_live_reaches_the_phone(client: Client, sandbox: SandboxProcess) -> None:
    page = load_draft()
    alice, bob = staff_client("alice"), staff_client("bob")
    assert "자동차세" in alice.get(page).content.decode()
    data_type = publish(alice, bob, page, code=CODE)
    assert data_type in DataType.objects.live()
    enrol(1, data_type, channels=["sms"])
    assert push(client, data_type)["new"] == 1
    match_everything(now=MORNING)
    assert deliver_due(now=lambda: MORNING) == 1
    [row] = sandbox.rows()
    assert "[국민비서] 홍길동님, 납부하실 자동차세가 있습니다." in row["text"]
    assert "2026. 6. 30.(화)까지" in row["text"] and "문의 시·군·구청 110" in row["text"]
    assert "130,000" not in row["text"]
