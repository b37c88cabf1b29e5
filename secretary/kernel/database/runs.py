"""Find which start of ./run a callback belongs to.

Every sandbox signs with the same published secrets and speaks of deliveries by their numbers, which begin at 1 in each
database. One that outlived its own run would go on reporting to a port on which another run listens by now, and its
reports would fit there. So what ./run starts sends its token in each request, and another run's is refused.
"""

from collections.abc import Mapping

from django.conf import settings

HEADER = "x-run"


def is_of_another_run(headers: Mapping[str, str]) -> bool:
    """Headers by lower-case names. False where ./run did not start this process, or the caller sends no token."""
    ours: str = settings.RUN_TOKEN
    return bool(ours) and headers.get(HEADER, ours) != ours
