"""Say in words who did what a line of the trail is about, and what was changed. Seals and exports are over what was
written.

`codes` is what `known_codes` returns, once for a page; a code without words stands as it is.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import BooleanField, Model
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from secretary.kernel.audit.action_words import LANGUAGES
from secretary.kernel.audit.changes import recorded_model
from secretary.kernel.backoffice.column_words import column_words

# What an object's code begins with, where that is no model's name. Others: as the model is called.
THINGS: Final[dict[str, Any]] = {
    "batch": gettext_lazy("batch"),
    "calm": gettext_lazy("calm mode"),
    "channel": gettext_lazy("channel"),
    "export": gettext_lazy("copy of a person's data"),
    "family": gettext_lazy("family member"),
    "family_number": gettext_lazy("number of a family member"),
    "form": gettext_lazy("paper form"),
    "from": gettext_lazy("from entry"),
    "hours": gettext_lazy("hours"),
    "into": gettext_lazy("into entry"),
    "lines": gettext_lazy("lines"),
    "look_report": gettext_lazy("monthly report of accesses"),
    "month": gettext_lazy("month"),
    "moves": gettext_lazy("moved entries"),
    "people": gettext_lazy("people"),
    "posting": gettext_lazy("posting to an agency"),
    "stop": gettext_lazy("stopped message template"),
    "test_message": gettext_lazy("test message"),
    "upload": gettext_lazy("list of seniors"),
    "user": gettext_lazy("account"),
    "yearly_message": gettext_lazy("yearly message"),
    "authenticators": gettext_lazy("authenticators"),
}
ACTORS: Final[Mapping[str, Any]] = {
    "staff": gettext_lazy("staff"),
    "official": gettext_lazy("official"),
    "agency": gettext_lazy("agency"),
    "citizen": gettext_lazy("citizen"),
    "visitor": gettext_lazy("visitor"),
    "family": gettext_lazy("family member"),
    "system": gettext_lazy("system"),
}
_PARTS: Final[Mapping[str, Any]] = {
    "basics": gettext_lazy("names and urgency"),
    "consent": gettext_lazy("consent text"),
    "fields": gettext_lazy("fields"),
    "stages": gettext_lazy("stages"),
    "templates": gettext_lazy("message templates"),
}
_FOUND_BY: Final[Mapping[str, Any]] = {
    "phone": gettext_lazy("by phone number"),
    "name": gettext_lazy("by name"),
    "person": gettext_lazy("by name, birth date and phone number"),
    "id": gettext_lazy("by number"),
    "citizen": gettext_lazy("by the person's number"),
    "check code": gettext_lazy("by check code"),
    "receipt": gettext_lazy("by receipt number"),
    "receipt number": gettext_lazy("by receipt number"),
    "order": gettext_lazy("by order"),
    "agency's number": gettext_lazy("by the agency's number"),
    "provider's id": gettext_lazy("by the payment service's number"),
    "nothing": gettext_lazy("by what leads to no row"),
}
_SENTENCES: Final[Mapping[re.Pattern[str], Any]] = {
    re.compile(r"(\d+) added, (\d+) removed"): gettext_lazy("%s added, %s removed"),
    re.compile(r"like ([a-z0-9_]+)"): gettext_lazy("begun as a copy of %s"),
    re.compile(r"in place of ([^:]+): (.*)"): gettext_lazy("in place of %s: %s"),
    re.compile(r"valid until ([^ ]+): (.*)"): gettext_lazy("valid until %s: %s"),
}
_SEARCHED = re.compile(r"(\w+) by (.+?)(?:: (\d+))?")
_TOKEN = re.compile(r"([a-z_]+):(\S+)")
_ARROW = " → "


def actor_words(actor: str, codes: Mapping[str, Any]) -> str:
    """Return who it was: "staff 3" for `staff:3`."""
    kind, _colon, rest = actor.partition(":")
    if kind == "system" and rest:
        return _("system (command %s)") % rest
    parts = [str(ACTORS.get(kind, kind)), *(str(codes.get(part, part)) for part in rest.split(":") if part)]
    return " ".join(parts)


def actor_code(words: str) -> str:
    """Return the code of an actor who is named as pages do, or by the code itself."""
    return _code_of(words, ACTORS, re.compile(r"(\D+?)\s*[:\s]\s*(\d+)"))


def object_words(place: str, codes: Mapping[str, Any]) -> str:
    """Return what a line is about: "notice: 4711" for `notice:4711`."""
    place = place.replace("look report:", "look_report:")
    if place in codes:
        return str(codes[place])
    if (searched := _SEARCHED.fullmatch(place)) and (words := _models().get(searched[1])):
        count = f": {searched[3]}" if searched[3] else ""
        return f"{words}, {_FOUND_BY.get(searched[2], searched[2])}{count}"
    return " ".join(_token(token, codes) for token in place.split(" "))


def object_code(words: str) -> str:
    """Return the code of an object that is named as pages do, or by the code itself."""
    return _code_of(words, {**_models(), **THINGS}, re.compile(r"(\D+?)\s*:\s*(\S+)"))


def reason_words(action: str, reason: str, codes: Mapping[str, Any]) -> str:
    """Return why it was done, or what a row's change was, with its columns and its yes and no in words."""
    if reason in codes:
        return str(codes[reason])
    if action == "draft edited":
        part, _blank, name = reason.partition(" ")
        return f"{_PARTS.get(part, part)} {name}".strip()
    for sentence, words in _SENTENCES.items():
        if found := sentence.fullmatch(reason):
            return str(words % tuple(str(codes.get(part, part)) for part in found.groups()))
    if action == "test message sent":
        return " ".join(_value(part, codes) for part in reason.split(" "))
    if action in ("audit.read", "audit.exported"):
        return _chosen(reason, codes)
    thing, _blank, deed = action.rpartition(" ")
    model = recorded_model(thing) if deed in ("created", "changed", "deleted") else None
    return "; ".join(_part(model, part, codes) for part in reason.split("; ")) if model else reason


@cache
def _models() -> dict[str, Any]:
    return {str(model._meta.model_name): model._meta.verbose_name for model in apps.get_models()}


def _token(token: str, codes: Mapping[str, Any]) -> str:
    found = _TOKEN.fullmatch(token)
    if not found:
        return _value(token, codes)
    if found[1] in ACTORS and found[1] not in ("family", "citizen", "official", "agency"):
        return actor_words(token, codes)
    words = THINGS.get(found[1]) or _models().get(found[1].replace("_", "")) or codes.get(found[1])
    return f"{words}: {_value(found[2], codes)}" if words else token


def _value(value: str, codes: Mapping[str, Any]) -> str:
    return ", ".join(str(codes.get(part, part)) for part in value.split(","))


def _chosen(reason: str, codes: Mapping[str, Any]) -> str:
    """Word what was chosen of the trail (`Chosen.as_words`); a reason that was typed stands as it is."""
    named = {
        "since": _("From"), "until": _("Until"), "actor": _("Actor"), "action": _("Action"), "object": _("Object"),
        "citizen_id": _("Person concerned"),
    }  # fmt: skip
    worded = []
    for each in re.split(rf" (?=(?:{'|'.join(named)})=)", reason):
        name, equals, value = each.partition("=")
        if not equals or name not in named:
            return reason
        value = actor_words(value, codes) if name == "actor" else value
        worded.append(f"{named[name]}: {object_words(value, codes) if name == 'object' else value}")
    return "; ".join(worded)


def _part(model: type[Model], part: str, codes: Mapping[str, Any]) -> str:
    """Word one column and its value, or its old and new one; a part that names no column stands as it is."""
    name, colon, value = part.partition(": ")
    try:
        field: Any = model._meta.get_field(name)
    except FieldDoesNotExist:
        return part
    words = column_words(model, name) or field.verbose_name
    if not colon:
        return str(words)
    is_yes_or_no = isinstance(field, BooleanField)
    values = (_changed(each, is_yes_or_no, codes) for each in value.split(_ARROW))
    return f"{words}: {_ARROW.join(values)}"


def _changed(value: str, is_yes_or_no: bool, codes: Mapping[str, Any]) -> str:
    if is_yes_or_no and value in ("True", "False"):
        return _("yes") if value == "True" else _("no")
    return "–" if value in ("None", "") else str(codes.get(value, value))


def _code_of(words: str, named: Mapping[str, Any], form: re.Pattern[str]) -> str:
    """Return `code:rest` where words begin with the name of a code in one of the languages; else the words."""
    found = form.fullmatch(words.strip())
    if found is None:
        return words
    for language in LANGUAGES:
        with translation.override(language):
            for code, name in named.items():
                if found[1].strip().casefold() == str(name).casefold():
                    return f"{code}:{found[2]}"
    return words
