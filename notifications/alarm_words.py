"""Say what each kind of alarm means and what to do, in the reader's language; at length: docs/operations.md.

Kinds are raised by all apps. A kind without words here is a mistake that a test finds; pages then show its code.
"""

from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from notifications.gateway_names import GATEWAYS
from subscriptions.models.channel_choice import CHANNELS


class Words(NamedTuple):
    title: Any
    remedy: Any


LOG = _("Read the log of the workers; it names the row.")
SECOND_PERSON = _("Look at the payment; then approve or reject its refund as the second person.")
KEYS = _("Check FIELD_KEYS and the record.")

OF_DELIVERY = {
    "account_restricted": Words(
        _("A gateway restricts our account"), _("Ask the vendor to lift it; the next channel serves meanwhile.")
    ),
    "cannot_compose": Words(_("A message cannot be composed"), KEYS),
    "channel_paused": Words(
        _("A channel was paused because too much of it failed"),
        _("Check the vendor's status. It resumes by itself; if it lasts, reroute the channel."),
    ),
    "channel_rerouted": Words(
        _("A channel that failed was rerouted by itself"),
        _("Check the vendor's status. The channel comes back by itself, step by step; Channels has other choices."),
    ),
    "gateway_silent": Words(
        _("The outcome of a message stayed unknown"),
        _("Look the message up at the vendor, then resend or close the notice with a reason."),
    ),
    "notice_crashes": Words(
        _("Notices lost their worker three times"), _("Look at the log; decide about the notices in review.")
    ),
    "provider_capped": Words(
        _("Every provider of a channel is at its cap of today"),
        _("Raise PROVIDER_DAILY or add a provider; the next channel serves."),
    ),
    "provider_paused": Words(
        _("A provider was passed over because too much of it failed"),
        _("Check the vendor's status. The channel's next provider serves; it is tried again by itself."),
    ),
    "queue_mended": Words(
        _("Queue entries were missing and were restored"), _("No further action, unless a backup was restored.")
    ),
    "receipt_mismatch": Words(
        _("Receipts named messages of others"),
        _("They were ignored. The webhook's secret may be compromised: change it at the vendor and here."),
    ),
    "template_missing": Words(
        _("A message template has no template code"),
        _("Submit the template and enter its code; the next channel serves."),
    ),
    "templates": Words(_("Message templates could not be submitted"), _("Run manage.py submit_templates again.")),
    "told_twice": Words(
        _("A message arrived after it had been sent again"),
        _("Notify the vendor; if there are many, raise SETTLE_SECONDS."),
    ),
    "unreached": Words(
        _("People are reached by no channel"), _("See their list. Many at once mean that a channel fails.")
    ),
    "wording_refused": Words(
        _("A gateway refuses a message template"), _("Correct or register the template, then clear its stop.")
    ),
    "written_otherwise": Words(
        _("Names were sent in other letters or shortened"), _("No error; offices may offer KakaoTalk to these people.")
    ),
}
OF_RECORDS = {
    "calendar": Words(
        _("The calendar of public holidays was not compared with the decree"),
        _("Compare it and enter what is missing under declared holidays."),
    ),
    "deadlines_unread": Words(
        _("Records cannot be read, and their deadlines were not moved"),
        _("Check FIELD_KEYS; then run manage.py move_deadlines again."),
    ),
    "feed": Words(_("A feed was refused or did not answer"), _("Its feed runs name the lines and the reasons.")),
    "feed_strangers": Words(
        _("A feed names none of the people who are enrolled"),
        _("Compare some lines with the agency: names, numbers, CI."),
    ),
    "not_published": Words(
        _("A data type version did not go live at its time"),
        _("Its page names the problems. Correct them; it waits for approval."),
    ),
    "not_yours_unsaid": Words(
        _("People cannot be notified that a record is not about them"),
        _("Add that stage to the data type and publish it; inform them in another way."),
    ),
    "records_moved": Words(_("Many records are about other people than before"), _("Ask the agency at once.")),
    "reopened_unsaid": Words(
        _("A data type has no stage for records that are open again"),
        _("Add the stage with its messages and publish it."),
    ),
    "same_version": Words(
        _("An agency changed a record under the same version"),
        _("Ask the agency to send it again under a higher version."),
    ),
}
OF_THE_SERVICE = {
    "alarm_unsent": Words(
        _("Alarms do not reach one of their recipients"),
        _("Check ALARM_RECIPIENTS, SMTP_URL and the recipient's server."),
    ),
    "audit_head": Words(
        _("The seal of the audit trail was not exported"), _("Check AUDIT_HEAD_FILE and AUDIT_HEAD_URL.")
    ),
    "audit_unsealed": Words(
        _("Lines of the audit trail are not sealed"), _("Do the workers run? Then run manage.py verify_audit.")
    ),
    "clock": Words(_("A machine's clock is wrong"), _("Correct it (NTP).")),
    "data_export_failed": Words(_("The copy of a person's data could not be made"), LOG),
    "erasure_overdue": Words(_("An erasure is later than promised"), LOG),
    "erasure_stopped": Words(_("An erasure does not go on"), LOG),
    "limit_reached": Words(
        _("A limit that all people share is used up"),
        _("Until its window is over, requests are refused. An attack? Block its addresses, or raise the setting."),
    ),
    "list_failed": Words(
        _("A list of seniors could not be taken in"),
        _("Read the log for the list's number. The official has been informed on the page and can upload it again."),
    ),
    "row_failed": Words(_("Work on a row failed; the others go on"), LOG),
    "sign_in_attack": Words(
        _("Too many failed sign-ins of staff"), _("Look at the failed sign-ins, and notify the person.")
    ),
    "test": Words(_("A test: no action is needed"), _("Clear it.")),
}
OF_MONEY = {
    "biller_refused": Words(_("An agency does not know a debt that it reported"), _("Ask the agency.")),
    "case_changed": Words(
        _("An agency removed a record from a paid case"),
        _("Ask it to send the record again; no reminder is sent otherwise."),
    ),
    "moved_after_payment": Words(
        _("A paid record is about another person now"),
        _("Look at the payment; request a refund where nothing was owed."),
    ),
    "paid_and_cancelled": Words(_("An agency cancelled what was paid here"), SECOND_PERSON),
    "paid_for_another": Words(_("What was paid here is another person's"), SECOND_PERSON),
    "paid_twice": Words(_("Two debts that were paid are one"), SECOND_PERSON),
    "payment_amount": Words(
        _("A provider reports another amount"), _("Look the order up at the provider; its answer settled nothing.")
    ),
    "payment_answer": Words(
        _("A provider answered for another order"), _("Look the order up at the provider; its answer settled nothing.")
    ),
    "payment_late": Words(_("A payment was approved after midnight"), _("Ask the agency whether the rest is due.")),
    "payment_not_booked": Words(_("Captured money could not be booked"), LOG),
    "payment_review": Words(
        _("A provider's figure of a payment differs from our books"),
        _("Find out who refunded it; then approve or reject the refund that waits."),
    ),
    "payment_surplus": Words(_("More was captured than was owed"), SECOND_PERSON),
    "payment_tampered": Words(
        _("A browser returned another order or amount"), _("No money was captured. Many of them are an attack.")
    ),
    "payment_unknown": Words(
        _("Outcomes of payments stay unknown for an hour"), _("Is the provider up? Look the order up at its console.")
    ),
    "posting_refused": Words(
        _("An agency refuses a captured payment"), _("Send the posting again, or request a refund.")
    ),
    "reconcile": Words(_("The books of a day differ"), _("The day's differences name their remedies.")),
    "record_unreadable": Words(_("A payable record cannot be read"), KEYS),
    "refund_balance": Words(
        _("A provider's balance fits no refund"), _("Look at the provider's console; request the refund again.")
    ),
    "refund_refused": Words(
        _("A provider refuses a refund"), _("Look at the provider's console; request the refund again.")
    ),
    "tariff_differs": Words(
        _("An agency's figure differs from the law's"), _("Notify the agency; its figure is used meanwhile.")
    ),
    "unposted": Words(
        _("An agency has not acknowledged a payment for an hour"),
        _("Is its biller up? The posting is sent again by itself."),
    ),
    "unquotable": Words(_("A record's facts contradict each other"), _("Notify the agency, for a correction.")),
}
WORDS: dict[str, Words] = {**OF_DELIVERY, **OF_RECORDS, **OF_THE_SERVICE, **OF_MONEY}


def words_of(kind: str) -> Words:
    return WORDS.get(kind, Words(kind, LOG))


# What an alarm is about, where it is no name: those stand as they are (a feed, a key, a machine).
PLACES: dict[str, Any] = {
    **CHANNELS,
    **GATEWAYS,
    "audit trail": _("audit trail"),
    "records": _("records"),
    "holidays": _("public holidays"),
    "deliveries": _("deliveries"),
    "console": _("the vendor's console"),
    "people": _("people without a channel"),
    "notices": _("notices"),
    "workers": _("workers"),
}
_NUMBERED = {
    "template": _("message template %s"),
    "version": _("data type version %s"),
    "list": _("list of seniors %s"),
    "refund": _("refund %s"),
}


def place_words(subject: str) -> str:
    """Return what an alarm is about, in the reader's language."""
    if subject in PLACES:
        return str(PLACES[subject])
    kind, _blank, number = subject.partition(" ")
    return str(_NUMBERED[kind] % number) if kind in _NUMBERED and number.isdecimal() else subject
