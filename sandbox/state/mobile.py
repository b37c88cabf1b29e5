"""Read Korean mobile numbers in the forms that callers write them in."""

import re

_MOBILE = re.compile(r"01[016789]\d{7,8}")


def national(number: str) -> str | None:
    """Digits as dialled at home (01012345678) of a mobile number in any usual form, or None for anything else."""
    digits = re.sub(r"[\s\-()]", "", number)
    if digits.startswith(("+82", "82")):
        digits = "0" + digits.removeprefix("+").removeprefix("82").removeprefix("0")
    return digits if _MOBILE.fullmatch(digits) else None


def e164(national_digits: str) -> str:
    return "+82" + national_digits.removeprefix("0")
