"""Build the providers and billers of this installation, once per thread, and what a provider is given.

Other modules get them through this module's own names (`adapters.provider(…)`) and never keep them.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from django.conf import settings

from payments.billers import registry as billers
from payments.billers.contract import Biller
from payments.models import Payment
from payments.providers import registry as providers
from payments.providers.contract import Order, Provider
from payments.tariffs.ladder import debt_name
from secretary.kernel.adapters.timing import Timing
from secretary.kernel.persons.blind_index import blind_index

T = TypeVar("T")
_made = threading.local()  # an adapter is used by one thread at a time


@dataclass(frozen=True, slots=True)
class ReturnUrls:
    """Absolute addresses to which a provider sends the browser back. They name only the order."""

    success: str
    cancel: str
    fail: str


class NotOffered(LookupError):
    """No such provider here, or no biller for that agency."""


def provider(name: str) -> Provider:
    """Return the provider of that name. Raises NotOffered."""
    if name not in settings.PAYMENT_PROVIDERS:
        raise NotOffered(name)
    return _once(f"provider:{name}", lambda: providers.build(name, settings.ADAPTER_CONFIG, timing=_timing()))


def biller(agency_code: str) -> Biller:
    """Return the biller of that agency. Raises NotOffered."""
    protocol = settings.PAYMENT_BILLERS.get(agency_code)
    if protocol is None:
        raise NotOffered(agency_code)
    return _once(f"biller:{agency_code}", lambda: _build_biller(protocol, agency_code))


def order_of(payment: Payment, urls: ReturnUrls | None = None) -> Order:
    """Return the payment as its provider knows it. Without `urls` it is good for a confirm only."""
    urls = urls or ReturnUrls("", "", "")
    return Order(
        order_id=payment.order_id,
        amount=payment.amount,
        name=debt_name(payment.bill.tariff).ko,
        payer=blind_index("payer", str(payment.bill.citizen_id)).hex()[:40],
        success_url=urls.success,
        cancel_url=urls.cancel,
        fail_url=urls.fail,
    )


def _timing() -> Timing:
    return Timing(connect_seconds=settings.HTTP_CONNECT_SECONDS, total_seconds=settings.PAYMENT_TOTAL_SECONDS)


def _build_biller(protocol: str, agency_code: str) -> Biller:
    private = settings.ALLOW_PRIVATE_ADDRESSES
    return billers.build(protocol, settings.ADAPTER_CONFIG, agency_code=agency_code, allow_private=private)


def forget() -> None:
    """For tests: make them anew after the settings have changed."""
    _made.__dict__.clear()


def _once(key: str, make: Callable[[], T]) -> T:
    if key not in _made.__dict__:
        _made.__dict__[key] = make()
    made: T = _made.__dict__[key]
    return made
