"""Define how long a template may be on each channel, values included.

These limits hold for a channel with any vendor. Where an installation's vendor accepts less, its adapter declares it
(`limits` in notifications/channels/), and `narrow_by` passes that in: this package imports no adapter.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Limit:
    """The limits of one channel. None: no such limit. Bytes are EUC-KR bytes."""

    max_chars: int | None = None
    max_bytes: int | None = None
    short_bytes: int | None = None  # up to here it is billed as one short message
    title_chars: int | None = None
    title_bytes: int | None = None
    value_chars: int | None = None  # of one value
    new_account_value_chars: int | None = None  # the same, while the vendor treats our account as new
    title_required: bool = False
    euc_kr_only: bool = False
    # Variants of one template: a vendor's template is fixed, so each needs an approval of its own. Eight is our own
    # limit of what an operator can submit and review, not a vendor's.
    max_variants: int | None = 8


LIMITS: Final[dict[str, Limit]] = {
    # The carriers: SMS 90 bytes, LMS 2,000, subject 40, in EUC-KR (SENS, NHN Cloud and Solapi documentation; Twilio's
    # guidelines for Korea agree).
    "sms": Limit(max_bytes=2000, short_bytes=90, title_bytes=40, euc_kr_only=True, max_variants=None),
    # Body 1,000 characters with its values (Infobip, Solapi, NHN -2019); emphasised title 50 (NHN v2.3, -2032).
    "kakaotalk": Limit(max_chars=1000, title_chars=50),
    # Unverified: neither publishes a number.
    "naver": Limit(max_chars=1000, title_chars=50),
    "toss": Limit(max_chars=200, title_chars=30, title_required=True),
}
_DEFAULT: Final = Limit(max_chars=1000, title_chars=50)


_of_vendors: list[Callable[[str], Mapping[str, int]]] = []


def narrow_by(of_vendor: Callable[[str], Mapping[str, int]]) -> None:
    """Apply vendors' limits, once, when the applications start. `of_vendor`: channel → name in `Limit` → limit."""
    _of_vendors[:] = [of_vendor]


_gateways_of: list[Callable[[str], Sequence[str]]] = []


def list_gateways_by(gateways_of: Callable[[str], Sequence[str]]) -> None:
    """Know each channel's gateways, in their order, from when the applications start."""
    _gateways_of[:] = [gateways_of]


def gateways(channel: str) -> list[str]:
    """Return the gateways of the channel in their order."""
    return [gateway for gateways_of in _gateways_of for gateway in gateways_of(channel)]


def further_gateways(channel: str) -> list[str]:
    """Return the gateways of the channel behind its first one: each keeps template codes of its own."""
    return gateways(channel)[1:]


def limits(channel: str) -> Limit:
    """Return the limits of `channel` through this installation's vendor."""
    known = LIMITS.get(channel, _DEFAULT)
    if channel == "kakaotalk" and settings.KAKAOTALK_VALUE_CHARS:
        known = replace(known, value_chars=settings.KAKAOTALK_VALUE_CHARS)
    narrower: dict[str, Any] = {
        name: most
        for of_vendor in _of_vendors
        for name, most in of_vendor(channel).items()
        if (ours := getattr(known, name)) is None or most < ours
    }
    return replace(known, **narrower)
