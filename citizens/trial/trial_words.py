"""Write what came of a person's test message, and what they can do."""

from django.utils.translation import gettext as _

from notifications.delivery import outcome_words as words
from notifications.models import TrialMessage
from notifications.states import DELIVERED, FAILED, RETURNED, SENDING, SENT, UNKNOWN, WAITING
from notifications.trials.ask_trial import ON_ITS_WAY
from notifications.trials.send_trials import CHANGED, TOO_LATE
from notifications.trials.trial_way import NO_ADDRESS, NO_CHANNEL, OURS, WITHDRAWN

UNDER_WAY = (WAITING, SENDING, SENT, UNKNOWN)


def title_of(trial: TrialMessage) -> str:
    """Return what came of it in a few words."""
    return {
        WAITING: _("It is being sent"),
        SENDING: _("It is being sent"),
        SENT: _("It was sent; no report has come yet"),
        DELIVERED: _("It arrived"),
        FAILED: _("It did not arrive"),
        RETURNED: _("It was not sent"),
        UNKNOWN: _("We do not know yet whether it was sent"),
    }[trial.state]


def advice_on(trial: TrialMessage) -> str:
    """Return why, and what the person can do."""
    named = {"channel": words.channel_within(trial.channel)}
    if trial.state == DELIVERED:
        return _("Notices will arrive in the same place. You need not do anything.")
    if trial.state == FAILED:
        return _advice_on_failure(trial.channel, trial.code, trial.gateway) % named
    if trial.state == RETURNED:
        return _advice_on_return(trial, named)
    if trial.state == UNKNOWN:
        return _(
            "The service that carries our messages gave no answer, so it may arrive or not. We are asking it. The same "
            "message is never sent twice."
        )
    if trial.state == SENT:
        return _("Please look at your phone. If nothing is there after some minutes, check the number and the app.")
    return _("This takes a few seconds.")


def refusal_words(why: str, channel: str) -> str:
    """Return why no test message goes out."""
    named = {"channel": words.channel_within(channel)}
    return {
        NO_CHANNEL: _("You have chosen no channel yet. Please choose one first."),
        NO_ADDRESS: _("We cannot reach you by %(channel)s at the moment. Please choose another channel first."),
        OURS: _("No test message can be sent by %(channel)s now; the cause is on our side. Please try again later."),
        WITHDRAWN: _("You have withdrawn your consent, so we send you nothing, not even a test message."),
        ON_ITS_WAY: _("Your test message is still on its way. No second one was sent."),
    }[why] % named


def _advice_on_failure(channel: str, code: str, gateway: str) -> str:
    reason = words.reason_of(channel, code, gateway)
    if reason is words.BLOCKED:
        return _(
            "Our messages are blocked there. Please unblock the Public Secretary in %(channel)s, or choose another "
            "channel."
        )
    if reason is words.WRONG_NUMBER:
        return _("The number is wrong or no longer in use. Please check it in your settings.")
    if reason is words.OFF:
        return _("The phone was switched off or out of reach. Please switch it on and send another one.")
    if reason in (words.NOT_A_USER, words.CANNOT):
        return _("You cannot be reached by %(channel)s at this number. Please choose another channel.")
    return _("The cause is on our side or at the service that carries it. You can send another one later.")


def _advice_on_return(trial: TrialMessage, named: dict[str, str]) -> str:
    if trial.code == CHANGED:
        return _("Your channels were changed before it left. You can send another one.")
    if trial.code == TOO_LATE:
        return _("It could not leave within ten minutes, so we did not send it any more. You can send another one.")
    if trial.code in (NO_ADDRESS, NO_CHANNEL, OURS, WITHDRAWN):
        return refusal_words(trial.code, trial.channel)
    return _("The service that carries our messages did not take it; nothing was sent. You can send another one later.")
