"""Each value of a row: understood where one value is possible, named where it is not."""

from datetime import date

from subscriptions.registration.bulk.read_row import Entry, read_row
from tests.support.together import in_one_test

TODAY = date(2026, 3, 2)
RIGHT = {
    "form": "B-1",
    "name": "김어르신",
    "birth_date": "19480509",
    "phone": "010-0000-1001",
    "channel": "",
    "consent_service": "예",
    "consent_vaccination": "예",
}
UNDERSTOOD = [
    ("phone", "1000001001", "phone", "+821000001001"),  # a spreadsheet has taken the zero away
    ("phone", "+82 10-0000-1001", "phone", "+821000001001"),
    ("phone", "０１０－００００－１００１", "phone", "+821000001001"),
    *(
        ("birth_date", written, "birth_date", date(1948, 5, 9))
        for written in ("1948-05-09", "1948.5.9", "1948. 5. 9.", "1948년 5월 9일", "1948/05/09", "1948-05-09 00:00:00")
    ),
    ("channel", "카카오톡", "channel", "kakaotalk"),
    ("channel", "문자 메시지", "channel", "sms"),
    ("consent_service", "동의함", "name", "김어르신"),
    ("consent_service", "Ｙ", "name", "김어르신"),
    ("name", "Nguyễn Thị Hoa", "name", "Nguyễn Thị Hoa"),
]
NAMED = [
    ("form", "", "empty"),
    ("form", "1" * 41, "too_long"),
    ("form", "1.2E+12", "shortened"),
    ("name", "", "empty"),
    ("name", "1234", "no_letters"),
    ("name", "#REF!", "spreadsheet_error"),
    ("name", "가" * 81, "too_long"),
    ("birth_date", "480509", "two_digit_year"),
    ("birth_date", "48-05-09", "two_digit_year"),
    ("birth_date", "17662", "day_number"),
    ("birth_date", "1948", "no_date"),
    ("birth_date", "1948-13-01", "no_such_day"),
    ("birth_date", "18480509", "impossible_year"),
    ("birth_date", "20990101", "impossible_year"),
    ("birth_date", "19900101", "too_young"),
    ("birth_date", "480509-1234567", "resident_number"),
    ("phone", "1.01E+09", "shortened"),
    ("phone", "########", "shortened"),
    ("phone", "02-000-0000", "phone_landline"),
    ("phone", "010-0000-12", "phone_short"),
    ("phone", "011-000-0000", "phone_old"),
    ("phone", "없음", "phone_letters"),
    ("channel", "편지", "unknown_channel"),
    ("consent_service", "아니오", "not_agreed"),
    ("consent_service", "", "consent_empty"),
    ("consent_service", "모름", "consent_unclear"),
]


@in_one_test("column, written, field, meant", UNDERSTOOD)
def test_it_is_understood(column: str, written: str, field: str, meant: object) -> None:
    entry = read_row(2, RIGHT | {column: written}, today=TODAY)
    assert isinstance(entry, Entry), entry
    assert getattr(entry, field) == meant


@in_one_test("column, written, code", NAMED)
def test_it_is_named(column: str, written: str, code: str) -> None:
    assert read_row(2, RIGHT | {column: written}, today=TODAY) == [(column, code)]
