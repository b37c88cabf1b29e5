"""Find where a request comes from. X-Forwarded-For counts only as far as our own proxies wrote it."""

from django.conf import settings


def outermost(*, peer: str, forwarded_for: str) -> str:
    """Return the address that the outermost of our TRUSTED_PROXIES saw; the peer itself where there is none.

    What a client writes into X-Forwarded-For stands to the left of that entry and is ignored.
    """
    hops = [hop.strip() for hop in forwarded_for.split(",") if hop.strip()]
    if settings.TRUSTED_PROXIES < 1 or len(hops) < settings.TRUSTED_PROXIES:
        return peer
    return hops[-settings.TRUSTED_PROXIES]
