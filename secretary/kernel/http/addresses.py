"""Find where a request comes from: its address, and which start of ./run.

X-Forwarded-For counts only as far as our own proxies wrote it.

Every sandbox signs with the same published secrets and speaks of deliveries by their numbers, which begin at 1 in each
database. One that outlived its own run would go on reporting to a port on which another run listens by now, and its
reports would fit there. So what ./run starts sends its token in each request, and another run's is refused.
"""

from collections.abc import Mapping

from django.conf import settings

RUN = "x-run"


def outermost(*, peer: str, forwarded_for: str) -> str:
    """Return the address that the outermost of our TRUSTED_PROXIES saw; the peer itself where there is none.

    What a client writes into X-Forwarded-For stands to the left of that entry and is ignored.
    """
    hops = [hop.strip() for hop in forwarded_for.split(",") if hop.strip()]
    if settings.TRUSTED_PROXIES < 1 or len(hops) < settings.TRUSTED_PROXIES:
        return peer
    return hops[-settings.TRUSTED_PROXIES]


def is_of_another_run(headers: Mapping[str, str]) -> bool:
    """Headers by lower-case names. False where ./run did not start this process, or the caller sends no token."""
    ours: str = settings.RUN_TOKEN
    return bool(ours) and headers.get(RUN, ours) != ours
