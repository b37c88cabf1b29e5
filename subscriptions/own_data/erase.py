"""Close a person: nothing of who they are, how they are reached and what they chose is left, at once.

The row stays as a number without content while the law keeps what refers to it (payments, the proof of consents). The
keys go in the same transaction, so that a new sign-up of the same person finds nothing of before.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from secretary.kernel.database.kept_queries import KeptQuery
from secretary.kernel.models import AuditEvent
from secretary.kernel.secrets.encryption import encrypt_text
from subscriptions.enrolment.consent_texts import SERVICE
from subscriptions.models import (
    ChannelChoice,
    Citizen,
    CitizenKey,
    Consent,
    Contact,
    FamilyMember,
    PhoneCode,
    ReceiptNumber,
    Subscription,
    TossLink,
    Unreached,
)

MERGED = "citizen.merged"
NO_NAME = bytes(32)  # the hash of no name


MERGED_INTO = KeptQuery(
    lambda into: AuditEvent.objects.filter(action=MERGED, object__in=into).values_list("citizen_id", flat=True)
)
NOT_ENROLLED_APART = KeptQuery(
    lambda people, citizen: (
        Citizen.objects.filter(pk__in=people).exclude(_enrolled_apart(citizen)).values_list("pk", flat=True)
    )
)


def rows_of(citizen_id: UUID) -> list[UUID]:
    """Return the person's row and those that were merged into it (subscriptions/enrolment/people.py), sorted: they
    still hold name and number as they were recorded there."""
    found, fresh = {citizen_id}, {citizen_id}
    while fresh:
        merged = MERGED_INTO.rows(into=[f"into:{row}" for row in fresh])
        fresh = {row for row in merged if row is not None} - found
        found |= fresh
    return sorted(NOT_ENROLLED_APART.rows(people=found, citizen=citizen_id))


def hashes_of(people: Collection[UUID]) -> list[bytes]:
    """Return the keys by which agencies' records are about these people."""
    return [bytes(each) for each in CitizenKey.objects.filter(citizen__in=people).values_list("key_hash", flat=True)]


def numbers_of(people: Collection[UUID]) -> list[bytes]:
    """Return the hashes of their phone numbers and user keys."""
    return [bytes(each) for each in Contact.objects.filter(citizen__in=people).values_list("value_hash", flat=True)]


def toss_keys_of(people: Collection[UUID]) -> list[str]:
    """Return the numbers by which Toss knows them."""
    linked = Contact.objects.filter(citizen__in=people, kind=Contact.TOSS_USER_KEY).order_by("pk")
    return [contact.value for contact in linked]


def close_people(*, people: Collection[UUID], now: datetime) -> None:
    """Empty the rows of these people, who are locked: contacts, channels and keys go, choices and consents end."""
    Subscription.objects.filter(citizen__in=people, ended_at=None).update(ended_at=now)
    Consent.objects.filter(citizen__in=people, withdrawn_at=None).update(withdrawn_at=now)
    Consent.objects.filter(citizen__in=people).update(paper_encrypted=None, paper_form="")
    for model in (CitizenKey, Contact, ChannelChoice, FamilyMember, PhoneCode, ReceiptNumber, TossLink, Unreached):
        model.objects.filter(citizen__in=people).delete()
    for row in people:
        Citizen.objects.filter(pk=row).update(
            **_preferences_as_new(),
            state=Citizen.ERASED,
            name_encrypted=encrypt_text("", bound_to=f"citizen.name:{row}"),
            name_hash=NO_NAME,
            birth_date_encrypted=encrypt_text("", bound_to=f"citizen.birth_date:{row}"),
            created_at=now,
        )


def _preferences_as_new() -> dict[str, object]:
    """Return every other column with its default: language, hours and whatever else people can choose by now."""
    identity = ("_encrypted", "_hash", "created_at", "state")
    fields = [field for field in Citizen._meta.concrete_fields if not field.primary_key]
    return {field.attname: field.get_default() for field in fields if not field.attname.endswith(identity)}


def erase_history(people: Collection[UUID]) -> None:
    """Remove every earlier version of the rows of erased people. The application may only add to the history; this
    function of its owner removes it, and only of rows whose state is erased (migration 0015)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT subscriptions_erase_history(%s::uuid[])", [list(people)])


def forget_consents(people: Collection[UUID]) -> None:
    """Remove what proved that there was a consent, and the numbers without content, unless a bill refers to them."""
    Subscription.objects.filter(citizen__in=people).delete()
    Consent.objects.filter(citizen__in=people).delete()
    erase_history(people)


def no_person() -> UUID:
    """Return the number of the one row without content to which payments of enrolled people come when their time is
    over."""
    blank, _ = Citizen.objects.get_or_create(
        pk=UUID(int=0),
        defaults={
            "state": Citizen.ERASED,
            "name_encrypted": encrypt_text("", bound_to=f"citizen.name:{UUID(int=0)}"),
            "name_hash": NO_NAME,
            "birth_date_encrypted": encrypt_text("", bound_to=f"citizen.birth_date:{UUID(int=0)}"),
        },
    )
    return blank.pk


def remove_rows(people: Collection[UUID]) -> None:
    """Remove the empty rows themselves; nothing refers to them any more."""
    Citizen.objects.filter(pk__in=people, state=Citizen.ERASED).delete()
    erase_history(people)


def who_withdrew(*, before: datetime, limit: int) -> list[UUID]:
    """Return enrolled people who withdrew the consent to the service before that moment and agreed to nothing since."""
    own = Consent.objects.filter(citizen=OuterRef("citizen"))
    over = Consent.objects.filter(text__code=SERVICE, withdrawn_at__lte=before, citizen__state=Citizen.ACTIVE).filter(
        ~Exists(own.filter(withdrawn_at=None)), ~Exists(own.filter(withdrawn_at__gt=before))
    )
    return list(dict.fromkeys(over.order_by("withdrawn_at").values_list("citizen", flat=True)[: 2 * limit]))[:limit]


def ended_kinds(*, before: datetime, limit: int) -> list[Subscription]:
    """Return subscriptions that ended before that moment, were not taken up again, and whose data is not erased yet."""
    again = Subscription.objects.filter(citizen=OuterRef("citizen"), data_type=OuterRef("data_type"), ended_at=None)
    rows = Subscription.objects.filter(~Exists(again), ended_at__lte=before, data_erased_at=None)
    return list(rows.filter(citizen__state=Citizen.ACTIVE).order_by("ended_at", "pk")[:limit])


def note_kind_erased(subscription: Subscription, *, now: datetime) -> None:
    Subscription.objects.filter(pk=subscription.pk).update(data_erased_at=now)


def _enrolled_apart(citizen_id: UUID) -> Q:
    """Rows that have keys of their own again: another person, or one who was enrolled anew."""
    keys = CitizenKey.objects.filter(citizen=OuterRef("pk"))
    return Q(Exists(keys)) & ~Q(pk=citizen_id)
