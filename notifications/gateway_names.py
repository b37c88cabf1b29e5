"""Call the gateways that carry messages by their vendors' names, with what each carries."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

# A gateway without a name here is a mistake that a test finds.
GATEWAYS: Final[Mapping[str, Any]] = {
    "nhn": _("NHN Cloud, Alimtalk"),
    "nhn_sms": _("NHN Cloud, text messages"),
    "sens_alimtalk": _("NAVER Cloud, Alimtalk"),
    "sens_sms": _("NAVER Cloud, text messages"),
    "solapi": _("Solapi, Naver"),
    "solapi_alimtalk": _("Solapi, Alimtalk"),
    "solapi_sms": _("Solapi, text messages"),
    "toss": _("Apps in Toss"),
    "twilio": _("Twilio, text messages"),
}
# The names by which the vendors sell these services; which company runs one is the contract's to say.
VENDORS: Final[Mapping[str, str]] = {
    "nhn": "NHN Cloud",
    "nhn_sms": "NHN Cloud",
    "sens_alimtalk": "NAVER Cloud",
    "sens_sms": "NAVER Cloud",
    "solapi": "Solapi",
    "solapi_alimtalk": "Solapi",
    "solapi_sms": "Solapi",
    "toss": "Toss",
    "twilio": "Twilio",
}


def gateway_name(gateway: str) -> str:
    return str(GATEWAYS.get(gateway, gateway))
