"""Add kinds of notice for an enrolled person: choose, then consent to each."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from secretary.kernel.database.kept_queries import KeptQuery, Together
from secretary.kernel.database.retry import Busy
from secretary.kernel.language import language
from secretary.kernel.time.clock import now as clock_now
from subscriptions.data_types.offer import MARK, offer
from subscriptions.enrolment.choices import agreed_codes
from subscriptions.enrolment.my_choices import add_data_types, has_agreed_to_service
from subscriptions.models import Citizen, ConsentText, DataType, Subscription
from subscriptions.web.citizens.booking import forget_booking, wished
from subscriptions.web.citizens.choices import consent_form_for, data_types_form, ticked_all
from subscriptions.web.citizens.entry import for_citizen, sign_of
from subscriptions.web.citizens.flow import chosen_types, overtaken_words, texts_for_all
from subscriptions.web.citizens.undo import KINDS, can_be_undone, chosen
from subscriptions.web.forms import say_busy
from subscriptions.web.session import draft as drafts
from subscriptions.web.session import typed
from subscriptions.web.session.draft import Draft
from subscriptions.web.session.typed import errors_shown

CHOSEN = Together(
    live=KeptQuery(
        lambda citizen: Subscription.objects.filter(citizen=citizen, ended_at=None).values_list(
            "data_type_id", flat=True
        )
    ),
    offer=MARK,
)


@require_http_methods(["GET", "POST"])
@for_citizen
def choose(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    if (ticked := ticked_all(request, owner=sign_of(str(citizen.id)))) is not None:
        return ticked
    found = CHOSEN.rows(citizen=citizen.pk)
    others = [kind for kind in offer(found["offer"]).kinds if kind.pk not in found["live"]]
    form = data_types_form(request, wished(request), kinds=others)
    if request.method == "POST" and form.is_valid():
        drafts.save(request, Draft(purpose="settings", data_types=form.chosen))
        typed.keep(request, owner=sign_of(str(citizen.id)))  # for who comes back before they have agreed
        answer = redirect("web:more_consent")
        forget_booking(answer)  # what they took off is not ticked again when they come back to this page
        return answer
    if request.method == "POST":
        return errors_shown(request, form, owner=sign_of(str(citizen.id)))
    return render(request, "web/data_types.html", {"form": form, "in_settings": "inside"})


@require_http_methods(["GET", "POST"])
@for_citizen
def consent(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    draft = drafts.load(request)
    types = chosen_types(request, draft)
    if draft.purpose != "settings" or not types:
        if request.method == "POST":
            messages.warning(request, overtaken_words())
        return redirect("web:more")
    texts = _texts(request, citizen, types)
    form = consent_form_for(request, types, texts, {})
    if request.method == "POST" and form.is_valid():
        try:
            return _add(request, citizen, types, [text for text in texts if form.answers[str(text.id)]])
        except Busy:
            say_busy(form)
    if request.method == "POST":
        return errors_shown(request, form, owner=sign_of(str(citizen.id)))
    return render(request, "web/consent.html", {"form": form, "in_settings": "inside"})


def _texts(request: HttpRequest, citizen: Citizen, types: list[DataType]) -> list[ConsentText]:
    texts = texts_for_all(request, types)
    return texts[1:] if has_agreed_to_service(citizen) else texts


def _add(request: HttpRequest, citizen: Citizen, types: list[DataType], agreed: list[ConsentText]) -> HttpResponse:
    before = chosen(citizen, KINDS)
    add_data_types(
        citizen=citizen,
        data_types=agreed_codes(types, agreed),
        consents=agreed,
        language=language(),
        now=clock_now(),
    )
    can_be_undone(request, citizen, KINDS, before)
    drafts.erase(request)
    typed.drop(request, reverse("web:more"))
    messages.success(request, _("Your choice has been saved."))
    return redirect("web:settings")
