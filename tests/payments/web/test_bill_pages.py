"""The list, one bill with its price clock, its calendar, its print view, an objection; in both languages."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.html import strip_tags
from icalendar import Calendar

from payments.bills.close_bill import FROM_THE_FEED
from payments.models import Bill
from payments.templatetags.shown import written_moment
from payments.web.stop_words import STOPS
from secretary.kernel.time.clock import KST
from subscriptions.models import DataType, DataTypeVersion
from subscriptions.specs import FieldSpec, Words
from tests.notifications.cast import enrol, make_data_type
from tests.payments.cast import correct, owe
from tests.payments.conftest import Far
from tests.payments.web.conftest import Visitor, prove
from tests.subscriptions.web.conftest import FakeProvider

pytestmark = pytest.mark.django_db


def english(visitor: Visitor) -> None:
    visitor.client.cookies["django_language"] = "en"


def events(visitor: Visitor) -> list[tuple[str, date]]:
    calendar: Any = Calendar.from_ical(visitor.get("deadlines.ics").content)
    return [(str(event["summary"]), event["dtstart"].dt) for event in calendar.walk("VEVENT")]


def test_a_person_who_owes_nothing_reads_so(client: Client, far: Far, provider: FakeProvider) -> None:
    fines = make_data_type()
    DataType.objects.filter(pk=fines.pk).update(payable="traffic_fine")
    enrol(1, fines)
    prove(client)
    assert "내실 돈이 없습니다" in client.get("/pay/").content.decode()
    assert "아직 여기에서 납부하신 것이 없습니다" in client.get("/pay/history/").content.decode()


def test_a_person_without_bills_does_not_read_that_they_owe_nothing(
    client: Client, far: Far, provider: FakeProvider
) -> None:
    enrol(1, make_data_type("vaccination"))
    prove(client)
    page = client.get("/pay/").content.decode()
    assert "내실 돈이 없습니다" not in page
    assert "과태료·범칙금 알림을 받지 않고 계셔서 내실 돈이 있는지 알 수 없습니다" in page


def test_a_paused_bill_alone_is_not_called_nothing_to_pay(visitor: Visitor) -> None:
    visitor.client.post(f"{visitor.home}objection/")
    page = visitor.text("/pay/")
    assert "내실 돈이 없습니다" not in page
    assert f'href="{visitor.home}"' in page


def test_the_list_has_what_is_due_first_then_objections_then_what_is_done(visitor: Visitor) -> None:
    objected, done = owe(visitor.alice), owe(visitor.alice)
    visitor.client.post(f"/pay/{objected.pk}/objection/")
    correct(done, state="paid")
    page = visitor.text("/pay/")
    places = [page.index(f'href="/pay/{bill.pk}/"') for bill in (visitor.bill, objected, done)]
    assert places == sorted(places)
    assert page.index("알림 멈춤·이의제기") < places[1] and page.index("끝난 것") < places[2]
    assert "1건, 오늘 기준 32,000원" in page


def test_what_ends_sooner_stands_first(visitor: Visitor) -> None:
    sooner = owe(
        visitor.alice, fields={"reduced_amount": 32000, "reduction_ends_on": "2026-03-12", "due_on": "2026-05-29"}
    )
    page = visitor.text("/pay/")
    assert page.index(f'href="/pay/{sooner.pk}/"') < page.index(f'href="{visitor.home}"')
    assert "2건, 오늘 기준 64,000원" in page


def test_the_bill_says_how_much_until_when_why_and_whom_to_ask(visitor: Visitor) -> None:
    page = visitor.text()
    for words in (
        *("32,000원", "2026. 3. 23.(월)까지", "D-13", "2026. 3. 24.(화)부터", "40,000원", "오늘보다 8,000원 더"),
        *("2026. 5. 30.(토)부터", "오늘보다 9,200원 더", "사전통지 기간 안 자진납부 20% 감경", "-8,000원"),
        *("질서위반행위규제법 §18①, 시행령 §5", "나중에 이의를 제기하실 수 없습니다", "12가3456", "tel:182"),
    ):
        assert words in page, words


def test_after_a_deadline_the_bill_says_that_it_has_grown(client: Client, far: Far, provider: FakeProvider) -> None:
    visitor = Visitor(client, far, reduction_ends_on="2026-01-12", due_on="2026-02-02")
    prove(client)
    page = visitor.text()
    assert "기한이 지나 금액이 늘었습니다" in page and "41,680원" in page and "나중에 이의를" not in page


def test_an_agencys_differing_figure_is_shown_as_such(client: Client, far: Far, provider: FakeProvider) -> None:
    visitor = Visitor(client, far, reduced_amount=30000)
    prove(client)
    page = visitor.text()
    assert "경찰청에서 알려 온 금액은 30,000원" in page and "법에 따라 계산하면 32,000원" in page


def test_everything_in_english(visitor: Visitor) -> None:
    english(visitor)
    page = visitor.text()
    for words in (
        "To pay today",
        "32,000 won",
        "until Mon, 23 March 2026",
        "13 days left",
        "8,000 won more than today",
    ):
        assert words in page, words
    assert "you cannot object afterwards" in page and "Police" in page
    law = "Act on the Regulation of Violations of Public Order (질서위반행위규제법) §18"
    assert law in page and law in visitor.text("objection/") and law in visitor.text("print/")


def test_a_page_to_print_has_everything_open(visitor: Visitor) -> None:
    page = visitor.text("print/")
    assert "<details" not in page.partition("<main")[2] and "-8,000원" in page and "2026. 3. 10.(화) 기준" in page


def test_the_calendar_carries_the_deadlines_and_nothing_personal(visitor: Visitor) -> None:
    assert events(visitor) == [
        ("교통과태료 32,000원 납부 마지막 날", date(2026, 3, 23)),
        ("교통과태료 40,000원 납부 마지막 날", date(2026, 5, 29)),
    ]
    text = visitor.text("deadlines.ics")
    assert "12가3456" not in text and "홍길동" not in text and visitor.bill.record.external_id not in text
    assert text.count("TRIGGER") == 4 and visitor.get("deadlines.ics")["Content-Type"] == "text/calendar; charset=utf-8"
    english(visitor)
    assert events(visitor)[0][0] == "Traffic fine: last day to pay 32,000 won"


def test_the_calendar_knows_each_deadline_by_itself(visitor: Visitor) -> None:
    calendar: Any = Calendar.from_ical(visitor.get("deadlines.ics").content)
    first, second = calendar.walk("VEVENT")
    assert first["uid"] != second["uid"] and str(visitor.bill.pk) in first["uid"]
    assert first["dtend"].dt - first["dtstart"].dt == timedelta(days=1)


def test_a_pause_says_that_it_files_nothing_hides_no_deadline_and_can_be_ended(visitor: Visitor) -> None:
    page = visitor.text("objection/")
    assert "60일" in page and "§20" in page and "2026. 3. 23.(월)까지" in page and "전달되지 않으며" in page
    assert visitor.client.post(f"{visitor.home}objection/")["Location"] == visitor.home
    standing = visitor.text()
    assert "알림만 멈췄습니다. 아직 이의가 제기된 것은 아닙니다." in standing
    assert "의견은 2026. 3. 23.(월)까지" in standing and "182" in standing
    assert "법정 기한은 멈추지 않습니다" in standing and "2026. 3. 24.(화)부터" in standing
    assert "납부하기" not in standing
    visitor.reload().record.refresh_from_db()
    assert visitor.reload().record.objected_at is not None
    assert "알림 멈춤 풀기" in visitor.text("objection/")
    visitor.client.post(f"{visitor.home}objection/", {"take_back": "yes"})
    assert "32,000원 납부하기" in visitor.text() and visitor.reload().record.objected_at is None


def test_a_penalty_has_its_own_law(visitor: Visitor) -> None:
    type(visitor.bill).objects.filter(pk=visitor.bill.pk).update(tariff="traffic_penalty")
    assert "즉결심판" in visitor.text("objection/") and "60일" not in visitor.text("objection/")


@pytest.mark.parametrize("state", sorted(FROM_THE_FEED))
def test_a_closed_bill_shows_why(visitor: Visitor, state: Any) -> None:
    correct(visitor.bill, state=state)
    page = visitor.text()
    assert "더 내실" in page or "내실 것이 없" in page or "납부" in page
    assert "납부하기" not in page


def test_a_type_that_is_no_longer_live_is_still_a_page(visitor: Visitor) -> None:
    make_data_type("other")
    visitor.bill.record.data_type.__class__.objects.filter(code="traffic_fine").update(live_version=None)
    assert visitor.get().status_code == visitor.get("/pay/").status_code == 200


def test_the_settings_and_the_first_page_lead_here(visitor: Visitor) -> None:
    assert 'href="/pay/"' in visitor.text("/settings/") and 'href="/pay/"' in visitor.text("/")


def test_a_bill_outlives_its_tariff(visitor: Visitor) -> None:
    Bill.objects.filter(pk=visitor.bill.pk).update(tariff="of_last_year")
    assert [visitor.get(path).status_code for path in ("", "/pay/", "print/", "deadlines.ics")] == [200, 200, 200, 200]
    assert f"{visitor.home}service/" not in visitor.text()
    assert "오늘은 여기에서 납부하실 수 없습니다" in visitor.text() and "기관에서 알려 드립니다" in visitor.text(
        "service/"
    )


@pytest.mark.parametrize(
    ("written", "reported"),
    [
        ("2026-03-02T12:00:00+09:00", "2026. 3. 2.(월) 정오"),
        ("2026-03-02T14:05:00+09:00", "2026. 3. 2.(월) 오후 2:05"),
        ("2026-03-02", "2026. 3. 2.(월)"),
        ("어제", "어제"),
        ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00+14:00"),  # no such instant in Korea
        (20260302, 20260302),
    ],
)
def test_an_instant_of_a_record_is_written_in_words(written: Any, reported: Any) -> None:
    shown = written_moment(written)
    assert (strip_tags(shown) if isinstance(shown, str) else shown) == reported


def test_an_owner_of_two_cars_sees_in_the_list_which_car_when_and_where(visitor: Visitor) -> None:
    """No notice names a plate; behind the identity check the list distinguishes the fines of one day."""
    version = DataTypeVersion.objects.get()
    car = FieldSpec("vehicle", "text", "차량", Words("차량", "Car"), private=True, required=False)
    place = FieldSpec("place", "text", "장소", Words("장소", "Place"), required=False)
    when = FieldSpec("violated_at", "datetime", "일시", Words("일시", "When"), required=False)
    known = {item["name"] for item in version.fields}
    more = [item.to_json() for item in (car, place, when) if item.name not in known]
    DataTypeVersion.objects.filter(pk=version.pk).update(fields=version.fields + more)
    owe(visitor.alice, fields={"vehicle": "11가1111", "place": "세종대로 사거리", "violated_at": "2026-03-02T09:10"})
    owe(visitor.alice, fields={"vehicle": "22나2222", "place": "종로 3가"})
    page = visitor.text("/pay/")
    rows = {"가1111" in row: row for row in page.split("<li>") if "가1111" in row or "나2222" in row}
    assert "세종대로 사거리" in rows[True] and "종로 3가" in rows[False]
    assert "2026. 3. 2.(월) 오전 9:10" in rows[True]


@pytest.mark.parametrize("page", ["", "check/toss_payments/", "print/"])
def test_paying_by_card_is_spoken_of_where_it_is_known(visitor: Visitor, settings: Any, page: str) -> None:
    fee, limit = "1.5%까지(480원 이하) 수수료", "200만 원까지"
    assert fee not in visitor.text(page) and limit not in visitor.text(page)
    settings.PAYMENT_CARD_FEES = {"nhis": 15}
    assert fee not in visitor.text(page) and limit not in visitor.text(page)
    settings.PAYMENT_CARD_FEES = {"knpa": 15}
    assert fee in visitor.text(page) and limit in visitor.text(page) and "여기에서는 32,000원만" in visitor.text(page)
    english(visitor)
    assert "up to 1.5% (480 won at most)" in visitor.text(page)


def test_a_bill_that_is_paid_does_not_speak_of_cards(visitor: Visitor, settings: Any) -> None:
    settings.PAYMENT_CARD_FEES = {"knpa": 15}
    visitor.pay()
    assert "수수료" not in visitor.text()


@pytest.mark.parametrize(("path", "below"), [("", True), ("print/", False), ("check/toss_payments/", False)])
def test_the_page_points_to_the_steps_below_where_they_stand_there(
    visitor: Visitor, clock: Any, path: Any, below: Any
) -> None:
    """On the page for printing they stand above, on the one before paying nowhere."""
    clock.move_to(datetime(2026, 7, 1, 10, tzinfo=KST), tick=False)
    prove(visitor.client)
    page = visitor.text(path)
    assert "기한이 지나 금액이 늘었습니다." in page
    assert ("아래 “금액 계산 과정”" in page) is below


def test_ending_a_pause_twice_ends_it_and_does_not_say_that_it_was_paid(visitor: Visitor) -> None:
    """A double click, or a page of yesterday: the bill is to be paid, and the page shows nothing else."""
    address = f"{visitor.home}objection/"
    visitor.client.post(address, {})
    for _ in range(2):
        answer = visitor.client.post(address, {"take_back": "yes"}, follow=True)
        assert (answer.status_code, answer.request["PATH_INFO"]) == (200, visitor.home)
    assert (visitor.reload().state, visitor.reload().reason) == ("open", "")


def test_a_refunded_bill_is_not_called_paid_where_its_notices_cannot_be_paused(visitor: Visitor) -> None:
    visitor.pay()
    Bill.objects.filter(pk=visitor.bill.pk).update(state="refunded")
    for posted in ({}, {"take_back": "yes"}):
        answer = visitor.client.post(f"{visitor.home}objection/", posted)
        assert (answer.status_code, answer.context["stop"]) == (409, STOPS["refunded"])
