"""End the links of an erased person at Toss, too, for as long as the erasure may take."""

from datetime import datetime

from citizens.models import Erasure
from secretary.kernel.audit.security_log import log_refusal
from subscriptions.identity.toss_login import TossLogin, TossRefused, TossUnavailable
from subscriptions.web.preferences.toss_config import toss_config

ENDED, NOT_ENDED = "toss_ended", "toss_not_ended"  # in `Erasure.removed`: how many connections


def end_toss_links(erasure: Erasure, now: datetime) -> bool:
    """End each connection at Toss; return False where Toss gave no answer and there is time to try again.

    What Toss refuses is not tried again: the receipt says that the person can end it in the Toss app.
    """
    config, waiting = toss_config(), list[str]()
    for key in erasure.toss_keys:
        try:
            if config is not None:
                TossLogin(config).end(key)
            outcome = ENDED if config is not None else NOT_ENDED
        except TossRefused as refused:
            log_refusal("toss end", why="TossRefused", code=refused)
            outcome = NOT_ENDED
        except TossUnavailable as unavailable:
            log_refusal("toss end", why="TossUnavailable", code=unavailable)
            if now <= erasure.promised_by:
                waiting.append(key)
                continue
            outcome = NOT_ENDED
        erasure.removed = {**erasure.removed, outcome: erasure.removed.get(outcome, 0) + 1}
    erasure.toss_keys = waiting
    erasure.save(update_fields=["toss_keys_encrypted", "removed"])
    return not waiting
