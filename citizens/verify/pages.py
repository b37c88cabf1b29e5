"""Show the form for check codes and what it answers. A code is posted, so that it is in no address and no log.

The answer is carried over a redirect (carried.py) for SHOWN_AGAIN_SECONDS: shown again, or in another language, it is
no new question, and no code that was not counted is ever looked up.
"""

import logging
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django import forms
from django.conf import settings
from django.db import Error as DatabaseTrouble
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from citizens.verify.check_notice import Checked, count_question, look_up
from notifications.delivery.check_codes import Mistyped, TypedCode, read_code
from secretary.kernel.audit.security_log import log_refusal
from secretary.kernel.database.outage import RETRY_AFTER
from secretary.kernel.korean.korean import format_date, format_span
from secretary.kernel.language import language, moment
from secretary.kernel.secrets.encryption import Undecryptable
from secretary.kernel.time.clock import now as clock_now
from subscriptions.accounts.attempts import TooMany
from subscriptions.web.addresses import client_address, networks_of
from subscriptions.web.forms import helper, posted
from subscriptions.web.session.carried import carried, carry_on
from subscriptions.web.session.typed import ShowsTyped

logger = logging.getLogger(__name__)
LONGEST = 3000  # characters; a whole message that is pasted is shorter
LONGEST_KEPT = 100  # of what was mistyped, for its correction
SHOWN_AGAIN_SECONDS = 600


class CodeForm(ShowsTyped):
    code = forms.CharField(
        label=gettext_lazy("Check code"),
        max_length=LONGEST,
        help_text=gettext_lazy(
            "It stands at the end of the message, such as K7MP-2QX9-3HVC. Capitals, blanks and "
            "hyphens make no difference; you can also paste the whole message."
        ),
        error_messages={"required": gettext_lazy("Please enter the check code of the message.")},
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "characters",
                "autocorrect": "off",
                "spellcheck": "false",
                "class": "code",
            }
        ),
    )
    helper = helper(gettext_lazy("Check"))


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
@sensitive_variables("form")
def verify(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return _asked(request)
    shown = carried(request, seconds=SHOWN_AGAIN_SECONDS)
    if "code" in shown:
        return _answered(request, TypedCode(**shown["code"]))
    return _page(request, _wrong_form(shown) if shown else CodeForm(posted(request)))


def _asked(request: HttpRequest) -> HttpResponse:
    """Count the question, and lead to the page that answers it."""
    form = CodeForm(request.POST)
    typed: dict[str, Any] = {"typed": request.POST.get("code", "")[:LONGEST_KEPT]}
    if not form.is_valid():
        return carry_on(request, typed, seconds=SHOWN_AGAIN_SECONDS)
    try:
        code = read_code(form.cleaned_data["code"])
    except Mistyped:
        return carry_on(request, typed | {"mistyped": True}, seconds=SHOWN_AGAIN_SECONDS)
    try:
        count_question(code=code, limits=asked_from(request), now=clock_now())
    except TooMany as reached:
        log_refusal("check codes over a limit", address=client_address(request), limit=reached.limit.name)
        return _page(request, None, status=429, until=moment(reached.until))
    except DatabaseTrouble as trouble:
        return _unavailable(request, trouble)
    return carry_on(request, {"code": asdict(code)}, seconds=SHOWN_AGAIN_SECONDS)


def _answered(request: HttpRequest, code: TypedCode) -> HttpResponse:
    try:
        checked = look_up(code, language=language(), now=clock_now())
    except (DatabaseTrouble, Undecryptable) as trouble:
        return _unavailable(request, trouble)
    return _page(request, ShowsTyped(), checked=checked)


def _unavailable(request: HttpRequest, trouble: Exception) -> HttpResponse:
    logger.error("no answer about a check code: %s", type(trouble).__name__)
    answer = render(request, "citizens/verify_unavailable.html", status=503)
    answer.headers["Retry-After"] = RETRY_AFTER["Retry-After"]
    return answer


def _wrong_form(shown: Mapping[str, Any]) -> CodeForm:
    form = CodeForm({"code": shown["typed"]})
    if shown.get("mistyped") and form.is_valid():
        form.add_error("code", _("This is mistyped: a letter is wrong or missing. Please compare it with the message."))
    return form


def asked_from(request: HttpRequest) -> dict[str, str]:
    """Return the limits of where a question comes from."""
    address, site = networks_of(client_address(request))
    return {"code_checked_address": address} | ({"code_checked_site": site} if site else {})


def _page(
    request: HttpRequest, form: ShowsTyped | None, *, status: int = 200, checked: Checked | None = None, until: str = ""
) -> HttpResponse:
    known_for = format_span(settings.CHECK_CODE_DAYS, language())
    context: dict[str, object] = {"form": form, "checked": checked, "until": until, "known_for": known_for}
    if checked is not None and checked.day is not None:
        context["day"] = format_date(checked.day, language())
    return render(request, "citizens/verify.html", context, status=status)
