"""Show the counts that the dashboard and the report on reach are drawn from."""

from django.contrib import admin
from django.utils.translation import gettext_lazy

from notifications.models import DeliveryChange, DeliveryHour, ReachChange, ReachDay
from notifications.models.delivery_hour import ENDED
from secretary.kernel.backoffice import ReadOnlyAdmin, choice_filter
from secretary.kernel.backoffice.periods import period_filter
from subscriptions.models.channel_choice import CHANNELS


@admin.register(DeliveryHour)
class DeliveryHourAdmin(ReadOnlyAdmin):
    list_display = ["hour", "channel", "state", "code", "duration", "count"]
    list_filter = [
        choice_filter("channel", gettext_lazy("channel"), CHANNELS),
        choice_filter("state", gettext_lazy("state"), {state: state for state in ENDED}),
        period_filter("hour"),
    ]
    ordering = ["-hour", "channel", "state"]


@admin.register(DeliveryChange)
class DeliveryChangeAdmin(ReadOnlyAdmin):
    list_display = ["id", "hour", "channel", "state", "code", "duration", "change"]
    ordering = ["-id"]


@admin.register(ReachDay)
class ReachDayAdmin(ReadOnlyAdmin):
    list_display = ["day", "data_type_id", "outcome", "way", "count"]
    ordering = ["-day", "data_type_id", "outcome"]


@admin.register(ReachChange)
class ReachChangeAdmin(ReadOnlyAdmin):
    list_display = ["id", "day", "data_type_id", "outcome", "way", "change"]
    ordering = ["-id"]
