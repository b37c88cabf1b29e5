"""Show a person what their own data is used for, and who received it (개인정보 보호법 §20의2, 시행령 §15의3③).

What the law has the yearly notification state, or lead to: purposes and data, by the consents that the person has given
and not withdrawn; and the third persons who received data of them, for what, and which.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db.models import Max, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from citizens.privacy_policy.processors import payment_title, processors
from notifications.delivery.outcome_words import channel_name
from notifications.models import YearlyMessage
from notifications.states import DELIVERED
from notifications.yearly.refuse_yearly import HANDED, REFUSAL, choose_yearly
from payments.models import AgencyPosting, Payment
from payments.states import CREATED
from secretary.kernel.database.kept_queries import KeptQuery, Together
from secretary.kernel.database.retry import Busy
from secretary.kernel.korean.korean import Language, masked_phone
from secretary.kernel.language import language
from secretary.kernel.time.clock import kst_date
from secretary.kernel.time.clock import now as clock_now
from subscriptions.enrolment.consent_texts import SERVICE
from subscriptions.enrolment.my_choices import AGREED_TO_SERVICE, has_agreed_to_service
from subscriptions.models import Citizen, Consent, DataTypeVersion, FamilyText
from subscriptions.models.consent import OF_THE_SERVICE
from subscriptions.models.family.family_text import SENT
from subscriptions.web.citizens.entry import for_citizen
from subscriptions.web.forms import busy_words

MOST = 200
ACTOR = "citizen"
AGENCY = "payment__bill__record__data_type__agency"
PARTS = ("purpose", "items", "retention")
SHOWN_OF_A_TEXT = ("code", *(f"{part}_{spoken}" for part in PARTS for spoken in ("ko", "en")))


def _consents(citizen: UUID) -> QuerySet[Consent]:
    standing = Consent.objects.filter(citizen=citizen, withdrawn_at=None).select_related("text")
    shown = standing.only("given_at", *(f"text__{column}" for column in SHOWN_OF_A_TEXT))
    return shown.order_by("text__code", "-given_at")[:MOST]


def _names(citizen: UUID) -> QuerySet[DataTypeVersion, tuple[int, str, str]]:
    """Return the names of kinds by the texts that stand, the newest last."""
    agreed = Consent.objects.filter(citizen=citizen, withdrawn_at=None).values("text")
    versions = DataTypeVersion.objects.filter(consent_text__in=agreed).order_by("number")
    return versions.values_list("consent_text", "name_ko", "name_en")


SERVICES = KeptQuery(
    lambda citizen: (
        Payment.objects.filter(bill__citizen=citizen)
        .exclude(state=CREATED)
        .values_list("provider")
        .annotate(last=Max("created_at"))
        .order_by("-last")
    )
)
AGENCIES = KeptQuery(
    lambda citizen: (
        AgencyPosting.objects.filter(payment__bill__citizen=citizen, attempts__gt=0)
        .values_list(f"{AGENCY}__name_ko", f"{AGENCY}__name_en")
        .annotate(last=Max("happened_at"))
        .order_by("-last")
    )
)
FAMILY = KeptQuery(
    lambda citizen: (
        FamilyText.objects.filter(member__citizen=citizen, state__in=list(SENT), sent_at__isnull=False)
        .select_related("member")
        .order_by("-sent_at")[:1]
    )
)
FOUND = Together(
    consents=KeptQuery(_consents),
    names=KeptQuery(_names),
    services=SERVICES,
    agencies=AGENCIES,
    family=FAMILY,
    yearly=HANDED,
    refusal=REFUSAL,
    agreed=AGREED_TO_SERVICE,
)
_Found = Mapping[str, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Received:
    """Who received data of the person, what for, which, and the last day."""

    who: str
    purpose: str
    items: str
    last: date


@require_http_methods(["GET", "POST"])
@for_citizen
def uses(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    if request.method == "POST":
        _choose(request, citizen)
        return redirect("uses_of_data")
    spoken, found = language(), FOUND.rows(citizen=citizen.pk)
    context: dict[str, Any] = {
        "in_settings": "inside",
        "uses": list(_uses(found, spoken)),
        "received": list(_received(found, spoken)),
        "processors": processors(),
        "yearly": list(_yearly(found["yearly"])),
        "is_yearly": settings.YEARLY_MESSAGE_DAY is not None,
        "refuses": bool(found["refusal"]),
        "may_get_it": bool(found["agreed"]),  # without the service's consent none is listed or sent (list_yearly.sql)
    }
    return render(request, "citizens/uses.html", context)


def _choose(request: HttpRequest, citizen: Citizen) -> None:
    """Note whether the person wants the yearly message, where one may be sent to them at all."""
    if not has_agreed_to_service(citizen):
        words = _(
            "Nothing was changed: no consent of yours to the service stands, so no yearly message is sent to you."
        )
        messages.info(request, words)
        return
    refuses = request.POST.get("yearly") == "no"
    try:
        choose_yearly(citizen_id=citizen.pk, refuses=refuses, actor=ACTOR, now=clock_now())
    except Busy:
        messages.warning(request, busy_words())
    else:
        messages.success(request, _("You get no yearly message.") if refuses else _("You get the yearly message."))


def _yearly(messages: Sequence[YearlyMessage]) -> Iterator[Mapping[str, Any]]:
    """Return when and how the person was notified (시행령 §15의2④)."""
    for message in messages:
        arrived = message.state == DELIVERED
        words = _("It has arrived.") if arrived else _("It was handed over; we do not know whether it has arrived.")
        assert message.started_at is not None  # each that has left
        yield {"on": kst_date(message.started_at), "by": channel_name(message.channel), "words": words}


def _uses(found: _Found, spoken: Language) -> Iterator[Mapping[str, Any]]:
    """Return purpose, data and time of each consent that stands, by the newest text that was agreed to."""
    newest = {consent.text.code: consent for consent in reversed(found["consents"])}
    names = {text: name_en if spoken == "en" else name_ko for text, name_ko, name_en in found["names"]}
    for code, consent in sorted(newest.items(), key=lambda each: each[0] != SERVICE):
        yield {
            "name": capfirst(OF_THE_SERVICE.get(code)) or names.get(consent.text_id, code),
            "since": kst_date(consent.given_at),
            **{part: consent.text.text(part, spoken) for part in PARTS},
        }


def _received(found: _Found, spoken: Language) -> Iterator[Received]:
    for provider, last in found["services"]:
        items = _("A number of the order, the amount, the name of the debt, and a number that does not identify you")
        yield Received(payment_title(provider, spoken), _("Your payment"), items, kst_date(last))
    for name_ko, name_en, last in found["agencies"]:
        items = _("Its own number of the debt, the amount, the time, the receipt number and the payment service")
        who = name_en if spoken == "en" else name_ko
        yield Received(who, _("That what you owe is paid, or was refunded"), items, kst_date(last))
    for text in found["family"]:
        items = _("Your name with its middle masked, and the name of the local office; not what it is about")
        purpose = _("That there is something to ask you about")
        who = f"{text.member.name} ({masked_phone(text.member.phone)})"
        yield Received(who, purpose, items, kst_date(text.sent_at))
