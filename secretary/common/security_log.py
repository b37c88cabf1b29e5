"""Log lines about what was refused for safety's sake: one kind of event, then facts as key=value.

No personal data: where a request came from stands as a keyed hash, by which lines of one source are told together, and
people by their internal id. The proxy's own log has the address at that moment.
"""

import logging

from secretary.common.blind_index import blind_index

logger = logging.getLogger("secretary.security")
SOURCE_BYTES = 6


def log_refusal(event: str, *, address: str = "", **facts: object) -> None:
    """`event`: a few fixed words. `facts`: codes and ids, never what somebody typed or sent."""
    if address:
        facts["source"] = blind_index("log:address", address)[:SOURCE_BYTES].hex()
    logger.warning("refused: %s %s", event, " ".join(f"{name}={value}" for name, value in facts.items()))
