"""In a fresh clone, one worker of a parallel run compiles the tests, and the others read what it has written.

pytest rewrites the assertions of each file, which takes more than all else of the collection. Workers collect at the
same moment, so that each would rewrite every file.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from secretary.local.files import locked
from tests.support.leftovers import MARK

NAME = "TESTS_ARE_COMPILED"  # "" in the environment of a run that must compile them


def look(tests: Path) -> None:
    """Before workers start: whether an earlier run of this checkout has compiled them."""
    os.environ[NAME] = "yes" if any(tests.glob("*/__pycache__/test_*.pyc")) else ""


@contextmanager
def one_compiles_for_all() -> Iterator[None]:
    """The first worker collects while the others wait, all of which collect at once then."""
    if os.environ[NAME] or "PYTEST_XDIST_WORKER" not in os.environ:  # who leads the workers collects nothing
        yield
        return
    folder = Path(os.environ[MARK])
    compiled = folder / "compiled"
    with ExitStack() as until_compiled:
        until_compiled.enter_context(locked(folder / "compiling"))
        if compiled.exists():
            until_compiled.close()
        yield
        compiled.touch()
