from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from secretary.kernel.backoffice import AuditedAdmin, FindAdmin, choice_filter
from secretary.kernel.backoffice.filters import null_filter
from subscriptions.admin.data_type import DataTypeFilter
from subscriptions.admin.find import find_citizens
from subscriptions.models import ChannelChoice, Subscription
from subscriptions.models.channel_choice import CHANNELS


@admin.register(Subscription)
class SubscriptionAdmin(AuditedAdmin, FindAdmin):
    list_display = ["id", "kind", "citizen_id", "started_at", "ended_at", "matched_at"]
    list_filter = [
        DataTypeFilter,
        null_filter("ended_at", _("ended"), empty=_("current subscription"), filled=_("ended")),
    ]
    list_select_related = ["data_type__live_version"]
    ordering = ["-id"]
    can_reveal = False
    find_help = _("The person's phone number, name or id")

    @admin.display(description=_("data type"), ordering="data_type")
    def kind(self, row: Subscription) -> str:
        return row.data_type.name(get_language() or "ko")

    def find(self, text: str) -> tuple[str, QuerySet[Any]]:
        kind, citizens = find_citizens(text)
        return kind, Subscription.objects.filter(citizen__in=citizens)


@admin.register(ChannelChoice)
class ChannelChoiceAdmin(AuditedAdmin, FindAdmin):
    list_display = ["id", "citizen_id", "position", "channel"]
    value_words = {"channel": CHANNELS}
    list_filter = [choice_filter("channel", _("channel"), CHANNELS)]
    ordering = ["-id"]
    can_reveal = False
    find_help = _("The person's phone number, name or id")

    def find(self, text: str) -> tuple[str, QuerySet[Any]]:
        kind, citizens = find_citizens(text)
        return kind, ChannelChoice.objects.filter(citizen__in=citizens)
