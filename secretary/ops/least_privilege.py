"""Check that the application's role has no more power over the database than its work needs."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.db import DatabaseError, InterfaceError, connection

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
