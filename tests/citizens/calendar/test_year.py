"""The page of the days to come, its print, and what is not on it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from notifications.matching.match import match_everything
from notifications.models import Notice
from subscriptions.models import Subscription
from tests.citizens.calendar.conftest import Owner, correct, make_vaccination
from tests.notifications.cast import MORNING, ci_of, enrol, ingest, make_feed, record
from tests.support.present import present

pytestmark = pytest.mark.django_db


def test_the_days_are_grouped_by_month_and_lead_to_their_notice(owner: Owner) -> None:
    match_everything(now=MORNING)
    [notice] = Notice.objects.all()
    page = owner.page()
    march, april = page.index("2026년 3월</h2>"), page.index("2026년 4월</h2>")
    assert march < page.index("2026. 3. 20.(금)") < april < page.index("2026. 4. 2.(목)")
    assert "교통과태료 · 납부기한" in page and "D-23" in page and f'href="/inbox/{notice.pk}/"' in page
    printed = owner.page("/year/print/")
    assert "2026. 4. 2.(목)" in printed and f'href="/inbox/{notice.pk}/"' not in printed


def test_only_what_is_open_theirs_subscribed_and_to_come_is_there(owner: Owner) -> None:
    ingest(record(1, external_id="O", fields={"due_on": "2026-03-09"}))
    ingest(record(2, external_id="H", fields={"due_on": "2026-05-05"}))
    ingest(record(1, external_id="P", state="paid", fields={"due_on": "2026-06-06"}))
    kind = make_vaccination(owner)
    feed = make_feed("kdca-push", "kdca")
    ingest(record(1, external_id="V", data_type="vaccination", fields={"due_on": "2026-07-07"}), feed=feed)
    assert "2026. 7. 7." in owner.page()
    Subscription.objects.filter(data_type=kind).update(ended_at=MORNING)
    page = owner.page()
    assert [day for day in ("3. 9.", "5. 5.", "6. 6.", "7. 7.") if f"2026. {day}" in page] == []


def test_a_legal_deadline_stands_on_the_day_on_which_it_ends(owner: Owner) -> None:
    version = present(owner.fine.live_version)
    for field in version.fields:
        field["deadline"] = field["name"] == "due_on"
    version.save()
    correct(version=2, fields={"due_on": "2026-05-02"})  # a Saturday; the Monday is the day before Children's Day
    page = owner.page()
    assert "2026. 5. 4.(월)" in page and "기관 자료에는 2026. 5. 2.(토)입니다" in page


def test_empty_pages_say_why(owner_of_fine: Owner) -> None:
    assert "알려진 일정이 없습니다" in owner_of_fine.page()
    Subscription.objects.update(ended_at=MORNING)
    assert "나타날 수 있는 일정이 없습니다" in owner_of_fine.page()


def test_a_page_takes_few_statements_and_locks_nothing(owner: Owner) -> None:
    for path, most in (("/year/", 5), ("/year/print/", 5), ("/year/calendar/", 2)):
        owner.page(path)
        with CaptureQueriesContext(connection) as asked:
            owner.page(path)
        assert len(asked) <= most, path
        assert not [each["sql"] for each in asked if "FOR UPDATE" in each["sql"]]


def test_no_page_and_no_feed_shows_the_other_persons_record(owner: Owner) -> None:
    enrol(2, owner.fine, channels=["sms"], name="이엘리스")
    owner.read()
    correct(version=2, subject={"ci": ci_of(2)}, fields={"violation": "비밀위반", "due_on": "2026-04-07"})
    feed = owner.read().content.replace(b"\r\n ", b"").decode()
    for text in (owner.page(), owner.page("/year/print/"), feed):
        assert [trace for trace in ("비밀위반", "4. 7.", "20260407", "이엘리스", "신호위반") if trace in text] == []
    assert "알려진 일정이 없습니다" in owner.page() and "CANCELLED" in feed
