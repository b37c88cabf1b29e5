"""Offer a test message on the last page of the sign-up."""

from typing import Any

from django import template

from citizens.trial.offer import offer_of
from secretary.kernel.time.clock import now

register = template.Library()


@register.inclusion_tag("citizens/trial/offer.html", takes_context=True)
def trial_offer(context: dict[str, Any]) -> dict[str, Any]:
    """Show the button where a person is signed in who can get one. `citizen` of the page: that person, or None."""
    citizen = context.get("citizen")
    offer = offer_of(citizen, now=now()) if citizen is not None else {"why_not": "signed out"}
    return {"csrf_token": context.get("csrf_token"), **offer}
