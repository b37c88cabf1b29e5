"""Find lines of the trail by period, actor, action, object and person, newest first, page by page.

Each of these has an index that ends with the time, so that a page costs the same however long the trail is.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from secretary.kernel.models import AuditEvent
from secretary.kernel.time.clock import kst_instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Which lines are shown: all that are empty choose nothing. Days are those of Korea, both included."""

    since: date | None = None
    until: date | None = None
    actor: str = ""
    action: str = ""
    object: str = ""
    citizen_id: UUID | None = None

    @property
    def is_whole(self) -> bool:
        """Whether nothing but a period is chosen, so that no line within it is left out."""
        return not (self.actor or self.action or self.object or self.citizen_id)

    def as_words(self) -> str:
        """Return what was chosen, for the trail: `since=2026-11-01 actor=staff:3`."""
        found = {name: getattr(self, name) for name in self.__slots__}
        return " ".join(f"{name}={value}" for name, value in found.items() if value)


def lines(chosen: Chosen) -> QuerySet[AuditEvent]:
    """Return the chosen lines, newest first."""
    exact: dict[str, Any] = {
        "actor": chosen.actor,
        "action": chosen.action,
        "object": chosen.object,
        "citizen_id": chosen.citizen_id,
    }
    found = AuditEvent.objects.filter(**{name: value for name, value in exact.items() if value})
    if chosen.since is not None:
        found = found.filter(at__gte=kst_instant(chosen.since))
    if chosen.until is not None:
        found = found.filter(at__lt=kst_instant(chosen.until + timedelta(days=1)))
    return found.order_by("-at", "-id")


def page_of_lines(chosen: Chosen, *, before: int | None, size: int) -> tuple[list[AuditEvent], int | None]:
    """Return the lines that come before that line, and the id that leads to the next page; None: this is the last."""
    found = lines(chosen).select_related("link")
    if before is not None:
        mark = AuditEvent.objects.filter(pk=before).values_list("at", flat=True).first()
        if mark is None:
            return [], None
        found = found.filter(at__lte=mark).filter(Q(at__lt=mark) | Q(pk__lt=before))
    shown = list(found[: size + 1])
    return shown[:size], shown[size - 1].pk if len(shown) > size else None
