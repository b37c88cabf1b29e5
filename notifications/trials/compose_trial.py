"""Compose a test message: the approved template, the person's name, and a check code."""

from django.conf import settings

from notifications.channels.contract import Message
from notifications.delivery.check_codes import check_code
from notifications.delivery.compose import approved, chosen_lines, sheet
from notifications.models import TrialMessage
from subscriptions.message_templates import builtin_values
from subscriptions.models import Contact

_MARK = "test"


def compose_trial(trial: TrialMessage, contact: Contact) -> Message:
    """Return the message to this contact of its person. Raises Unfit."""
    page = sheet(approved([trial.template_id])[trial.template_id])
    values = builtin_values(
        name=trial.citizen.name,
        check_code=check_code(trial.number),
        agency=page.agency_name,
        contact=page.agency_phone,
    )
    text, _, values = chosen_lines(page, values, {})
    filled = text.fit(values, last_resort=True)
    code = trial.template.vendor_template
    return Message(
        reference=trial_reference(trial.pk),
        address=contact.value,
        template_code=code,
        title=filled.title,
        text=filled.text,
        values=text.keyed(filled.values) if code else {},
    )


def trial_reference(number: int) -> str:
    """Return the reference by which a gateway knows a test message; never that of a delivery."""
    return f"{settings.REFERENCE_PREFIX}-{_MARK}-{number}"


def trial_number(reference: str) -> int | None:
    """Return the number of the test message behind a reference; None for any other."""
    prefix, _, number = reference.rpartition("-")
    is_ours = prefix == f"{settings.REFERENCE_PREFIX}-{_MARK}" and number.isdecimal() and len(number) < 19
    return int(number) if is_ours else None
