"""Events whose words are written once read as those that the library writes."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from django.conf import settings

from secretary.kernel.calendar_files import _event, _written, calendar_of
from secretary.kernel.calendars import WARNINGS, CalendarDay

KST = timezone(timedelta(hours=9))
LONG = "교통과태료: 사전 납부 기한이 끝나는 날입니다, 그 뒤에는 더 많이 내야 합니다; " * 3


def day(**given: Any) -> CalendarDay:
    usual: dict[str, Any] = {
        "uid": "record-12-due_on",
        "on": date(2026, 12, 31),
        "summary": LONG,
        "sequence": 217_000_000,
        "changed_at": datetime(2026, 11, 1, 8, 0, 5, tzinfo=KST),
    }
    return CalendarDay(**usual | given)


def test_each_event_is_written_as_the_library_writes_it() -> None:
    cases: list[dict[str, Any]] = [
        {},
        {"description": "오전 9:00, a; b\\"},
        {"summary": "50 % of it: %(uid)s", "description": "%s"},
        {"cancelled": True, "on": date(2024, 2, 29)},
        {"warnings": WARNINGS},
        {"warnings": list(WARNINGS), "sequence": 0, "changed_at": datetime(2020, 1, 1, tzinfo=UTC)},
        {"summary": "SEQUENCE:1234567890\nUID:some-uid\nDTSTAMP:12340506T070809Z"},
        {"uid": "a,b;c" + "d" * 80},
    ]
    for given in cases:
        for _again in range(2):
            written = _written(day(**given), "국민비서", settings.PUBLIC_BASE_URL)
            assert written == _event(day(**given), "국민비서"), given


def test_what_differs_between_two_days_of_the_same_words_is_in_the_file() -> None:
    days = [day(), day(uid="record-13-due_on", on=date(2027, 1, 4), sequence=5)]
    written = calendar_of(days, of="tests").decode().replace("\r\n ", "")
    for piece in ("UID:record-12-due_on@", "UID:record-13-due_on@", "DTEND;VALUE=DATE:20270105", "SEQUENCE:5\r\n"):
        assert written.count(piece) == 1, piece
    assert written.endswith("END:VEVENT\r\nEND:VCALENDAR\r\n")


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_organizer_is_named_in_the_language_of_the_page(language: str) -> None:
    from django.utils import translation

    with translation.override(language):
        written = calendar_of([day()], of="tests").decode().replace("\r\n ", "")
    assert ('CN="국민비서"' in written or "CN=국민비서" in written) == (language == "ko")
