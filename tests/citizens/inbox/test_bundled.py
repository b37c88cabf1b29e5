"""A notice that went out within a bundled message: its page shows that message word for word, or that it cannot."""

import html
import json
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine as travelling
from django.db import connection
from django.db.models import F

from citizens.own_data.promises import keep_promises
from notifications.delivery.deliver import deliver_bundles, deliver_due
from notifications.delivery.gateways import reference
from notifications.intake.move_deadlines import move_deadlines
from notifications.matching.declared_holidays import declare_holiday
from notifications.matching.match import match_everything
from notifications.models import Delivery, Notice
from notifications.receipts.receipts import apply_receipts
from secretary.kernel.audit.audit import record_audit
from subscriptions.enrolment.withdraw import withdraw
from subscriptions.models import Citizen, DataType, Stage
from tests.citizens.inbox.conftest import Reader, clock_of
from tests.notifications.calm_cast import AT, calm, load_bundle
from tests.notifications.cast import MORNING, ingest, make_data_type, record, subscribe, templates
from tests.notifications.same_thread import SameThreadWriter
from tests.support.present import present

pytestmark = pytest.mark.django_db
LATER = datetime(2090, 1, 1, tzinfo=UTC)  # by the database's clock, which no test moves
UNKNOWN_TEXT = "보낸 그대로는 보여 드릴 수 없습니다"
DEADLINE_SOON = AT + timedelta(days=10)  # Friday, 20 March
DONE = {"resultCode": "1000", "receiveDate": "2026-03-10 10:05:02"}


@pytest.fixture
def bundled(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> Reader:
    """Alice asked for one message a day; two kinds can be in it, and every channel has the service's templates."""
    monkeypatch.setattr("notifications.receipts.receive.receipt_writer", SameThreadWriter)
    subscribe(reader.alice, make_data_type("licence_renewal"))
    load_bundle()
    reader.sandbox.register(*templates())
    calm(reader.alice)
    return reader


def wait(*records: dict[str, Any], now: datetime = MORNING) -> list[Notice]:
    """These records come in; what they cause waits for the bundled message."""
    before = set(Notice.objects.values_list("pk", flat=True))
    ingest(*records, now=now)
    match_everything(now=now)
    assert deliver_due(now=lambda: now) == 0
    return list(Notice.objects.exclude(pk__in=before).order_by("pk"))


def go_out(now: datetime = AT) -> int:
    """The bundled message of the day goes to the gateway; how many notices were in it."""
    with connection.cursor() as cursor, travelling.travel(clock_of(cursor)):  # gateways compare signatures with theirs
        return deliver_bundles(now=lambda: now)


def call_back(reader: Reader, **result: str) -> None:
    """The gateway reports of the only message that it knows, by its webhook."""
    [carrier] = Delivery.objects.filter(pk=F("carrier"))
    hook = {
        "hookId": f"hook-{result['resultCode']}",
        "requestId": carrier.vendor_id.partition("/")[0],
        "recipientSeq": 1,
        "messageStatus": "COMPLETED",
        "recipientNo": "01000000001",
        "senderGroupingKey": carrier.batch_key,
        "recipientGroupingKey": reference(carrier.pk),
        **result,
    }
    body = {"appKey": reader.sandbox.environment["NHN_APP_KEY"], "event": "MESSAGE_RESULT_UPDATE", "hooks": [hook]}
    secret = {"X-Toast-Webhook-Signature": reader.sandbox.environment["NHN_WEBHOOK_SECRET"]}
    answer = reader.client.post("/webhooks/nhn/", json.dumps(body), "application/json", headers=secret)
    assert answer.status_code == 200
    apply_receipts(now=AT)


def text_in(reader: Reader, notice: Notice) -> str:
    """The text in its frame, without the markup that keeps days on one line."""
    page = reader.client.get(f"/inbox/{notice.pk}/").content.decode()
    found = re.search(r'<p class="bubble-text">(.*?)</p>', page, re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", "", found[1])) if found else ""


def test_a_notice_that_waits_for_its_bundle_says_until_when(bundled: Reader) -> None:
    [notice, _] = wait(record(1), record(1, data_type="licence_renewal"))
    page = bundled.notice(notice)
    assert "아직 보내지 않았습니다" in page and "보낸 글 그대로입니다" not in page
    assert "알림을 모아서 받기로 하셔서, 오전 10:05에 모아서 보냅니다." in page
    assert bundled.get().count("오전 10:05에 모아서 보냅니다.") == 2


def test_each_page_shows_the_bundled_message_and_what_the_gateway_reported_of_it(bundled: Reader) -> None:
    """By the gateway's own callback, which names the carrier alone."""
    notices = wait(record(1), record(1, external_id="F-B"), record(1, data_type="licence_renewal"))
    assert go_out() == 3
    [sent] = bundled.sandbox.rows()
    for notice in notices:
        page = bundled.notice(notice)
        assert text_in(bundled, notice) == sent["text"] and "알림이 도착했습니다" not in page
        assert "보내는 중입니다" in page and "보냈고, 결과는 아직 오지 않았습니다" in page
    call_back(bundled, **DONE)
    for notice in notices:
        page = bundled.notice(notice)
        assert text_in(bundled, notice) == sent["text"] and page.count("그대로입니다") == 1
        assert "카카오톡 알림이 도착했습니다" in page and "도착했습니다. 2026. 3. 10.(화) 오전 10:05" in page
    assert bundled.get().count("카카오톡 알림이 도착했습니다") == 3


def test_a_bundle_that_the_gateway_reports_as_failed_goes_on_by_the_next_channel_for_all(bundled: Reader) -> None:
    notices = wait(record(1), record(1, external_id="F-B"))
    go_out()
    call_back(bundled, resultCode="3019", receiveDate="2026-03-10 10:05:02")
    for notice in notices:
        page = bundled.notice(notice)
        assert "카카오톡 발송이 되지 않았습니다(카카오톡에 가입되지 않은 번호). 다시 보내거나" in page
        assert "도착했습니다" not in page and text_in(bundled, notice)
    go_out(AT + timedelta(minutes=1))
    [text] = [row["text"] for row in bundled.sandbox.rows(gateway="twilio")]
    assert [text_in(bundled, notice) for notice in notices] == [text.partition("\n")[2]] * 2  # without its title


def _kind_erased(reader: Reader, kept: Notice) -> None:
    """Their person stops the other kind, and what was received and sent of it goes on its day."""
    [gone] = DataType.objects.exclude(pk=kept.record.data_type_id).filter(subscriptions__isnull=False)
    withdraw(citizen=reader.alice, data_types=[gone.code], actor="citizen", now=MORNING)
    keep_promises(now=MORNING + timedelta(days=6))
    assert list(Notice.objects.all()) == [kept]


def _corrected(notice: Notice) -> None:
    fields = {"amount": 41000, "due_on": "2026-03-22"}
    ingest(record(1, external_id=notice.record.external_id, version=2, fields=fields), now=AT)


def _holiday() -> None:
    declare_holiday(day=date(2026, 3, 23), name="임시공휴일", actor="staff:1", now=LATER)
    assert move_deadlines(now=AT) == 2


def _renamed(reader: Reader) -> None:
    """As an office corrects what it typed from a paper form (subscriptions/registration/correct_registration.py)."""
    Citizen.objects.update(registered_by="office")
    record_audit(now=LATER, actor="staff:1", action="registration.corrected", citizen_id=reader.alice.pk)


@pytest.mark.parametrize(
    "change",
    ["a record was corrected", "the carrier was erased", "another one was erased", "a holiday", "another name"],
)
def test_a_bundle_whose_making_has_changed_since_is_not_made_up(bundled: Reader, change: str) -> None:
    """None of its lines may be another one now, or missing."""
    [fine, licence] = wait_for_a_deadline(bundled)
    go_out(DEADLINE_SOON)
    call_back(bundled, **DONE)
    assert "D-3(3. 23.)" in text_in(bundled, fine) and text_in(bundled, fine) == text_in(bundled, licence)
    carrier = Delivery.objects.get(pk=F("carrier")).notice
    [other] = {fine, licence} - {carrier}
    left = [fine, licence]
    if change == "a record was corrected":
        _corrected(fine)
    elif change == "the carrier was erased":
        _kind_erased(bundled, other)
        left = [other]
    elif change == "another one was erased":
        _kind_erased(bundled, carrier)
        left = [carrier]
    elif change == "a holiday":
        _holiday()
    else:
        _renamed(bundled)
    for notice in left:
        assert text_in(bundled, notice) == ""
        assert UNKNOWN_TEXT in bundled.notice(notice)


def wait_for_a_deadline(reader: Reader) -> list[Notice]:
    """A reminder of each kind waits: three days before a day that is Monday, 23 March."""
    for kind in DataType.objects.filter(subscriptions__citizen=reader.alice):
        version = present(kind.live_version)
        version.fields = [item | {"deadline": item["name"] == "due_on"} for item in version.fields]
        version.save()
    Stage.objects.filter(code="issued").delete()  # nothing but the reminders
    fields = {"due_on": "2026-03-23"}
    assert wait(record(1, fields=fields), record(1, data_type="licence_renewal", fields=fields)) == []
    return wait(now=DEADLINE_SOON - timedelta(minutes=5))
