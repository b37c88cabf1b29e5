"""Test an operator's pages of notices, records, feeds and channels, with rows in every table."""

from collections.abc import Iterator
from copy import deepcopy
from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission, User
from django.test import Client

from notifications.delivery.check_codes import check_code
from notifications.matching.match import match_everything
from notifications.models import (
    AgencyKey,
    Alarm,
    ChannelState,
    Delivery,
    FeedRun,
    Notice,
    ReceiptEvent,
    Record,
    RefusedLine,
    TemplateStop,
)
from secretary.kernel.models import AuditEvent
from secretary.kernel.time import clock
from subscriptions.enrolment.look_again import look_again
from subscriptions.enrolment.receipt_numbers import note_receipts, receipt_of
from subscriptions.models import Citizen, Subscription
from tests.notifications.cast import MORNING, enrol, ingest, make_data_type, phone_of, record
from tests.subscriptions.admin.ninth_type import staff_client
from tests.support.browser_forms import fill_in
from tests.support.prepared_database import kept_for_a_file
from tests.support.present import present

pytestmark = pytest.mark.django_db
NOTICES = "/admin/notifications/notice/"


def write() -> Client:
    """Make one notice of one person, tried once, whose answer was lost, and sign the operator in who must review it."""
    fine = make_data_type()
    enrol(1, fine, name="임꺽정")
    ingest(record(1))
    match_everything(now=MORNING)
    made = Notice.objects.get()
    Notice.objects.filter(pk=made.pk).update(state="sending", fence=1)
    begun = {"fence": 1, "channel": "sms", "batch_key": "b", "started_at": MORNING, "day": MORNING.date()}
    attempt = Delivery.objects.create(notice=made, template=present(made.stage.templates.first()), **begun)
    event = {"gateway": "twilio", "event_id": "e1", "verdict": "unknown", "received_at": MORNING}
    ReceiptEvent.objects.create(delivery_id=attempt.pk, **event)
    Notice.objects.filter(pk=made.pk).update(state="review", reason="crashes", crashes=3)
    return staff_client("operator")


@pytest.fixture(scope="module")
def cookies(django_db_setup: None, django_db_blocker: Any) -> Iterator[SimpleCookie]:
    """The operator's."""
    signed_in = list[Client]()
    with kept_for_a_file(lambda: signed_in.append(write()), blocker=django_db_blocker):
        yield signed_in[0].cookies


@pytest.fixture
def operator(cookies: SimpleCookie, db: None) -> Client:
    client = Client(enforce_csrf_checks=True)
    client.cookies = deepcopy(cookies)
    return client


@pytest.fixture
def notice(cookies: SimpleCookie, db: None) -> Notice:
    return Notice.objects.get()


@pytest.mark.parametrize("by", ["check code", "number", "phone", "citizen", "receipt number"])
def test_a_notice_is_found(operator: Client, notice: Notice, by: str) -> None:
    phone = phone_of(1).replace("+82", "0")
    note_receipts([notice.citizen_id])
    receipt = receipt_of(notice.citizen_id).lower()
    typed = {"check code": check_code(notice.pk), "number": str(notice.pk), "phone": phone, "receipt number": receipt}
    answer = fill_in(operator, NOTICES, action="find/", text=typed.get(by, str(notice.citizen_id)))
    assert answer.redirect_chain[-1][0] == f"{NOTICES}?pk__in={notice.pk}"


@pytest.mark.parametrize("typed", ["²", "1²", "①", "٣٤", "9" * 19, "9" * 200, "-1", "1e9", "0x1"])
def test_what_only_looks_like_a_number_finds_nothing(operator: Client, notice: Notice, typed: str) -> None:
    answer = fill_in(operator, NOTICES, action="find/", text=typed)
    assert answer.status_code == 200
    assert answer.redirect_chain[-1][0] == NOTICES


@pytest.mark.parametrize("table", ["notice", "feed", "feedrun", "record", "alarm"])
@pytest.mark.parametrize("number", ["²", "٣" * 9, "9" * 19, "9" * 5000], ids=["²", "٣", "19", "5000"])
def test_an_address_with_an_odd_number_is_no_row(operator: Client, notice: Notice, table: str, number: str) -> None:
    assert operator.get(f"/admin/notifications/{table}/{number}/change/").status_code in (302, 404)


def test_a_search_leaves_whom_it_found(operator: Client, notice: Notice) -> None:
    fill_in(operator, NOTICES, action="find/", text=phone_of(1).replace("+82", "0"))
    found = AuditEvent.objects.get(action="found")
    assert (found.citizen_id, found.object) == (notice.citizen_id, "notice by phone")
    assert AuditEvent.objects.get(action="searched").object == "notice by phone: 1"


def test_its_page_shows_what_happened_and_is_on_record(operator: Client, notice: Notice) -> None:
    page = operator.get(f"{NOTICES}{notice.pk}/change/").content.decode()
    assert check_code(notice.pk) in page
    assert "트윌리오 문자메시지" in page
    assert "임꺽정" not in page
    assert AuditEvent.objects.get(action="looked at").citizen_id == notice.citizen_id


def test_a_notice_that_needs_review_is_resent_with_a_reason_once(operator: Client, notice: Notice) -> None:
    url = f"{NOTICES}{notice.pk}/step/resend/"
    assert not fill_in(operator, url, reason=" ").redirect_chain
    fill_in(operator, url, reason="게이트웨이 기록에 없음을 확인")
    fill_in(operator, url, reason="게이트웨이 기록에 없음을 확인")
    notice.refresh_from_db()
    assert (notice.state, notice.crashes) == ("ready", 0)
    assert AuditEvent.objects.filter(action="resent", citizen_id=notice.citizen_id).count() == 1
    page = operator.get(f"{NOTICES}{notice.pk}/change/").content.decode()
    assert "담당자 " in page and page.count("게이트웨이 기록에 없음을 확인") == 1  # its own moment of the timeline


def test_or_it_is_closed(operator: Client, notice: Notice) -> None:
    fill_in(operator, f"{NOTICES}{notice.pk}/step/close/", reason="이미 전화로 안내함")
    notice.refresh_from_db()
    assert (notice.state, notice.reason) == ("cancelled", "closed_by_staff")


def test_the_list_behind_a_figure_has_its_period_channel_and_code(operator: Client, notice: Notice) -> None:
    Delivery.objects.update(state="failed", code="30003")
    row = f"/admin/notifications/delivery/{Delivery.objects.get().pk}/"
    cases = {
        "state=failed&code=30003": True,
        "state=failed&code=30005": False,
        "channel=kakaotalk": False,
        "period=31d": False,  # it began in March
        "period=x": True,
    }
    seen = {query: row in operator.get(f"/admin/notifications/delivery/?{query}").content.decode() for query in cases}
    assert seen == cases
    Delivery.objects.update(started_at=clock.now())
    assert row in operator.get("/admin/notifications/delivery/?channel=sms&period=today").content.decode()


def test_a_gateways_code_has_words_beside_it(operator: Client, notice: Notice) -> None:
    Delivery.objects.update(state="failed", code="30003", finished_at=MORNING)
    Notice.objects.update(reason="sms:30003")
    words = {"ko": "전화기가 꺼져 있거나 닿지 않음", "en": "the phone was switched off or out of reach"}
    attempt = f"/admin/notifications/delivery/{Delivery.objects.get().pk}/change/"
    for url in (NOTICES, f"{NOTICES}{notice.pk}/change/", "/admin/notifications/delivery/", attempt):
        for language, wanted in words.items():
            page = operator.get(url, headers={"accept-language": language}).content.decode()
            assert wanted in page and "(30003)" in page and "sms:30003" not in page, (url, language)
    Notice.objects.update(reason="quiet_hours")
    assert "(quiet" not in operator.get(NOTICES).content.decode()


def test_a_records_content_shows_only_after_a_reason(operator: Client, notice: Notice) -> None:
    url = f"/admin/notifications/record/{notice.record_id}/"
    assert "신호위반" not in operator.get(f"{url}change/").content.decode()
    assert "신호위반" in fill_in(operator, f"{url}reveal/", reason="민원 확인 요청").content.decode()
    event = AuditEvent.objects.get(action="revealed")
    assert event.citizen_id == notice.citizen_id
    found = fill_in(operator, "/admin/notifications/record/", action="find/", text=Record.objects.get().external_id)
    assert found.redirect_chain[-1][0].endswith(f"?pk__in={notice.record_id}")


def test_a_new_agency_key_shows_its_secret_once_and_can_be_revoked(operator: Client, notice: Notice) -> None:
    keys, feed = "/admin/notifications/agencykey/", present(FeedRun.objects.first()).feed
    shown = fill_in(operator, f"{keys}add/", feed=str(feed.pk), key_id="knpa-2")
    key = AgencyKey.objects.get(key_id="knpa-2")
    assert key.secret.startswith("whsec_")
    assert key.secret in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    assert key.secret not in operator.get(f"{keys}{key.pk}/change/").content.decode()
    fill_in(operator, f"{keys}{key.pk}/step/revoke/", reason="담당자 변경")
    key.refresh_from_db()
    assert key.revoked_at is not None


def test_alarms_stops_and_channels_are_handled_with_a_reason(operator: Client, notice: Notice) -> None:
    alarm = Alarm.objects.create(kind="feed", subject="x", message="m", raised_at=MORNING)
    stop = TemplateStop.objects.create(
        template=present(notice.stage.templates.first()), code="-2019", stopped_at=MORNING
    )
    ChannelState.objects.create(channel="sms", handed=10, troubled=5)
    fill_in(operator, f"/admin/notifications/alarm/{alarm.pk}/step/clear/", reason="다시 들어왔음")
    fill_in(operator, f"/admin/notifications/templatestop/{stop.pk}/step/clear/", reason="문구를 고쳤음")
    fill_in(
        operator, "/admin/notifications/channelstate/sms/step/hold/", reason="통신사 점검", confirmation="문자메시지"
    )
    assert ChannelState.objects.get().paused_until is not None
    fill_in(operator, "/admin/notifications/channelstate/sms/step/resume/", reason="점검이 끝남")
    assert ChannelState.objects.get().paused_until is None
    assert not Alarm.objects.filter(cleared_at=None).exists()
    assert not TemplateStop.objects.filter(cleared_at=None).exists()
    reasons = ["다시 들어왔음", "문구를 고쳤음", "통신사 점검", "점검이 끝남"]
    assert AuditEvent.objects.filter(reason__in=reasons).count() == 4


def test_a_feed_is_read_when_asked(operator: Client, notice: Notice, monkeypatch: Any) -> None:
    enqueued: list[Any] = []
    monkeypatch.setattr(
        "notifications.admin.feed.enqueue", lambda task, **arguments: enqueued.append((task, arguments))
    )
    feed = present(FeedRun.objects.first()).feed
    type(feed).objects.filter(pk=feed.pk).update(kind="file_drop")
    fill_in(operator, f"/admin/notifications/feed/{feed.pk}/step/read/", reason="기관이 다시 보냄")
    fill_in(operator, f"/admin/notifications/feed/{feed.pk}/step/dry-run/", reason="먼저 시험")
    assert enqueued == [
        ("read_feed", {"feed_id": feed.pk}),
        ("read_feed", {"feed_id": feed.pk, "dry_run": 1}),
    ]


def test_every_page_of_every_row_answers(operator: Client, notice: Notice) -> None:
    run = present(FeedRun.objects.first())
    RefusedLine.objects.create(run=run, line=3, reason="no_such_day")
    operator.get("/admin/")
    names = {
        "notifications": "agencykey alarm delivery feed feedrun ingestbatch notice receiptevent record refusedline"
    }
    names["subscriptions"] = (
        "agency channelchoice citizen citizenkey consent consenttext contact datatype datatypeversion stage "
        "subscription messagetemplate"
    )
    names["common"] = "auditevent"
    for app, models in names.items():
        for name in models.split():
            row = apps.get_model(app, name).objects.first()
            listed = operator.get(f"/admin/{app}/{name}/")
            assert listed.status_code == 200, name
            if row is not None:
                page = operator.get(f"/admin/{app}/{name}/{row.pk}/change/")
                assert page.status_code == 200, name
                assert "임꺽정" not in page.content.decode() or name == "citizen"
    assert Citizen.objects.get().name not in operator.get("/admin/subscriptions/citizen/").content.decode()


def test_staff_who_may_only_look_get_no_buttons(notice: Notice) -> None:
    user = User.objects.create_user("viewer", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_notice"))
    viewer = Client()
    viewer.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    page = viewer.get(f"{NOTICES}{notice.pk}/change/")
    assert page.status_code == 200
    assert "step/resend" not in page.content.decode()
    assert viewer.post(f"{NOTICES}{notice.pk}/step/resend/", {"reason": "그냥 다시 보냄"}).status_code == 403


def test_the_history_of_a_notice_that_was_made_again_shows_both_attempts(operator: Client, notice: Notice) -> None:
    Notice.objects.filter(pk=notice.pk).update(state="failed", reason="all_channels_failed", finished_at=MORNING)
    subscription = Subscription.objects.get()
    look_again(subscription.citizen_id)
    assert Delivery.objects.update(state="failed") == 1
    match_everything(now=MORNING)
    again = Notice.objects.latest("pk")
    assert again.cause == "issued" != Notice.objects.get(pk=notice.pk).cause
    first = operator.get(f"{NOTICES}{notice.pk}/change/").content.decode()
    assert f"새 알림({again.pk})" in first
    assert again.cause_words == again.stage.label_ko
    assert Notice(stage=again.stage, cause="issued:2026-04-02:v3:x17").cause_words == (
        f"{again.stage.label_ko}, 2026-04-02, 자료 버전 3, 다시 알릴 수 있음"
    )
    second = operator.get(f"{NOTICES}{again.pk}/change/").content.decode()
    assert f"앞선 알림({notice.pk})" in second and "모든 채널에서 실패함" in second
