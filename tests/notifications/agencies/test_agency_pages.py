"""What a person of an agency sees: their own agency's batches, figures that say nothing of one person, and its keys."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from notifications.agencies import figures, pages
from notifications.agencies.agency_keys import NotReplaceable, replace_key, watch_keys
from notifications.agencies.figures import count_run, outcome_of
from notifications.agencies.urls import urlpatterns
from notifications.matching.match import match_batches
from notifications.models import AgencyKey, Alarm, BatchFigures, Feed, FeedRun, IngestBatch, Notice
from notifications.tasks import count_large_batch
from secretary.kernel.http.standard_webhooks import new_secret
from secretary.kernel.models import AuditEvent
from subscriptions.accounts import roles
from subscriptions.models import Agency, AgencyStaff
from tests.notifications.cast import MORNING, enrol, ingest, make_data_type, make_feed, record
from tests.subscriptions.admin.ninth_type import staff_client
from tests.support.present import present

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
NOW = datetime(2026, 3, 10, 1, tzinfo=UTC)
PASSWORD = "not-a-real-password"


def member_of(agency: str, name: str = "") -> AgencyStaff:
    name = name or f"at-{agency}"
    user = User.objects.create_user(name, password=PASSWORD)
    return AgencyStaff.objects.create(user=user, agency=Agency.objects.get(code=agency))


def browser(member: AgencyStaff) -> Client:
    client = Client()
    client.force_login(member.user, backend=BACKEND)
    return client


@pytest.fixture
def police() -> AgencyStaff:
    """A person of the police, whose feed has a key; another agency has a batch and a key too."""
    make_data_type()
    make_data_type("licence_renewal", "koroad")
    for agency in ("knpa", "koroad"):
        key = AgencyKey(feed=make_feed(f"{agency}-push", agency), key_id=agency)
        key.secret = new_secret()
        key.save()
    FeedRun.objects.create(feed=Feed.objects.get(name="koroad-push"), started_at=NOW, state="finished", read=5)
    return member_of("knpa")


def text(client: Client, url: str) -> str:
    page = client.get(url)
    assert page.status_code == 200, url
    return page.content.decode()


def newest() -> FeedRun:
    return FeedRun.objects.filter(feed__name="knpa-push").latest("pk")


def end(notices: Any, state: str) -> None:
    for step in ("sending", state):
        Notice.objects.filter(pk__in=[notice.pk for notice in notices]).update(state=step)


def test_they_sign_in_on_their_own_pages_and_nowhere_else(police: AgencyStaff) -> None:
    client = Client()
    typed = {"username": "at-knpa", "password": PASSWORD}
    assert client.post("/officials/login/", typed).status_code == 200
    assert client.post("/admin/login/", typed).status_code == 200
    assert client.post("/agencies/login/", typed)["Location"] == "/agencies/"
    assert "at-knpa" in text(client, "/agencies/")
    assert client.get("/officials/list/").status_code == client.get("/admin/").status_code == 302
    line = AuditEvent.objects.get(action="signed in")
    assert line.actor == f"agency:knpa:{police.pk}"
    AgencyStaff.objects.update(active=False)
    assert client.get("/agencies/")["Location"] == "/agencies/login/"


def test_every_page_is_closed_to_visitors_and_to_other_agencies(police: AgencyStaff) -> None:
    ingest(record(1))
    values = {"number": newest().pk, "key_id": "knpa"}
    stranger = browser(member_of("koroad"))
    outsiders = [Client(), *(staff_client(f"member{number}", role) for number, role in enumerate(roles.ROLES))]
    for client in outsiders:
        client.handler.enforce_csrf_checks = False
    for route in urlpatterns:
        address = reverse(f"agency:{route.name}", args=[values[name] for name in route.pattern.converters])
        if "login" in address or route.name == "logout":
            continue
        for client in outsiders:
            for answer in (client.get(address), client.post(address)):
                assert answer.status_code == 405 or answer["Location"] == "/agencies/login/", address
        if route.pattern.converters:
            assert stranger.get(address).status_code == 404, address
            assert stranger.post(address, {"reason": "a reason", "days": 1}).status_code in (404, 405), address
    assert AgencyKey.objects.get(key_id="knpa").revoked_at is None
    refused = AuditEvent.objects.filter(action__in=("batch.refused", "key.refused"))
    assert set(refused.values_list("object", flat=True)) == {f"batch:{newest().pk}", "agency_key:knpa"}
    assert "knpa-push" not in text(stranger, "/agencies/") + text(stranger, "/agencies/keys/")


def test_batches_are_listed_by_key_and_empty_readings_are_left_out(
    police: AgencyStaff, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    monkeypatch.setattr(pages, "SIZE", 2)
    feed, pull = Feed.objects.get(name="knpa-push"), make_feed("knpa-pull")
    for number in range(5):
        FeedRun.objects.create(feed=(feed, pull)[number % 2], started_at=NOW, state="finished", read=100 + number)
        FeedRun.objects.create(feed=pull, started_at=NOW, state="finished")
        FeedRun.objects.create(feed=pull, started_at=NOW, state="finished", read=7, dry_run=True)
    client, seen, url = browser(police), list[str](), "/agencies/"
    while url:
        with django_assert_max_num_queries(12):
            page = text(client, url)
        seen += re.findall(r'data-of="읽은 자료">(\d+)<', page)
        onward = re.search(r'href="(\?before=\d+)"', page)
        url = f"/agencies/{onward[1]}" if onward else ""
    assert seen == ["104", "103", "102", "101", "100"]


def test_a_record_counts_once_in_the_batch_of_its_newest_version(police: AgencyStaff) -> None:
    fine = Feed.objects.get(name="knpa-push").agency.data_types.get()
    for number in range(1, 31):
        enrol(number, fine)
    records = [record(number, external_id=f"F-{number}") for number in range(1, 41)]
    ingest(*records)
    first = newest()
    match_batches(now=MORNING)
    notices = sorted(Notice.objects.select_related("record"), key=lambda notice: int(notice.record.external_id[2:]))
    end(notices[:12], "delivered")
    end(notices[12:18], "failed")
    ingest(
        *[
            {**records[number], "version": 2, "fields": {**records[number]["fields"], "amount": 5}}
            for number in range(5)
        ]
    )
    outcome = present(outcome_of(first, now=NOW))
    shown = {name: figure.count for name, figure in present(outcome.figures).items()}
    assert (outcome.records, outcome.replaced, outcome.paid) == (35, 5, 0)
    assert shown == {"notified": 25, "delivered": 7, "under_way": 12, "failed": 6, "not_sent": None}
    page = text(browser(police), f"/agencies/batches/{first.pk}/")
    assert "5 미만" in page and ">35<" in page


def test_few_people_have_no_figures_however_many_records_they_have(police: AgencyStaff) -> None:
    fine = Feed.objects.get(name="knpa-push").agency.data_types.get()
    enrol(1, fine)
    ingest(*[record(1) for _ in range(20)], *[record(number) for number in range(2, 10)])
    match_batches(now=MORNING)
    end(Notice.objects.all(), "delivered")
    outcome = present(outcome_of(newest(), now=NOW))
    assert (outcome.records, outcome.figures) == (28, None)
    ingest(*[record(number) for number in range(1, 11)])  # ten people, of whom one is enrolled
    match_batches(now=MORNING)
    shown = present(present(outcome_of(newest(), now=NOW)).figures)
    assert {(figure.count, figure.fewer_than) for figure in shown.values()} == {(None, 5)}


def test_figures_are_kept_for_a_minute_and_a_large_batch_is_counted_by_a_task(
    police: AgencyStaff, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    ingest(*[record(number) for number in range(1, 4)])
    run, client, sent = newest(), browser(police), list[Any]()
    run.refresh_from_db()
    count_run(run_id=run.pk, now=NOW)
    with django_assert_num_queries(1):
        outcome_of(run, now=NOW + timedelta(seconds=59))
    assert present(outcome_of(run, now=NOW + timedelta(seconds=61))).counted_at == NOW + timedelta(seconds=61)
    BatchFigures.objects.all().delete()
    monkeypatch.setattr(figures, "AT_ONCE", 2)
    monkeypatch.setattr(figures, "enqueue", lambda name, **ids: sent.append((name, ids)))
    assert outcome_of(run, now=NOW) is None
    assert "다시 열어" in text(client, f"/agencies/batches/{run.pk}/")
    assert sent[0] == ("count_batch", {"run_id": run.pk})
    count_large_batch(run_id=run.pk)
    assert present(outcome_of(run, now=NOW)).records == 3
    assert IngestBatch.objects.filter(run=run).count() == 1


def test_a_refused_line_says_where_what_it_looks_like_and_what_to_do(police: AgencyStaff) -> None:
    subject = {"name": "홍길동", "birth_date": "1985-03-14", "phone": "02-123-4567"}
    ingest(record(1, external_id="F-1", subject=subject), record(2, external_id="=F", fields={"due_on": "2026-02-30"}))
    client = browser(police)
    page = text(client, f"/agencies/batches/{newest().pk}/")
    assert "99-999-9999" in page and "02-123-4567" not in page
    file = client.get(f"/agencies/batches/{newest().pk}/refused.csv").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(file)))
    assert (rows[0]["line"], rows[0]["field"], rows[0]["value_masked"]) == ("1", "phone", "99-999-9999")
    assert "휴대전화" in rows[0]["what_to_do"]
    assert [row["agency_number"] for row in rows] == ["F-1", ""]


def test_a_key_is_replaced_with_an_overlap_and_its_secret_is_shown_once(police: AgencyStaff) -> None:
    client = browser(police)
    typed = client.post("/agencies/keys/knpa/replace/", {"days": 7, "reason": "half typed", "set-language": "en"})
    assert 'value="half typed"' in typed.content.decode() and AgencyKey.objects.filter(key_id="knpa-2").count() == 0
    page = client.post("/agencies/keys/knpa/replace/", {"days": 14, "reason": "yearly change"}).content.decode()
    new = AgencyKey.objects.get(key_id="knpa-2")
    assert new.secret in page and new.secret not in text(client, "/agencies/keys/")
    old = AgencyKey.objects.get(key_id="knpa")
    assert timedelta(days=13) < present(old.ends_at) - new.created_at <= timedelta(days=14)
    assert old.is_valid(new.created_at + timedelta(days=13)) and not old.is_valid(new.created_at + timedelta(days=15))
    assert client.post("/agencies/keys/knpa/replace/", {"days": 14, "reason": "yearly change"}).status_code == 302
    assert AgencyKey.objects.filter(feed=old.feed).count() == 2
    assert "yearly change" in AuditEvent.objects.get(action="agency key made").reason
    assert AuditEvent.objects.get(action="agency key replaced").actor == police.actor
    with pytest.raises(NotReplaceable):
        replace_key(key=old, overlap_days=1, actor="staff:1", reason="again", now=NOW)


def test_revoking_asks_and_warns_about_the_last_key(police: AgencyStaff) -> None:
    client = browser(police)
    assert "<strong>" in text(client, "/agencies/keys/knpa/revoke/")
    assert client.post("/agencies/keys/knpa/revoke/", {"reason": ""}).status_code == 200
    assert AgencyKey.objects.get(key_id="knpa").revoked_at is None
    assert client.post("/agencies/keys/knpa/revoke/", {"reason": "it leaked"}).status_code == 302
    assert AgencyKey.objects.get(key_id="knpa").revoked_at is not None
    assert AuditEvent.objects.get(action="agency key revoked").reason == "it leaked"


def test_a_key_that_ends_soon_and_is_still_used_raises_an_alarm_until_it_is_not(police: AgencyStaff) -> None:
    key = AgencyKey.objects.get(key_id="knpa")
    for ends, used, raised in ((8, 1, 0), (6, 3, 0), (6, 1, 1), (6, 4, 0)):
        AgencyKey.objects.filter(pk=key.pk).update(
            ends_at=NOW + timedelta(days=ends), last_used_at=NOW - timedelta(days=used)
        )
        watch_keys(now=NOW)
        assert Alarm.objects.filter(kind="agency_key_ends", cleared_at=None).count() == raised, (ends, used)
