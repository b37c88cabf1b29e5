"""The list: newest first, by day, unread in words, filtered, page after page, and empty."""

import re
from datetime import date, timedelta

import pytest

from citizens.inbox.notices import ON_A_PAGE
from citizens.models import ReadNotice
from notifications.channels.contract import Verdict
from notifications.models import FeedRun, Notice, Record
from notifications.models.declared_holiday import DeclaredHoliday
from payments.bills.quote_bill import quote_bill
from payments.models import Bill
from subscriptions.models import DataTypeVersion, Subscription
from subscriptions.specs import FieldSpec, Words
from tests.citizens.inbox.cast import arrive, hand_over
from tests.citizens.inbox.conftest import Reader
from tests.notifications.cast import MORNING, enrol, ingest, make_data_type, record, subscribe
from tests.support.present import present
from tests.support.together import Cases

pytestmark = pytest.mark.django_db
LINK = re.compile(r'href="/inbox/(\d+)/"')
DAY = timedelta(days=1)


def listed(page: str) -> list[int]:
    return [int(found) for found in LINK.findall(page)]


def test_notices_stand_newest_first_under_their_days(reader: Reader) -> None:
    first = arrive(record(1), now=MORNING - DAY) + arrive(record(1))
    page = reader.get()
    assert listed(page) == [notice.pk for notice in reversed(first)]
    days = re.findall(r"<h2 class=\"small-heading\">(.*?)</h2>", page)
    assert days == ["2026. 3. 10.(화) · 오늘", "2026. 3. 9.(월)"]


def test_what_went_out_is_new_until_it_is_opened_and_the_bar_counts_it(reader: Reader) -> None:
    notices = arrive(*(record(1) for _ in range(11)))
    assert "새 알림" not in reader.get()  # nothing has gone out yet
    hand_over((Verdict.DELIVERED, ""))
    assert reader.get().count('class="mark">새 알림<') == 11
    assert "새 알림 9+건" in reader.get("/settings/")
    for notice in notices[:3]:
        reader.notice(notice)
        reader.notice(notice)
    assert "새 알림 8건" in reader.get("/pay/")
    assert reader.get().count('class="mark">새 알림<') == 8
    assert ReadNotice.objects.filter(citizen=reader.alice).count() == 3
    reader.english()
    assert "8 new" in reader.get() and "New notice" in reader.get()


def test_two_fines_are_distinguished_and_a_private_field_stands_in_no_row(reader: Reader) -> None:
    arrive(
        record(1, fields={"violation": "신호위반", "plate": "12가3456"}),
        record(1, fields={"violation": "제한속도 위반", "plate": "12가3456"}),
    )
    page = reader.get()
    assert "신호위반" in page and "제한속도 위반" in page and "12가3456" not in page


def test_a_choice_has_its_label_and_a_day_that_is_today_is_called_no_deadline(reader: Reader) -> None:
    """ "Needed" alone says nothing, and today may be the first day of a period."""
    needed = (("needed", Words("필요합니다", "needed")),)
    licence = make_data_type("licence_renewal")
    choice = FieldSpec("test", "choice", "적성검사", Words("적성검사", "Aptitude test"), choices=needed)
    version = present(licence.live_version)
    version.fields = [*version.fields, choice.to_json()]
    version.save()
    subscribe(reader.alice, licence)
    [notice] = arrive(record(1, data_type="licence_renewal", fields={"test": "needed", "due_on": "2026-03-10"}))
    for page in (reader.get(), reader.get("/year/"), reader.notice(notice)):
        assert "오늘 마감" not in page
    assert "적성검사: 필요합니다" in reader.get() and "적성검사: 필요합니다" in reader.get("/year/")
    assert "· 오늘</span>" in reader.get()
    reader.english()
    assert "Aptitude test: needed" in reader.get()


def test_nothing_of_a_health_record_is_in_the_list_but_its_page_has_it(reader: Reader) -> None:
    health = make_data_type("vaccination")
    DataTypeVersion.objects.filter(data_type=health).update(sensitive=True)
    subscribe(reader.alice, health)
    [notice] = arrive(record(1, data_type="vaccination", fields={"violation": "코로나19 백신"}))
    for page in (reader.get(), reader.get("/inbox/?show=to-do"), reader.get(f"/inbox/{notice.pk}/days.ics")):
        assert "코로나19" not in page
    assert "코로나19" in reader.notice(notice)


def test_a_filter_shows_one_kind_and_leads_back(reader: Reader) -> None:
    licence = make_data_type("licence_renewal")
    subscribe(reader.alice, licence)
    [fine] = arrive(record(1))
    page = reader.get("/inbox/?kind=licence_renewal")
    assert listed(page) == [] and "이 종류의 알림은 아직 없습니다" in page and 'href="/inbox/"' in page
    assert listed(reader.get("/inbox/?kind=traffic_fine")) == [fine.pk]
    assert listed(reader.get("/inbox/?kind=unheard-of")) == []
    Subscription.objects.update(ended_at=MORNING)  # what was got is kept, and found by its kind all the same
    page = reader.get("/inbox/?kind=traffic_fine")
    assert listed(page) == [fine.pk] and "고르신 알림 종류가 없어" not in page
    page = reader.get()
    assert "살피고 있는 것" not in page and "고르신 알림 종류가 없어 알림이 올 수 없습니다" in page


def test_only_kinds_with_notices_can_be_chosen_and_the_chosen_one_stays(reader: Reader) -> None:
    licence = make_data_type("licence_renewal")
    subscribe(reader.alice, licence)
    assert filters(reader.get()) == []
    arrive(*(record(1) for _ in range(ON_A_PAGE + 1)))
    fines = ["?kind=traffic_fine"]
    for path in ("/inbox/", "/inbox/?show=to-do", "/inbox/?kind=traffic_fine", "/inbox/?kind=unheard-of"):
        assert filters(reader.get(path)) == fines, path
    page = reader.get("/inbox/?kind=licence_renewal")
    assert sorted(filters(page)) == ["?kind=licence_renewal", *fines] and "이 종류의 알림은 아직 없습니다" in page
    arrive(*(record(1, data_type="licence_renewal") for _ in range(ON_A_PAGE + 1)))
    page = reader.get()  # all fines are on the next page
    assert sorted(filters(page)) == ["?kind=licence_renewal", *fines]


def test_an_answer_of_the_agency_and_a_new_holiday_change_the_amount_as_they_change_the_bill(reader: Reader) -> None:
    arrive(record(1, fields={"reduced_amount": 32_000, "reduction_ends_on": "2026-03-09"}))
    assert named(reader) == ["40,000원"] == billed(reader)  # the reduction is over since yesterday, a Monday
    DeclaredHoliday.objects.create(day=date(2026, 3, 9), name="x", declared_by="x", declared_at=MORNING)
    assert named(reader) == ["32,000원"] == billed(reader)
    DeclaredHoliday.objects.update(withdrawn_at=MORNING)
    bill = Bill.objects.select_related("record__agency").get()
    quote_bill(bill=bill, now=MORNING, agency_amount=41_000)
    quote_bill(bill=bill, now=MORNING, agency_amount=42_000)
    assert named(reader) == ["42,000원"] == billed(reader)
    Bill.objects.update(unknown_since=MORNING)
    assert named(reader) == [] and "할 일 남음" in reader.get()
    Bill.objects.update(unknown_since=None)
    reader.english()
    assert "To pay today 42,000 won" in reader.get()
    arrive(record(1, external_id=bill.record.external_id, version=2))  # the answer was about another version
    reader.english(on=False)
    assert named(reader) == ["40,000원"] == billed(reader)


def named(reader: Reader) -> list[str]:
    return re.findall(r"오늘 내실 금액 ([\d,]+원)", reader.get())


def billed(reader: Reader) -> list[str]:
    return re.findall(r'<p class="sum">([\d,]+원)</p>', reader.get(f"/pay/{Bill.objects.get().pk}/"))


def filters(page: str) -> list[str]:
    return re.findall(r'href="(\?kind=[\w-]+)"', page)


def test_still_to_do_is_what_is_open_and_unpaid_or_has_a_day_to_come(reader: Reader) -> None:
    licence = make_data_type("licence_renewal")
    subscribe(reader.alice, licence)
    plain = {"data_type": "licence_renewal"}
    arrive(
        record(1, external_id="unpaid"),
        record(1, external_id="overdue", fields={"due_on": "2026-02-02"}),  # unpaid all the same
        record(1, external_id="paid", state="paid"),
        record(1, external_id="paused"),
        record(1, external_id="renew", **plain),
        record(1, external_id="over", fields={"due_on": "2026-03-09"}, **plain),
    )
    hand_over((Verdict.DELIVERED, ""))
    reader.get("/pay/")
    paused = Bill.objects.get(record__external_id="paused")
    reader.client.post(f"/pay/{paused.pk}/objection/")
    arrive(record(1, external_id="unpaid", version=2, fields={"amount": 50000}))
    shown = [Notice.objects.get(pk=pk).record.external_id for pk in listed(reader.get("/inbox/?show=to-do"))]
    assert sorted(shown) == ["overdue", "paused", "renew", "unpaid"]  # each once, though told of twice
    Record.objects.update(state="paid")
    page = reader.get("/inbox/?show=to-do")
    assert listed(page) == [] and "남은 할 일이 없습니다" in page and "모든 알림 보기" in page
    assert len(listed(reader.get())) == Notice.objects.count() > 5  # kept, though nothing is left to do


def test_pages_follow_one_another_and_lose_nothing(reader: Reader) -> None:
    notices = arrive(*(record(1) for _ in range(2 * ON_A_PAGE + 3)))
    seen, path = [], "/inbox/"
    for _ in range(4):
        page = reader.get(path)
        seen += listed(page)
        found = re.search(r'href="(\?[^"]*before=\d+)"', page)
        if not found:
            break
        path = f"/inbox/{found[1]}"
    assert seen == [notice.pk for notice in reversed(notices)]
    assert "맨 처음으로" in page
    for odd in ("before=x", "before=-1", f"before={'9' * 30}", "before=0", "kind=%01", "show=all"):
        assert reader.client.get(f"/inbox/?{odd}").status_code == 200, odd
    assert reader.client.get("/inbox/?kind=%00").status_code == 404


def test_a_person_without_notices_reads_what_is_watched_and_since_when(reader: Reader) -> None:
    page = reader.get()
    assert "아직 받으신 알림이 없습니다" in page and "경찰청에서 아직 받은 자료가 없습니다" in page
    ingest(record(9))  # about another person
    FeedRun.objects.update(finished_at=MORNING - timedelta(hours=1))
    page = reader.get()
    assert "경찰청 자료를 마지막으로 받은 때: 2026. 3. 10.(화) 오전 9:00" in page
    assert "지금 예정된 알림이 없습니다" in page and "아직 받으신 알림이 없습니다" in page
    Subscription.objects.all().update(ended_at=MORNING)
    page = reader.get()
    assert "고르신 알림 종류가 없어 알림이 올 수 없습니다" in page and 'href="/settings/more/"' in page


def test_what_comes_next_is_the_nearest_reminder_of_an_open_record(reader: Reader) -> None:
    arrive(record(1, external_id="A"), record(1, external_id="B", fields={"due_on": "2026-05-20"}))
    assert "다음 알림: due_soon, 2026. 3. 30.(월)" in reader.get()
    arrive(record(1, external_id="A", version=2, state="paid"))
    assert "다음 알림: due_soon, 2026. 5. 17.(일)" in reader.get()
    Record.objects.update(state="withdrawn")
    assert "지금 예정된 알림이 없습니다" in reader.get()


def test_others_notices_do_not_exist_and_a_stranger_is_asked_who_they_are(reader: Reader) -> None:
    enrol(2, reader.fine)
    [hers] = arrive(record(2))
    cases = Cases()
    for path in ("", "print/", "days.ics"):
        with cases.case(path):
            assert reader.client.get(f"/inbox/{hers.pk}/{path}").status_code == 404
            assert reader.client.get(f"/inbox/{10**30}/{path}").status_code == 404
    reader.client.logout()
    for path in ("/inbox/", f"/inbox/{hers.pk}/", f"/inbox/{hers.pk}/print/", f"/inbox/{hers.pk}/days.ics"):
        with cases.case(path):
            assert reader.client.get(path).status_code == 302
    cases.conclude()
    assert not ReadNotice.objects.exists()
