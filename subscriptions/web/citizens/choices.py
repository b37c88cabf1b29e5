"""Show steps 3 to 5: channels, kinds of notice, consent."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods

from secretary.kernel.language import language
from subscriptions.enrolment.my_choices import is_toss_linked
from subscriptions.enrolment.sign_up import known_citizen
from subscriptions.models import ConsentText, DataType
from subscriptions.models.data_type import GROUPS
from subscriptions.web.choice_forms import ChannelsForm, ConsentForm, DataTypesForm
from subscriptions.web.citizens.booking import forget_booking
from subscriptions.web.citizens.flow import chosen_types, offered, onward, progress, step, texts_for_all
from subscriptions.web.forms import posted
from subscriptions.web.samples import cards
from subscriptions.web.session import typed
from subscriptions.web.session.draft import Draft
from subscriptions.web.shown import who

# Ticked for a new person: the app that most people have, and a text message where it does not reach them.
USUAL_CHANNELS = ("kakaotalk", "sms")
Groups = list[tuple[str, Any, list[tuple[str, Any]]]]  # (code, title, [(code of a type, its label)])


@require_http_methods(["GET", "POST"])
@step("channels")
def channels(request: HttpRequest, draft: Draft) -> HttpResponse:
    form = ChannelsForm.asked(request, draft.channels or USUAL_CHANNELS, toss_linked=has_toss(draft))
    if request.method == "POST" and form.is_valid():
        draft.channels = form.channels
        return onward(request, draft)
    context = {"form": form, "cards": cards(language(), offered(request).offer.mark), "step": progress("channels")}
    return render(request, "web/channels.html", context)


@require_http_methods(["GET", "POST"])
@step("data_types")
def data_types(request: HttpRequest, draft: Draft) -> HttpResponse:
    if (ticked := ticked_all(request, owner=who(draft.ci))) is not None:
        return ticked
    form = data_types_form(request, draft.data_types)
    if request.method == "POST" and form.is_valid():
        draft.data_types, draft.from_booking = form.chosen, []
        answer = onward(request, draft)
        forget_booking(answer)  # so that what they took off is not ticked again after another identity check
        return answer
    from_booking = [kind.name(language()) for kind in chosen_types(request, draft) if kind.code in draft.from_booking]
    context = {"form": form, "step": progress("data_types"), "from_booking": from_booking}
    return render(request, "web/data_types.html", context)


@require_http_methods(["GET", "POST"])
@step("consent")
def consent(request: HttpRequest, draft: Draft) -> HttpResponse:
    types = chosen_types(request, draft)
    form = consent_form_for(request, types, texts_for_all(request, types), draft.answers)
    if request.method == "POST" and form.is_valid():
        draft.answers |= form.answers
        return onward(request, draft)
    return render(request, "web/consent.html", {"form": form, "step": progress("consent")})


def data_types_form(
    request: HttpRequest, chosen: Iterable[str], kinds: Iterable[DataType] | None = None
) -> DataTypesForm:
    """`kinds`: that can be chosen; None: all that are offered."""
    groups = _groups(offered(request).offer.kinds if kinds is None else kinds)
    return DataTypesForm(posted(request), groups=groups, initial=_by_group(groups, set(chosen)))


def ticked_all(request: HttpRequest, *, owner: str) -> HttpResponse | None:
    """Tick all kinds of a group and show the page again, nothing of it stored; None where that was not pressed.

    By a redirect: the browser's way back leads over no page that would have to be posted once more. `owner`: as in
    `typed.keep`.
    """
    if request.method != "POST" or "all" not in request.POST:
        return None
    group = request.POST["all"]
    codes = [each.code for each in offered(request).offer.kinds if each.group == group]
    typed.keep(request, owner=owner, changed={group: codes} if codes else None)
    return redirect(request.path)


def consent_form_for(
    request: HttpRequest, types: Sequence[DataType], texts: Sequence[ConsentText], answers: Mapping[str, bool]
) -> ConsentForm:
    names = {data_type.code: data_type.name(language()) for data_type in types}
    initial = {f"consent_{key}": "yes" if agreed else "no" for key, agreed in answers.items()}
    return ConsentForm(posted(request), texts=texts, names=names, language=language(), initial=initial)


def _groups(kinds: Iterable[DataType]) -> Groups:
    grouped: dict[str, list[tuple[str, Any]]] = {}
    for data_type in kinds:
        grouped.setdefault(data_type.group, []).append((data_type.code, _label(data_type)))
    return [(code, GROUPS.get(code, code), choices) for code, choices in grouped.items()]


def _label(data_type: DataType) -> str:
    version, spoken = data_type.live_version, language()
    assert version is not None
    return format_html(
        '<span class="name">{}</span><span class="hint">{}</span><span class="hint">{} · {}</span>',
        version.text("name", spoken),
        version.text("summary", spoken),
        data_type.agency_name(spoken),
        version.text("frequency", spoken),
    )


def _by_group(groups: Groups, chosen: set[str]) -> dict[str, list[str]]:
    return {name: [code for code, _label in choices if code in chosen] for name, _title, choices in groups}


def has_toss(draft: Draft) -> bool:
    """Return whether the person is enrolled and Toss can reach them."""
    citizen = known_citizen(draft.person) if draft.person else None
    return citizen is not None and is_toss_linked(citizen.id)
