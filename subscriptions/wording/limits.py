"""How long a wording may be on each channel, values included."""

from dataclasses import dataclass, fields
from typing import Any, Final

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Limit:
    """None: no such limit. Bytes are EUC-KR bytes."""

    max_chars: int | None = None
    max_bytes: int | None = None
    short_bytes: int | None = None  # up to here it costs and counts as one short message
    title_chars: int | None = None
    title_bytes: int | None = None
    value_chars: int | None = None  # of one value
    new_account_value_chars: int | None = None  # the same, as long as the vendor counts our account as new
    title_required: bool = False
    euc_kr_only: bool = False
    # Texts that one wording can come out as: a vendor's template is fixed, so each needs an approval of its own. Eight
    # is our measure of what an operator can hand in and look through, no vendor's number.
    max_variants: int | None = 8


LIMITS: Final[dict[str, Limit]] = {
    # SMS 90 bytes, LMS 2,000, subject 40, in EUC-KR (SENS, NHN Cloud and Solapi documentation). Characters: Twilio's.
    "sms": Limit(max_chars=1600, max_bytes=2000, short_bytes=90, title_bytes=40, euc_kr_only=True, max_variants=None),
    # Body 1,000 characters with its values (Infobip, Solapi, NHN -2019); emphasised title 50 (NHN v2.3).
    # NHN -1028: a value of more than 14 characters is refused of new accounts ("최초 사용자 제한").
    "kakaotalk": Limit(max_chars=1000, title_chars=50, new_account_value_chars=14),
    # Unverified: neither vendor publishes a number; settings.WORDING_LIMITS corrects them.
    "naver": Limit(max_chars=1000, title_chars=50),
    "toss": Limit(max_chars=200, title_chars=30, title_required=True),
}
_DEFAULT: Final = Limit(max_chars=1000, title_chars=50)


def limits(channel: str) -> Limit:
    """The limits of `channel`, corrected by `settings.WORDING_LIMITS = {"toss": {"max_chars": 150}}`."""
    known = LIMITS.get(channel, _DEFAULT)
    corrections: dict[str, Any] = {**getattr(settings, "WORDING_LIMITS", {}).get(channel, {})}
    if channel == "kakaotalk" and settings.KAKAOTALK_VALUE_CHARS:
        corrections["value_chars"] = settings.KAKAOTALK_VALUE_CHARS
    if not corrections:
        return known
    values = {item.name: getattr(known, item.name) for item in fields(known)}
    return Limit(**{**values, **corrections})
