"""One notice: its text as it was sent, what it costs now, until when, and what is done about it."""

import html
import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from icalendar import Calendar

from notifications.channels.contract import Verdict
from notifications.delivery.check_codes import check_code
from notifications.matching.declared_holidays import declare_holiday
from notifications.models import Delivery, Notice, Record
from payments.words import CLOSED_BECAUSE
from subscriptions.models import Citizen, Consent, Contact, DataTypeVersion
from subscriptions.specs import FieldSpec
from tests.citizens.inbox.cast import arrive, hand_over, report
from tests.citizens.inbox.conftest import Reader, send
from tests.notifications.cast import MORNING, make_data_type, record, subscribe, templates
from tests.support.together import Cases

pytestmark = pytest.mark.django_db
LATER = datetime(2090, 1, 1, tzinfo=UTC)  # by the database's clock, which no test moves
UNKNOWN_TEXT = "보낸 그대로는 보여 드릴 수 없습니다"
CHANNELS = ("kakaotalk", "naver", "toss", "sms")


def text_in(reader: Reader, notice: Notice) -> str:
    """The text in its frame, without the markup that keeps days on one line."""
    page = reader.client.get(f"/inbox/{notice.pk}/").content.decode()
    found = re.search(r'<p class="bubble-text">(.*?)</p>', page, re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", "", found[1])) if found else ""


def test_the_text_is_the_one_that_was_sent_byte_for_byte_on_every_channel_and_in_both_languages(reader: Reader) -> None:
    cases = Cases()
    for language in ("ko", "en"):
        Citizen.objects.update(language=language)
        for channel in CHANNELS:
            reader.alice.channels.all().delete()
            reader.alice.channels.create(channel=channel, position=1)
            if channel == "toss" and not reader.alice.contacts.filter(kind=Contact.TOSS_USER_KEY).exists():
                key = Contact(citizen=reader.alice, kind=Contact.TOSS_USER_KEY)
                key.value = "443000001"
                key.save()
            with cases.case((language, channel)):
                [notice] = send(record(1, fields={"violation": "신호위반 & 과속", "due_on": "2026-05-02"}))
                [sent] = [row for row in reader.sandbox.rows() if check_code(notice.pk) in row["text"]]
                assert text_in(reader, notice) == sent["text"]
                assert reader.notice(notice).count("그대로입니다") == 1
    cases.conclude()


def test_a_text_whose_making_has_changed_since_is_not_made_up(reader: Reader) -> None:
    cases = Cases()

    def unknown(name: str, notice: Notice) -> None:
        with cases.case(name):
            page = reader.notice(notice)
            assert (
                text_in(reader, notice) == "" and UNKNOWN_TEXT in page and "기관의 지금 자료는 아래와 같습니다" in page
            )

    [corrected] = send(record(1, external_id="A"))
    assert text_in(reader, corrected)
    send(record(1, external_id="A", version=2, fields={"amount": 41000}))
    unknown("the agency has corrected the record", corrected)
    [holiday] = send(record(1, fields={"due_on": "2026-04-02"}))
    assert text_in(reader, holiday)
    declare_holiday(day=date(2026, 4, 2), name="임시공휴일", actor="staff:1", now=LATER)
    unknown("its deadline moved off a holiday that was declared since", holiday)
    [far] = send(record(1, fields={"due_on": "2026-06-02"}))
    with cases.case("a holiday far from its days"):
        assert text_in(reader, far)
    [retried] = arrive(record(1, external_id="C", fields={"due_on": "2026-06-02"}))
    hand_over((Verdict.ACCEPTED, ""), (Verdict.UNDELIVERABLE, "3019"))
    Record.objects.filter(external_id="C").update(version=2, received_at=LATER)
    hand_over((Verdict.ACCEPTED, ""))
    first = retried.deliveries.order_by("fence")[0]
    report(Verdict.DELIVERED, notice=retried)
    with cases.case("the newest attempt is of the newest version"):
        assert text_in(reader, retried)
    Delivery.objects.filter(notice=retried).exclude(pk=first.pk).delete()
    unknown("the attempt was of an earlier version", retried)
    cases.conclude()


def test_what_it_costs_is_what_its_bill_says(reader: Reader) -> None:
    [notice] = send(record(1, fields={"reduced_amount": 32000, "reduction_ends_on": "2026-03-23"}))
    page = reader.notice(notice)
    clock = re.search(r'<ol class="clock">(.*?)</ol>', page, re.DOTALL)
    bill = re.search(r"/pay/(\d+)/service/", page)
    assert clock and bill and clock[0] in reader.get(f"/pay/{bill[1]}/")
    assert "32,000원 납부하기" in page and f'href="/pay/{bill[1]}/deadlines.ics"' in page
    send(record(1, external_id=Record.objects.get().external_id, version=2, state="paid"))
    page = reader.notice(notice)
    assert "납부하기" not in page and "미루면 이렇게" not in page
    assert str(CLOSED_BECAUSE["paid_elsewhere"]) in page


def test_a_moved_deadline_says_by_which_law_and_from_which_day(reader: Reader) -> None:
    version = DataTypeVersion.objects.get(data_type=reader.fine)
    fields = [FieldSpec.from_json(item) for item in version.fields]
    version.fields = [item.to_json() | {"deadline": item.name == "due_on"} for item in fields]
    version.save()
    [notice] = send(record(1, fields={"due_on": "2026-05-02"}))
    page = reader.notice(notice)
    assert "기관 자료에는 2026. 5. 2.(토)까지로 되어 있습니다" in page
    moved = "다음 근무일인 2026. 5. 4.(월)까지입니다(민법 제161조)"
    assert moved in page and moved in reader.get(f"/inbox/{notice.pk}/print/")
    reader.english()
    assert "ends on the next working day, Mon, 4 May 2026 (Civil Act, Article 161)" in reader.notice(notice)


def test_what_is_left_to_do_without_a_bill_has_its_days_and_a_calendar(reader: Reader) -> None:
    subscribe(reader.alice, make_data_type("licence_renewal"))
    reader.sandbox.register(*templates())
    at = "2026-03-20T14:00:00+09:00"
    [notice] = send(record(1, data_type="licence_renewal", fields={"due_on": "2026-03-23", "hearing_at": at}))
    page = reader.notice(notice)
    assert "2026. 3. 20.(금) 오후 2:00</span> <strong" in page and "D-10" in page and "D-13" in page
    assert page.index("D-10") < page.index("D-13") and 'href="tel:182"' in page
    calendar: Any = Calendar.from_ical(reader.client.get(f"/inbox/{notice.pk}/days.ics").content)
    events = [
        (str(event["uid"]), event["dtstart"].dt, str(event["summary"]), str(event.get("description", "")))
        for event in calendar.walk("VEVENT")
    ]
    number = notice.record_id
    assert events == [
        (f"record-{number}-hearing_at@public-secretary", date(2026, 3, 20), "교통과태료: 출석일시", "오후 2:00"),
        (f"record-{number}-due_on@public-secretary", date(2026, 3, 23), "교통과태료: 납부기한", ""),
    ]
    cases = Cases()
    for state, words in {
        "completed": "완료된 것으로 되어 있습니다",
        "withdrawn": "기관이 취소한 건입니다",
        "objected": "이의가 제기되어 있습니다",
        "paid": "납부된 것으로 되어 있습니다",
    }.items():
        with cases.case(state):
            Record.objects.update(state=state)
            page = reader.notice(notice)
            assert words in page and "할 일 남음" not in page and "days.ics" not in page
            assert b"VEVENT" not in reader.client.get(f"/inbox/{notice.pk}/days.ics").content
    Record.objects.update(state="open")
    with cases.case("over"):
        send(record(1, data_type="licence_renewal", fields={"due_on": "2026-03-02"}))
        assert "날짜가 모두 지났습니다" in reader.notice()
    cases.conclude()


def test_the_number_is_named_masked_and_only_if_it_is_the_same_as_then(reader: Reader) -> None:
    [notice] = send(record(1))
    assert "010-****-0001" in reader.notice(notice) and "0000-0001" not in reader.notice(notice)
    Contact.objects.update(changed_at=LATER)
    assert "-0001" not in reader.notice(notice)


def test_a_consent_on_paper_that_was_withdrawn_is_named_as_such(reader: Reader) -> None:
    [notice] = send(record(1))
    Consent.objects.update(withdrawn_at=MORNING)
    page = reader.notice(notice)
    assert "“교통과태료” 동의문 1판, 2026. 3. 10.(화)에 동의" in page and "2026. 3. 10.(화)에 철회" in page


def test_the_page_for_printing_has_all_but_the_links(reader: Reader) -> None:
    [notice] = send(record(1, external_id="P-77"))
    page = reader.get(f"/inbox/{notice.pk}/print/")
    for words in ("신호위반", "P-77", "40,000원", "보낸 기록", "이 알림이 온 까닭", "010-****-0001"):
        assert words in page, words
    assert "납부하기" not in page
