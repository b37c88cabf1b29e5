"""Show the link with the Toss app: not linked, waiting for the mini-app, linked, and how each goes on."""

import base64
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from secretary.kernel.audit.security_log import log_refusal
from secretary.kernel.database.kept_queries import KeptQuery, Together
from secretary.kernel.database.retry import Busy
from secretary.kernel.korean.korean import format_date
from secretary.kernel.language import language, moment
from secretary.kernel.secrets.encryption import Undecryptable, decrypt_text, encrypt_text
from secretary.kernel.time.clock import kst_date
from secretary.kernel.time.clock import now as clock_now
from subscriptions.enrolment.sign_up import ACTOR
from subscriptions.identity.toss_login import TossLogin, TossRefused, TossUnavailable
from subscriptions.models import Citizen, Contact, TossLink
from subscriptions.preferences.toss import LastChannel, NotProved, note_reported, start_link, unlink
from subscriptions.web.citizens.entry import for_citizen
from subscriptions.web.forms import busy_words
from subscriptions.web.preferences.toss_config import toss_config

KEY = "toss_code"
GROUP = 4  # letters of the code between dashes
LINKS = Together(
    linked=KeptQuery(
        lambda citizen: Contact.objects.filter(citizen=citizen, kind=Contact.TOSS_USER_KEY).order_by("pk")[:1]
    ),
    begun=KeptQuery(lambda citizen: TossLink.objects.filter(citizen=citizen).order_by("pk")[:1]),
)


@require_GET
@for_citizen
def toss(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    found = LINKS.rows(citizen=citizen.pk)
    linked, link = next(iter(found["linked"]), None), next(iter(found["begun"]), None)
    context: dict[str, Any] = {
        "in_settings": "inside",
        "state": _state(linked, link),
        "since": _day(linked.verified_at) if linked else "",
    }
    if context["state"] == "waiting" and link is not None:
        code = _kept_code(request, citizen)
        config = toss_config()
        context["until"], context["is_early"] = moment(link.expires_at), "done" in request.GET
        context["code"] = f"{code[:GROUP]}-{code[GROUP:]}" if code else ""
        context["mini_app"] = f"{config.mini_app_url}?link={code}" if code and config else ""
    return render(request, "web/settings_toss.html", context)


@require_POST
@for_citizen
def start(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    if toss_config() is None:
        return redirect("web:toss")
    try:
        code = start_link(citizen_id=citizen.id, now=clock_now())
    except NotProved:
        messages.warning(request, _("To link Toss, please sign up yourself once: an office had registered you."))
        return redirect("web:identify")
    except Busy:
        messages.warning(request, busy_words())
        return redirect("web:toss")
    sealed = encrypt_text(code.text, bound_to=f"{KEY}:{citizen.id}")
    request.session[KEY] = base64.b64encode(sealed).decode()
    return redirect("web:toss")


@require_POST
@for_citizen
def end(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    """Toss is notified after the link has ended here. Where that fails, the page says how to end it there."""
    try:
        user_key = unlink(citizen_id=citizen.id, actor=ACTOR, now=clock_now())
    except LastChannel:
        messages.warning(request, _("Toss is the only way to reach you. Please choose another one first."))
        return redirect("web:settings_channels")
    except Busy:
        messages.warning(request, busy_words())
        return redirect("web:toss")
    if not user_key:
        messages.success(request, _("Toss was not linked."))
    elif _is_reported(citizen, user_key):
        messages.success(request, _("Toss is no longer linked, here and at Toss. We send you nothing there any more."))
    else:
        words = _("Toss is no longer linked. We send you nothing there any more, but could not tell Toss so.")
        where = _("To end it there too, disconnect Public Secretary in the Toss app's settings of its login.")
        messages.warning(request, f"{words} {where}")
    return redirect("web:settings")


def _is_reported(citizen: Citizen, user_key: str) -> bool:
    config, reported = toss_config(), False
    try:
        if config is not None:
            TossLogin(config).end(user_key)
            reported = True
    except (TossRefused, TossUnavailable) as error:
        log_refusal("toss end", why=type(error).__name__, code=error)
    note_reported(citizen_id=citizen.id, reported=reported, now=clock_now())
    return reported


def _state(linked: Contact | None, link: TossLink | None) -> str:
    """Return linked, waiting, expired, another, refused; "closed" where no link can be made; "" before the first."""
    if linked is not None:
        return "linked"
    if toss_config() is None:
        return "closed"
    if link is None or link.state == TossLink.LINKED:
        return ""
    if link.state == TossLink.WAITING:
        return "waiting" if clock_now() < link.expires_at else "expired"
    return link.state


def _kept_code(request: HttpRequest, citizen: Citizen) -> str:
    try:
        return decrypt_text(base64.b64decode(request.session[KEY]), bound_to=f"{KEY}:{citizen.id}")
    except (KeyError, Undecryptable):
        return ""  # started on another device


def _day(at: datetime | None) -> str:
    return format_date(kst_date(at), language()) if at else ""
