"""Show a person what their own data is used for, and who received it (개인정보 보호법 §20의2, 시행령 §15의3③).

What the law has the yearly notification state, or lead to: purposes and data, by the consents that the person has given
and not withdrawn; and the third persons who received data of them, for what, and which.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from citizens.privacy_policy.processors import payment_title, processors
from notifications.delivery.outcome_words import channel_name
from notifications.states import DELIVERED
from notifications.yearly.refuse_yearly import choose_yearly, handed_over, refuses_yearly
from payments.models import AgencyPosting, Payment
from payments.states import CREATED
from secretary.kernel.database.kept_queries import KeptQuery
from secretary.kernel.database.retry import Busy
from secretary.kernel.korean.korean import Language, masked_phone
from secretary.kernel.language import language
from secretary.kernel.time.clock import kst_date
from secretary.kernel.time.clock import now as clock_now
from subscriptions.enrolment.consent_texts import SERVICE
from subscriptions.models import Citizen, Consent, DataTypeVersion, FamilyText
from subscriptions.models.consent import OF_THE_SERVICE
from subscriptions.models.family.family_text import SENT
from subscriptions.web.citizens.entry import for_citizen
from subscriptions.web.forms import busy_words

MOST = 200
ACTOR = "citizen"
AGENCY = "payment__bill__record__data_type__agency"
CONSENTS = KeptQuery(
    lambda citizen: (
        Consent.objects.filter(citizen=citizen, withdrawn_at=None)
        .select_related("text")
        .order_by("text__code", "-given_at")[:MOST]
    )
)
NAMES = KeptQuery(lambda texts: DataTypeVersion.objects.filter(consent_text__in=texts).order_by("number"))
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
    spoken = language()
    context: dict[str, Any] = {
        "in_settings": "inside",
        "uses": list(_uses(citizen.pk, spoken)),
        "received": list(_received(citizen.pk, spoken)),
        "processors": processors(),
        "yearly": list(_yearly(citizen.pk)),
        "is_yearly": settings.YEARLY_MESSAGE_DAY is not None,
        "refuses": refuses_yearly(citizen.pk),
    }
    return render(request, "citizens/uses.html", context)


def _choose(request: HttpRequest, citizen: Citizen) -> None:
    """Note whether the person wants the yearly message."""
    refuses = request.POST.get("yearly") == "no"
    try:
        choose_yearly(citizen_id=citizen.pk, refuses=refuses, actor=ACTOR, now=clock_now())
    except Busy:
        messages.warning(request, busy_words())
    else:
        messages.success(request, _("You get no yearly message.") if refuses else _("You get the yearly message."))


def _yearly(citizen: UUID) -> Iterator[Mapping[str, Any]]:
    """Return when and how the person was notified (시행령 §15의2④)."""
    for message in handed_over(citizen):
        arrived = message.state == DELIVERED
        words = _("It has arrived.") if arrived else _("It was handed over; we do not know whether it has arrived.")
        assert message.started_at is not None  # each that has left
        yield {"on": kst_date(message.started_at), "by": channel_name(message.channel), "words": words}


def _uses(citizen: UUID, spoken: Language) -> Iterator[Mapping[str, Any]]:
    """Return purpose, data and time of each consent that stands, by the newest text that was agreed to."""
    newest = {consent.text.code: consent for consent in reversed(CONSENTS.rows(citizen=citizen))}
    texts = [consent.text_id for consent in newest.values()]
    names = {version.consent_text_id: version.text("name", spoken) for version in NAMES.rows(texts=texts)}
    for code, consent in sorted(newest.items(), key=lambda each: each[0] != SERVICE):
        yield {
            "name": capfirst(OF_THE_SERVICE.get(code)) or names.get(consent.text_id, code),
            "since": kst_date(consent.given_at),
            **{part: consent.text.text(part, spoken) for part in ("purpose", "items", "retention")},
        }


def _received(citizen: UUID, spoken: Language) -> Iterator[Received]:
    for provider, last in SERVICES.rows(citizen=citizen):
        items = _("A number of the order, the amount, the name of the debt, and a number that does not identify you")
        yield Received(payment_title(provider, spoken), _("Your payment"), items, kst_date(last))
    for name_ko, name_en, last in AGENCIES.rows(citizen=citizen):
        items = _("Its own number of the debt, the amount, the time, the receipt number and the payment service")
        who = name_en if spoken == "en" else name_ko
        yield Received(who, _("That what you owe is paid, or was refunded"), items, kst_date(last))
    for text in FAMILY.rows(citizen=citizen):
        items = _("Your name with its middle masked, and the name of the local office; not what it is about")
        purpose = _("That there is something to ask you about")
        who = f"{text.member.name} ({masked_phone(text.member.phone)})"
        yield Received(who, purpose, items, kst_date(text.sent_at))
