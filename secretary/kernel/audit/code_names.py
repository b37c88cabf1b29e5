"""Know what the codes mean that stand in lines of the trail: named by the apps where their pages are loaded."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy

# Whole words that the product itself writes as an object or a reason.
CODES: Final[dict[str, Any]] = {
    "audit trail": gettext_lazy("audit trail"),
    "unknown account": gettext_lazy("unknown account"),
    "one address": gettext_lazy("one address"),
    "all": gettext_lazy("all"),
    "usual": gettext_lazy("as usual"),
    "True": gettext_lazy("yes"),
    "False": gettext_lazy("no"),
    "ko": gettext_lazy("Korean"),
    "en": gettext_lazy("English"),
    "contrast": gettext_lazy("high contrast"),
    "with a password": gettext_lazy("with a password"),
    "with a second factor": gettext_lazy("with a second factor"),
    "with a recovery code": gettext_lazy("with a recovery code"),
}
_rows: list[Callable[[], Mapping[str, Any]]] = []


def name_codes(words: Mapping[str, Any]) -> None:
    """Note what codes mean that an app writes."""
    CODES.update(words)


def name_rows(names: Callable[[], Mapping[str, Any]]) -> None:
    """Note where codes are named in the database (data types, agencies): `names` is called once for a page."""
    _rows.append(names)


def known_codes() -> Mapping[str, Any]:
    """Return every code that has words now, for the lines of one page."""
    found: dict[str, Any] = {}
    for names in _rows:
        found |= names()
    return found | CODES
