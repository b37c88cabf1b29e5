"""Compose a test message: the approved template, the person's name, and a check code."""

from notifications.channels.contract import Message
from notifications.delivery.check_codes import check_code
from notifications.delivery.compose import approved, sheet
from notifications.delivery.gateways import trial_reference
from notifications.models import TrialMessage
from subscriptions.message_templates import builtin_values
from subscriptions.models import Contact


def compose_trial(trial: TrialMessage, contact: Contact) -> Message:
    """Return the message to this contact of its person. Raises Unfit."""
    page = sheet(approved([trial.template_id])[trial.template_id])
    values = builtin_values(
        name=trial.citizen.name,
        check_code=check_code(trial.number),
        agency=page.agency_name,
        contact=page.agency_phone,
    )
    text = page.page(page.choice.title.shown(values), page.choice.body.shown(values))
    filled = text.fit(values, last_resort=True)
    code = trial.template.vendor_template
    return Message(
        reference=trial_reference(trial.pk),
        address=contact.value,
        template_code=code,
        title=filled.title,
        text=filled.text,
        values=text.keyed(filled) if code else {},
    )
