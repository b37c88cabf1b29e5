"""A pytest plugin for an older checkout's tests (tests/test_old_release.py): their database is migrated by newer code.

NEW_CODE is the folder of that code. It is copied out of this tree and loaded by the old one's pytest with -p.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.db.backends.base.creation import BaseDatabaseCreation
from django.db.backends.postgresql.operations import DatabaseOperations


def create_test_db(self: Any, **_: Any) -> str:
    """In place of Django's: made as it makes it, then migrated by the code in NEW_CODE."""
    name = self._get_test_db_name()
    self._create_test_db(verbosity=0, autoclobber=True)
    self.connection.close()
    self.connection.settings_dict["NAME"] = name
    settings = self.connection.settings_dict
    place = f"{settings['USER']}:{quote(settings['PASSWORD'])}@{settings['HOST']}:{settings['PORT']}/{name}"
    # The old code knows one role, the tables' owner.
    inherited = {key: value for key, value in os.environ.items() if key != "DATABASE_OWNER_URL"}
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        cwd=Path(os.environ["NEW_CODE"]),
        env={**inherited, "DATABASE_URL": f"postgresql://{place}", "PYTHONPATH": ""},
        check=True,
    )
    return str(name)


flush = DatabaseOperations.sql_flush


def flush_all(self: Any, style: Any, tables: Any, *, reset_sequences: bool = False, allow_cascade: bool = False) -> Any:
    """What its tests empty, tables that it does not know refer to: those are emptied too."""
    return flush(self, style, tables, reset_sequences=reset_sequences, allow_cascade=True)


BaseDatabaseCreation.create_test_db = create_test_db  # type: ignore[assignment, method-assign]
DatabaseOperations.sql_flush = flush_all  # type: ignore[method-assign]
