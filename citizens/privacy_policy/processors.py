"""Name the companies that process personal data for this installation, and what each is given, from its settings."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from notifications.delivery.gateways import gateways_of
from notifications.gateway_names import VENDORS
from payments.providers.registry import providers as payment_services
from secretary.kernel.korean.korean import Language

IDENTITY: Mapping[str, str] = {"portone": "PortOne"}
ABROAD = frozenset(("twilio",))  # 개인정보 보호법 §28의8: docs/privacy.md


@dataclass(frozen=True, slots=True)
class Processor:
    """`names`: the vendors. `work`: what is entrusted to them. `data`: what they are given for it."""

    names: tuple[str, ...]
    work: Promise
    data: Promise


def processors() -> list[Processor]:
    """Return those of whom a setting says that they are in use, by the work that they do."""
    used = [
        Processor(
            _once(VENDORS[gateway] for gateway in _gateways()),
            _("Carrying notices, codes and test messages, and reporting whether they arrived"),
            _("Mobile number, or the key by which Toss knows you; the text; a number of ours for the message"),
        ),
        Processor(
            _once(IDENTITY[name] for name in (settings.IDENTITY_PROVIDER,) if name in IDENTITY),
            _("Checking who you are, with your mobile carrier"),
            _("Name, birth date and the digit after it, mobile number, carrier. We do not store the digits"),
        ),
    ]
    return [processor for processor in used if processor.names]


def payment_names(language: str) -> tuple[str, ...]:
    """Return the payment services that a citizen can choose here, as citizens call them."""
    known = payment_services()
    return tuple(known[name].title[language] for name in settings.PAYMENT_PROVIDERS if name in known)


def payment_title(provider: str, language: Language) -> str:
    """Return what citizens call a payment service, also one that is not offered any more."""
    known = payment_services()
    return known[provider].title[language] if provider in known else provider


def sends_abroad() -> bool:
    """Return whether a gateway in use processes data outside of Korea."""
    return not ABROAD.isdisjoint(_gateways())


def _gateways() -> Iterator[str]:
    for code in settings.CHANNELS:
        yield from gateways_of(code)


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
