"""Finding the one row of a person by what agencies know them by, and keeping it one."""

from collections.abc import Mapping
from datetime import date, datetime

from django.db import connection

from secretary.common.audit import record_audit
from subscriptions.events import announce_merged
from subscriptions.models import Citizen, CitizenKey, Subscription


def age_on(birth_date: date, day: date) -> int:
    """International age (만 나이), as Korean law counts it since 2023; 29 February grows older on 1 March."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def lock_keys(key_hashes: Mapping[str, bytes]) -> None:
    """Until the transaction ends, nobody else enrols a person with one of these keys. Sorted: no deadlock."""
    with connection.cursor() as cursor:
        for key_hash in sorted(key_hashes.values()):
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(key_hash[:8], "big", signed=True)])


def find_citizen(kind: str, key_hash: bytes) -> Citizen | None:
    key = CitizenKey.objects.filter(kind=kind, key_hash=key_hash).select_related("citizen").first()
    return key.citizen if key else None


def hold_keys(citizen: Citizen, key_hashes: Mapping[str, bytes], *, actor: str, now: datetime) -> None:
    """Give the citizen these keys (kind → hash).

    A key that another row holds moves here: an official had registered the person without a CI, and the same
    person has now proved who they are. The other row's subscriptions end; what was chosen here holds.
    """
    for kind, key_hash in key_hashes.items():
        key = CitizenKey.objects.filter(key_hash=key_hash).select_related("citizen").first()
        if key is None:
            CitizenKey.objects.create(citizen=citizen, kind=kind, key_hash=key_hash)
        elif key.citizen_id != citizen.id:
            _take_over(key, citizen, actor=actor, now=now)


def _take_over(key: CitizenKey, citizen: Citizen, *, actor: str, now: datetime) -> None:
    former = key.citizen
    Subscription.objects.filter(citizen=former, ended_at=None).update(ended_at=now)
    key.citizen = citizen
    key.save(update_fields=["citizen"])
    announce_merged(former_id=former.id, citizen_id=citizen.id, now=now)
    record_audit(now=now, actor=actor, action="citizen.merged", citizen_id=former.id, object=f"into:{citizen.id}")
