"""Say what each action on the audit trail is, in the reader's language. Seals and exports are over the codes.

A code that the product can write and that has no words here is a mistake that a test finds; a code of an earlier
release is shown as it stands. What a citizen reads about themselves: citizens/own_data/accesses.py.
"""

from collections.abc import Mapping
from typing import Any, Final

from django.utils import translation
from django.utils.translation import gettext_lazy as _

LANGUAGES: Final = ("ko", "en")
ACTIONS: Final[Mapping[Any, Mapping[str, Any]]] = {
    _("Signing in and accounts"): {
        "signed in": _("Signed in"),
        "signed out": _("Signed out"),
        "sign-in failed": _("Sign-in failed"),
        "sign-in locked": _("Sign-in locked after failures"),
        "sign-in stopped": _("Sign-in stopped by a limit"),
        "second factor enrolled": _("Second factor set up"),
        "second factor failed": _("Second factor was wrong"),
        "second factor reset": _("Second factor reset"),
        "old authenticators overwritten": _("Clear secrets of the last release overwritten"),
        "old authenticators written back": _("Clear secrets of the last release written back"),
        "recovery codes made": _("Recovery codes made"),
        "own password changed": _("Own password changed"),
        "first administrator made": _("First administrator made"),
        "role changed": _("Role changed"),
        "official invited": _("Official invited"),
        "invitation accepted": _("Invitation accepted"),
        "official switched on": _("Official switched on"),
        "official switched off": _("Official switched off"),
        "official.refused": _("Refused: official of another office"),
    },
    _("Looks at personal data"): {
        "looked at": _("Entry looked at, masked"),
        "looked at history": _("History looked at"),
        "revealed": _("Personal data shown in clear"),
        "searched": _("Searched"),
        "found": _("Found in a search"),
        "registrations.listed": _("Registrations listed"),
        "registrations.searched": _("Registrations searched"),
        "registration.revealed": _("Registration shown in clear"),
        "office_calls.listed": _("Call list looked at"),
        "office_reach.listed": _("Unreached people of an office listed"),
        "reach.listed": _("Notices behind a figure of reach listed"),
        "reach.exported": _("Report on reach exported"),
        "call.looked_up": _("Number of a caller looked up"),
        "call.looked_at": _("Notices of a caller looked at"),
        "call.identity_right": _("Identity questions of a caller: right"),
        "call.identity_wrong": _("Identity questions of a caller: wrong"),
        "audit.read": _("Audit trail read"),
        "audit.exported": _("Audit trail exported"),
        "report.read": _("Report of looks read"),
        "report.exported": _("Report of looks exported"),
    },
    _("Registration by officials"): {
        "citizen.registered": _("Registered from a paper form"),
        "registration.warned": _("Warned: registered already"),
        "registration.refused": _("Refused: not of this office"),
        "registration.kept_apart": _("Confirmed as another person"),
        "registration.corrected": _("Registration corrected"),
        "registration.moved": _("Registration moved to another office"),
        "list.uploaded": _("List of seniors uploaded"),
        "list.confirmed": _("List of seniors confirmed"),
        "list.errors_seen": _("Wrong rows of a list looked at"),
        "list.refused": _("Refused: list of another office"),
        "family.named": _("Family member named"),
        "family.agreed": _("Family member agreed"),
        "family.declined": _("Family member does not want it"),
        "family.not_wanted": _("Number recorded that wants no messages about others"),
        "family.number_lifted": _("Number may be asked again as a family member's"),
        "family.expired": _("Family member did not answer in time"),
        "family.ended": _("Messages to a family member ended"),
        "family.withdrawn": _("Consent to a family member withdrawn"),
        "family.question_sent": _("Question to a family member sent"),
        "family.news_sent": _("Message to a family member sent"),
        "office_call.recorded": _("Outcome of a call recorded"),
    },
    _("Citizens' own doings"): {
        "citizen.signed_up": _("Signed up"),
        "citizen.updated": _("Sign-up changed"),
        "citizen.subscribed": _("Data types added"),
        "citizen.merged": _("Two entries merged"),
        "consent.withdrawn": _("Consent withdrawn"),
        "channels.changed": _("Channels changed"),
        "contact.replaced": _("Contact replaced"),
        "contact.suspended": _("Contact suspended"),
        "hours.changed": _("Hours of notices changed"),
        "reading.changed": _("Language or display changed"),
        "calm mode chosen": _("Calm mode chosen"),
        "calendar address made": _("Calendar address made"),
        "calendar address renewed": _("Calendar address renewed"),
        "calendar address revoked": _("Calendar address revoked"),
        "toss.link_started": _("Link to Toss started"),
        "toss.linked": _("Linked to Toss"),
        "toss.another": _("Link to Toss refused: another person"),
        "toss.refused": _("Link to Toss refused"),
        "toss.unlinked": _("Link to Toss ended"),
        "toss.told": _("Toss notified of the end of the link"),
        "toss.not_told": _("Toss could not be notified of the end of the link"),
        "test_message.asked": _("Test message to oneself requested"),
        "yearly_message.refused": _("Yearly message refused"),
        "yearly_message.wanted": _("Yearly message wanted again"),
        "data.copy_asked": _("Copy of own data requested"),
    },
    _("Erasure and keys"): {
        "citizen.erased": _("Person erased"),
        "kind.erased": _("Data of a data type erased"),
        "erasure.finished": _("Erasure finished"),
        "erasure.rest_removed": _("Remains kept by law removed"),
        "audit.ended": _("Old lines of the audit trail ended"),
        "keys rotated": _("Keys rotated"),
        "name keys moved": _("Keys by name moved"),
        "samples.enrolled": _("Sample people enrolled"),
    },
    _("Notices and channels"): {
        "resent": _("Notice resent"),
        "closed": _("Notice closed without sending"),
        "notice.sent_another_way": _("Notice sent another way"),
        "notices.tried_again": _("Notices issued again"),
        "notices.moved": _("Notices moved to the merged entry"),
        "channel held": _("Channel held"),
        "channel rerouted": _("Channel rerouted"),
        "channel rerouted by autopilot": _("Channel rerouted by itself"),
        "channel used again by autopilot": _("Rerouted channel used again"),
        "channel kept in use": _("Channel kept in use"),
        "channel resumed": _("Channel resumed"),
        "alarm cleared": _("Alarm cleared"),
        "alarms tested": _("Alarms tested"),
        "yearly_message.begun": _("Yearly message begun"),
        "yearly_message.listed": _("Everyone listed for the yearly message"),
        "template stop cleared": _("Stop of a message template cleared"),
        "test message sent": _("Test message sent"),
    },
    _("Data types"): {
        "data type created": _("Data type created"),
        "draft started": _("Draft started"),
        "roll-back started": _("Earlier version brought back as a draft"),
        "draft edited": _("Draft edited"),
        "draft discarded": _("Draft discarded"),
        "version loaded": _("Version loaded from a file"),
        "version submitted": _("Version submitted"),
        "version sent back": _("Version sent back"),
        "version approved": _("Version approved"),
        "version approved for later": _("Version approved for a set time"),
        "version copies confirmed": _("Copied messages that name another data type confirmed, in number"),
        "version published": _("Version went live"),
        "publication cancelled": _("Publication cancelled"),
        "publication refused": _("Version could not go live"),
        "template code set": _("Template code entered"),
        "template code proposed": _("Template code proposed"),
        "template code approved": _("Template code approved"),
        "template code refused": _("Template code refused"),
        "template codes loaded": _("Template codes loaded from a file"),
    },
    _("Agencies and feeds"): {
        "agency key made": _("Agency key made"),
        "agency key replaced": _("Agency key replaced"),
        "agency key revoked": _("Agency key revoked"),
        "key.refused": _("Refused: key of another agency"),
        "batch.read": _("Batch looked at"),
        "batch.refused": _("Refused: batch of another agency"),
        "feed read asked for": _("Reading of a feed requested"),
        "feed dry run asked for": _("Dry run of a feed requested"),
        "feed replay asked for": _("Replay of a feed requested"),
        "feed dry replay asked for": _("Dry replay of a feed requested"),
        "serial pattern declared": _("Serial pattern declared"),
        "serial pattern confirmed": _("Serial pattern confirmed"),
        "serial pattern ended": _("Serial pattern ended"),
        "holiday.declared": _("Holiday declared"),
        "holiday.withdrawn": _("Declared holiday withdrawn"),
    },
    _("Payments"): {
        "payment.begun": _("Payment begun"),
        "payment.asked": _("Outcome of a payment queried"),
        "payment.settled": _("Payment settled"),
        "payment.surplus": _("Payment beyond what was due"),
        "payment.reversed": _("Payment refunded before it was settled"),
        "payment.in_review": _("Payment put in review"),
        "posting.told_again": _("Agency notified of a payment again"),
        "bill.closed": _("Bill closed"),
        "bill.reopened": _("Bill reopened"),
        "refund.requested": _("Refund requested"),
        "refund.approved": _("Refund approved"),
        "refund.rejected": _("Refund rejected"),
        "refund.found": _("Refund found at the provider"),
        "refund.done": _("Refund done"),
        "difference.resolved": _("Difference resolved"),
    },
}
CHANGES: Final = _("Changes of rows")
_DEEDS: Final[Mapping[str, Any]] = {
    "created": _("created"),
    "changed": _("changed"),
    "deleted": _("deleted"),
    "added": _("added"),
    "removed": _("taken out"),
    "cleared": _("all removed"),
}
_THINGS: dict[str, tuple[Any, tuple[str, ...]]] = {}
_WORDS: Final = {code: words for group in ACTIONS.values() for code, words in group.items()}


def name_thing(code: str, words: Any, *deeds: str) -> None:
    """Note what the actions "`code` created" and so on are about; called by `changes.py` for what it records."""
    _THINGS[code] = (words, deeds)


def action_words(code: str) -> str:
    """Return what was done, in the reader's language."""
    if code in _WORDS:
        return str(_WORDS[code])
    thing, _blank, deed = code.rpartition(" ")
    words, deeds = _THINGS.get(thing, ("", ()))
    return f"{words}: {_DEEDS[deed]}" if deed in deeds else code


def words_in(code: str | None, language: str) -> str:
    """Return the same in one language, for a file that does not depend on who reads it; "" where no line is left."""
    with translation.override(language):
        return action_words(code) if code else ""


def action_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return all actions for a field of choice: by subject, each with its words."""
    made = [
        (f"{thing} {deed}", action_words(f"{thing} {deed}"))
        for thing, (_words, deeds) in _THINGS.items()
        for deed in deeds
    ]
    groups = [(str(name), [(code, str(words)) for code, words in group.items()]) for name, group in ACTIONS.items()]
    return [*groups, (str(CHANGES), made)]
