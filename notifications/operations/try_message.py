"""Send a message of a draft, with sample values, to the telephone that its author has proved, marked as a test.

No notice, no consent, no second channel; what a provider refuses for certain goes to the channel's next one. Nothing
is stored here: the page keeps what was proved.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils import translation
from django.utils.translation import gettext, gettext_lazy

from notifications.channels.contract import Message, Verdict
from notifications.channels.registry import MissingSetting
from notifications.delivery.providers import send_apart
from secretary.kernel.audit.audit import record_audit
from secretary.kernel.language import as_language
from subscriptions.message_templates import compile_lines, sample_values
from subscriptions.message_templates.samples import sample_facts
from subscriptions.message_templates.values import NAME
from subscriptions.models import MessageTemplate
from subscriptions.specs import Words, fields_from_json

SENT: Final = (Verdict.ACCEPTED, Verdict.DELIVERED, Verdict.UNKNOWN)
MARKS: Final = {"ko": "[시험]", "en": "[TEST]"}


class NotSent(Exception):
    """The message did not go out; the text gives the reason to the person who tried."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A text filled with sample values, and those by the names of the vendor's template."""

    title: str
    text: str
    values: dict[str, str]


def send_proof(*, phone: str, code: str, language: str) -> None:
    """Send the code by which a member of staff proves that the number is theirs. Raises NotSent."""
    with translation.override(language):
        text = gettext("[Public Secretary] Code %(code)s to receive test messages at this number. Do not share it.")
    _hand_over("sms", phone, Sample("", text % {"code": code}, {}))


def send_sample(*, template: MessageTemplate, phone: str, actor: str, now: datetime) -> None:
    """Send one template to a proved number by its own channel, with the trail's line first. Raises NotSent."""
    code = template.vendor_template
    if template.channel == "toss":
        raise NotSent(_TOSS)
    if template.channel != "sms" and not code:
        raise NotSent(_NO_CODE)
    version = template.stage.version
    place = f"data_type_version:{version.pk} {version.data_type.code} v{version.number}"
    what = f"{template.stage.code} {template.channel} {template.language}"
    record_audit(now=now, actor=actor, action="test message sent", object=place, reason=what)
    _hand_over(template.channel, phone, filled_sample(template), code, template.pk)


_TOSS: Final = gettext_lazy("Toss delivers to people who have linked their account there, and to no telephone number.")
_NO_CODE: Final = gettext_lazy(
    "The vendor has not approved this text yet: without its template code this channel sends nothing. Try the "
    "text message."
)


def filled_sample(template: MessageTemplate) -> Sample:
    """Return the template with sample values. It is marked as a test: before a text message, and in the name's place
    where a vendor has approved the text as it is."""
    language = as_language(template.language)
    version, mark = template.stage.version, MARKS[language]
    fields = fields_from_json(version.fields)
    named = version.contact() if version.agency_name_ko else version.data_type.agency.contact()
    agency = Words(named["agency_name_ko"], named["agency_name_en"])
    values = sample_values(fields, language, agency=agency, contact=named["agency_phone"])
    if template.channel != "sms":
        values |= {NAME: f"{mark} {values[NAME]}"}
    body = compile_lines(template.body).pick(values, sample_facts(fields))
    title = compile_lines(template.title).fill(values)
    text = body.fill(values)
    return Sample(title, f"{mark} {text}" if template.channel == "sms" else text, body.keyed(values))


def _hand_over(code: str, phone: str, sample: Sample, template_code: str = "", template_id: int = 0) -> None:
    reference = f"sample-{secrets.token_hex(8)}"
    values = sample.values if template_code else {}
    message = Message(reference, phone, template_code, sample.title, sample.text, values)
    try:
        handed = send_apart(code, [message], batch_key=reference, written_by={reference: template_id})
        outcome = handed[reference].outcome
    except (MissingSetting, KeyError):
        raise NotSent(gettext("This installation has no account for this channel yet.")) from None
    if outcome.verdict not in SENT:
        raise NotSent(gettext("The gateway refused it (%(code)s). Nothing was sent.") % {"code": outcome.code or "–"})
