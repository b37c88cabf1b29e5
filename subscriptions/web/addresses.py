"""Where a request comes from."""

from django.http import HttpRequest

from secretary.common.addresses import outermost


def client_address(request: HttpRequest) -> str:
    """The address that the outermost of our own proxies saw; the peer itself where there is none."""
    peer = str(request.META.get("REMOTE_ADDR", ""))
    return outermost(peer=peer, forwarded_for=str(request.META.get("HTTP_X_FORWARDED_FOR", "")))
