"""Where a hot statement names the person whose rows it is about, so that the tables could be split by person.

For each table with a person's rows: is it entered by the person's key? What is not is an exception with its reason,
here and in docs/scale.md; one that is mended must leave both.
"""

import re
from typing import Final

from django.apps import apps

from citizens.calendar import days_ahead
from citizens.inbox import notice_view, notices
from notifications.delivery import claim, outcomes
from notifications.matching import match_statements
from notifications.receipts import receipts
from tests.plugin import ROOT

HOT: Final = {
    "fresh": claim.FRESH.sql,
    "claim": claim.CLAIM.sql,
    "outcomes": outcomes.APPLY.sql,
    "arrived": receipts.ARRIVED.sql,
    "store receipts": receipts.STORE,
    "take receipts": receipts.TAKE,
    "match": match_statements.INSERT_OF_BATCHES,
    "inbox": notices.PAGE,
    "notice": notice_view.NOTICE,
    "year ahead": days_ahead.OPEN_RECORDS,
}
# Tables with rows of persons; all others are small, and every part would hold a copy of them.
PERSONAL = ("citizen", "citizenkey", "contact", "channelchoice", "consent", "subscription")
OF_NOTICES = ("notice", "delivery", "due", "record", "receiptevent")
QUEUE = "a worker takes what is due, for any person"
BY_NUMBER = "the queue knows a notice by its number"
REPORTED = "a gateway reports the number of a delivery"
SUBJECT = "a record has the hashes of its subject's keys, and its person may not be enrolled"
ATTEMPTS = "a delivery has the number of its notice, not of its person"
OWN_NUMBER = "found by a number that the person's own row holds; with the person beside it the plans are worse"
EXCEPTIONS: Final = {
    ("fresh", "due"): QUEUE,
    ("claim", "due"): BY_NUMBER,
    ("claim", "notice"): BY_NUMBER,
    ("claim", "delivery"): ATTEMPTS,
    ("claim", "record"): SUBJECT,
    ("outcomes", "delivery"): REPORTED,
    ("outcomes", "notice"): REPORTED,
    ("arrived", "delivery"): REPORTED,
    ("arrived", "notice"): REPORTED,
    ("store receipts", "receiptevent"): REPORTED,
    ("take receipts", "receiptevent"): REPORTED,
    ("match", "record"): SUBJECT,
    ("match", "citizenkey"): SUBJECT,
    ("inbox", "record"): SUBJECT,
    ("inbox", "delivery"): ATTEMPTS,
    ("inbox", "readnotice"): OWN_NUMBER,
    ("notice", "readnotice"): OWN_NUMBER,
    ("notice", "consent"): OWN_NUMBER,
    ("notice", "record"): SUBJECT,
    ("year ahead", "record"): SUBJECT,
}
ENTERED = re.compile(
    r"\b(?:FROM|JOIN|UPDATE|INTO|USING)\s+((?:subscriptions|notifications|citizens)_(\w+))"
    r"(?:\s+(?:AS\s+)?(?!(?:ON|WHERE|SET|JOIN|LEFT|CROSS|ORDER|USING|FROM|VALUES|RETURNING|GROUP|SELECT)\b)(\w+))?"
)


def entered_without_the_person(statement: str) -> set[str]:
    found = set()
    for entered in ENTERED.finditer(statement):
        table, short, alias = entered.groups()
        if short not in (*PERSONAL, *OF_NOTICES) and "citizen_id" not in columns_of(table):
            continue
        key = f"{alias or table}.{'id' if short == 'citizen' else 'citizen_id'}"
        compared = rf"\b{key}\s*(?:=|IS NOT DISTINCT FROM)|(?:=|IS NOT DISTINCT FROM)\s*{key}\b"
        inserted = entered.group().startswith("INTO") and "citizen_id" in statement[entered.end() :].partition(")")[0]
        if not inserted and not re.search(compared, statement):
            found.add(short)
    return found


def columns_of(table: str) -> set[str]:
    return {
        str(field.column)
        for model in apps.get_models()
        if model._meta.db_table == table
        for field in model._meta.local_fields
    }


def test_hot_statements_name_the_person_but_for_stated_exceptions() -> None:
    found = {(name, table) for name, statement in HOT.items() for table in entered_without_the_person(statement)}
    assert found == set(EXCEPTIONS)


def test_each_exception_is_in_the_document_with_its_reason() -> None:
    document = (ROOT / "docs" / "scale.md").read_text(encoding="utf-8")
    missing = [f"{name}, {table}" for (name, table), reason in EXCEPTIONS.items() if reason not in document]
    assert missing == []
