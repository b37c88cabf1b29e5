"""Name the start of ./run in each answer and request, so that another run's product refuses them (RUN_TOKEN)."""

import os

STARTED_BY = "RUN_TOKEN"  # in the environment of all that ./run starts; not set where the sandbox runs by itself
HEADER = "x-run"


def named() -> dict[str, str]:
    """Return the header with the token; none where no ./run started this sandbox."""
    token = os.environ.get(STARTED_BY, "")
    return {HEADER: token} if token else {}
