"""Find the client address of a request."""

from ipaddress import IPv6Address, ip_address, ip_network

from django.http import HttpRequest

from secretary.kernel.http.addresses import outermost

ONE_LINE, ONE_SITE = 64, 48  # bits of an IPv6 prefix: one connection's, and the largest of a provider's customer


def client_address(request: HttpRequest) -> str:
    """Return the address that the outermost of our own proxies saw; without a proxy the peer's."""
    peer = str(request.META.get("REMOTE_ADDR", ""))
    return outermost(peer=peer, forwarded_for=str(request.META.get("HTTP_X_FORWARDED_FOR", "")))


def networks_of(address: str) -> tuple[str, str]:
    """Return the network that counts as one visitor, and the larger network around it; "" for an IPv4 address, which
    has no larger one.

    A home has 2⁶⁴ or 2⁸⁰ IPv6 addresses, and may use a new one for each request.
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
