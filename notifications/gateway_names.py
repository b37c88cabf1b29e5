"""Call the gateways that carry messages by their vendors' names, with what each carries."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

# A gateway without a name here is a mistake that a test finds.
GATEWAYS: Final[Mapping[str, Any]] = {
    "nhn": _("NHN Cloud, Alimtalk"),
    "nhn_sms": _("NHN Cloud, text messages"),
    "sens_alimtalk": _("Naver Cloud, Alimtalk"),
    "sens_sms": _("Naver Cloud, text messages"),
    "solapi": _("Solapi, Naver"),
    "solapi_alimtalk": _("Solapi, Alimtalk"),
    "solapi_sms": _("Solapi, text messages"),
    "toss": _("Apps in Toss"),
    "twilio": _("Twilio, text messages"),
}


def gateway_name(gateway: str) -> str:
    return str(GATEWAYS.get(gateway, gateway))
