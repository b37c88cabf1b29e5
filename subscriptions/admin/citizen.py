"""Find people through hashes, and show them without names and numbers, which appear only for a stated reason."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from secretary.kernel.backoffice import AuditedAdmin, FindAdmin, actor_of, choice_filter
from secretary.kernel.backoffice.steps import Step, StepsAdmin
from secretary.kernel.database.retry import Busy
from secretary.kernel.korean.korean import masked_name, masked_phone
from secretary.kernel.persons.birth_dates import BirthDate
from secretary.kernel.time.clock import now
from subscriptions.admin.editor.place_words import LANGUAGE_NAMES
from subscriptions.admin.find import as_uuid, contacts_by_phone, find_citizens
from subscriptions.enrolment.look_again import try_again
from subscriptions.enrolment.receipt_numbers import stored
from subscriptions.models import Citizen, CitizenKey, Contact, ReceiptNumber, Unreached
from subscriptions.models.channel_choice import CHANNELS
from subscriptions.models.unreached import REASONS
from subscriptions.web.forms import busy_words

STATES = {Citizen.ACTIVE: gettext_lazy("active"), Citizen.ERASED: gettext_lazy("erased")}
CONTACTS = {"phone": gettext_lazy("phone number"), "toss_user_key": gettext_lazy("Toss")}
KEYS = {"ci": gettext_lazy("CI"), "person": gettext_lazy("name, birth date and phone")}
WAYS = {"web": gettext_lazy("on the web"), "office": gettext_lazy("by an official")}


@admin.register(Citizen)
class CitizenAdmin(AuditedAdmin, FindAdmin):
    list_display = ["id", "state", "language", "registered_by", "created_at"]
    value_words = {"state": STATES, "language": LANGUAGE_NAMES, "registered_by": WAYS, "calm": Citizen.CALM}
    list_filter = [
        choice_filter("state", gettext_lazy("state"), STATES),
        choice_filter("registered_by", gettext_lazy("registered by"), WAYS),
    ]
    ordering = ["-id"]
    fields = [
        *("id", "masked", "state", "language", "hours_from", "hours_to", "calm", "calm_at"),
        *("registered_by", "created_at"),
        *("reached_by", "in_order", "subscribed_to", "unreached_since"),
    ]
    readonly_fields = ["id", "masked", "created_at", "reached_by", "in_order", "subscribed_to", "unreached_since"]
    find_help = gettext_lazy(
        "A phone number, a name, “name, birth date, phone” (홍길동 1950-01-31 010-0000-1234), or an id"
    )

    def find(self, text: str) -> tuple[str, QuerySet[Citizen]]:
        return find_citizens(text)

    def citizen_of(self, row: Any) -> UUID | None:
        found: UUID = row.pk
        return found

    def revealed(self, row: Any) -> dict[str, str]:
        if row.state == Citizen.ERASED:
            return {}
        values = {_("Name"): row.name, _("Birth date"): _born(row.birth_date)}
        return values | {_("Contact: %s") % CONTACTS[item.kind]: item.value for item in row.contacts.all()}

    @admin.display(description=gettext_lazy("name"))
    def masked(self, row: Citizen) -> str:
        return masked_name(row.name) if row.state == Citizen.ACTIVE else "–"

    @admin.display(description=gettext_lazy("contacts"))
    def reached_by(self, row: Citizen) -> str:
        shown = (
            masked_phone(item.value) if item.kind == "phone" else str(CONTACTS[item.kind])
            for item in row.contacts.all()
        )
        return ", ".join(shown) or "–"

    @admin.display(description=gettext_lazy("channels in their order"))
    def in_order(self, row: Citizen) -> str:
        return " → ".join(str(CHANNELS[item.channel]) for item in row.channels.order_by("position")) or "–"

    @admin.display(description=gettext_lazy("subscriptions"))
    def subscribed_to(self, row: Citizen) -> str:
        live = row.subscriptions.filter(ended_at__isnull=True).select_related("data_type__live_version")
        return ", ".join(item.data_type.name(get_language() or "ko") for item in live) or "–"

    @admin.display(description=gettext_lazy("messages do not arrive since"))
    def unreached_since(self, row: Citizen) -> str:
        first = row.unreached.order_by("at").first()
        return f"{localtime(first.at):%Y-%m-%d}: {first.reason_words}" if first else "–"


@admin.register(Unreached)
class UnreachedAdmin(StepsAdmin, AuditedAdmin, FindAdmin):
    list_display = ["id", "citizen_id", "at", "why", "notice_id"]
    list_filter = [choice_filter("reason", gettext_lazy("reason"), REASONS)]
    list_select_related = False
    ordering = ["-id"]
    fields = ["citizen", "at", "why", "notice_id"]
    readonly_fields = ["why"]
    raw_id_fields = ["citizen"]
    change_form_template = "admin/secretary/steps_form.html"
    can_reveal = False
    find_help = gettext_lazy("The person's phone number, name or id")

    def find(self, text: str) -> tuple[str, QuerySet[Any]]:
        kind, citizens = find_citizens(text)
        return kind, Unreached.objects.filter(citizen__in=citizens)

    def steps(self) -> dict[str, Step]:
        warning = gettext_lazy(
            "What did not arrive and still applies is sent again. Notices that arrived are not sent twice."
        )
        return {"again": Step(gettext_lazy("Try again"), self._again, warning=warning)}

    def _again(self, request: HttpRequest, row: Unreached, reason: str) -> str:
        try:
            try_again(citizen_id=row.citizen_id, actor=actor_of(request), reason=reason, now=now())
        except Busy:
            return str(busy_words())
        return _("What still applies is sent again.")

    @admin.display(description=gettext_lazy("reason"), ordering="reason")
    def why(self, row: Unreached) -> str:
        return row.reason_words


@admin.register(Contact)
class ContactAdmin(AuditedAdmin, FindAdmin):
    list_display = ["id", "kind", "citizen_id", "verified_at"]
    value_words = {"kind": CONTACTS}
    list_filter = [choice_filter("kind", gettext_lazy("kind"), CONTACTS)]
    ordering = ["-id"]
    fields = ["citizen", "kind", "masked", "verified_at"]
    readonly_fields = ["masked"]
    find_help = gettext_lazy("A phone number")

    def find(self, text: str) -> tuple[str, QuerySet[Contact]]:
        if (citizen_id := as_uuid(text)) is not None:
            return "citizen", Contact.objects.filter(citizen=citizen_id)
        return "phone", contacts_by_phone(text)

    def revealed(self, row: Any) -> dict[str, str]:
        return {str(CONTACTS[row.kind]): row.value}

    @admin.display(description=gettext_lazy("value"))
    def masked(self, row: Contact) -> str:
        return masked_phone(row.value) if row.kind == Contact.PHONE else "****"


@admin.register(CitizenKey)
class CitizenKeyAdmin(AuditedAdmin):
    list_display = ["id", "kind", "citizen_id"]
    value_words = {"kind": KEYS}
    list_filter = [choice_filter("kind", gettext_lazy("kind"), KEYS)]
    ordering = ["-id"]
    can_reveal = False


@admin.register(ReceiptNumber)
class ReceiptNumberAdmin(AuditedAdmin, FindAdmin):
    list_display = ["id", "number", "citizen_id"]
    ordering = ["-id"]
    can_reveal = False
    find_help = gettext_lazy("A receipt number")

    def find(self, text: str) -> tuple[str, QuerySet[ReceiptNumber]]:
        return "receipt number", ReceiptNumber.objects.filter(number=stored(text))


def _born(born: BirthDate) -> str:
    """Return a birth date as the site writes days, without the weekday, which no document of a person has."""
    if isinstance(born, date):
        return date_format(born, "SHORT_DATE_FORMAT")
    return _("%(year)d. %(month)d. %(day)d. (lunar)") % {"year": born.year, "month": born.month, "day": born.day}
