"""End the identity check for a new number: the person who is signed in is reached there from now on."""

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
from subscriptions.web.citizens.entry import ask_who
from subscriptions.web.forms import busy_words
from subscriptions.web.session import draft as drafts
from subscriptions.web.session.draft import Draft
from subscriptions.web.session.sent_code import forget_code
from subscriptions.web.session.signed_in import citizen_of

PURPOSE = "number"


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
        same = _("You are reached at %(phone)s already. Nothing was changed.")
        messages.success(request, (words if is_other else same) % {"phone": masked_phone(person.phone)})
        if is_other and before[0]:
            undo.can_be_undone(request, citizen, undo.NUMBER, before)
    forget_code(request)
    drafts.erase(request)
    return redirect("web:settings")
