"""Show alarms in the reader's language: what happened, what to do, and who was informed."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notifications.alarm_messages.recipients import recipients
from notifications.alarms import raise_alarm
from notifications.models import Alarm, AlarmMessage
from notifications.operations.watch import clear_alarm
from secretary.kernel.audit.audit import record_audit
from secretary.kernel.backoffice import ReadOnlyAdmin, actor_of, ask_reason
from secretary.kernel.backoffice.filters import null_filter
from secretary.kernel.backoffice.steps import Step, StepsAdmin
from secretary.kernel.time.database_clock import now

OPEN = null_filter(
    "cleared_at", gettext_lazy("cleared"), empty=gettext_lazy("not cleared"), filled=gettext_lazy("cleared")
)


@admin.register(Alarm)
class AlarmAdmin(StepsAdmin, ReadOnlyAdmin):
    list_display = ["raised_at", "what", "about", "times", "cleared_at"]
    list_filter = [OPEN]
    fields = ["what", "remedy", "about", "details", "raised_at", "times", "cleared_at", "informed"]
    readonly_fields = ["what", "remedy", "about", "details", "informed"]
    change_list_template = "admin/secretary/alarm_list.html"

    def get_urls(self) -> list[URLPattern]:
        view: Callable[..., HttpResponseBase] = self.admin_site.admin_view(self.test_view)
        return [path("test/", view, name="notifications_alarm_test"), *super().get_urls()]

    def steps(self) -> dict[str, Step]:
        return {"clear": Step(gettext_lazy("Clear"), self._clear, lambda row: row.cleared_at is None)}

    def _clear(self, request: HttpRequest, row: Alarm, reason: str) -> str:
        clear_alarm(alarm_id=row.pk, actor=actor_of(request), reason=reason, now=now())
        return _("The alarm is cleared.")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"may_test": self.may_step(request), **(extra_context or {})})

    def test_view(self, request: HttpRequest) -> HttpResponse:
        """Raise an alarm that is none, which takes the way of all alarms: beat, a worker, mail and webhook."""
        if not self.may_step(request):
            raise PermissionDenied
        listed = reverse(f"{self.admin_site.name}:notifications_alarm_changelist")
        names = "; ".join(f"{each.name}, {each.language}" for each in recipients())
        page = {"title": _("Test the alarms"), "opts": self.opts, "button": _("Send"), "back": listed}
        page |= {"subject": names or _("ALARM_RECIPIENTS is not set: no person hears of alarms.")}
        page |= {"warning": _("All recipients are sent a test within a minute, and its end once it is cleared.")}

        def test(reason: str) -> HttpResponse:
            at, actor = now(), actor_of(request)
            raise_alarm(kind="test", subject=actor, message=reason, now=at)
            record_audit(now=at, actor=actor, action="alarms tested", object="alarm:test", reason=reason)
            messages.info(request, _("The test alarm is raised. It shows who was informed within a minute."))
            return HttpResponseRedirect(listed)

        return ask_reason(request, {**self.admin_site.each_context(request), **page}, then=test)

    @admin.display(description=gettext_lazy("what happened"), ordering="kind")
    def what(self, row: Alarm) -> str:
        return row.title

    @admin.display(description=gettext_lazy("what it is about"), ordering="subject")
    def about(self, row: Alarm) -> str:
        return row.place

    @admin.display(description=gettext_lazy("What to do"))
    def remedy(self, row: Alarm) -> str:
        return row.remedy

    @admin.display(description=gettext_lazy("technical details (English)"))
    def details(self, row: Alarm) -> str:
        return row.message

    @admin.display(description=gettext_lazy("informed"))
    def informed(self, row: Alarm) -> str:
        """Return who was informed and when, as far as they are recipients still."""
        sent = dict(row.messages.values_list("recipient", "sent_at"))
        lines = [
            f"{each.name}: {localtime(sent[each.code]):%Y-%m-%d %H:%M}" if each.code in sent else f"{each.name}: –"
            for each in recipients()
        ]
        return "; ".join(lines) if settings.ALARM_RECIPIENTS else _("no recipients are set")


@admin.register(AlarmMessage)
class AlarmMessageAdmin(ReadOnlyAdmin):
    list_display = ["alarm_id", "recipient", "sent_at", "ended_at"]
    ordering = ["-id"]
    raw_id_fields = ["alarm"]
