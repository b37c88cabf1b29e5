"""Show the identity check for a new number to the person who is signed in."""

from django.http import HttpRequest, HttpResponse

from subscriptions.models import Citizen
from subscriptions.web.citizens import identity
from subscriptions.web.citizens.entry import for_citizen
from subscriptions.web.citizens.new_number import PURPOSE


@for_citizen
def identify(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    return identity.identify(request, PURPOSE)


@for_citizen
def code(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    return identity.code(request, PURPOSE)


@for_citizen
def again(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    return identity.again(request, PURPOSE)
