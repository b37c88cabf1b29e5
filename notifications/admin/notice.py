"""Show notices with the timeline of their attempts, and the decisions that staff may take."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notifications.admin.code_words import (
    DELIVERY_STATES,
    TRIAL_STATES,
    VERDICTS,
    answer_words,
    notice_reason,
)
from notifications.admin.timeline import timeline
from notifications.delivery.check_codes import check_code, notice_number
from notifications.delivery.outcome_words import channel_name
from notifications.gateway_names import GATEWAYS
from notifications.models import (
    Bundle,
    BundleEntry,
    Delivery,
    DeliveryBlock,
    HandedOver,
    Notice,
    QueueEntry,
    ReceiptEvent,
    Record,
    TrialMessage,
)
from notifications.models.notice import OUTCOMES
from notifications.models.record import about
from notifications.operations.resend import NotInReview, close, resend
from notifications.states import FAILED, REVIEW
from secretary.kernel.backoffice import AuditedAdmin, FindAdmin, actor_of, choice_filter
from secretary.kernel.backoffice.filters import text_filter
from secretary.kernel.backoffice.pages import ReadOnlyAdmin
from secretary.kernel.backoffice.periods import period_filter
from secretary.kernel.backoffice.steps import Step, StepsAdmin
from secretary.kernel.database.retry import Busy
from secretary.kernel.persons.identifiers import row_number
from secretary.kernel.time.database_clock import now
from subscriptions.admin.find import as_uuid, contacts_by_phone
from subscriptions.enrolment.look_again import try_again
from subscriptions.enrolment.receipt_numbers import holders_of
from subscriptions.models.channel_choice import CHANNELS
from subscriptions.web.forms import busy_words

AGAIN = gettext_lazy("What did not arrive and still applies is sent again. Notices that arrived are not sent twice.")


@admin.register(Notice)
class NoticeAdmin(StepsAdmin, AuditedAdmin, FindAdmin):
    list_display = ["id", "occasion", "outcome", "why", "citizen_id", "created_at", "finished_at"]
    list_filter = [
        choice_filter("state", gettext_lazy("state"), OUTCOMES),
        choice_filter("urgent", gettext_lazy("urgent"), {"1": gettext_lazy("yes"), "0": gettext_lazy("no")}),
    ]
    fields = [
        *("id", "code", "citizen_id", "record_now", "stage", "occasion", "record_version", "urgent", "outcome", "why"),
        *("created_at", "not_before", "expires_at", "attempts", "crashes", "failed_channels", "finished_at"),
        *("released_at", "unreached_since"),
    ]
    readonly_fields = ["code", "record_now", "occasion", "outcome", "why", "failed_channels", "unreached_since"]
    raw_id_fields = ["citizen", "stage"]
    list_select_related = False
    change_form_template = "admin/secretary/timeline_form.html"
    can_reveal = False
    find_help = gettext_lazy(
        "A check code (K7MP-2QX9-3HVC), a receipt number (KMPT-2QX9), a notice's number, or the person's phone "
        "number or id"
    )

    def find(self, text: str) -> tuple[str, QuerySet[Notice]]:
        notices = Notice.objects.order_by("-id")
        if (citizen_id := as_uuid(text)) is not None:
            return "citizen", notices.filter(citizen=citizen_id)
        if (number := row_number(text)) is not None:
            return "id", notices.filter(pk=number)
        if (number := notice_number(text)) is not None and notices.filter(pk=number).exists():
            return "check code", notices.filter(pk=number)
        if people := holders_of(text):
            return "receipt number", notices.filter(citizen__in=people)
        return "phone", notices.filter(citizen__in=contacts_by_phone(text).values("citizen"))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        events = timeline(row) if row is not None else []
        return super().change_view(request, object_id, form_url, {"timeline": events, **(extra_context or {})})

    def steps(self) -> dict[str, Step]:
        warning = gettext_lazy(
            "Check the timeline first. If a gateway may have sent it already, the person would receive it twice."
        )
        return {
            "resend": Step(gettext_lazy("Resend"), self._resend, _needs_review, warning),
            "close": Step(gettext_lazy("Close without sending"), self._close, _needs_review),
            "again": Step(gettext_lazy("Try again"), self._again, _may_be_made_again, AGAIN),
        }

    def _resend(self, request: HttpRequest, row: Notice, reason: str) -> str:
        try:
            resend(notice_id=row.pk, actor=actor_of(request), reason=reason, now=now())
        except NotInReview as refused:
            return str(refused)
        return _("The notice was requeued.")

    def _close(self, request: HttpRequest, row: Notice, reason: str) -> str:
        try:
            close(notice_id=row.pk, actor=actor_of(request), reason=reason, now=now())
        except NotInReview as refused:
            return str(refused)
        return _("The notice is closed.")

    def _again(self, request: HttpRequest, row: Notice, reason: str) -> str:
        try:
            try_again(citizen_id=row.citizen_id, actor=actor_of(request), reason=reason, now=now())
        except Busy:
            return str(busy_words())
        return _("What still applies is sent again.")

    @admin.display(description=gettext_lazy("failed channels"))
    def failed_channels(self, notice: Notice) -> str:
        return ", ".join(map(channel_name, notice.tried)) or "–"

    @admin.display(description=gettext_lazy("messages do not arrive since"))
    def unreached_since(self, row: Notice) -> str:
        first = row.citizen.unreached.order_by("at").first()
        return f"{localtime(first.at):%Y-%m-%d}" if first else "–"

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def outcome(self, row: Notice) -> str:
        return str(OUTCOMES.get(row.state, row.state))

    @admin.display(description=gettext_lazy("reason"), ordering="reason")
    def why(self, row: Notice) -> str:
        return notice_reason(row) or "–"

    @admin.display(description=gettext_lazy("record"))
    def record_now(self, row: Notice) -> str:
        """Return a link to the record, where it is about this person; else only its number, which the notice had
        named."""
        if not Record.objects.filter(about(row.citizen_id), pk=row.record_id).exists():
            return _("%s, about another person now") % row.record
        address = reverse(f"{self.admin_site.name}:notifications_record_change", args=[row.record_id])
        return format_html('<a href="{}">{}</a>', address, row.record)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Notice]:
        return super().get_queryset(request).prefetch_related("stage")

    @admin.display(description=gettext_lazy("cause"), ordering="cause")
    def occasion(self, row: Notice) -> str:
        return row.cause_words

    @admin.display(description=gettext_lazy("check code"))
    def code(self, row: Notice) -> str:
        return check_code(row.pk)


@admin.register(QueueEntry)
class QueueEntryAdmin(ReadOnlyAdmin):
    list_display = ["notice_id", "urgent", "not_before", "crashes"]
    ordering = ["not_before"]


@admin.register(Bundle)
class BundleAdmin(ReadOnlyAdmin):
    """The message that carried several notices. Its number is that of the delivery that went out."""

    list_display = ["carrier_id", "template_id"]
    list_select_related = False


@admin.register(BundleEntry)
class BundleEntryAdmin(ReadOnlyAdmin):
    """Notices that wait for the next bundled message of their person."""

    list_display = ["notice_id", "bundle_at", "not_before", "crashes"]
    ordering = ["bundle_at"]
    list_select_related = False


@admin.register(DeliveryBlock)
class DeliveryBlockAdmin(ReadOnlyAdmin):
    """Where the sweeper looks for deliveries that are due to be looked after."""

    list_display = ["block", "due_at", "fresh"]
    ordering = ["due_at"]


@admin.register(HandedOver)
class HandedOverAdmin(ReadOnlyAdmin):
    """What gateways took, and the sweeper has not written in its deliveries yet."""

    list_display = ["id", "answered_at"]
    fields = ["deliveries", "answered_at"]
    ordering = ["id"]


@admin.register(Delivery)
class DeliveryAdmin(AuditedAdmin):
    list_display = ["id", "notice_id", "channel", "state", "answer", "started_at", "finished_at"]
    value_words = {"channel": CHANNELS, "state": DELIVERY_STATES, "gateway": GATEWAYS}
    list_filter = [
        choice_filter("channel", gettext_lazy("channel"), CHANNELS),
        choice_filter("state", gettext_lazy("state"), DELIVERY_STATES),
        period_filter("started_at"),
        text_filter("code", gettext_lazy("gateway code")),
    ]
    list_select_related = False
    raw_id_fields = ["notice", "template"]
    can_reveal = False
    exclude = ["code"]
    readonly_fields = ["answer"]

    @admin.display(description=gettext_lazy("gateway code"), ordering="code")
    def answer(self, row: Delivery) -> str:
        return answer_words(channel=row.channel, state=row.state, code=row.code, gateway=row.gateway) or "–"

    def citizen_of(self, row: Any) -> Any:
        return row.notice.citizen_id


@admin.register(ReceiptEvent)
class ReceiptEventAdmin(ReadOnlyAdmin):
    list_display = ["id", "gateway", "delivery_id", "verdict", "code", "received_at", "applied_at"]
    value_words = {"gateway": GATEWAYS, "verdict": VERDICTS}
    list_filter = [choice_filter("gateway", gettext_lazy("gateway"), GATEWAYS)]


@admin.register(TrialMessage)
class TrialMessageAdmin(AuditedAdmin):
    """Test messages that people sent to themselves."""

    list_display = ["id", "channel", "state", "answer", "asked_at", "finished_at"]
    value_words = {"channel": CHANNELS, "state": TRIAL_STATES}
    list_select_related = False
    raw_id_fields = ["citizen", "template"]
    can_reveal = False
    exclude = ["code"]
    readonly_fields = ["answer"]

    @admin.display(description=gettext_lazy("gateway code"), ordering="code")
    def answer(self, row: TrialMessage) -> str:
        return answer_words(channel=row.channel, state=row.state, code=row.code) or "–"


def _needs_review(row: Notice) -> bool:
    return row.state == REVIEW


def _may_be_made_again(row: Notice) -> bool:
    return row.state == FAILED and row.released_at is None
