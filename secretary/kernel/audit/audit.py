"""Record which actor did or saw what. Called inside the transaction of the deed itself; waits for no lock.

The actor is the account behind the current request, or the running command.
"""

import sys
from collections.abc import Callable
from contextvars import ContextVar
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from secretary.kernel.models import AuditEvent

_request: ContextVar[HttpRequest | None] = ContextVar("request", default=None)
Handler = Callable[[HttpRequest], HttpResponse]


def record_audit(
    *, now: datetime, actor: str, action: str, citizen_id: UUID | None = None, object: str = "", reason: str = ""
) -> None:
    AuditEvent.objects.create(
        at=now, actor=actor, action=action, citizen_id=citizen_id, object=object[:120], reason=reason[:200]
    )


def remember_request(get_response: Handler) -> Handler:
    """Middleware: while a request is answered, `current_account` and `current_actor` know its account."""

    def handle(request: HttpRequest) -> HttpResponse:
        token = _request.set(request)
        try:
            return get_response(request)
        finally:
            _request.reset(token)

    return handle


def current_account() -> int | None:
    """Return the signed-in account of the request being answered; None outside of requests and for visitors."""
    request = _request.get()
    user = getattr(request, "user", None)
    return int(user.pk) if user is not None and user.is_authenticated else None


def current_actor() -> str:
    """As the audit trail names it: `staff:3`, `visitor`, or `system:createsuperuser` for a command."""
    if (account := current_account()) is not None:
        return f"staff:{account}"
    if _request.get() is not None:
        return "visitor"
    is_command = Path(sys.argv[0]).name == "manage.py" and len(sys.argv) > 1
    return f"system:{sys.argv[1]}"[:60] if is_command else "system"
