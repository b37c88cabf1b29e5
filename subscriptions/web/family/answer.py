"""Show the page on which a family member agrees, declines or stops, by the code in our message and without signing in.

The code is posted, so that it is in no address and no log; guesses are limited as those of check codes are. The page
has whose it is in a field, encrypted and signed, so that a second press is no second guess.
"""

import base64
import json
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from secretary.kernel.audit.security_log import log_refusal
from secretary.kernel.database.retry import Busy
from secretary.kernel.korean.korean import format_date, masked_phone
from secretary.kernel.language import language, moment
from secretary.kernel.secrets.encryption import Undecryptable, decrypt_text, encrypt_text
from secretary.kernel.time.clock import kst_date
from secretary.kernel.time.clock import now as clock_now
from subscriptions.accounts.attempts import TooMany, count
from subscriptions.enrolment.consent_texts import family_member_text
from subscriptions.enrolment.family.answer import NotAsked, agree, answer_by, decline, member_of
from subscriptions.enrolment.family.texts import name_shown
from subscriptions.models import ConsentText, FamilyMember
from subscriptions.models.family.family_member import ASKED, EXPIRED
from subscriptions.models.family.family_text import KINDS, SENT, STATES
from subscriptions.web.addresses import client_address, networks_of
from subscriptions.web.family.forms import FamilyAnswerForm, FamilyCodeForm
from subscriptions.web.fields import words_of
from subscriptions.web.forms import posted, say_busy
from subscriptions.web.session.typed import typed_before

FIELD, SECONDS = "family.answer", 1800
AGREE, DECLINE = "agree", "decline"


@dataclass(frozen=True, slots=True)
class Opened:
    """What the page is about: a family member, and the text that they have read on it."""

    mark: str
    text: int | None


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
@sensitive_variables("form", "opened", "member")
def family(request: HttpRequest) -> HttpResponse:
    opened = _opened(request)
    if opened is not None:
        return _answered(request, opened)
    form = FamilyCodeForm(posted(request))
    if request.method == "GET" or not form.is_valid():
        return _page(request, form)
    try:
        count(_limits(request), now=clock_now())
    except TooMany as reached:
        log_refusal("family codes over a limit", address=client_address(request), limit=reached.limit.name)
        return _page(request, None, status=429, until=moment(reached.until))
    member = member_of(form.cleaned_data["code"])
    if member is None:
        form.add_error("code", _("This is not one of our codes. Please compare it with the message."))
        return _page(request, form)
    return _about(request, member)


def _answered(request: HttpRequest, opened: Opened) -> HttpResponse:
    """Do what the pressed button says, and show what holds now."""
    pressed, now, form, status = request.POST.get("answer", ""), clock_now(), FamilyAnswerForm(), 200
    try:
        if pressed == AGREE and opened.text is not None:
            text = ConsentText.objects.get(pk=opened.text)
            agree(mark=opened.mark, text=text, language=language(), now=now)
        elif pressed == DECLINE:
            decline(mark=opened.mark, now=now)
    except NotAsked:
        form = FamilyAnswerForm({"member": "-"})
        form.add_error(None, _("Nothing was recorded, because you are not asked any more."))
    except Busy:
        form = FamilyAnswerForm({"member": "-"})
        status = say_busy(form)
    member = FamilyMember.objects.select_related("citizen").filter(mark=opened.mark).first()
    return _about(request, member, form=form, status=status) if member else _page(request, FamilyCodeForm())


def _about(
    request: HttpRequest, member: FamilyMember, *, form: FamilyAnswerForm | None = None, status: int = 200
) -> HttpResponse:
    spoken, text = language(), family_member_text()
    form = form or FamilyAnswerForm()
    form.initial["member"] = _sealed(member, text)
    is_over = member.state == ASKED and clock_now() >= answer_by(member)
    sent = member.texts.filter(state__in=SENT).order_by("id")
    context = {
        "member": member,
        "state": EXPIRED if is_over else member.state,
        "name": name_shown(member.citizen),
        "called": member.name if member.is_live else "",
        "number": masked_phone(member.phone),
        "words": words_of(text, spoken) if text else {},
        "until": format_date(kst_date(answer_by(member)), spoken),
        "agreed_on": format_date(kst_date(member.answered_at), spoken) if member.answered_at else "",
        "sent": [(text.sent_at, KINDS[text.kind], STATES[text.state]) for text in sent] if member.is_live else [],
    }
    return _page(request, form, status=status, context=context)


def _page(
    request: HttpRequest, form: Any, *, status: int = 200, until: str = "", context: dict[str, Any] | None = None
) -> HttpResponse:
    whole = {"form": form, "limited_until": until, **(context or {})}
    answer = render(request, "web/family.html", whole, status=status)
    answer["Cache-Control"] = "no-store"
    return answer


def _limits(request: HttpRequest) -> dict[str, str]:
    address, site = networks_of(client_address(request))
    limits = {"family_code_address": address, "family_code_overall": "all"}
    return limits | ({"family_code_site": site} if site else {})


def _sealed(member: FamilyMember, text: ConsentText | None) -> str:
    plain = json.dumps({"mark": member.mark, "text": text.pk if text else None})
    return signing.dumps(base64.b64encode(encrypt_text(plain, bound_to=FIELD)).decode(), salt=FIELD)


def _opened(request: HttpRequest) -> Opened | None:
    """Return whose page it is, after a press or in another display; None: the code is to be entered."""
    typed = request.POST if request.method == "POST" else typed_before(request)
    try:
        kept = signing.loads(typed.get("member", "") if typed else "", salt=FIELD, max_age=SECONDS)
        return Opened(**json.loads(decrypt_text(base64.b64decode(kept), bound_to=FIELD)))
    except (signing.BadSignature, Undecryptable):
        return None
