"""Show and change a citizen's settings (channels, kinds of notice), and withdraw. Behind the same identity check."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from secretary.kernel.database.kept_queries import KeptQuery, Together
from secretary.kernel.database.retry import Busy
from secretary.kernel.korean.korean import format_date, masked_phone
from secretary.kernel.language import language
from secretary.kernel.time.clock import kst_date
from secretary.kernel.time.clock import now as clock_now
from subscriptions.data_types.offer import MARK, offer
from subscriptions.enrolment.look_again import try_again
from subscriptions.enrolment.my_choices import (
    AGREED_TO_SERVICE,
    TOSS_LINKED,
    change_channels,
    chosen_before,
)
from subscriptions.enrolment.sign_up import known_citizen
from subscriptions.enrolment.withdraw import OFFICE_MAY_CALL, withdraw, withdraw_office_calls
from subscriptions.identity.contract import Person
from subscriptions.models import ChannelChoice, Citizen, Contact, DataType, Subscription, Unreached
from subscriptions.preferences.hours import hours_of
from subscriptions.web.choice_forms import ChannelsForm, channel_names
from subscriptions.web.citizens import undo
from subscriptions.web.citizens.booking import choose_for, wished
from subscriptions.web.citizens.choice_words import LANGUAGES, calm_words, hours_words
from subscriptions.web.citizens.entry import for_citizen, sign_in, sign_of
from subscriptions.web.citizens.flow import open_step
from subscriptions.web.forms import busy_words, say_busy
from subscriptions.web.samples import cards
from subscriptions.web.session import draft as drafts
from subscriptions.web.session.draft import Draft
from subscriptions.web.session.typed import errors_shown

ACTOR = "citizen"
SUBSCRIBED = KeptQuery(
    lambda citizen: (
        Subscription.objects.filter(citizen=citizen, ended_at=None)
        .select_related("data_type__live_version")
        .defer("data_type__live_version__fields")
    )
)
PHONE = KeptQuery(lambda citizen: Contact.objects.filter(citizen=citizen, kind=Contact.PHONE).order_by("pk")[:1])
UNREACHED = KeptQuery(lambda citizen: Unreached.objects.filter(citizen=citizen).order_by("at")[:1])
CHANNELS = KeptQuery(lambda citizen: ChannelChoice.objects.filter(citizen=citizen).values_list("channel", flat=True))
SHOWN = Together(
    live=SUBSCRIBED,
    phone=PHONE,
    unreached=UNREACHED,
    channels=CHANNELS,
    toss=TOSS_LINKED,
    may_be_called=OFFICE_MAY_CALL,
    agreed=AGREED_TO_SERVICE,
    offer=MARK,
)
CHOSEN_CHANNELS = Together(channels=CHANNELS, toss=TOSS_LINKED, offer=MARK)
OF_A_KIND = Together(
    kind=KeptQuery(
        lambda code: (
            DataType.objects.select_related("live_version")
            .defer("live_version__fields")
            .filter(code=code)
            .order_by("pk")[:1]
        )
    ),
    live=SUBSCRIBED,
    agreed=AGREED_TO_SERVICE,
)


def enter(request: HttpRequest, draft: Draft, person: Person) -> HttpResponse:
    """Redirect after the identity check: to the settings, or to the first question of the sign-up.

    A person who signs up a second time finds their earlier choices filled in.
    """
    citizen = known_citizen(person)
    if draft.purpose == "settings" and citizen is not None:
        drafts.erase(request)
        return sign_in(request, citizen, fully_at=draft.confirmed_at, carrier=request.session.get("carrier", ""))
    if draft.purpose == "settings":
        messages.info(request, _("You are not signed up yet. You can do so here; your identity is already confirmed."))
    if not drafts.take_over(request, draft):
        before = chosen_before(person)
        draft.channels, draft.data_types = before.channels, before.data_types
    choose_for(request, draft, wished(request))
    draft.purpose = "sign_up"
    drafts.save(request, draft)
    return redirect(f"web:{open_step(request, draft)}" if draft.answers else "web:channels")


@require_GET
@for_citizen
def overview(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    found = SHOWN.rows(citizen=citizen.pk)
    live, toss_linked = found["live"], bool(found["toss"])
    number: Contact | None = next(iter(found["phone"]), None)
    unreached: Unreached | None = next(iter(found["unreached"]), None) if live else None
    mine = {s.data_type_id for s in live}
    context = {
        "in_settings": "settings",
        "unreached": unreached,
        "unreached_since": _day(unreached.at) if unreached else "",
        "name": citizen.name,
        "phone": masked_phone(number.value) if number else "",
        "number_lost": _day(number.suspended_at) if number and number.suspended_at else "",
        "channels": channel_names(found["channels"], toss_linked=toss_linked),
        "toss_linked": toss_linked,
        "subscriptions": [(s.data_type.code, _known_as(s.data_type), _day(s.started_at)) for s in live],
        "hours": hours_words(hours_of(citizen)),
        "calm": calm_words(citizen),
        "language": dict(LANGUAGES)[citizen.language],
        "undo": undo.offer_of(request, citizen),
        "may_be_called": bool(found["may_be_called"]),
        "can_withdraw": bool(live or found["agreed"]),
        "more": any(kind.pk not in mine for kind in offer(found["offer"]).kinds),
    }
    return render(request, "web/settings.html", context)


@require_http_methods(["GET", "POST"])
@for_citizen
def channels(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    found = CHOSEN_CHANNELS.rows(citizen=citizen.pk)
    form = ChannelsForm.asked(request, found["channels"], toss_linked=bool(found["toss"]), submit=_("Save"))
    if request.method == "POST" and form.is_valid():
        before = undo.chosen(citizen, undo.CHANNELS)
        try:
            has_changed = change_channels(citizen=citizen, channels=form.channels, now=clock_now())
        except Busy:
            say_busy(form)
        else:
            messages.success(request, _("Your channels have been saved."))
            if has_changed:
                undo.can_be_undone(request, citizen, undo.CHANNELS, before)
            return redirect("web:settings")
    if request.method == "POST":
        return errors_shown(request, form, owner=sign_of(str(citizen.id)))
    context = {"form": form, "cards": cards(language(), offer(found["offer"]).mark), "in_settings": "inside"}
    return render(request, "web/channels.html", context)


@require_http_methods(["GET", "POST"])
@for_citizen
def end(request: HttpRequest, citizen: Citizen, code: str = "") -> HttpResponse:
    """Withdraw one kind of notice, or everything, after a confirmation page that works without a script."""
    found = OF_A_KIND.rows(citizen=citizen.pk, code=code)
    name = _known_as(found["kind"][0]) if found["kind"] else ""  # none of an unknown one, and of everything
    if not _can_end(found, code):
        messages.info(request, _nothing_to_end(code, name))
        return redirect("web:settings")
    if request.method == "POST":
        before = undo.chosen(citizen, undo.KINDS)
        try:
            ended = withdraw(citizen=citizen, data_types=[code] if code else None, actor=ACTOR, now=clock_now())
        except Busy:
            messages.warning(request, busy_words())
            return redirect(request.path)
        messages.success(request, _ended(name) if ended or not code else _nothing_to_end(code, name))
        if ended or not code:
            undo.can_be_undone(request, citizen, undo.KINDS, before)
        return redirect("web:settings")
    return render(request, "web/end.html", {"name": name, "service_alone": not found["live"], "in_settings": "inside"})


@require_POST
@for_citizen
def no_calls(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    """Withdraw the consent that the local office may call."""
    try:
        withdraw_office_calls(citizen=citizen, actor=ACTOR, now=clock_now())
    except Busy:
        messages.warning(request, busy_words())
    else:
        messages.success(request, _("Withdrawn. The local office does not call you any more."))
    return redirect("web:settings")


@require_POST
@for_citizen
def again(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    """Send undelivered notices that are still true once more, after the person has unblocked the service."""
    try:
        try_again(citizen_id=citizen.id, actor=ACTOR, now=clock_now())
    except Busy:
        messages.warning(request, busy_words())
    else:
        words = _("What did not arrive and still applies is sent again now, or when your hours begin (%(hours)s).")
        messages.success(request, words % {"hours": hours_words(hours_of(citizen))})
    return redirect("web:settings")


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    request.session.flush()
    messages.success(request, _("You have signed out."))
    return redirect("web:landing")


def _can_end(found: Mapping[str, Sequence[Any]], code: str) -> bool:
    """Return whether the person gets this kind of notice, even one that is no longer offered; "": whether any consent
    of theirs stands. `found`: rows of OF_A_KIND."""
    if code:
        return any(each.data_type.code == code for each in found["live"])
    return bool(found["live"] or found["agreed"])


def _day(at: datetime) -> str:
    return format_date(kst_date(at), language())


def _known_as(data_type: DataType) -> str:
    """Return its name in the live version, or in the last one where it is no longer offered."""
    if data_type.live_version is not None:
        return data_type.name(language())
    last = data_type.versions.order_by("-number").first()
    return last.text("name", language()) if last else data_type.code


def _nothing_to_end(code: str, name: str) -> str:
    if not code:
        return _("You have withdrawn everything already. We do not send you anything.")
    if not name:
        return _("There is no such kind of notice, so there was nothing to stop.")
    return _("“%(name)s” is not among the notices that you get, so there was nothing to stop.") % {"name": name}


def _ended(name: str) -> str:
    if not name:
        return _("You have withdrawn everything. We will send you nothing more.")
    return _("“%(name)s” has been stopped and your consent withdrawn. We will send nothing more about it.") % {
        "name": name
    }
