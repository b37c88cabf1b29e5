"""Record what a list reveals of enrolled people, before the official sees it, and name it as an error of the row."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from secretary.kernel.models import AuditEvent
from subscriptions.models import BulkUpload
from subscriptions.registration.bulk.columns import FORM, NAME, PHONE
from subscriptions.registration.bulk.likeness import Likeness
from subscriptions.registration.bulk.read_row import Fault

COLUMN_OF = {"person": NAME, "registered": NAME, "number": PHONE, "number_of_another": PHONE, "form": FORM}
# The words of the page for one senior (registration_warnings.py).
KIND_OF = {"registered": "already registered", "number_of_another": "number of another person"}


def faults_of(like: Likeness) -> list[Fault]:
    return [(COLUMN_OF[like.how], f"like_{like.how}")]


def put_warnings_on_trail(
    upload: BulkUpload, forms: Mapping[int, str], warned: Mapping[int, Likeness], *, now: datetime
) -> None:
    """Record each warning with the person whom it reveals. `forms`: row → number of its paper form."""
    AuditEvent.objects.bulk_create(
        [
            AuditEvent(
                at=now,
                actor=f"official:{upload.official_id}",
                action="registration.warned",
                citizen_id=like.about,
                object=f"form:{forms[row]}"[:120],
                reason=KIND_OF.get(like.how, "alike"),
            )
            for row, like in warned.items()
        ]
    )


def put_refusals_on_trail(upload: BulkUpload, forms: Iterable[str], *, now: datetime) -> None:
    """Record the people who are too young to be registered on paper."""
    AuditEvent.objects.bulk_create(
        [
            AuditEvent(
                at=now,
                actor=f"official:{upload.official_id}",
                action="registration.refused",
                object=f"form:{form}"[:120],
                reason="too young",
            )
            for form in forms
        ]
    )
