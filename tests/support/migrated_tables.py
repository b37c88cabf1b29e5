"""The tables that all migrations together make, kept from one run of this checkout to the next.

Migrations take ten seconds of CPU, nearly all of it for Django's states between them. What they make changes only with
them: while none has changed, a run begins from what an earlier one has written down, and `migrate` does the rest (the
rights, roles and permissions, which depend on other code). A fresh clone, and so continuous integration, migrates.
"""

import hashlib
import os
import re
from pathlib import Path

from secretary.local.embedded.postgres import MAJOR_VERSION, Postgres
from tests.plugin import ROOT, RUNS
from tests.support.leftovers import MARK

AFTER_MIGRATIONS = ("auth_*", "django_content_type")  # whose rows `migrate` writes when all migrations are applied

INDEX = re.compile(r"\d+; \d+ (\d+) (?:INDEX|CONSTRAINT) ")


def bring(name: str, server: Postgres | None = None) -> bool:
    """Fill the empty database `name` of `server` (this run's); False where nothing is kept for these migrations."""
    try:
        kept = _kept().read_bytes()
    except FileNotFoundError:
        return False
    server = server or _server()
    copy, order = server.place / "kept", server.place / "order"  # its user may not reach the other folder
    copy.write_bytes(kept)
    server.runs_as.give(server.place)
    order.write_text(_as_made(run(server, "pg_restore", "--list", copy)))
    server.runs_as.give(server.place)
    into = ("--exit-on-error", "--dbname", server.owner_url(name), "--use-list", order)
    run(server, "pg_restore", *into, copy)
    for each in (copy, order):
        each.unlink()
    return True


def _as_made(listed: str) -> str:
    """The list of a dump, with indexes in the order in which they were made: between two that cost the same, the
    planner takes the one that comes first."""
    lines = listed.splitlines()
    places = [place for place, line in enumerate(lines) if INDEX.match(line)]
    for place, line in zip(places, sorted((lines[place] for place in places), key=_number), strict=True):
        lines[place] = line
    return "\n".join(lines)


def _number(line: str) -> int:
    """PostgreSQL's own, which grows."""
    found = INDEX.match(line)
    assert found
    return int(found[1])


def keep(name: str) -> None:
    """What `name` has now, in place of what was kept for other migrations."""
    excluded = [f"--exclude-table-data={pattern}" for pattern in AFTER_MIGRATIONS]
    server = _server()
    dumped = server.place / "kept"
    run(server, "pg_dump", "--format=custom", "--dbname", server.owner_url(name), "--file", dumped, *excluded)
    kept = _kept()
    for old in RUNS.glob("migrated-*"):
        old.unlink(missing_ok=True)
    fresh = kept.with_suffix(f".{os.getpid()}")
    fresh.write_bytes(dumped.read_bytes())
    fresh.rename(kept)
    dumped.unlink()


def schema_of(name: str) -> str:
    """The statements that make all that the database `name` of this run's server has, but for rows."""
    server = _server()
    written = run(server, "pg_dump", "--schema-only", "--dbname", server.owner_url(name))
    return "\n".join(line for line in written.splitlines() if not re.match(r"\\(?:un)?restrict ", line))


def run(server: Postgres, program: str, *arguments: str | Path) -> str:
    """Its output. Raises AssertionError with its last words."""
    done = server.runs_as.run(program, *arguments)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def _server() -> Postgres:
    return Postgres(Path(os.environ[MARK]) / "postgres", durable=False)


def _kept() -> Path:
    seen = hashlib.sha256(str(MAJOR_VERSION).encode())
    for path in (
        ROOT / "requirements.txt",
        *sorted(ROOT.glob("*/migrations/*.py")),
        *sorted(ROOT.glob("*/*/migrations/*.py")),
    ):
        seen.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return RUNS / f"migrated-{seen.hexdigest()[:16]}.dump"
