"""Show the page on which a family member agrees, declines or stops, by the code in our message and without signing in.

The code is posted, so that it is in no address and no log; guesses are limited as those of check codes are. The page
has whose it is in a field, encrypted and signed, so that a second press is no second guess. What was posted is answered
by a redirect (carried.py).
"""

import base64
import json
from dataclasses import asdict, dataclass
from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse, QueryDict
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
from subscriptions.enrolment.family.answer import (
    NotAsked,
    agree,
    answer_by,
    decline,
    declined_by,
    declined_with,
    lift,
    member_of,
)
from subscriptions.enrolment.family.texts import name_shown
from subscriptions.models import ConsentText, FamilyMember, FamilyNumber
from subscriptions.models.family.family_member import ASKED, EXPIRED
from subscriptions.models.family.family_text import KINDS, SENT, STATES
from subscriptions.web.addresses import client_address, networks_of
from subscriptions.web.family.forms import FamilyAnswerForm, FamilyCodeForm
from subscriptions.web.fields import words_of
from subscriptions.web.forms import posted, say_busy
from subscriptions.web.session.carried import carried, carry_on
from subscriptions.web.session.typed import Refused, ShowsTyped, typed_before, words_found

FIELD, SECONDS, CARRIED_SECONDS = "family.answer", 1800, 600
AGREE, DECLINE, LIFT = "agree", "decline", "lift"
DECLINED_BEFORE, LIFTED = "declined_before", "lifted"  # what the page shows of a number, beside the states of a member


@dataclass(frozen=True, slots=True)
class Opened:
    """What the page is about: a family member, and the text that they have read on it; and the number that they have
    declined."""

    mark: str
    text: int | None
    number: int | None = None


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
@sensitive_variables("form", "opened", "member")
def family(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        opened = _opened(request.POST)
        return _code_entered(request) if opened is None else _answered(request, opened)
    shown, opened = carried(request, seconds=CARRIED_SECONDS), _opened(typed_before(request))
    mark = shown.get("mark") or (opened.mark if opened else "")
    member = FamilyMember.objects.select_related("citizen").filter(mark=mark).first() if mark else None
    data = _with_errors(shown["errors"]) if "errors" in shown else None
    if number := shown.get("number") or (opened.number if opened and not opened.mark else None):
        return _about_number(request, number, data)
    if member is None:
        return _page(request, FamilyCodeForm(posted(request) if data is None else data))
    return _about(request, member, FamilyAnswerForm(data))


def _code_entered(request: HttpRequest) -> HttpResponse:
    """Lead to the page about the family member who has this code, or back to the form."""
    form = FamilyCodeForm(request.POST)
    if not form.is_valid():
        return _lead_on(request, form)
    try:
        count(_limits(request), now=clock_now())
    except TooMany as reached:
        log_refusal("family codes over a limit", address=client_address(request), limit=reached.limit.name)
        return _page(request, None, status=429, until=moment(reached.until))
    member, number = member_of(form.cleaned_data["code"]), declined_with(form.cleaned_data["code"])
    if member is None and number is not None:
        return _lead_on(request, form, number=number.pk)
    if member is None:
        form.add_error("code", _("This is not one of our codes. Please compare it with the message."))
        return _lead_on(request, form)
    return _lead_on(request, form, member.mark)


def _answered(request: HttpRequest, opened: Opened) -> HttpResponse:
    """Do what the pressed button says, and lead to what holds now."""
    pressed, now, form = request.POST.get("answer", ""), clock_now(), FamilyAnswerForm({"member": "-"})
    try:
        if pressed == AGREE and opened.text is not None:
            text = ConsentText.objects.get(pk=opened.text)
            agree(mark=opened.mark, text=text, language=language(), now=now)
        elif pressed == DECLINE:
            decline(mark=opened.mark, now=now)
        elif pressed == LIFT and opened.number is not None:
            lift(number=opened.number, now=now)
            return _lead_on(request, form, number=opened.number)
    except NotAsked:
        form.add_error(None, _("Nothing was recorded, because you are not asked any more."))
    except Busy:
        say_busy(form)
    return _lead_on(request, form, opened.mark, number=None if opened.mark else opened.number)


def _lead_on(request: HttpRequest, form: ShowsTyped, mark: str = "", *, number: int | None = None) -> HttpResponse:
    """Redirect to what the page shows of it, without the code."""
    content: dict[str, Any] = {"mark": mark} if mark else {"number": number} if number else {}
    return carry_on(request, content | ({"errors": words_found(form)} if form.errors else {}), seconds=CARRIED_SECONDS)


def _with_errors(found: dict[str, list[str]]) -> Refused:
    typed = Refused(mutable=True)
    typed.found = found
    return typed


def _about(request: HttpRequest, member: FamilyMember, form: FamilyAnswerForm) -> HttpResponse:
    spoken, text, declined = language(), family_member_text(), declined_by(member)
    _seal(form, Opened(member.mark, text.pk if text else None, declined.pk if declined else None))
    is_over = member.state == ASKED and clock_now() >= answer_by(member)
    sent = member.texts.filter(state__in=SENT).order_by("id")
    context = {
        "member": member,
        "state": EXPIRED if is_over else member.state,
        "may_lift": declined is not None,
        "name": name_shown(member.citizen),
        "called": member.name if member.is_live else "",
        "number": masked_phone(member.phone),
        "words": words_of(text, spoken) if text else {},
        "until": format_date(kst_date(answer_by(member)), spoken),
        "agreed_on": format_date(kst_date(member.answered_at), spoken) if member.answered_at else "",
        "sent": [(text.sent_at, KINDS[text.kind], STATES[text.state]) for text in sent] if member.is_live else [],
    }
    return _page(request, form, context=context)


def _about_number(request: HttpRequest, number: int, data: Refused | None) -> HttpResponse:
    """Show what holds of a number that was declined, when nothing is left of the family member."""
    is_declined = FamilyNumber.objects.filter(pk=number, declined_at__isnull=False).exists()
    form = FamilyAnswerForm(data)
    _seal(form, Opened("", None, number))
    context = {"state": DECLINED_BEFORE if is_declined else LIFTED, "may_lift": is_declined}
    return _page(request, form, context=context)


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


def _seal(form: FamilyAnswerForm, opened: Opened) -> None:
    sealed = base64.b64encode(encrypt_text(json.dumps(asdict(opened)), bound_to=FIELD)).decode()
    form.initial["member"] = signing.dumps(sealed, salt=FIELD)
    if isinstance(form.data, Refused):
        form.data["member"] = form.initial["member"]


def _opened(typed: QueryDict | None) -> Opened | None:
    """Return whose page it is, after a press or in another display; None: the code is to be entered."""
    try:
        kept = signing.loads(typed.get("member", "") if typed else "", salt=FIELD, max_age=SECONDS)
        return Opened(**json.loads(decrypt_text(base64.b64decode(kept), bound_to=FIELD)))
    except (signing.BadSignature, Undecryptable):
        return None
