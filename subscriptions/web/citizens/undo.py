"""Offer the last change to be taken back for some minutes, in the session in which it was made.

What was chosen before is kept in the session, encrypted for this person. It is taken back by the functions that make
changes, and only while nothing else has been changed since.
"""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from secretary.kernel.database.retry import Busy
from secretary.kernel.language import language, moment
from secretary.kernel.secrets.encryption import Undecryptable, decrypt_text, encrypt_text
from secretary.kernel.time.clock import now as clock_now
from subscriptions.enrolment.calm import choose_calm
from subscriptions.enrolment.consent_texts import live_data_types, service_text, text_of
from subscriptions.enrolment.my_choices import add_data_types, change_channels, has_agreed_to_service
from subscriptions.enrolment.sign_up import ACTOR
from subscriptions.enrolment.withdraw import live_codes, withdraw
from subscriptions.models import ChannelChoice, Citizen, Contact, DataType
from subscriptions.preferences.hours import Hours, choose_hours
from subscriptions.preferences.number import NumberTaken, take_number_back
from subscriptions.preferences.reading import Reading, choose_reading, reading_of
from subscriptions.web.citizens.entry import for_citizen
from subscriptions.web.forms import busy_words

KEY = "undo"
CHANNELS, KINDS, HOURS, CALM, READING, NUMBER = "channels", "kinds", "hours", "calm", "reading", "number"
NAMES = {
    CHANNELS: gettext_lazy("Channels, in order"),
    KINDS: gettext_lazy("Kinds of notice"),
    HOURS: gettext_lazy("Hours of notices"),
    CALM: gettext_lazy("Bundled notices"),
    READING: gettext_lazy("Language and display"),
    NUMBER: gettext_lazy("Mobile phone number"),
}


class Offer(NamedTuple):
    """The change that can be taken back: its name, and until when."""

    name: Any
    until: str


class ConsentChanged(Exception):
    """What was agreed to before has another text now, or is not offered any more."""


def chosen(citizen: Citizen, kind: str) -> Any:
    """Return what the person has chosen now, as JSON."""
    return json.loads(json.dumps(_CHOSEN[kind](citizen), default=str))


def can_be_undone(request: HttpRequest, citizen: Citizen, kind: str, before: Any) -> None:
    """Record a change that was just made; `before`: from `chosen`. It replaces the change before."""
    kept = {"kind": kind, "before": before, "after": chosen(citizen, kind), "at": clock_now().timestamp()}
    sealed = encrypt_text(json.dumps(kept), bound_to=_bound_to(citizen))
    request.session[KEY] = base64.b64encode(sealed).decode()


def offer_of(request: HttpRequest, citizen: Citizen) -> Offer | None:
    kept = _kept(request, citizen)
    return Offer(NAMES[kept["kind"]], moment(_until(kept))) if kept else None


@require_POST
@for_citizen
def undo(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    kept = _kept(request, citizen)
    if kept is None:
        messages.info(request, _("There is nothing to take back any more. You can change it again below."))
        return redirect("web:settings")
    try:
        if chosen(citizen, kept["kind"]) != kept["after"]:
            messages.info(request, _("It has been changed again meanwhile, so nothing was taken back."))
        else:
            _TAKE_BACK[kept["kind"]](citizen, kept["before"], clock_now())
            messages.success(request, _("The last change has been taken back."))
    except ConsentChanged:
        words = _("The text that you agreed to has changed since. Please choose this kind of notice again below.")
        messages.warning(request, words)
    except NumberTaken:
        words = _("The earlier number belongs to another person by now, so nothing was taken back.")
        messages.warning(request, words)
    except Busy:
        messages.warning(request, busy_words())
        return redirect("web:settings")
    request.session.pop(KEY, None)
    return redirect("web:settings")


def _kept(request: HttpRequest, citizen: Citizen) -> dict[str, Any] | None:
    try:
        sealed = base64.b64decode(request.session[KEY])
        kept: dict[str, Any] = json.loads(decrypt_text(sealed, bound_to=_bound_to(citizen)))
    except (KeyError, Undecryptable):
        return None
    return kept if clock_now() < _until(kept) and kept["kind"] in NAMES else None


def _until(kept: dict[str, Any]) -> datetime:
    return datetime.fromtimestamp(kept["at"], UTC) + timedelta(minutes=settings.UNDO_MINUTES)


def _bound_to(citizen: Citizen) -> str:
    return f"undo:{citizen.id}"


def _channels(citizen: Citizen) -> list[str]:
    return list(ChannelChoice.objects.filter(citizen=citizen).order_by("position").values_list("channel", flat=True))


def _kinds(citizen: Citizen) -> dict[str, Any]:
    """Return the codes, and the texts to which the person would agree again."""
    codes = sorted(live_codes(citizen))
    texts = {service_text().id} if has_agreed_to_service(citizen) else set()
    live = DataType.objects.live().filter(code__in=codes)
    return {"codes": codes, "texts": sorted(texts | {text_of(data_type).id for data_type in live})}


def _fresh(citizen: Citizen) -> Citizen:
    return Citizen.objects.get(pk=citizen.pk)


def _hours(citizen: Citizen) -> list[time | None]:
    now = _fresh(citizen)
    return [now.hours_from, now.hours_to]


def _calm(citizen: Citizen) -> list[Any]:
    now = _fresh(citizen)
    return [now.calm, now.calm_at, now.calm_weekday]


def _reading(citizen: Citizen) -> list[Any]:
    return list(reading_of(_fresh(citizen)))


def _number(citizen: Citizen) -> list[Any]:
    phone = Contact.objects.filter(citizen=citizen, kind=Contact.PHONE).first()
    return [phone.value, phone.verified_at] if phone is not None else ["", None]


def _take_back_number(citizen: Citizen, before: list[Any], now: datetime) -> None:
    phone, proved = before
    verified_at = datetime.fromisoformat(proved) if proved else None
    take_number_back(citizen_id=citizen.id, phone=phone, verified_at=verified_at, now=now)


def _take_back_channels(citizen: Citizen, before: list[str], now: datetime) -> None:
    change_channels(citizen=citizen, channels=before, now=now)


def _take_back_kinds(citizen: Citizen, before: dict[str, Any], now: datetime) -> None:
    """Stop what was added, and agree again to what was stopped, if its text is still the same."""
    present = live_codes(citizen)
    added, ended = present - set(before["codes"]), set(before["codes"]) - present
    types = live_data_types(ended) if ended <= _offered() else []
    texts = [text_of(data_type) for data_type in types]
    texts += [] if has_agreed_to_service(citizen) or not before["texts"] else [service_text()]
    if len(types) < len(ended) or not {text.id for text in texts} <= set(before["texts"]):
        raise ConsentChanged
    if texts:
        add_data_types(citizen=citizen, data_types=ended, consents=texts, language=language(), now=now)
    if added:
        withdraw(citizen=citizen, data_types=added if before["texts"] else None, actor=ACTOR, now=now)


def _offered() -> set[str]:
    return set(DataType.objects.live().values_list("code", flat=True))


def _take_back_hours(citizen: Citizen, before: list[str | None], now: datetime) -> None:
    starts, ends = (time.fromisoformat(each) if each else None for each in before)
    hours = Hours(starts, ends) if starts is not None and ends is not None else None
    choose_hours(citizen_id=citizen.id, hours=hours, actor=ACTOR, now=now)


def _take_back_calm(citizen: Citizen, before: list[Any], now: datetime) -> None:
    calm, at, weekday = before
    at = time.fromisoformat(at) if at else None
    choose_calm(citizen_id=citizen.id, calm=calm, at=at, weekday=weekday, actor=ACTOR, now=now)


def _take_back_reading(citizen: Citizen, before: list[Any], now: datetime) -> None:
    choose_reading(citizen_id=citizen.id, reading=Reading(*before), actor=ACTOR, now=now)


_CHOSEN: dict[str, Callable[[Citizen], Any]] = {
    CHANNELS: _channels,
    KINDS: _kinds,
    HOURS: _hours,
    CALM: _calm,
    READING: _reading,
    NUMBER: _number,
}
_TAKE_BACK: dict[str, Callable[[Citizen, Any, datetime], None]] = {
    CHANNELS: _take_back_channels,
    KINDS: _take_back_kinds,
    HOURS: _take_back_hours,
    CALM: _take_back_calm,
    READING: _take_back_reading,
    NUMBER: _take_back_number,
}
