"""Show the page on which a person sends themselves a test message: one button, and what came of it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from citizens.trial.offer import offer_of
from citizens.trial.trial_words import UNDER_WAY, advice_on, refusal_words, title_of
from notifications.delivery.check_codes import check_code
from notifications.delivery.outcome_words import channel_name
from notifications.models import TrialMessage
from notifications.states import FAILED, RETURNED
from notifications.trials.ask_trial import NotPossible, ask_trial
from secretary.kernel.database.retry import Busy
from secretary.kernel.language import moment
from secretary.kernel.time.clock import now as clock_now
from subscriptions.accounts.attempts import TooMany
from subscriptions.models import Citizen
from subscriptions.web.citizens.entry import for_citizen
from subscriptions.web.forms import busy_words
from subscriptions.web.looks import look_of, looks_again

ACTOR = "citizen"


@require_http_methods(["GET", "POST"])
@for_citizen
def trial(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    if request.method == "POST":
        _ask(request, citizen)
        return redirect("trial:trial")
    look, context = look_of(request.GET.get("look", "")), _context(citizen)
    answer = render(request, "citizens/trial/page.html", context | {"in_settings": "inside", "look": look})
    return looks_again(answer, request, look) if context.get("under_way") else answer


def _ask(request: HttpRequest, citizen: Citizen) -> None:
    after = request.POST.get("after", "")
    number = int(after) if after.isascii() and after.isdecimal() and len(after) < 19 else 0
    try:
        ask_trial(citizen_id=citizen.pk, after=number, actor=ACTOR, now=clock_now())
    except NotPossible as refused:
        messages.warning(request, refusal_words(refused.why, refused.channel))
    except TooMany as refused:
        words = _("You have sent as many test messages as one can in a day. The next one is possible from: %(time)s")
        messages.warning(request, words % {"time": moment(refused.until)})
    except Busy:
        messages.warning(request, busy_words())


def _context(citizen: Citizen) -> dict[str, Any]:
    now = clock_now()
    context = offer_of(citizen, now=now)
    newest: TrialMessage | None = context["newest"]
    if newest is None:
        return context
    return context | {
        "title": title_of(newest),
        "advice": advice_on(newest),
        "under_way": newest.state in UNDER_WAY,
        "is_open": newest.is_open(now),
        "is_bad": newest.state in (FAILED, RETURNED),
        "by": channel_name(newest.channel),
        "asked_at": moment(newest.asked_at),
        "code": check_code(newest.number) if newest.started_at else "",
    }
