"""Show channels, stopped message templates and alarms: what an operator checks first."""

from datetime import timedelta

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notifications.models import Alarm, ChannelState, TemplateComplaint, TemplateStop, TemplateTrouble
from notifications.operations.watch import clear_alarm, clear_stop, pause_channel, resume_channel
from secretary.kernel.backoffice import ReadOnlyAdmin, actor_of
from secretary.kernel.backoffice.filters import null_filter
from secretary.kernel.backoffice.steps import Step, StepsAdmin
from secretary.kernel.time.database_clock import now

OPEN = null_filter(
    "cleared_at", gettext_lazy("cleared"), empty=gettext_lazy("not cleared"), filled=gettext_lazy("cleared")
)
PAUSE = timedelta(hours=1)


@admin.register(ChannelState)
class ChannelStateAdmin(StepsAdmin, ReadOnlyAdmin):
    list_display = ["channel", "paused_until", "reason", "trouble", "changed_at"]
    fields = ["channel", "paused_until", "reason", "trouble", "changed_at"]
    readonly_fields = ["trouble"]

    def steps(self) -> dict[str, Step]:
        warning = gettext_lazy(
            "For one hour no messages are sent through it. Notices go to the next channel that each person chose; "
            "where there is none, they wait until the hour is over or you resume the channel."
        )
        return {
            "pause": Step(gettext_lazy("Pause for an hour"), self._pause, warning=warning),
            "resume": Step(gettext_lazy("Resume now"), self._resume, lambda row: row.paused_until is not None),
        }

    def _pause(self, request: HttpRequest, row: ChannelState, reason: str) -> str:
        at = now()
        pause_channel(channel=row.pk, until=at + PAUSE, actor=actor_of(request), reason=reason, now=at)
        return _("The channel is paused for an hour.")

    def _resume(self, request: HttpRequest, row: ChannelState, reason: str) -> str:
        resume_channel(channel=row.pk, actor=actor_of(request), reason=reason, now=now())
        return _("The channel is resumed. The notices that waited for it are sent now.")

    @admin.display(description=gettext_lazy("failure rate"))
    def trouble(self, row: ChannelState) -> str:
        return f"{row.troubled / row.handed:.0%}" if row.handed >= 1 else "–"


@admin.register(TemplateStop)
class TemplateStopAdmin(StepsAdmin, ReadOnlyAdmin):
    list_display = ["template", "code", "stopped_at", "cleared_at"]
    list_filter = [OPEN]
    list_select_related = ["template__stage__version__data_type"]
    raw_id_fields = ["template"]

    def steps(self) -> dict[str, Step]:
        return {"clear": Step(gettext_lazy("Resume message template"), self._clear, lambda row: row.cleared_at is None)}

    def _clear(self, request: HttpRequest, row: TemplateStop, reason: str) -> str:
        clear_stop(stop_id=row.pk, actor=actor_of(request), reason=reason, now=now())
        return _("The message template is in use again.")


@admin.register(TemplateTrouble)
class TemplateTroubleAdmin(ReadOnlyAdmin):
    list_display = ["template", "channel", "messages", "rounds", "others_well", "others_troubled", "changed_at"]
    list_select_related = ["template__stage__version__data_type"]
    raw_id_fields = ["template"]


@admin.register(TemplateComplaint)
class TemplateComplaintAdmin(ReadOnlyAdmin):
    list_display = ["template", "record_id", "code", "said_at"]
    list_select_related = ["template__stage__version__data_type"]
    raw_id_fields = ["template", "record"]


@admin.register(Alarm)
class AlarmAdmin(StepsAdmin, ReadOnlyAdmin):
    list_display = ["raised_at", "kind", "subject", "message", "times", "cleared_at"]
    list_filter = [OPEN]

    def steps(self) -> dict[str, Step]:
        return {"clear": Step(gettext_lazy("Clear"), self._clear, lambda row: row.cleared_at is None)}

    def _clear(self, request: HttpRequest, row: Alarm, reason: str) -> str:
        clear_alarm(alarm_id=row.pk, actor=actor_of(request), reason=reason, now=now())
        return _("The alarm is cleared.")
