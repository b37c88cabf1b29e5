"""Test the approver's page, publication at a set time, sending back, rolling back and discarding."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from notifications.models import Alarm
from secretary.kernel.models import AuditEvent
from secretary.kernel.time.clock import KST, now
from subscriptions.data_types.schedule import publish_due
from subscriptions.models import DataType, DataTypeVersion, MessageTemplate
from subscriptions.tasks import sweep
from tests.subscriptions.admin.ninth_type import BODY_KO, CODE, approve, publish
from tests.support.browser_forms import fill_in
from tests.support.present import present

pytestmark = pytest.mark.django_db
ENGLISH = {"accept-language": "en"}


def read(client: Client, version: str) -> str:
    return str(client.get(version.replace("change/", "review/"), headers=ENGLISH).content.decode())


def in_an_hour() -> str:
    return f"{(now() + timedelta(hours=1)).astimezone(KST):%Y-%m-%dT%H:%M}"


def post(client: Client, url: str, **data: Any) -> Any:
    client.handler.enforce_csrf_checks = False  # type: ignore[attr-defined]
    return client.post(url, data)


def test_the_approver_reads_every_message_and_what_changes_on_one_page(draft: str, alice: Client, bob: Client) -> None:
    data_type = publish(alice, bob, draft)
    fill_in(alice, f"/admin/subscriptions/datatypeversion/{data_type.live_version_id}/change/", action="new-draft/")
    second = data_type.versions.get(number=2)
    url = f"/admin/subscriptions/datatypeversion/{second.pk}/change/"
    stage = second.stages.get(code="d30")
    body = BODY_KO.replace("만료됩니다", "끝납니다")
    fill_in(alice, url.replace("change/", f"stages/{stage.pk}/templates/sms/ko/"), body=body)
    second.stages.get(code="registered").templates.filter(channel="toss").delete()
    fill_in(alice, url.replace("change/", "basics/"), urgent="on")
    page = read(bob, url)
    assert page.count("your passport expires on Tue, 30 June 2026") >= 2
    assert "<del>만료됩</del><ins>" in page or "<del>만료됩</del>" in page
    assert "Urgent: may be sent at any hour" in page
    assert "Toss, Korean" in page.partition("Messages that are no longer sent")[2].partition("</ul>")[0]
    for raw in ("told_only", "d30:", "date_slot", "kakaotalk ko", "True"):
        assert raw not in page.partition('id="content-main"')[2], raw


def test_only_what_was_read_is_approved(draft: str, alice: Client, bob: Client) -> None:
    fill_in(alice, draft, action="submit/")
    post(bob, draft.replace("change/", "approve/"), seen="0" * 64)
    assert DataTypeVersion.objects.get().state == "review"
    approve(bob, draft)
    assert DataTypeVersion.objects.get().state == "live"


def test_its_author_sees_no_button_and_is_refused_by_post(draft: str, alice: Client) -> None:
    fill_in(alice, draft, action="submit/")
    page = read(alice, draft)
    assert "Another person must approve it" in page and "Approve: make it live" not in page
    post(alice, draft.replace("change/", "approve/"), seen=DataTypeVersion.objects.get().digest)
    assert DataTypeVersion.objects.get().state == "review"


def test_it_goes_live_at_the_time_that_was_set_and_not_before(
    draft: str, alice: Client, bob: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_in(alice, draft, action="submit/")
    approve(bob, draft, live_at=in_an_hour())
    version = DataTypeVersion.objects.get()
    assert (version.state, present(version.approved_by).username) == ("review", "bob")
    assert publish_due(now=now() + timedelta(minutes=50)) == 0
    assert DataType.objects.get(code=CODE).live_version is None
    due = now() + timedelta(minutes=61)
    monkeypatch.setattr("secretary.kernel.time.database_clock.now", lambda: due)
    sweep()  # beat calls it every few seconds
    assert publish_due(now=due) == 0
    version.refresh_from_db()
    assert (version.state, version.live_at, DataType.objects.get(code=CODE).live_version) == ("live", None, version)
    actions = list(AuditEvent.objects.filter(object__contains=CODE).order_by("pk").values_list("action", flat=True))
    assert actions[-2:] == ["version approved for later", "version published"]


@pytest.mark.parametrize("who", ["author", "approver"])
def test_a_publication_is_cancelled_by_its_author_or_approver(draft: str, alice: Client, bob: Client, who: str) -> None:
    fill_in(alice, draft, action="submit/")
    approve(bob, draft, live_at=in_an_hour())
    fill_in(alice if who == "author" else bob, draft, action="cancel/")
    assert publish_due(now=now() + timedelta(hours=2)) == 0
    version = DataTypeVersion.objects.get()
    assert (version.state, version.approved_by, version.live_at) == ("review", None, None)


def test_a_time_that_is_over_or_far_away_is_refused(draft: str, alice: Client, bob: Client) -> None:
    fill_in(alice, draft, action="submit/")
    for time in ("2020-01-01T10:00", f"{now() + timedelta(days=100):%Y-%m-%dT%H:%M}", "tomorrow"):
        approve(bob, draft, live_at=time)
        version = DataTypeVersion.objects.get()
        assert (version.state, version.live_at) == ("review", None), time


def test_a_version_with_problems_at_its_time_is_not_published_and_an_alarm_says_so(
    draft: str, alice: Client, bob: Client, django_capture_on_commit_callbacks: Any
) -> None:
    fill_in(alice, draft, action="submit/")
    approve(bob, draft, live_at=in_an_hour())
    MessageTemplate.objects.filter(channel="sms", language="en").update(body="http://example.com")
    with django_capture_on_commit_callbacks(execute=True):
        assert publish_due(now=now() + timedelta(hours=2)) == 0
    version = DataTypeVersion.objects.get()
    assert (version.state, version.approved_by) == ("review", None)
    assert Alarm.objects.get().kind == "not_published"


def test_authors_read_why_it_came_back_and_the_approver_what_they_answer(
    draft: str, alice: Client, bob: Client
) -> None:
    fill_in(alice, draft, action="submit/")
    fill_in(bob, draft.replace("change/", "review/"), action="send-back/", reason="영문이 어색합니다")
    assert "영문이 어색합니다" in alice.get(draft).content.decode()
    assert "영문이 어색합니다" in alice.get(draft.replace("change/", "write/")).content.decode()
    fill_in(alice, draft, action="submit/", note="영문을 고쳤습니다")
    assert "영문을 고쳤습니다" in read(bob, draft)
    assert DataTypeVersion.objects.get().sent_back == ""


def test_discarding_asks_first(draft: str, alice: Client) -> None:
    page = alice.get(draft.replace("change/", "discard/"), headers=ENGLISH).content.decode()
    assert "with its 16 messages" in page and DataTypeVersion.objects.exists()
    fill_in(alice, draft.replace("change/", "discard/"), action="discard/")
    assert not DataTypeVersion.objects.exists()
