"""End the identity check for a new number: the person who is signed in is reached there from now on."""

from typing import NamedTuple

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from secretary.kernel.database.retry import Busy
from secretary.kernel.korean.korean import masked_phone
from secretary.kernel.time.clock import now as clock_now
from subscriptions.identity.contract import Person
from subscriptions.preferences.number import AnotherPerson, change_number
from subscriptions.web.citizens import undo
from subscriptions.web.citizens.code_words import same_number_words
from subscriptions.web.citizens.entry import ask_who
from subscriptions.web.forms import busy_words
from subscriptions.web.session import draft as drafts
from subscriptions.web.session.draft import Draft
from subscriptions.web.session.sent_code import forget_code
from subscriptions.web.session.signed_in import citizen_of

PURPOSE = "number"


class Known(NamedTuple):
    """The signed-in person. `phone`: "" for none. `is_verified`: a code that came to it has proved it to be theirs."""

    name: str
    phone: str
    is_verified: bool


def own_number(known: Known | None) -> str:
    """Return the number that needs no code, since it is theirs already; "" for none, also where they enter another
    name: then the code confirms the name."""
    return known.phone if known is not None and known.is_verified else ""


def take_new_number(request: HttpRequest, draft: Draft, person: Person) -> HttpResponse:
    citizen = citizen_of(request)
    if citizen is None:  # the half hour ended while the code was on its way
        forget_code(request)
        drafts.erase(request)
        return ask_who(request)
    before = undo.chosen(citizen, undo.NUMBER)
    try:
        is_other = change_number(citizen_id=citizen.id, person=person, now=clock_now())
    except AnotherPerson:
        words = _("This number was not changed: the code was confirmed for another person than the one signed in.")
        messages.warning(request, words)
    except Busy:  # no 503: with one, the session would not be kept, and the code is used up
        drafts.save(request, draft)
        messages.warning(request, busy_words())
        return redirect("web:number_code")
    else:
        words = _("From now on we reach you at %(phone)s. Nothing more goes to the earlier number.")
        reached = words % {"phone": masked_phone(person.phone)}
        messages.success(request, reached if is_other else same_number_words(person.phone))
        if is_other and before[0]:
            undo.can_be_undone(request, citizen, undo.NUMBER, before)
    forget_code(request)
    drafts.erase(request)
    return redirect("web:settings")
