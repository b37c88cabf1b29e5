"""Periods that figures and the lists behind them share: whole hours, as the counts are; "today" begins in Korea."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from secretary.kernel.time.clock import KST, now

TODAY = "today"
PERIODS: dict[str, Any] = {TODAY: _("Today"), "24h": _("24 hours"), "7d": _("7 days"), "31d": _("31 days")}
LENGTHS = {"24h": timedelta(hours=24), "7d": timedelta(days=7), "31d": timedelta(days=31)}


def since(period: str, at: datetime) -> datetime:
    """Return when the period began: a whole hour. "Today" begins at midnight in Korea."""
    hour = at.astimezone(KST).replace(minute=0, second=0, microsecond=0)
    return hour.replace(hour=0) if period == TODAY else hour - LENGTHS[period]


def period_filter(field: str) -> type[admin.SimpleListFilter]:
    """Return a filter by the period that began at `since`, of a time in `field`."""

    class PeriodFilter(admin.SimpleListFilter):
        title = _("Period")
        parameter_name = "period"

        def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
            return [(code, str(words)) for code, words in PERIODS.items()]

        @property
        def begins(self) -> tuple[str, datetime] | None:
            """The column and the beginning of the chosen period, beyond which a list is not read; None: all time."""
            chosen = str(self.value())
            return (field, since(chosen, now())) if chosen in PERIODS else None

        def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
            if self.value() not in PERIODS:
                return queryset
            return queryset.filter(**{f"{field}__gte": since(str(self.value()), now())})

    return PeriodFilter
