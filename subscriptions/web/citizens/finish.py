"""Show steps 6 and 7: check the answers, sign up, done."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from secretary.kernel.database.retry import Busy
from secretary.kernel.korean.korean import masked_phone
from secretary.kernel.language import language
from secretary.kernel.time.clock import now as clock_now
from subscriptions.enrolment.choices import agreed_codes
from subscriptions.enrolment.receipt_numbers import receipt_number
from subscriptions.enrolment.sign_up import sign_up
from subscriptions.models import ConsentText, DataType
from subscriptions.preferences.hours import hours_of, usual_hours
from subscriptions.web.choice_forms import channel_names
from subscriptions.web.citizens.booking import forget_booking
from subscriptions.web.citizens.choice_words import hours_words
from subscriptions.web.citizens.choices import has_toss
from subscriptions.web.citizens.flow import chosen_types, progress, step, texts_for_all
from subscriptions.web.forms import busy_words
from subscriptions.web.session import draft as drafts
from subscriptions.web.session import signed_in
from subscriptions.web.session.draft import Draft
from subscriptions.web.shown import Shown, opened, who

RECEIPT, CONFIRMED = "receipt", "confirmed"  # in the session: the sign-up's number, and a hash of the confirmed answers
ANSWERED = "check_answered"  # in the session: what the page had shown, sealed, where that was confirmed too late


@require_http_methods(["GET", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    if request.method == "POST" and RECEIPT in request.session and drafts.KEY not in request.session:
        shown = opened(request.POST.get("shown", ""))
        if shown is not None and shown.digest != request.session.get(CONFIRMED):
            messages.warning(
                request, _("What you confirmed last was not saved: it had already been done in another window.")
            )
        return redirect("web:done")  # the button was pressed twice
    return _check(request)


@step("check")
def _check(request: HttpRequest, draft: Draft) -> HttpResponse:
    if request.method == "POST":
        shown = opened(request.POST.get("shown", ""))
        if shown is None or shown == _shown(request, draft):
            return _finish(request, draft)
        request.session[ANSWERED] = request.POST["shown"]
        return redirect("web:check")  # which shows what has changed since
    shown = opened(request.session.pop(ANSWERED, ""))
    before = {"before": _before(request, shown, draft)} if shown is not None and shown != _shown(request, draft) else {}
    return render(request, "web/check.html", _answers(request, draft) | before)


@require_GET
def done(request: HttpRequest) -> HttpResponse:
    receipt = request.session.get(RECEIPT)
    if not receipt:
        return redirect("web:landing")
    citizen = signed_in.citizen_of(request)
    hours = hours_of(citizen) if citizen is not None else usual_hours()
    return render(request, "web/done.html", {"receipt": receipt, "hours": hours_words(hours), "citizen": citizen})


def _finish(request: HttpRequest, draft: Draft) -> HttpResponse:
    person = draft.person
    assert person is not None
    types = chosen_types(request, draft)
    agreed = _agreed_texts(request, draft, types)
    try:
        citizen = sign_up(
            person=person,
            channels=draft.channels,
            data_types=agreed_codes(types, agreed),
            consents=agreed,
            language=language(),
            now=clock_now(),
            verified_at=datetime.fromtimestamp(draft.confirmed_at, UTC),
        )
    except Busy:
        messages.warning(request, busy_words())
        return redirect("web:check")
    request.session[CONFIRMED] = _shown(request, draft).digest
    drafts.erase(request)
    request.session[RECEIPT] = receipt_number(citizen)
    answer = redirect("web:done")
    forget_booking(answer)
    signed_in.begin(request, str(citizen.id), fully_at=draft.confirmed_at, carrier=request.session.get("carrier", ""))
    return answer


def _agreed_texts(request: HttpRequest, draft: Draft, types: Sequence[DataType]) -> list[ConsentText]:
    return [text for text in texts_for_all(request, types) if draft.answers[str(text.id)]]


def _shown(request: HttpRequest, draft: Draft) -> Shown:
    types = chosen_types(request, draft)
    return _shown_of(draft, types, _agreed_texts(request, draft, types))


def _shown_of(draft: Draft, types: Sequence[DataType], texts: Sequence[ConsentText]) -> Shown:
    agreed = agreed_codes(types, texts)
    return Shown(who(draft.ci), list(draft.channels), sorted(agreed), sorted(text.id for text in texts))


def _before(request: HttpRequest, shown: Shown, draft: Draft) -> dict[str, Any]:
    """Return the answers that the page had shown and that have changed since."""
    now, spoken = _shown(request, draft), language()
    named = {data_type.code: data_type.name(spoken) for data_type in DataType.objects.filter(code__in=shown.agreed)}
    return {
        "person": shown.who != now.who,
        "channels": _names(shown.channels, draft) if shown.channels != now.channels else [],
        "agreed": [named.get(code, code) for code in shown.agreed] if shown.agreed != now.agreed else [],
        "texts": shown.agreed == now.agreed and shown.texts != now.texts,
    }


def _answers(request: HttpRequest, draft: Draft) -> dict[str, object]:
    types, spoken = chosen_types(request, draft), language()
    texts = _agreed_texts(request, draft, types)
    agreed = set(agreed_codes(types, texts))
    return {
        "person": draft.person,
        "phone": masked_phone(draft.phone),
        "channels": _names(draft.channels, draft),
        "agreed": [data_type.name(spoken) for data_type in types if data_type.code in agreed],
        "refused": [data_type.name(spoken) for data_type in types if data_type.code not in agreed],
        "agreed_texts": len(texts),
        "shown": _shown_of(draft, types, texts).sealed(),
        "step": progress("check"),
    }


def _names(channels: Sequence[str], draft: Draft) -> list[Any]:
    return channel_names(channels, toss_linked=has_toss(draft))
