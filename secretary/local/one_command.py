"""Run a command that needs only a database on a machine where none is configured.

The embedded one is started, brought up to date, and stopped again when the command is over. What is in var/ from ./run
is used, an administrator's drafts too.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from secretary import env
from secretary.local import commands, environment
from secretary.local.embedded import servers
from secretary.local.embedded.postgres import Postgres
from secretary.local.files import LocalFailure, locked

COMMANDS = ("preview",)
VAR = environment.ROOT / "var"
BUSY = "./run is just starting or stopping in this folder: try again in a moment"


def wants_a_database(words: Sequence[str], *, var: Path = VAR) -> bool:
    """Return whether `manage.py WORDS` needs a database that no setting names and that does not run."""
    if not words or words[0] not in COMMANDS or {"-h", "--help"} & set(words):
        return False
    local = os.environ.get("ENVIRONMENT") != "production"
    named = env.text("DATABASE_URL", "") and "DATABASE_URL" not in env.loaded
    return local and not named and not Postgres(var / "postgres").answers()


def run_with_database(words: Sequence[str], *, var: Path = VAR) -> int:
    """Run `manage.py WORDS` with the embedded database; its exit code."""
    for name in env.loaded:  # they state where the last ./run had its servers
        os.environ.pop(name, None)
    try:
        with locked(var / "up.lock", busy=BUSY), ExitStack() as stack:
            stack.callback(servers.stop, var)
            started = servers.start(var, only=frozenset({"postgres"}))
            values = environment.kept_secrets(var / "local.env") | {"DATABASE_URL": started.database_url}
            children = environment.for_children(values)
            owner = children | environment.for_owner({environment.OWNER_URL: started.owner_url})
            _prepare("migrate", "--no-input", env=owner)
            _prepare("load_catalogue", env=children)
            return subprocess.run(commands.manage(*words), env=children).returncode
    except LocalFailure as failure:
        sys.stderr.write(f"manage.py {words[0]}: {failure}\n")
        return 1


def _prepare(*words: str, env: dict[str, str]) -> None:
    """Run a management command in a process of its own. Raises LocalFailure where it fails."""
    done = subprocess.run(commands.manage(*words, "--verbosity", "0"), env=env, capture_output=True, text=True)
    if done.returncode:
        raise LocalFailure(f"{words[0]} failed: {done.stderr.strip()[-500:]}")
