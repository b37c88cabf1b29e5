"""Log sign-ins and refusals: one kind of event, then facts as key=value.

No personal data: where a request came from stands as a keyed hash, by which lines of one source belong together, and
people by their internal id. The proxy's own log has the address at that moment.
"""

import logging

from secretary.kernel.persons.blind_index import blind_index

logger = logging.getLogger("secretary.security")
SOURCE_BYTES = 6


def log_entry(event: str, **facts: object) -> None:
    """Log that an account or a person has passed a check of identity."""
    logger.info("entered: %s %s", event, _written(facts))


def log_refusal(event: str, *, address: str = "", **facts: object) -> None:
    """`event`: a few fixed words. `facts`: codes and ids, never what a person typed or sent."""
    if address:
        facts["source"] = blind_index("log:address", address)[:SOURCE_BYTES].hex()
    logger.warning("refused: %s %s", event, _written(facts))


def _written(facts: dict[str, object]) -> str:
    return " ".join(f"{name}={value}" for name, value in facts.items())
