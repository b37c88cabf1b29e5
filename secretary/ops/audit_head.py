"""Take the newest seal of the audit trail out of the database's reach: only there does it prove that the end is there.

Always into the log, as a line of its own; besides that to a file and to an address, where they are named.
"""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests
from django.conf import settings
from django.core.checks import CheckMessage, Warning

from secretary.kernel.audit.audit_links import Head, audit_head
from secretary.kernel.http.outbound import OutboundRefused, session

logger = logging.getLogger("secretary.audit_head")


class NotExported(Exception):
    """A place that settings name did not accept the head; the message names the place and holds no secret."""


def export_head() -> Head | None:
    """Export the newest head everywhere; None where nothing was ever sealed. Raises NotExported once all were tried."""
    head = audit_head()
    if head is None:
        return None
    logger.info("audit head %s", head.line())
    failed = [*_to_file(head), *_to_address(head)]
    if failed:
        raise NotExported("; ".join(failed))
    return head


def check_place(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """`check --deploy`: the log alone is a good place only where it is shipped elsewhere, which cannot be seen here."""
    if settings.AUDIT_HEAD_FILE or settings.AUDIT_HEAD_URL:
        return []
    remedy = "Set one of them to a place on another machine; see .env.example."
    what = "AUDIT_HEAD_FILE and AUDIT_HEAD_URL are not set: heads of the audit trail are in this machine's log alone."
    return [Warning(what, hint=remedy, id="secretary.W041")]


def _to_file(head: Head) -> Iterator[str]:
    if settings.AUDIT_HEAD_FILE:
        try:
            with Path(settings.AUDIT_HEAD_FILE).open("a", encoding="utf-8") as kept:
                kept.write(head.line() + "\n")
        except OSError as error:
            yield f"AUDIT_HEAD_FILE: {type(error).__name__}"


def _to_address(head: Head) -> Iterator[str]:
    """Open the address that the operator named, also inside our own network; redirects are refused."""
    if settings.AUDIT_HEAD_URL:
        try:
            with session(allow_private=True) as calls:
                answer = calls.post(
                    settings.AUDIT_HEAD_URL, data=head.line(), headers={"Content-Type": "application/json"}
                )
            answer.raise_for_status()
        except (requests.RequestException, OutboundRefused) as error:
            yield f"AUDIT_HEAD_URL: {type(error).__name__}"
