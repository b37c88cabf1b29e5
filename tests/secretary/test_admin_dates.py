"""The administration writes days and instants in the one form of the site, and takes it so, too."""

from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from django import forms
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format, get_format, time_format
from django.utils.timezone import localtime

from notifications.models import Alarm, DeclaredHoliday
from secretary.kernel.korean.korean import Language, format_date, format_datetime
from secretary.kernel.models import AuditEvent
from secretary.kernel.templatetags.instants import instant, to_the_second
from tests.notifications.cast import MORNING
from tests.subscriptions.admin.ninth_type import staff_client
from tests.support.browser_forms import fill_in

SPOKEN: tuple[Language, ...] = ("ko", "en")
AT = {
    datetime(2026, 3, 14, 5, 7, 9, tzinfo=UTC): ("2026. 3. 14.(토) 오후 2:07:09", "Sat, 14 March 2026, 2:07:09 pm"),
    datetime(2026, 3, 14, 3, 0, 9, tzinfo=UTC): ("2026. 3. 14.(토) 오후 12:00:09", "Sat, 14 March 2026, 12:00:09 pm"),
    datetime(2026, 3, 14, 15, 0, tzinfo=UTC): ("2026. 3. 15.(일) 0시(자정)", "Sun, 15 March 2026, 00:00"),
    datetime(2026, 11, 29, 16, 5, tzinfo=UTC): ("2026. 11. 30.(월) 오전 1:05:00", "Mon, 30 November 2026, 1:05:00 am"),
}


def test_django_writes_what_the_site_writes() -> None:
    for at, exact in AT.items():
        for number, spoken in enumerate(SPOKEN):
            with translation.override(spoken):
                local = localtime(at)
                assert date_format(local, "DATETIME_FORMAT").casefold() == format_datetime(at, spoken).casefold()
                assert date_format(local.date(), "DATE_FORMAT") == format_date(local.date(), spoken)
                assert (instant(at), to_the_second(at)) == (format_datetime(at, spoken), exact[number])
                assert (instant(None), to_the_second(None)) == ("", "")
                assert get_format("DATE_INPUT_FORMATS")[0] == "%Y-%m-%d"


def test_twelve_sharp_is_in_words_and_nothing_else_changes() -> None:
    for spoken, noon, begins, later in (
        ("ko", "정오", "0시(자정)", "오후 12:01"),
        ("en", "noon", "00:00", "12:01 PM"),
    ):
        with translation.override(spoken):
            assert [time_format(time(*at)) for at in ((12, 0), (0, 0), (12, 1))] == [noon, begins, later]
            assert date_format(datetime(2026, 3, 14, 12, 0), "SHORT_DATETIME_FORMAT").endswith(noon)
            assert date_format(datetime(2026, 3, 14, 12, 0), "H:i") == "12:00"  # another form stays what it is


def test_a_day_is_typed_as_it_is_shown() -> None:
    day = forms.DateField()
    with translation.override("ko"):
        for typed in ("2026-12-01", "2026. 12. 1.", "2026.12.1", "2026. 12. 1", "2026/12/01", "2026년 12월 1일"):
            assert day.clean(typed) == date(2026, 12, 1), typed
        assert day.clean(date_format(date(2026, 12, 1), "SHORT_DATE_FORMAT")) == date(2026, 12, 1)
        with pytest.raises(forms.ValidationError):
            day.clean("12/01/26")
    with translation.override("en"):
        assert day.clean(date_format(date(2026, 12, 1), "SHORT_DATE_FORMAT")) == date(2026, 12, 1)


@pytest.mark.django_db
def test_lists_pages_and_inputs_of_the_administration(time_machine: Any) -> None:
    time_machine.move_to(MORNING, tick=False)
    administrator = staff_client("administrator", superuser=True)
    pages: dict[str, dict[str, str]] = {"ko": {}, "en": {}}
    added = fill_in(administrator, "/admin/notifications/declaredholiday/add/", day="2026-05-06", name="임시공휴일")
    assert added.status_code == 200 and DeclaredHoliday.objects.get().day == date(2026, 5, 6)
    Alarm.objects.create(kind="queue_age", subject="x", raised_at=MORNING)
    AuditEvent.objects.create(at=MORNING, actor="staff:1", action="notice.resent", object="notice:1")
    names = ("notifications_declaredholiday", "notifications_alarm", "common_auditevent")
    rows = (DeclaredHoliday.objects.get().pk, Alarm.objects.latest("pk").pk, AuditEvent.objects.latest("pk").pk)
    for spoken, shown in pages.items():
        for name, row in zip(names, rows, strict=True):
            for address in (reverse(f"admin:{name}_changelist"), reverse(f"admin:{name}_change", args=[row])):
                page = administrator.get(address, headers={"accept-language": spoken})
                shown[address] = page.content.decode().replace('<span class="nowrap">', "")
    for address, text in pages["ko"].items():
        assert "2026. 3. 10.(화) 오전 10:00" in text, address
        assert "년 3월" not in text and "2026-03-10 1" not in text, address
    for address, text in pages["en"].items():
        assert "tue, 10 march 2026, 10:00" in text.casefold(), address
    assert "2026. 5. 6.(수)" in pages["ko"][reverse("admin:notifications_declaredholiday_changelist")]
    form = administrator.get("/admin/notifications/declaredholiday/add/?day=2026-06-03").content.decode()
    assert 'value="2026-06-03"' in form
