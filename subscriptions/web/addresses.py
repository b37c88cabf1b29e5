"""Where a request comes from. X-Forwarded-For counts only as far as our own proxies wrote it."""

from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

ONE_LINE, ONE_SITE = 64, 48  # bits of an IPv6 prefix: what one line gets, and the most that a provider gives a customer


def client_address(request: HttpRequest) -> str:
    """The address that the outermost of our TRUSTED_PROXIES saw; the peer itself where there is none.

    What a client writes into X-Forwarded-For stands to the left of that entry and is ignored.
    """
    peer = str(request.META.get("REMOTE_ADDR", ""))
    hops = [hop.strip() for hop in str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",") if hop.strip()]
    if settings.TRUSTED_PROXIES < 1 or len(hops) < settings.TRUSTED_PROXIES:
        return peer
    return hops[-settings.TRUSTED_PROXIES]


def networks_of(address: str) -> tuple[str, str]:
    """What counts as one visitor, and the larger network around it; "" for an IPv4 address, which has none of its own.

    A home has 2⁶⁴ IPv6 addresses or 2⁸⁰, and may use a new one for each request.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return address, ""
    if not isinstance(parsed, IPv6Address):
        return str(parsed), ""
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped), ""
    return tuple(str(ip_network((int(parsed), bits), strict=False)) for bits in (ONE_LINE, ONE_SITE))  # type: ignore[return-value]
