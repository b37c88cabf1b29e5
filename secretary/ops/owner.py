"""Work as the owner of the tables for a moment: to migrate, to grant, to prepare a measurement. Commands only."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection

WHO_AND_WHERE = ("USER", "PASSWORD", "HOST", "PORT", "OPTIONS")  # the database itself stays


@contextmanager
def as_owner() -> Iterator[None]:
    """Django's connection is the owner's inside. Where no owner is named, the application's role does it all."""
    if settings.DATABASE_OWNER is None:
        yield
        return
    ours = {name: connection.settings_dict[name] for name in WHO_AND_WHERE}
    connection.close()
    connection.settings_dict.update({name: settings.DATABASE_OWNER[name] for name in WHO_AND_WHERE})
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(ours)
