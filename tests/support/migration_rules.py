"""What a migration may not do to a service that is running: old code on the new schema, and tables of millions of rows.

Each rule reads the SQL of a migration, as `manage.py sqlmigrate` prints it, and names the way round.
"""

import inspect
import re
from collections.abc import Iterable, Iterator, Sequence

from django.db import migrations
from django.db.migrations import Migration

# Tables that grow with people, records and money: millions of rows.
BIG = {
    *("notifications_record", "notifications_notice", "notifications_due", "notifications_delivery"),
    *("notifications_receiptevent", "notifications_ingestbatch", "notifications_yearlymessage", "common_auditevent"),
    *("subscriptions_citizen", "subscriptions_citizenkey", "subscriptions_contact", "subscriptions_channelchoice"),
    *("subscriptions_consent", "subscriptions_subscription"),
    *("payments_bill", "payments_payment", "payments_quote", "payments_journal", "payments_ledgerentry"),
}
STILL_USED = "the release that still runs uses it: leave that for the release after this one"
VOLATILE = re.compile(r"clock_timestamp|random|gen_random_uuid|uuidv[47]|nextval|GENERATED|SERIAL", re.I)
_TABLE = r'(?:IF EXISTS )?(?:ONLY )?"?(?P<table>\w+)"?'
# (what it looks like, whether only on big tables, what is wrong and the way round)
UNDER_A_LOCK = "builds an index on {table} under a lock"
RULES = (
    (rf"DROP TABLE {_TABLE}", False, f"drops {{table}}: {STILL_USED}"),
    (rf"TRUNCATE (?:TABLE )?{_TABLE}", False, f"empties {{table}}: {STILL_USED}"),
    (rf"ALTER TABLE {_TABLE} RENAME", False, f"renames in {{table}}: {STILL_USED}"),
    (rf"ALTER TABLE {_TABLE} .*\bDROP COLUMN", False, f"drops a column of {{table}}: {STILL_USED}"),
    (
        rf"ALTER TABLE {_TABLE} .*\bALTER COLUMN \S+ TYPE",
        False,
        "changes a type in {table}, which rewrites it: add a column",
    ),
    (
        rf"ALTER TABLE {_TABLE} .*\bSET NOT NULL",
        False,
        "old code may write NULL into {table}, and it is read through under a lock",
    ),
    (
        rf"CREATE (?:UNIQUE )?INDEX (?!CONCURRENTLY).* ON {_TABLE}",
        True,
        f"{UNDER_A_LOCK}: AddIndexConcurrently, atomic = False",
    ),
    (
        rf"ALTER TABLE {_TABLE} ADD CONSTRAINT \S+ (?:CHECK|FOREIGN KEY)(?!.*NOT VALID)",
        True,
        "reads {table} through under a lock: AddConstraintNotValid, then ValidateConstraint in a migration of its own",
    ),
    (
        rf"ALTER TABLE {_TABLE} ADD CONSTRAINT \S+ (?:UNIQUE|PRIMARY KEY|EXCLUDE)(?!.*USING INDEX)",
        True,
        f"{UNDER_A_LOCK}: build it CONCURRENTLY, then ADD CONSTRAINT … USING INDEX",
    ),
    (
        rf"ALTER TABLE {_TABLE} ADD COLUMN .*\bUNIQUE\b",
        True,
        f"{UNDER_A_LOCK}: add the column, then the index CONCURRENTLY",
    ),
    (
        rf"ALTER TABLE {_TABLE} ADD COLUMN .*\bCHECK\b",
        True,
        "reads {table} through under a lock: a field without a check (no Positive…Field)",
    ),
    (
        rf"(?:UPDATE|DELETE FROM) {_TABLE}",
        True,
        "holds rows of {table} until the end: RunPython in batches, atomic = False",
    ),
    (rf"LOCK (?:TABLE )?{_TABLE}", True, "locks {table}"),
    (rf"(?:CLUSTER|VACUUM FULL|REINDEX TABLE(?! CONCURRENTLY)) {_TABLE}", True, "rewrites {table} under a lock"),
)
_NEW_COLUMN = rf'ALTER TABLE {_TABLE} ADD COLUMN (?:IF NOT EXISTS )?"?(?P<column>\w+)"? (?P<rest>.*)'


def problems(migration: Migration, sql: Iterable[str], *, known: set[str], grown: set[str]) -> list[str]:
    """What is wrong with it. `known`: tables of the running release; `grown`: "table.column" that only got longer."""
    statements = [statement for text in sql for statement in _statements(text)]
    found = [*_broken_rules(statements, known, grown), *_new_columns(statements, known)]
    found += [*_transactions(migration, statements, known), *_operations(migration)]
    return list(dict.fromkeys(found))


def _statements(text: str) -> Iterator[str]:
    """One by one, without comments, strings and the bodies of functions."""
    text = re.sub(r"(\$\w*\$).*?\1", "''", text, flags=re.S)
    text = re.sub(r"'(?:[^']|'')*'", "''", re.sub(r"--[^\n]*", "", text))
    for statement in text.split(";"):
        if words := " ".join(statement.split()):
            yield words


def _broken_rules(statements: Sequence[str], known: set[str], grown: set[str]) -> Iterator[str]:
    for statement in statements:
        for pattern, only_big, words in RULES:
            found = re.match(pattern, statement, re.I)
            if found is None or found["table"] not in (known & BIG if only_big else known):
                continue
            column = re.search(r'ALTER COLUMN "?(\w+)"? TYPE', statement, re.I)
            if column is None or f"{found['table']}.{column[1]}" not in grown:
                yield words.format(table=found["table"])


def _new_columns(statements: Sequence[str], known: set[str]) -> Iterator[str]:
    for statement in statements:
        added = re.match(_NEW_COLUMN, statement, re.I)
        if added is None or added["table"] not in known:
            continue
        dropped = re.compile(rf'ALTER TABLE "?{added["table"]}"? ALTER COLUMN "?{added["column"]}"? DROP DEFAULT', re.I)
        has_default = " DEFAULT " in f" {added['rest']} ".upper() and not any(map(dropped.match, statements))
        where = f"{added['table']}.{added['column']}"
        if "NOT NULL" in added["rest"].upper() and not has_default:
            yield f"{where} is NOT NULL without a default: old code cannot insert; null=True or db_default"
        if VOLATILE.search(added["rest"]):
            yield f"{where} gets another value in each row, which rewrites the table: add it empty, fill it in batches"


def _transactions(migration: Migration, statements: Sequence[str], known: set[str]) -> Iterator[str]:
    if not migration.atomic:
        return
    altered = [found["table"] for each in statements if (found := re.match(rf"ALTER TABLE {_TABLE}", each, re.I))]
    for statement in statements:
        if "CONCURRENTLY" in statement.upper():
            yield "builds CONCURRENTLY inside a transaction: atomic = False"
        validated = re.match(rf"ALTER TABLE {_TABLE} VALIDATE CONSTRAINT", statement, re.I)
        if validated and validated["table"] in known & BIG and altered.count(validated["table"]) > 1:
            yield f"validates {validated['table']} while it still holds the lock of another change: apart from it"


def _operations(migration: Migration) -> Iterator[str]:
    for operation in migration.operations:
        if not operation.reversible:
            yield f"{type(operation).__name__} cannot be undone"
        if isinstance(operation, migrations.RunPython) and migration.atomic:
            source = inspect.getsource(inspect.getmodule(operation.code) or operation.code)
            named = {"_".join(pair).lower() for pair in re.findall(r"get_model\(\s*\"(\w+)\",\s*\"(\w+)\"", source)}
            if named & BIG:
                yield f"RunPython over {', '.join(sorted(named & BIG))} in one transaction: atomic = False, in batches"
