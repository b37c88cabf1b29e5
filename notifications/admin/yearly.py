"""Show the yearly messages: what each year came to, and each person's with its outcome."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy

from notifications.admin.code_words import YEARLY_REASONS, YEARLY_STATES, answer_words
from notifications.delivery.check_codes import check_code
from notifications.models import YearlyMessage, YearlyRefusal, YearlyRun
from secretary.kernel.backoffice import AuditedAdmin, choice_filter
from secretary.kernel.backoffice.pages import ReadOnlyAdmin
from subscriptions.models.channel_choice import CHANNELS


@admin.register(YearlyRun)
class YearlyRunAdmin(ReadOnlyAdmin):
    list_display = ["year", "people", "outcomes", "begun_at", "listed_at", "counted_at"]
    exclude = ["counts"]
    readonly_fields = ["outcomes"]

    @admin.display(description=gettext_lazy("outcomes"))
    def outcomes(self, row: YearlyRun) -> str:
        named = [f"{words} {row.counts[state]:,}" for state, words in YEARLY_STATES.items() if row.counts.get(state)]
        return ", ".join(named) or "–"


@admin.register(YearlyMessage)
class YearlyMessageAdmin(AuditedAdmin):
    list_display = ["id", "year", "state", "reason", "channel", "answer", "started_at", "finished_at"]
    value_words = {"channel": CHANNELS, "state": YEARLY_STATES, "reason": YEARLY_REASONS}
    list_filter = [choice_filter("state", gettext_lazy("state"), YEARLY_STATES)]
    list_select_related = False
    raw_id_fields = ["citizen", "template"]
    can_reveal = False
    exclude = ["code", "tried"]
    readonly_fields = ["answer", "failed_on", "its_check_code"]

    @admin.display(description=gettext_lazy("gateway code"), ordering="code")
    def answer(self, row: YearlyMessage) -> str:
        return answer_words(channel=row.channel, state=row.state, code=row.code, gateway=row.gateway) or "–"

    @admin.display(description=gettext_lazy("channels that failed"))
    def failed_on(self, row: YearlyMessage) -> str:
        return ", ".join(str(CHANNELS.get(channel, channel)) for channel in row.tried) or "–"

    @admin.display(description=gettext_lazy("check code"))
    def its_check_code(self, row: YearlyMessage) -> str:
        return check_code(row.number)


@admin.register(YearlyRefusal)
class YearlyRefusalAdmin(ReadOnlyAdmin):
    list_display: Any = ["citizen_id", "refused_at"]
