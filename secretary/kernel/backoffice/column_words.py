"""Call technical columns by words on the administrators' pages: numbers of rows, what a model leaves unnamed, codes."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.contrib import admin
from django.core.exceptions import FieldDoesNotExist
from django.db.models import BooleanField, Model
from django.utils.translation import gettext_lazy as _

WORDS: Final[dict[str, Any]] = {
    "id": _("number"),
    "pk": _("number"),
    "record": _("record"),
    "event": _("audit event"),
    "event_id": _("audit event"),
    "position": _("place in the chain"),
    "run_id": _("feed run"),
    "carrier_id": _("carrier"),
    "user": _("account"),
    "confirmed": _("confirmed"),
    "created_at": _("created"),
    "last_used_at": _("last used"),
    "fence": _("claims so far"),
    "after": _("reached"),
    "subject_version": _("version of the person"),
    "state_version": _("version of the state"),
    "event_version": _("version of the event"),
    "changed_version": _("version of the last change"),
    "digest_version": _("version of the comparison"),
    **{f"date_{slot}": _("date column") for slot in range(1, 5)},
}

YES_OR_NO: Final[Mapping[Any, Any]] = {True: _("yes"), False: _("no"), None: "–"}

_COLUMNS: Final[dict[tuple[type[Model], str], Callable[[Any], Any]]] = {}


def column_words(model: type[Model], name: Any) -> Any:
    """Return the words for a column that its model does not name, or None where it does."""
    if not isinstance(name, str) or not _is_unnamed(model, name):
        return None
    if (
        name.endswith("_id")
        and (field := _field(model, name.removesuffix("_id")))
        and not _is_unnamed(model, field.name)
    ):
        return field.verbose_name
    field = _field(model, name.removesuffix("_id")) if name.endswith("_id") else None
    if field is None or not field.related_model:
        return WORDS.get(name)
    return (
        WORDS.get(name, field.related_model._meta.verbose_name)
        if _is_unnamed(model, field.name)
        else field.verbose_name
    )


def worded_column(model: type[Model], name: Any, values: Mapping[Any, Any] | None = None) -> Any:
    """Return the column under its words, and with `values` each of its codes as words: the name itself where it has
    words and no codes. Always the same for a column, so that a list can be sorted by it."""
    words = column_words(model, name)
    if words is None and values is None:
        return name
    if (model, name) not in _COLUMNS:

        @admin.display(description=words or _field(model, name).verbose_name, ordering=name)
        def column(row: Any) -> Any:
            value = getattr(row, name)
            return value if values is None else str(values.get(value, value) or "–")

        column.__name__ = name  # the list's cells have it in their class
        _COLUMNS[model, name] = column
    return _COLUMNS[model, name]


def yes_or_no(model: type[Model], name: Any) -> Mapping[Any, Any] | None:
    """Return the words for a column that is true or false (Django's signs are read out in English); None of others."""
    field = _field(model, name) if isinstance(name, str) else None
    return YES_OR_NO if isinstance(field, BooleanField) else None


def _is_unnamed(model: type[Model], name: str) -> bool:
    """Return whether a column has the name that Django makes of it."""
    if name == "pk" or (name.endswith("_id") and _field(model, name.removesuffix("_id"))):
        return True
    field = _field(model, name)
    made = ("ID", name.replace("_", " "), name)
    return field is not None and str(getattr(field, "verbose_name", "")) in made


def _field(model: type[Model], name: str) -> Any:
    try:
        return model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
