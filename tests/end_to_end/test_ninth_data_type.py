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
from subscriptions.models import Agency, DataType, Stage
from tests.notifications.cast import MORNING, ci_of, enrol
from tests.subscriptions.admin.ninth_type import agency, approve, create_ninth_type, expect_saved, staff_client
from tests.subscriptions.admin.test_write_whole import FIELDS, STAGES
from tests.support.browser_forms import fill_in
from tests.support.sandbox_process import SandboxProcess

pytestmark = pytest.mark.django_db


def push(client: Client, key: AgencyKey, record: dict[str, Any], *, number: str = "passport-1") -> dict[str, Any]:
    body = json.dumps({"records": [record]}).encode()
    headers = sign(number, datetime.now(UTC), body, secret_bytes(key.secret))
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


def push_key(owner: Agency) -> AgencyKey:
    key = AgencyKey(feed=Feed.objects.create(name="mofa-push", agency=owner, kind="push"), key_id="mofa-1")
    key.secret = new_secret()
    key.save()
    return key


LOAN = {"external_id": "L-1", "data_type": "library_loan", "subject": {"ci": ci_of(1)}}
LOAN_FIELDS = {"book": "훈민정음 해설", "return_on": "2026-09-30"}


def test_from_nothing_to_live_takes_five_forms_and_no_restart(client: Client, sandbox: SandboxProcess) -> None:
    """Two stages on four channels in two languages; this process knew other kinds before, and goes on."""
    alice, bob, key = staff_client("alice"), staff_client("bob"), push_key(agency())
    record = LOAN | {"fields": LOAN_FIELDS}
    assert push(client, key, record, number="before")["refused"] == 1
    kind = {"code": "library_loan", "agency": str(agency().pk), "group": "other", "name_ko": "도서 반납"}
    made = fill_in(alice, "/admin/subscriptions/datatype/add/", **kind, name_en="Library loan")  # 1
    page = made.redirect_chain[-1][0]
    expect_saved(fill_in(alice, page, **FIELDS, **STAGES))  # 2
    stage = Stage.objects.get(code="opened")
    sentence = "빌리신 책을 #{반납일}까지 돌려주세요.\n문의 #{기관} #{문의}\n확인코드 #{확인코드} (#{누리집})"
    expect_saved(fill_in(alice, page, **{f"text-{stage.pk}-sms-ko-body": f"[국민비서] #{{이름}}님, {sentence}"}))  # 3
    fill_in(alice, page.replace("write/", "change/"), action="submit/")  # 4
    approve(bob, page.replace("write/", "change/"))  # 5
    data_type = DataType.objects.get(code="library_loan")
    assert data_type in DataType.objects.live()
    enrol(1, data_type, channels=["sms"])
    assert push(client, key, record, number="after")["new"] == 1
    match_everything(now=MORNING)
    assert deliver_due(now=lambda: MORNING) == 1
    [row] = sandbox.rows()
    assert "\n[국민비서] 홍길동님, 빌리신 책을 2026. 9. 30.(수)까지 돌려주세요.\n" in row["text"]


@pytest.mark.parametrize("channel", ["kakaotalk", "sms"])
def test_a_record_of_the_ninth_type_reaches_the_phone(
    passport: DataType, client: Client, sandbox: SandboxProcess, channel: str
) -> None:
    assert submit_templates(now=MORNING) == 12  # two stages, two languages, three channels that need approval
    enrol(1, passport, channels=[channel])
    key = push_key(passport.agency)
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
