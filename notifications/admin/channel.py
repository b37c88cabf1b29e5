"""Show channels and stopped message templates, and set a channel aside."""

from datetime import datetime

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notifications.admin.alarm import OPEN
from notifications.admin.code_words import refusal_words
from notifications.admin.set_aside import HELD, KEPT, REROUTED, SetAsideForm
from notifications.gateway_names import GATEWAYS, gateway_name
from notifications.models import ChannelState, ProviderState, TemplateComplaint, TemplateStop, TemplateTrouble
from notifications.operations.watch import clear_stop, hold_channel, keep_channel, reroute_channel, resume_channel
from secretary.kernel.backoffice import ReadOnlyAdmin, actor_of
from secretary.kernel.backoffice.steps import Step, StepsAdmin
from secretary.kernel.time.database_clock import now
from subscriptions.models.channel_choice import CHANNELS


@admin.register(ChannelState)
class ChannelStateAdmin(StepsAdmin, ReadOnlyAdmin):
    list_display = ["name", "state", "trouble", "changed_at"]
    fields = ["name", "state", "reason", "dark_since", "trouble", "changed_at"]
    readonly_fields = ["name", "state", "dark_since", "trouble"]

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> ChannelState | None:
        """Return the channel, also one in use that has sent nothing yet and has no row: it may be set aside too."""
        found = super().get_object(request, object_id, from_field)
        return found or (ChannelState(channel=object_id) if object_id in settings.CHANNELS else None)

    def steps(self) -> dict[str, Step]:
        def is_set_aside(row: ChannelState) -> bool:
            return row.is_paused(now())

        return {
            "reroute": Step(gettext_lazy("Reroute"), self._reroute, warning=REROUTED, form=SetAsideForm),
            "hold": Step(gettext_lazy("Hold"), self._hold, warning=HELD, form=SetAsideForm),
            "keep": Step(gettext_lazy("Keep in use"), self._keep, warning=KEPT, form=SetAsideForm),
            "resume": Step(gettext_lazy("Resume now"), self._resume, is_set_aside),
        }

    def _reroute(self, request: HttpRequest, row: ChannelState, reason: str, *, until: datetime, **_typed: str) -> str:
        reroute_channel(channel=row.pk, until=until, actor=actor_of(request), reason=reason, now=now())
        return _("%(channel)s is rerouted until %(time)s.") % _until(row, until)

    def _hold(self, request: HttpRequest, row: ChannelState, reason: str, *, until: datetime, **_typed: str) -> str:
        hold_channel(channel=row.pk, until=until, actor=actor_of(request), reason=reason, now=now())
        return _("%(channel)s is held until %(time)s.") % _until(row, until)

    def _keep(self, request: HttpRequest, row: ChannelState, reason: str, *, until: datetime, **_typed: str) -> str:
        keep_channel(channel=row.pk, until=until, actor=actor_of(request), reason=reason, now=now())
        return _("%(channel)s is used until %(time)s, and not rerouted by itself.") % _until(row, until)

    def _resume(self, request: HttpRequest, row: ChannelState, reason: str) -> str:
        resume_channel(channel=row.pk, actor=actor_of(request), reason=reason, now=now())
        return _("The channel is resumed. The notices that waited for it are sent now.")

    @admin.display(description=gettext_lazy("channel"))
    def name(self, row: ChannelState) -> str:
        return str(row)

    @admin.display(description=gettext_lazy("state"))
    def state(self, row: ChannelState) -> str:
        return row.in_words(now())

    @admin.display(description=gettext_lazy("failure rate"))
    def trouble(self, row: ChannelState) -> str:
        return _share(row)


@admin.register(ProviderState)
class ProviderStateAdmin(ReadOnlyAdmin):
    value_words = {"channel": CHANNELS, "gateway": GATEWAYS}
    list_display = ["gateway", "channel", "state", "trouble", "day", "given", "changed_at"]
    fields = ["gateway", "channel", "state", "reason", "trouble", "day", "given", "changed_at"]
    readonly_fields = ["state", "trouble"]

    @admin.display(description=gettext_lazy("state"))
    def state(self, row: ProviderState) -> str:
        return row.in_words(now())

    @admin.display(description=gettext_lazy("failure rate"))
    def trouble(self, row: ProviderState) -> str:
        return _share(row)


@admin.register(TemplateStop)
class TemplateStopAdmin(StepsAdmin, ReadOnlyAdmin):
    list_display = ["template", "provider", "answer", "stopped_at", "cleared_at"]
    fields = ["template", "provider", "answer", "stopped_at", "cleared_at"]
    readonly_fields = ["provider", "answer"]
    list_filter = [OPEN]
    list_select_related = ["template__stage__version"]
    raw_id_fields = ["template"]

    def steps(self) -> dict[str, Step]:
        return {"clear": Step(gettext_lazy("Resume message template"), self._clear, lambda row: row.cleared_at is None)}

    @admin.display(description=gettext_lazy("message provider"), ordering="gateway")
    def provider(self, row: TemplateStop) -> str:
        return gateway_name(row.gateway) if row.gateway else _("every provider of its channel")

    @admin.display(description=gettext_lazy("gateway code"), ordering="code")
    def answer(self, row: TemplateStop) -> str:
        return refusal_words(row.template.channel, row.code, row.gateway)

    def _clear(self, request: HttpRequest, row: TemplateStop, reason: str) -> str:
        clear_stop(stop_id=row.pk, actor=actor_of(request), reason=reason, now=now())
        return _("The message template is in use again: %(provider)s.") % {"provider": self.provider(row)}


@admin.register(TemplateTrouble)
class TemplateTroubleAdmin(ReadOnlyAdmin):
    value_words = {"channel": CHANNELS, "gateway": GATEWAYS}
    list_display = [
        "template",
        "channel",
        "gateway",
        "messages",
        "rounds",
        "others_well",
        "others_troubled",
        "changed_at",
    ]
    list_select_related = ["template__stage__version"]
    raw_id_fields = ["template"]


@admin.register(TemplateComplaint)
class TemplateComplaintAdmin(ReadOnlyAdmin):
    value_words = {"gateway": GATEWAYS}
    list_display = ["template", "gateway", "record_id", "answer", "said_at"]
    fields = ["template", "gateway", "record", "answer", "said_at"]
    readonly_fields = ["answer"]
    list_select_related = ["template__stage__version"]
    raw_id_fields = ["template", "record"]

    @admin.display(description=gettext_lazy("gateway code"), ordering="code")
    def answer(self, row: TemplateComplaint) -> str:
        return refusal_words(row.template.channel, row.code, row.gateway)


def _share(row: ChannelState | ProviderState) -> str:
    return f"{row.troubled / row.handed:.0%}" if row.handed >= 1 else "–"


def _until(row: ChannelState, until: datetime) -> dict[str, str]:
    return {"channel": str(row), "time": f"{localtime(until):%Y-%m-%d %H:%M}"}
