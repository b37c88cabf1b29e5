"""Say in words what a line of the trail is about and what was changed. Seals and exports are over what was written."""

import re
from functools import cache
from typing import Any, Final

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import BooleanField, Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from secretary.kernel.audit.changes import recorded_model
from secretary.kernel.backoffice.column_words import column_words

# What an object's code begins with, where that is no model's name. Others: as the model is called.
THINGS: Final[dict[str, Any]] = {
    "batch": gettext_lazy("batch"),
    "calm": gettext_lazy("calm mode"),
    "channel": gettext_lazy("channel"),
    "export": gettext_lazy("copy of a person's data"),
    "form": gettext_lazy("paper form"),
    "month": gettext_lazy("month"),
    "people": gettext_lazy("people"),
    "posting": gettext_lazy("posting to an agency"),
    "stop": gettext_lazy("stopped message template"),
    "test_message": gettext_lazy("test message"),
    "upload": gettext_lazy("list of seniors"),
}
_CODED = re.compile(r"([a-z_]+):(.+)")
_ARROW = " → "


def object_words(place: str) -> str:
    """Return what a line is about, in the reader's language: "notice: 4711" for `notice:4711`."""
    if place == "audit trail":
        return _("audit trail")
    found = _CODED.fullmatch(place)
    words = found and (THINGS.get(found[1]) or _models().get(found[1].replace("_", "")))
    return f"{words}: {found[2].strip()}" if found and words else place


def reason_words(action: str, reason: str) -> str:
    """Return why it was done, or what a row's change was, with its columns and its yes and no in words."""
    thing, _blank, deed = action.rpartition(" ")
    model = recorded_model(thing) if deed in ("created", "changed", "deleted") else None
    return "; ".join(_part(model, part) for part in reason.split("; ")) if model else reason


@cache
def _models() -> dict[str, Any]:
    return {str(model._meta.model_name): model._meta.verbose_name for model in apps.get_models()}


def _part(model: type[Model], part: str) -> str:
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
    return f"{words}: {_ARROW.join(_value(each, is_yes_or_no) for each in value.split(_ARROW))}"


def _value(value: str, is_yes_or_no: bool) -> str:
    if is_yes_or_no and value in ("True", "False"):
        return _("yes") if value == "True" else _("no")
    return "–" if value in ("None", "") else value
