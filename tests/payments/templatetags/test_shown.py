"""Instants and amounts of pages, whose pieces are kept: the same as if each were written and looked through anew."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.utils import translation

from payments.templatetags.shown import hour, moment, won, written_moment
from secretary.kernel.korean.korean import Language, format_date, format_datetime, format_time, format_won
from secretary.kernel.templatetags.unbroken import unbroken
from secretary.kernel.time.clock import KST
from subscriptions.specs import LANGUAGES

DAYS = (date(1, 1, 3), date(999, 12, 31), date(1988, 5, 8), date(2026, 3, 4), date(2026, 12, 31), date(9999, 12, 30))
AMOUNTS = (0, 7, 999, 1000, 32_000, 1_234_567, -1, -32_000)


def instants() -> Iterator[datetime]:
    """Every minute of a day, and some minutes of others; each also as another clock has it."""
    for minute in range(24 * 60):
        yield datetime(2026, 3, 14, minute // 60, minute % 60, 59, 7, KST)
    for day in DAYS:
        for minutes in (0, 1, 719, 720, 721, 1439):
            yield datetime.combine(day, time(), KST) + timedelta(minutes=minutes)


@pytest.mark.parametrize("language", LANGUAGES)
def test_instants_and_amounts_read_as_written_anew(language: Language) -> None:
    with translation.override(language):
        for there in instants():
            for at in (there, there.astimezone(UTC)):
                whole = unbroken(format_datetime(at, language))
                assert moment(at) == whole, at
                assert written_moment(at.isoformat()) == whole, at
                assert hour(at) == unbroken(format_time(at, language)), at
        for day in DAYS:
            assert written_moment(day.isoformat()) == unbroken(format_date(day, language)), day
        for amount in AMOUNTS:
            assert won(amount) == unbroken(format_won(amount, language)), amount


def test_an_instant_without_a_zone_is_an_error() -> None:
    for written in (hour, moment):
        with pytest.raises(ValueError, match="aware"):
            written(datetime(2026, 3, 14, 12, 0))
