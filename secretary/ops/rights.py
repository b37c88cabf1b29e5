"""Grant the application's role and the reader their rights on each table, as the owner, after every migration; check
that the application's role has no more power over the database than its work needs.

An unconditional pgtrigger.Protect on a model means that it is never updated or deleted from: the role loses the right
too. History (pghistory) is only added to. A model may name its rights itself (`application_rights`).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pghistory.models
import pgtrigger
from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.db import DatabaseError, InterfaceError, connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg2 import sql

Rights = frozenset[str]
EVERYTHING: Rights = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"})
ADDED_TO: Rights = frozenset({"SELECT", "INSERT"})
LOOKED_AT: Rights = frozenset({"SELECT"})
NOTHING: Rights = frozenset()
# A reader of these could take over a session or an account: no report needs them.
SECRET_TABLES = (
    *("django_session", "auth_user", "otp_totp_totpdevice", "subscriptions_authenticator"),
    *("subscriptions_recoverycode", "subscriptions_staffsession", "subscriptions_invitation"),
)

TABLES = """
SELECT c.relname, coalesce(array_agg(held.privilege_type) FILTER (WHERE held.privilege_type IS NOT NULL), '{}')
FROM pg_class c LEFT JOIN LATERAL (
    SELECT a.privilege_type FROM aclexplode(c.relacl) a JOIN pg_roles r ON r.oid = a.grantee WHERE r.rolname = %s
) held ON true
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm') GROUP BY 1 ORDER BY 1
"""
# Tables of later migrations may be used at once; what their owner revokes again, it revokes when it has ended.
FOR_THE_APPLICATION = (
    "REVOKE CREATE ON SCHEMA public FROM PUBLIC, {role}",
    "GRANT USAGE ON SCHEMA public TO {role}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {role}",
)
# Functions that do with their owner's rights what the application may not do by itself.
OWNERS_FUNCTIONS = (
    "common_link_audit(integer)",
    "common_end_audit(bigint[])",
    "subscriptions_erase_history(uuid[])",
)


def grant_rights() -> list[str]:
    """Grant each role what it needs and revoke the rest, as the owner. Returns the roles that exist."""
    with transaction.atomic(), connection.cursor() as cursor:
        wanted = _wanted_of_tables()
        seen = []
        if _exists(cursor, settings.DATABASE_APPLICATION_ROLE):
            seen.append(settings.DATABASE_APPLICATION_ROLE)
            _run(cursor, FOR_THE_APPLICATION, settings.DATABASE_APPLICATION_ROLE)
            _grant_tables(cursor, settings.DATABASE_APPLICATION_ROLE, wanted, LOOKED_AT)
            _grant_functions(cursor, settings.DATABASE_APPLICATION_ROLE)
        if _exists(cursor, settings.DATABASE_READER_ROLE):
            seen.append(settings.DATABASE_READER_ROLE)
            _run(cursor, ["GRANT USAGE ON SCHEMA public TO {role}"], settings.DATABASE_READER_ROLE)
            secret = dict.fromkeys(SECRET_TABLES, NOTHING)
            _grant_tables(cursor, settings.DATABASE_READER_ROLE, secret, LOOKED_AT)
        return seen


def application_rights(model: Any) -> Rights:
    """Return what the application does with a model's rows."""
    declared: Rights | None = getattr(model, "application_rights", None)
    if declared is not None:
        return declared
    if issubclass(model, pghistory.models.Event):
        return ADDED_TO
    protected: set[str] = set()
    for trigger in getattr(model._meta, "triggers", ()):
        if isinstance(trigger, pgtrigger.Protect) and trigger.condition is None:
            protected |= set(str(trigger.operation).split(" OR "))
    return EVERYTHING - protected


def _wanted_of_tables() -> dict[str, Rights]:
    models = apps.get_models(include_auto_created=True)
    return {model._meta.db_table: application_rights(model) for model in models if model._meta.managed}


def _grant_tables(cursor: CursorWrapper, role: str, wanted: Mapping[str, Rights], otherwise: Rights) -> None:
    cursor.execute(TABLES, [role])
    for table, held in cursor.fetchall():
        target = wanted.get(table, otherwise)
        for verb, preposition, rights in (
            ("REVOKE", "FROM", set(held) - target),
            ("GRANT", "TO", target - set(held)),
        ):
            if rights:
                _run(cursor, [f"{verb} {', '.join(sorted(rights))} ON {{table}} {preposition} {{role}}"], role, table)


def _grant_functions(cursor: CursorWrapper, role: str) -> None:
    for function in OWNERS_FUNCTIONS:
        cursor.execute("SELECT to_regprocedure(%s) IS NOT NULL", [function])
        if cursor.fetchone() == (True,):
            rights = f"REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC", f"GRANT EXECUTE ON FUNCTION {function} TO"
            _run(cursor, [rights[0], f"{rights[1]} {{role}}"], role)


def _run(cursor: CursorWrapper, statements: Iterable[str], role: str, table: str = "") -> None:
    names = {"role": sql.Identifier(role), "table": sql.Identifier("public", table)}
    for statement in statements:
        cursor.execute(sql.SQL(statement).format(**names).as_string(cursor.cursor))


def _exists(cursor: CursorWrapper, role: str) -> bool:
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s AND rolname <> current_user", [role])
    return cursor.fetchone() is not None


# Of the role that DATABASE_URL names, not of the current one. Membership counts as power: SET ROLE gives it.
POWER = """
SELECT
    r.rolsuper,
    r.rolcreaterole OR r.rolcreatedb OR r.rolreplication OR r.rolbypassrls,
    EXISTS (SELECT 1 FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
            AND pg_has_role(r.oid, c.relowner, 'MEMBER')),
    has_schema_privilege(r.oid, 'public', 'CREATE'),
    EXISTS (SELECT 1 FROM pg_class c WHERE c.oid IN (to_regclass('common_auditevent'), to_regclass('common_auditlink'))
            AND has_table_privilege(r.oid, c.oid, 'UPDATE, DELETE, TRUNCATE, TRIGGER'))
FROM pg_roles r WHERE r.rolname = %s
"""
WORDS = (
    "is a superuser of the database",
    "may make roles or databases, replicate, or pass row security by",
    "owns tables, or is a member of the role that does",
    "may create tables in the schema",
    "may change or empty the audit trail",
)
REMEDY = (
    "Set DATABASE_OWNER_URL for `manage.py database_roles` and `manage.py migrate`, and let DATABASE_URL name the "
    "application's own role: docs/operations.md, “Database roles”."
)


def powers() -> list[str]:
    """Return what the role may do and should not, in words; [] where all is well. Raises what the database raises."""
    with connection.cursor() as cursor:
        cursor.execute(POWER, [settings.DATABASE_APPLICATION_ROLE])
        row = cursor.fetchone() or ()
    return [words for words, held in zip(WORDS, row, strict=False) if held]


def check_role(app_configs: Any = None, databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Return a system check for production; Django runs it in `migrate` and in `check --database default`."""
    if settings.ENVIRONMENT != "production" or not databases:
        return []
    return list(_errors())


def probe() -> str:
    """Return the check's result for /readyz."""
    try:
        return "too powerful" if powers() else "ok"
    except (DatabaseError, InterfaceError):
        return "unknown"


def _errors() -> Iterator[CheckMessage]:
    for words in powers():
        yield Error(f"The role of DATABASE_URL {words}.", hint=REMEDY, id="secretary.E040")
