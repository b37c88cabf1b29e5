"""Which start of ./run this sandbox belongs to: said in each answer and each request, so that another run's product
takes nothing from it (.env.example, RUN_TOKEN)."""

import os

STARTED_BY = "RUN_TOKEN"  # in the environment of whatever ./run starts; not set where the sandbox runs by itself
HEADER = "x-run"


def named() -> dict[str, str]:
    """Return the header that says so; none where no ./run started this sandbox."""
    token = os.environ.get(STARTED_BY, "")
    return {HEADER: token} if token else {}
