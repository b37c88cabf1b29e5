"""Withdraw consent, for some data types or for all of them. After the commit nothing new is sent."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from secretary.kernel.audit.audit import record_audit
from secretary.kernel.database.kept_queries import KeptQuery
from secretary.kernel.database.retry import retried
from subscriptions.enrolment.consent_texts import FAMILY, OFFICE_CALL
from subscriptions.enrolment.people import lock_person
from subscriptions.events import announce_rescheduled
from subscriptions.models import Citizen, Consent, FamilyMember, Subscription


@retried
@transaction.atomic
def withdraw(
    *, citizen: Citizen, data_types: Collection[str] | None, actor: str, now: datetime, reason: str = ""
) -> set[str]:
    """End the subscriptions of these codes and withdraw their consents; `None`: all, and the service's.

    Returns the codes that ended; a second withdrawal ends nothing and is recorded all the same. Raises Busy.
    """
    lock_person(citizen.id)
    standing = live_codes(citizen)
    codes = standing if data_types is None else standing & set(data_types)
    end_subscriptions(citizen, codes, now=now)
    if data_types is None:
        Consent.objects.filter(citizen=citizen, withdrawn_at=None).update(withdrawn_at=now)
        FamilyMember.objects.filter(citizen=citizen).end(actor=actor, now=now)
    what = "all" if data_types is None else ",".join(sorted(data_types))
    record_audit(now=now, actor=actor, action="consent.withdrawn", citizen_id=citizen.id, object=what, reason=reason)
    return codes


@retried
@transaction.atomic
def withdraw_office_calls(*, citizen: Citizen, actor: str, now: datetime, reason: str = "") -> bool:
    """Withdraw the consent that an office may call the person; return whether there was one. Raises Busy."""
    lock_person(citizen.id)
    standing = Consent.objects.filter(citizen=citizen, withdrawn_at=None, text__code=OFFICE_CALL)
    ended = standing.update(withdrawn_at=now)
    _withdraw_family(citizen, actor=actor, now=now)
    what = OFFICE_CALL
    record_audit(now=now, actor=actor, action="consent.withdrawn", citizen_id=citizen.id, object=what, reason=reason)
    return ended > 0


@retried
@transaction.atomic
def withdraw_family(*, citizen: Citizen, actor: str, now: datetime, reason: str = "") -> bool:
    """Withdraw the consent that a family member hears anything; return whether there was one. Raises Busy."""
    lock_person(citizen.id)
    ended = _withdraw_family(citizen, actor=actor, now=now)
    record_audit(now=now, actor=actor, action="family.withdrawn", citizen_id=citizen.id, reason=reason)
    return ended


def _withdraw_family(citizen: Citizen, *, actor: str, now: datetime) -> bool:
    standing = Consent.objects.filter(citizen=citizen, withdrawn_at=None, text__code=FAMILY)
    ended = standing.update(withdrawn_at=now)
    return FamilyMember.objects.filter(citizen=citizen).end(actor=actor, now=now) + ended > 0


OFFICE_MAY_CALL = KeptQuery(
    lambda citizen: Consent.objects.filter(citizen=citizen, withdrawn_at=None, text__code=OFFICE_CALL).values_list(
        "pk", flat=True
    )[:1]
)


def may_be_called(citizen: Citizen) -> bool:
    """Return whether an office may call the person."""
    return bool(OFFICE_MAY_CALL.rows(citizen=citizen.pk))


def live_codes(citizen: Citizen) -> set[str]:
    """Return codes of the data types to which the person, who is locked, is subscribed."""
    live = Subscription.objects.filter(citizen=citizen, ended_at=None)
    return set(live.values_list("data_type__code", flat=True))


def end_subscriptions(citizen: Citizen, codes: Collection[str], *, now: datetime) -> None:
    """End the live subscriptions of these codes with their consents. Called inside a transaction.

    The next claim closes their waiting notices at once, not at their hour; until then the pages show them as waiting.
    """
    if not codes:
        return
    Subscription.objects.filter(citizen=citizen, ended_at=None, data_type__code__in=codes).update(ended_at=now)
    Consent.objects.filter(citizen=citizen, withdrawn_at=None, text__code__in=codes).update(withdrawn_at=now)
    announce_rescheduled(citizen_id=citizen.pk, now=now)
