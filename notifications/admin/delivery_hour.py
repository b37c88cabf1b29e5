"""Show the counts that the dashboard and the report on reach are drawn from."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notifications.admin.code_words import DELIVERY_STATES, answer_words
from notifications.models import DeliveryChange, DeliveryHour, ReachChange, ReachDay
from notifications.models.delivery_hour import ENDED
from notifications.models.reach import BEGUN
from notifications.reach.words import outcome_name, way_name
from secretary.kernel.backoffice import ReadOnlyAdmin, choice_filter
from secretary.kernel.backoffice.periods import period_filter
from subscriptions.models.channel_choice import CHANNELS


@admin.register(DeliveryHour)
class DeliveryHourAdmin(ReadOnlyAdmin):
    list_display = ["hour", "channel", "state", "answer", "duration", "count"]
    fields = ["hour", "channel", "state", "answer", "duration", "count"]
    readonly_fields = ["answer"]
    value_words = {"channel": CHANNELS, "state": DELIVERY_STATES}
    list_filter = [
        choice_filter("channel", gettext_lazy("channel"), CHANNELS),
        choice_filter("state", gettext_lazy("state"), {state: DELIVERY_STATES[state] for state in ENDED}),
        period_filter("hour"),
    ]
    ordering = ["-hour", "channel", "state"]

    @admin.display(description=gettext_lazy("gateway code"), ordering="code")
    def answer(self, row: DeliveryHour) -> str:
        return answer_words(channel=row.channel, state=row.state, code=row.code) or "–"


@admin.register(DeliveryChange)
class DeliveryChangeAdmin(ReadOnlyAdmin):
    list_display = ["id", "hour", "channel", "state", "answer", "duration", "change"]
    fields = ["hour", "channel", "state", "answer", "duration", "change"]
    readonly_fields = ["answer"]
    value_words = {"channel": CHANNELS, "state": DELIVERY_STATES}
    ordering = ["-id"]

    @admin.display(description=gettext_lazy("gateway code"), ordering="code")
    def answer(self, row: DeliveryChange) -> str:
        return answer_words(channel=row.channel, state=row.state, code=row.code) or "–"


class _ReachAdmin(ReadOnlyAdmin):
    readonly_fields = ["what", "by_way"]
    list_select_related = ["data_type__live_version"]

    @admin.display(description=gettext_lazy("outcome"), ordering="outcome")
    def what(self, row: Any) -> str:
        return _("counting began") if row.outcome == BEGUN else outcome_name(row.outcome)

    @admin.display(description=gettext_lazy("way"), ordering="way")
    def by_way(self, row: Any) -> str:
        return way_name(row.outcome, row.way) or "–"


@admin.register(ReachDay)
class ReachDayAdmin(_ReachAdmin):
    list_display = ["day", "data_type", "what", "by_way", "count"]
    fields = ["day", "data_type", "what", "by_way", "count"]
    ordering = ["-day", "data_type_id", "outcome"]


@admin.register(ReachChange)
class ReachChangeAdmin(_ReachAdmin):
    list_display = ["id", "day", "data_type", "what", "by_way", "change"]
    fields = ["day", "data_type", "what", "by_way", "change"]
    ordering = ["-id"]
