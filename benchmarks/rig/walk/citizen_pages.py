"""List every page that a citizen can open, and in which state of a browser; a test finds one that is missing here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from benchmarks.rig.walk.reader import PROVIDER, Reader

# States of a browser (benchmarks/rig/walk/browsers.py).
VISITOR, CODE_SENT, SIGNING_UP, SIGNED_UP, LIGHT_CODE_SENT = "visitor", "code", "sign-up", "signed-up", "light-code"
CITIZEN, ADDING, NEW_NUMBER_SENT = "citizen", "adding", "new-number"


@dataclass(frozen=True, slots=True)
class Page:
    """One page. `arguments` and `query`: plain values, or "=name" for what the reader has under that name."""

    route: str
    browser: str = CITIZEN
    arguments: tuple[str, ...] = ()
    query: Mapping[str, str] | None = None
    posted: Mapping[str, str] | None = None  # the form of a POST

    def path(self, reader: Reader) -> str:
        address = reverse(self.route, args=[_value(each, reader) for each in self.arguments])
        return f"{address}?{urlencode(_values(self.query, reader))}" if self.query else address

    def form(self, reader: Reader) -> dict[str, Any] | None:
        return _values(self.posted, reader) if self.posted is not None else None


def _values(named: Mapping[str, str], reader: Reader) -> dict[str, Any]:
    return {name: _value(each, reader) for name, each in named.items()}


def _value(each: str, reader: Reader) -> Any:
    return getattr(reader, each.removeprefix("=")) if each.startswith("=") else each


BEFORE_SIGNING_IN = (
    Page("web:landing", VISITOR),
    Page("web:landing"),
    Page("web:identify", VISITOR),
    Page("web:code", CODE_SENT),
    Page("web:too_young", VISITOR),
    Page("web:channels", SIGNING_UP),
    Page("web:data_types", SIGNING_UP),
    Page("web:consent", SIGNING_UP),
    Page("web:check", SIGNING_UP),
    Page("web:done", SIGNED_UP),
    Page("web:sign_in", VISITOR),
    Page("web:sign_in_code", LIGHT_CODE_SENT),
    Page("web:settings_identify", VISITOR),
    Page("web:family", VISITOR),
    Page("privacy_policy", VISITOR),
    Page("verify", VISITOR),
    Page("verify", VISITOR, posted={"code": "=check_code"}),
)
INBOX = (
    Page("inbox:list"),
    Page("inbox:list", query={"before": "=middle"}),
    Page("inbox:list", query={"show": "to-do"}),
    Page("inbox:list", query={"kind": "=kind"}),
    Page("inbox:list", query={"kind": "=other_kind"}),
    Page("inbox:notice", arguments=("=notice",)),
    Page("inbox:print", arguments=("=notice",)),
    Page("inbox:calendar", arguments=("=notice",)),
    Page("year:ahead"),
    Page("year:print"),
    Page("year:address"),
    Page("year:feed", VISITOR, ("=token",)),
)
MONEY = (
    Page("pay:bills"),
    Page("pay:bill", arguments=("=bill",)),
    Page("pay:print", arguments=("=bill",)),
    Page("pay:calendar", arguments=("=bill",)),
    Page("pay:objection", arguments=("=bill",)),
    Page("pay:choose", arguments=("=bill",)),
    Page("pay:check", arguments=("=bill", PROVIDER)),
    Page("pay:history"),
    Page("pay:order", arguments=("=order",)),
    Page("pay:receipt", arguments=("=order",)),
)
SETTINGS = (
    Page("web:settings"),
    Page("web:settings_identify"),
    Page("web:settings_channels"),
    Page("web:settings_hours"),
    Page("web:settings_calm"),
    Page("web:settings_reading"),
    Page("web:settings_family"),
    Page("web:history"),
    Page("web:number"),
    Page("web:number_code", NEW_NUMBER_SENT),
    Page("web:toss"),
    Page("trial:trial"),
    Page("web:more"),
    Page("web:more_consent", ADDING),
    Page("web:end_all"),
    Page("web:end", arguments=("=kind",)),
    Page("own_data:overview"),
    Page("own_data:accesses"),
    Page("uses_of_data"),
    Page("own_data:erase"),
    Page("own_data:erased", VISITOR, ("=erasure",)),
)
PAGES = (*BEFORE_SIGNING_IN, *INBOX, *MONEY, *SETTINGS)
