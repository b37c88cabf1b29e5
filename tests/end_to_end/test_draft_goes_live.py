"""A kind that is shipped as a draft goes live by two persons in the admin, and a pushed record of it arrives."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from django.test import Client

from notifications.delivery.deliver import deliver_due
from notifications.matching.match import match_everything
from notifications.models import AgencyKey, Feed
from secretary.kernel.http.standard_webhooks import new_secret, secret_bytes, sign
from subscriptions.data_types.load import ensure_agency, load_data_type
from subscriptions.models import DataType
from tests.notifications.cast import MORNING, ci_of, enrol
from tests.subscriptions.admin.ninth_type import VERSIONS, publish, staff_client
from tests.support.catalogue import AGENCIES
from tests.support.drafts import DRAFT_AGENCIES, DRAFTS
from tests.support.sandbox_process import SandboxProcess

pytestmark = pytest.mark.django_db


def load_draft(code: str, *, live: bool = False) -> DataType:
    for agency in (*AGENCIES, *DRAFT_AGENCIES):
        ensure_agency(agency)
    [spec] = [spec for spec in DRAFTS if spec.code == code]
    load_data_type(spec=spec, now=MORNING, approve=live)
    return DataType.objects.get(code=code)


def key_of(data_type: DataType) -> AgencyKey:
    feed = Feed.objects.create(name=f"{data_type.code}-push", agency=data_type.agency, kind="push")
    key = AgencyKey(feed=feed, key_id="agency-1")
    key.secret = new_secret()
    key.save()
    return key


def push(client: Client, key: AgencyKey, data_type: DataType, fields: Mapping[str, object], **record: object) -> None:
    record |= {"external_id": "1", "data_type": data_type.code, "subject": {"ci": ci_of(1)}, "fields": fields}
    body = json.dumps({"records": [record]}).encode()
    headers = sign(f"push-{record.get('version', 1)}", datetime.now(UTC), body, secret_bytes(key.secret))
    address = "/api/agencies/v1/records"
    answer = client.post(address, body, "application/json", headers={**headers, "x-agency-key": key.key_id}).json()
    assert (answer["new"] + answer["changed"], answer["refused"]) == (1, 0), answer


def delivered() -> int:
    match_everything(now=MORNING)
    return int(deliver_due(now=lambda: MORNING))


def test_a_draft_that_two_persons_made_live_reaches_the_phone(client: Client, sandbox: SandboxProcess) -> None:
    draft = load_draft("car_tax")
    page = f"{VERSIONS}/{draft.versions.get().pk}/change/"
    alice, bob = staff_client("alice"), staff_client("bob")
    assert "자동차세" in alice.get(page).content.decode()
    data_type = publish(alice, bob, page, code="car_tax")
    assert data_type in DataType.objects.live()
    enrol(1, data_type, channels=["sms"])
    fields = {"period": "2026년 제1기분", "due_on": "2026-06-30", "amount": 130000}
    push(client, key_of(data_type), data_type, fields)
    assert delivered() == 1
    [row] = sandbox.rows()
    assert "[국민비서] 홍길동님, 납부하실 자동차세가 있습니다." in row["text"]
    assert "2026. 6. 30.(화)까지" in row["text"] and "문의 시·군·구청 110" in row["text"]
    assert "130,000" not in row["text"]


def test_each_step_of_a_letter_is_notified_once(client: Client, sandbox: SandboxProcess) -> None:
    """The day until which it is kept is new with that step: this is no correction beside it."""
    post = load_draft("registered_post", live=True)
    enrol(1, post, channels=["sms"])
    key, number = key_of(post), "0000000000000"
    push(client, key, post, {"number": number, "state": "out"}, version=1, event="out")
    assert delivered() == 1
    kept = {"number": number, "state": "kept", "until": "2099-05-06", "office": "가나우체국"}
    push(client, key, post, kept, version=2, event="kept")
    assert delivered() == 1
    texts = [row["text"] for row in sandbox.rows()]
    assert "배달되고 있습니다." in texts[0] and number in texts[0]
    assert "2099. 5. 6.(수)까지 신분증을 가지고 방문해 주세요." in texts[1]
