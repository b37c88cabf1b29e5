"""Django's `migrate`, as the owner of the tables (DATABASE_OWNER_URL); then everybody's rights are set anew."""

from typing import Any

from django.conf import settings
from django.core.management.commands import migrate

from secretary.ops.owner import as_owner
from secretary.ops.rights import grant_rights


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        with as_owner():
            super().handle(*args, **options)
            if settings.DATABASE_OWNER and not (options["plan"] or options["check_unapplied"]):
                grant_rights()
