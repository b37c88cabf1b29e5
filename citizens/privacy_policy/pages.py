"""Show the privacy policy. What is collected, what for and how long is read from the consent texts in force, so that
the policy states the same as what people agree to; periods and companies come from the settings."""

from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from citizens.own_data.erase_person import PROMISED
from citizens.own_data.law import KEPT, TRAIL
from citizens.privacy_policy.processors import payment_names, processors, sends_abroad
from secretary.kernel.database.kept_queries import KeptQuery, Together
from secretary.kernel.korean.korean import format_date, format_span
from secretary.kernel.language import language
from subscriptions.data_types.offer import MARK, offer
from subscriptions.enrolment.consent_texts import FAMILY, FAMILY_MEMBER, OFFICE_CALL, SERVICE
from subscriptions.models import ConsentText

IN_FORCE = date(2026, 11, 30)  # of the words of the page: change it with them
Part = dict[str, str]


@require_GET
def policy(request: HttpRequest) -> HttpResponse:
    spoken = language()
    context: dict[str, Any] = {
        "parts": _parts(spoken),
        "kept": [(item, format_span(settings.KEPT_DAYS[item.days], spoken)) for item in (*KEPT.values(), TRAIL)],
        "promised": format_span(PROMISED.days, spoken),
        "over": format_span(settings.KEPT_DAYS["over"], spoken),
        "processors": processors(),
        "payments": payment_names(spoken),
        "abroad": sends_abroad(),
        "contact": settings.PRIVACY_CONTACT[spoken],
        "in_force": format_date(IN_FORCE, spoken),
    }
    return render(request, "citizens/privacy_policy.html", context)


def _newest() -> QuerySet[ConsentText]:
    texts = ConsentText.objects.filter(code__in=(SERVICE, OFFICE_CALL, FAMILY, FAMILY_MEMBER))
    return texts.order_by("code", "-number").distinct("code")


FOUND = Together(texts=KeptQuery(_newest), offer=MARK)


def _parts(spoken: str) -> list[Part]:
    """Return what is processed for which purpose and how long: by each consent in force, the service's first."""
    rows = FOUND.rows()
    texts = {text.code: text for text in rows["texts"]}
    kinds = [kind.live_version for kind in offer(rows["offer"]).kinds]
    found = [
        (_("Use of Public Secretary"), texts.get(SERVICE)),
        *((version.text("name", spoken), version.consent_text) for version in kinds if version is not None),
        (_("Calls of the local office"), texts.get(OFFICE_CALL)),
        (_("A message to a family member"), texts.get(FAMILY)),
        (_("Of the family member"), texts.get(FAMILY_MEMBER)),
    ]
    return [_part(name, text, spoken) for name, text in found if text is not None]


def _part(name: str, text: ConsentText, spoken: str) -> Part:
    return {"name": name, **{part: text.text(part, spoken) for part in ("purpose", "items", "retention")}}
