"""MERGE: move what is kept about a person's former row together with its keys: calls of offices, and what was read."""

from typing import Any
from uuid import UUID

from citizens.models import OfficeCall, ReadNotice
from subscriptions.models import CitizenKey


def take_calls_along(*, former_id: UUID, citizen_id: UUID, **_: Any) -> None:
    """Give the calls to the row that stays, so that no office calls anew whom it has called. A row that keeps a key is
    still another person's. In the merge's transaction."""
    if CitizenKey.objects.filter(citizen=former_id).exists():
        return
    OfficeCall.objects.filter(citizen=former_id).update(citizen=citizen_id)
    ReadNotice.objects.filter(citizen=former_id).update(citizen=citizen_id)
