"""Read long statements from files of SQL, `<package>/sql/<name>.sql`; tests/test_plans.py checks the plans of all.

A file begins with a comment that states what the statement does, its parameters and what it returns; the database never
sees that comment. `{name}` stands for a fragment, which is filled in once, when the module is imported.
"""

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

_HEADER = re.compile(r"(?:--[^\n]*\n)+")
_FRAGMENT = re.compile(r"\{([a-z_]+)\}")


def read_sql(package: str, name: str, **fragments: str) -> str:
    """Return the statement with its fragments. Raises FileNotFoundError, and ValueError where the fragments that are
    given are not just those that it has: both when the process starts."""
    text = _text(package, name)
    wanted = set(_FRAGMENT.findall(text))
    if wanted != set(fragments):
        raise ValueError(f"{package}/sql/{name}.sql: {sorted(wanted.symmetric_difference(fragments))}")
    return _FRAGMENT.sub(lambda found: fragments[found[1]], text)


def sql_list(words: Iterable[str]) -> str:
    """Words of the code as `('open', 'paid')`, for IN. Raises ValueError for anything but a word."""
    listed = tuple(words)
    if not listed or not all(map(str.isidentifier, listed)):
        raise ValueError(f"no words: {listed}")
    return "('" + "', '".join(listed) + "')"


@cache
def _text(package: str, name: str) -> str:
    """Read a file without its comment. Raises ValueError for a file that does not begin with one."""
    text = (files(package) / "sql" / f"{name}.sql").read_text(encoding="utf-8")
    header = _HEADER.match(text)
    if header is None:
        raise ValueError(f"{package}/sql/{name}.sql does not begin with a comment")
    return text[header.end() :]
