"""Make the roles of a database, before its first `migrate`: docs/operations.md, “Database roles”."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg2 import sql

from secretary.ops.owner import as_owner
from secretary.ops.rights import grant_rights

# A role that was given more once loses it. Options that only a superuser may set are left out: such a role is refused
# below.
MODEST = "LOGIN NOCREATEDB NOCREATEROLE"
POWER = """
SELECT r.rolsuper OR EXISTS (
    SELECT 1 FROM pg_class c WHERE c.relowner = r.oid AND c.relnamespace = 'public'::regnamespace
) FROM pg_roles r WHERE r.rolname = %s
"""


class Command(BaseCommand):
    help = "As the owner, make the application's role (of DATABASE_URL) and the reader, and grant them what they need."

    def handle(self, *args: Any, **options: Any) -> None:
        application = settings.DATABASES["default"]
        password = application["PASSWORD"]
        if settings.DATABASE_OWNER is None:
            raise CommandError("DATABASE_OWNER_URL is not set; see .env.example")
        if settings.DATABASE_OWNER["USER"] == settings.DATABASE_APPLICATION_ROLE:
            raise CommandError("DATABASE_OWNER_URL and DATABASE_URL name one role: give the application its own")
        with as_owner(), connection.cursor() as cursor:
            self._make(cursor, settings.DATABASE_APPLICATION_ROLE, password)
            self._make(cursor, settings.DATABASE_READER_ROLE, settings.DATABASE_READER_PASSWORD)
            granted = grant_rights()
        self.stdout.write(f"Rights granted to {' and '.join(granted)}.")

    def _make(self, cursor: CursorWrapper, role: str, password: str) -> None:
        """Without a password the role must exist already, or no process could sign in as it."""
        cursor.execute(POWER, [role])
        found = cursor.fetchone()
        if found and found[0]:
            raise CommandError(
                f"{role} is a superuser or owns tables. Rename it, as another superuser, and let it be the owner: "
                f"ALTER ROLE {role} RENAME TO owner. See docs/operations.md, “Database roles”."
            )
        if not password and not found:
            return
        verb = "ALTER" if found else "CREATE"
        secret = sql.SQL(" PASSWORD {}").format(sql.Literal(password)) if password else sql.SQL("")
        statement = sql.SQL(f"{verb} ROLE {{}} {MODEST}").format(sql.Identifier(role)) + secret
        cursor.execute(statement.as_string(cursor.cursor))
