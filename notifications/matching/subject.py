"""SUBJECT: decide whether a record is about a person now. Every reader of a record uses this module.

A record is about the person who holds one of its two keys. Both sides change: the agency corrects the person of a
record, and keys move to the row of the person who has proved their identity (subscriptions/enrolment/people.py).
"""

from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from subscriptions.models import CitizenKey


def about_sql(*, record: str, citizen: str) -> str:
    """Return the condition as SQL: `record` is the alias of a record's row, `citizen` an expression for the person."""
    return (
        "EXISTS (SELECT 1 FROM subscriptions_citizenkey ck"  # noqa: S608  (names in our own statements)
        f" WHERE ck.key_hash IN ({record}.ci_hash, {record}.person_hash) AND ck.citizen_id = {citizen})"
    )


def about(citizen_id: UUID) -> Exists:
    """Return the same for a QuerySet of records and one person."""
    keys = Q(key_hash=OuterRef("ci_hash")) | Q(key_hash=OuterRef("person_hash"))
    return Exists(CitizenKey.objects.filter(keys, citizen=citizen_id))


def is_about(*, record: str = "record__", citizen: str = "citizen") -> Exists:
    """Return the same for QuerySets: `record` is the path to the record with its `__`, `citizen` the path to the
    person."""
    keys = Q(key_hash=OuterRef(f"{record}ci_hash")) | Q(key_hash=OuterRef(f"{record}person_hash"))
    return Exists(CitizenKey.objects.filter(keys, citizen=OuterRef(citizen)))
