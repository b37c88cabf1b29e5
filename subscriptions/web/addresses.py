"""Where a request comes from. X-Forwarded-For counts only as far as our own proxies wrote it."""

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The address that the outermost of our TRUSTED_PROXIES saw; the peer itself where there is none.

    What a client writes into X-Forwarded-For stands to the left of that entry and is ignored.
    """
    peer = str(request.META.get("REMOTE_ADDR", ""))
    hops = [hop.strip() for hop in str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",") if hop.strip()]
    if settings.TRUSTED_PROXIES < 1 or len(hops) < settings.TRUSTED_PROXIES:
        return peer
    return hops[-settings.TRUSTED_PROXIES]
