"""Show every change of a person's choices in words: what, when, by whom."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from secretary.kernel.database.kept_queries import KeptQuery, Together
from secretary.kernel.korean.korean import format_datetime
from secretary.kernel.language import language
from subscriptions.enrolment.consent_texts import FAMILY, OFFICE_CALL, SERVICE
from subscriptions.models import Citizen, ConsentText, DataType
from subscriptions.models.channel_choice import CHANNELS
from subscriptions.preferences.history import Change, Fact, history_of
from subscriptions.preferences.hours import Hours, usual_hours
from subscriptions.web.citizens.choice_words import LANGUAGES, calm_words, hours_words
from subscriptions.web.citizens.entry import for_citizen

MICROSECONDS = 1_000_000
BY = {
    "citizen": gettext_lazy("by you, on this site"),
    "toss": gettext_lazy("by you, in the Toss app"),
    "official": gettext_lazy("by an official of a local office"),
    "staff": gettext_lazy("by staff of Public Secretary"),
}
SYSTEM = gettext_lazy("by the service")


class Row(NamedTuple):
    when: str
    by: Any
    lines: list[str]


@require_GET
@for_citizen
def history(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    found = history_of(citizen.id, before=_before(request))
    names = _names(found.changes)
    rows = [
        Row(format_datetime(change.at, language()), _by(change.by), _lines(change.facts, names))
        for change in found.changes
    ]
    context = {
        "in_settings": "inside",
        "rows": rows,
        "older": int(found.older.timestamp() * MICROSECONDS) if found.older else None,
        "is_first": not request.GET.get("before"),
    }
    return render(request, "web/settings_history.html", context)


def _before(request: HttpRequest) -> datetime | None:
    given = request.GET.get("before", "")
    if not given:
        return None
    try:
        # The address has the time in whole microseconds, cut off: the next page may begin with that same change.
        return datetime.fromtimestamp(int(given) / MICROSECONDS, UTC)
    except (ValueError, OverflowError, OSError):
        raise Http404 from None


def _by(actor: str) -> Any:
    return BY.get(actor.partition(":")[0], SYSTEM)


CODES = KeptQuery(lambda texts: ConsentText.objects.filter(pk__in=texts).values_list("pk", "code"))
KINDS = KeptQuery(lambda: DataType.objects.select_related("live_version").defer("live_version__fields"))
NAMED, NO_TEXT = Together(codes=CODES, kinds=KINDS), 0


def _names(changes: list[Change]) -> dict[str, dict[int, str]]:
    """Return the names of the kinds and consents of these changes, by id."""
    facts = [fact for change in changes for fact in change.facts]
    texts = [int(f.value) for f in facts if f.what in ("agreed", "withdrawn")]
    found = NAMED.rows(texts=texts or [NO_TEXT])
    codes, kinds = dict(found["codes"]), {each.pk: each for each in found["kinds"]}
    named = {each.code: each.name(language()) if each.live_version else each.code for each in kinds.values()}
    own = {
        SERVICE: _("use of Public Secretary"),
        OFFICE_CALL: _("calls by the local office"),
        FAMILY: _("a family member who hears of it"),
    }
    return {
        "kinds": {pk: named[each.code] for pk, each in kinds.items()},
        "texts": {pk: own.get(code) or named.get(code, code) for pk, code in codes.items()},
    }


def _lines(facts: list[Fact], names: Mapping[str, Mapping[int, str]]) -> list[str]:
    """Return the lines of one change: kinds and consents of one sort together in one."""
    together: dict[str, list[Any]] = {}
    for fact in facts:
        together.setdefault(fact.what, []).append(fact.value)
    if "signed_up" in together:  # with the number that they signed up with
        together = {what: values for what, values in together.items() if what not in ("number", "number_confirmed")}
    return [_line(what, together[what], names) for what in _WORDS if what in together]


def _line(what: str, values: list[Any], names: Mapping[str, Mapping[int, str]]) -> str:
    if what == "signed_up":
        return _("Signed up") if values[0] == "web" else _("Registered at a local office")
    if what in _NAMED:
        return str(_WORDS[what]) % _listed(values, names[_NAMED[what]])
    return str(_WORDS[what]) % _VALUES[what](values) if what in _VALUES else str(_WORDS[what])


def _listed(values: list[Any], names: Mapping[int, str]) -> str:
    return ", ".join(sorted({names.get(value, "–") for value in values}))


def _hours(values: list[Any]) -> str:
    starts, ends = values[0]
    usual = usual_hours()
    return hours_words(Hours(usual.starts if starts is None else starts, usual.ends if ends is None else ends))


def _calm(values: list[Any]) -> str:
    calm, at, weekday = values[0]
    return calm_words(Citizen(calm=calm, calm_at=at, calm_weekday=weekday))


def _display(values: list[Any]) -> str:
    size, contrast = values[0]
    return f"{size or 100}%" + (f" · {_('high contrast')}" if contrast else "")


def _channels(values: list[Any]) -> str:
    return " → ".join(str(CHANNELS.get(code, code)) for code in values[0])


def _language(values: list[Any]) -> str:
    return LANGUAGES.get(str(values[0]), str(values[0]))


# In the order in which the lines of one change are shown.
_WORDS = {
    "signed_up": gettext_lazy("Signed up"),
    "started": gettext_lazy("New kinds of notice: %s"),
    "stopped": gettext_lazy("Stopped: %s"),
    "agreed": gettext_lazy("Agreed to: %s"),
    "withdrawn": gettext_lazy("Consent withdrawn: %s"),
    "channels": gettext_lazy("Channels, in order: %s"),
    "number": gettext_lazy("New mobile number"),
    "number_confirmed": gettext_lazy("Mobile number confirmed"),
    "number_lost": gettext_lazy("Nothing more to this number: another person has proved that it is theirs"),
    "toss_linked": gettext_lazy("Toss app linked"),
    "toss_unlinked": gettext_lazy("Toss app no longer linked"),
    "hours": gettext_lazy("Hours of notices: %s"),
    "calm": gettext_lazy("Bundled notices: %s"),
    "language": gettext_lazy("Language: %s"),
    "display": gettext_lazy("Display: %s"),
}
_NAMED = {"started": "kinds", "stopped": "kinds", "agreed": "texts", "withdrawn": "texts"}
_VALUES: dict[str, Callable[[list[Any]], str]] = {
    "channels": _channels,
    "hours": _hours,
    "calm": _calm,
    "language": _language,
    "display": _display,
}
