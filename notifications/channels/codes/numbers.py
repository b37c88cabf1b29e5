"""List the codes by which each gateway reports a wrong number: one that does not exist, or is not in use any more.

Their sources: the tables beside this one, and `twilio_sms`.
"""

from collections.abc import Mapping

_KAKAO = ("1020", "3008")
_CARRIERS = ("1002", "3001", "3003")
_SOLAPI = ("1010", "3010", "3032")
WRONG_NUMBER: Mapping[str, tuple[str, ...]] = {
    "nhn": ("-4019", "-5000", *_KAKAO),
    "sens_alimtalk": _KAKAO,
    "solapi": _SOLAPI,
    "solapi_alimtalk": _SOLAPI,
    "solapi_sms": _SOLAPI,
    "twilio": ("21211", "21614", "30005"),
    "nhn_sms": (*_CARRIERS, "-2018", "-2019"),
    "sens_sms": (*_CARRIERS, "no-number"),
}
