"""Signal changes to other apps, by ids only. All but `merged` and `rescheduled` are sent after the commit."""

import logging
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.dispatch import Signal

log = logging.getLogger(__name__)

subscribed = Signal()  # citizen_id: UUID; new subscriptions wait for their match with the records already open
merged = Signal()  # former_id, citizen_id: UUID, now: datetime; a key of the former row has moved to the other row
rescheduled = Signal()  # citizen_id: UUID, now: datetime; the person chose other hours or calm mode, or ended kinds
attacked = Signal()  # subject: str; signing in to the staff's sites was stopped for "user:3" or "one address"
code_asked = Signal()  # a sign-in code waits for its text message (sign_in/phone_codes.py)
list_failed = Signal()  # upload_id: int; a list of seniors failed too often and was given up
published = Signal()  # version_id: int; a version of a data type went live
not_published = Signal()  # version_id: int; one that was to go live at this time has problems, and did not


def announce_subscribed(citizen_id: UUID) -> None:
    """Send `subscribed` once the running transaction has committed.

    A receiver that fails (the broker is down) does no harm: the sweeper finds `matched_at IS NULL`.
    """
    transaction.on_commit(_sender(subscribed, citizen_id=citizen_id))


def announce_merged(*, former_id: UUID, citizen_id: UUID, now: datetime) -> None:
    """Send `merged` within the running transaction: all of the person's data moves, or no row is merged.

    A receiver's error is raised here.
    """
    merged.send(sender=None, former_id=former_id, citizen_id=citizen_id, now=now)


def announce_rescheduled(*, citizen_id: UUID, now: datetime) -> None:
    """Send `rescheduled` within the running transaction: what waits for the old hours waits no longer, or the person
    keeps the old hours. A receiver's error is raised here."""
    rescheduled.send(sender=None, citizen_id=citizen_id, now=now)


def announce_published(version_id: int) -> None:
    """Send `published` once the running transaction has committed. A receiver's failure has no effect here."""
    transaction.on_commit(_sender(published, version_id=version_id))


def announce_not_published(version_id: int) -> None:
    """Send `not_published` once the running transaction has committed. A receiver's failure has no effect here."""
    transaction.on_commit(_sender(not_published, version_id=version_id))


def announce_list_failed(upload_id: int) -> None:
    """Send `list_failed` once the running transaction has committed. A receiver's failure has no effect here."""
    transaction.on_commit(_sender(list_failed, upload_id=upload_id))


def announce_code_asked() -> None:
    """Send `code_asked` once the running transaction has committed. The sweeper finds a code whose signal is lost."""
    transaction.on_commit(_sender(code_asked))


def announce_attacked(subject: str) -> None:
    """Send `attacked` once the running transaction has committed. A receiver's failure has no effect here."""
    transaction.on_commit(_sender(attacked, subject=subject))


def _sender(signal: Signal, **values: object) -> Callable[[], None]:
    def send() -> None:
        for receiver, result in signal.send_robust(sender=None, **values):
            if isinstance(result, Exception):
                log.warning("%s failed after %s: %s", receiver, sorted(values), type(result).__name__)

    return send
