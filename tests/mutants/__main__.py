"""Take guards out of the engine, one in each copy of the tree, and show which test notices it.

./test --mutants [part of a name …]
"""

import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.mutants.catalogue import MUTANTS, Mutant

ROOT = Path(__file__).resolve().parents[2]
MIGRATIONS = Path("notifications/migrations")
WITHOUT = '''"""A mutant: the database does not guard it either."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("notifications", "{last}")]
    operations = [{operation}]
'''
FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+::\S+)", re.M)
TESTS_FAILED = 1  # pytest's exit status; others mean that tests did not run


def main(words: list[str]) -> int:
    chosen = [mutant for mutant in MUTANTS if not words or any(word in mutant.name for word in words)]
    print("| guard that is missing | noticed by | s |\n|---|---|---|", flush=True)
    survivors = 0
    for mutant in chosen:
        began = time.monotonic()
        noticed = run(mutant)
        survivors += noticed is None
        print(f"| {mutant.name} | {noticed or 'NO TEST'} | {time.monotonic() - began:.0f} |", flush=True)
    print(f"{len(chosen) - survivors} of {len(chosen)} noticed")
    return 1 if survivors or not chosen else 0


def run(mutant: Mutant) -> str | None:
    """Return the first test that fails without the guard, None where all pass. Raises RuntimeError where the tests
    cannot be run."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        tree = Path(folder)
        copy_tree(tree)
        for change in mutant.changes:
            change.make(tree)
        if mutant.operation:
            last = max(path.stem for path in (tree / MIGRATIONS).glob("0*.py"))
            (tree / MIGRATIONS / "9999_mutant.py").write_text(WITHOUT.format(last=last, operation=mutant.operation))
        command = [str(tree / ".venv/bin/python"), "-m", "pytest", "-x", "-q", *mutant.tests]
        done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    found = FAILED.search(done.stdout)
    if done.returncode not in (0, TESTS_FAILED) or (done.returncode and not found):
        raise RuntimeError(f"{mutant.name}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return found[1] if found else None


def copy_tree(target: Path) -> None:
    """What is committed or would be, with the packages that are installed here."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    (target / ".venv").symlink_to((ROOT / ".venv").resolve())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
