"""Statements in files: what the database gets of them, and what stops the start."""

import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from secretary.kernel.database import sql
from secretary.kernel.database.sql import read_sql
from tests.plugin import ROOT

FILE = "-- Count.\n-- Parameters: none\nSELECT {what} FROM t -- {what}\nWHERE a = '{}' AND b = %(b)s\n"
APPS = ("notifications", "payments", "subscriptions")


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    (tmp_path / "with_sql/sql").mkdir(parents=True)
    (tmp_path / "with_sql/__init__.py").touch()
    (tmp_path / "with_sql/sql/count.sql").write_text(FILE)
    (tmp_path / "with_sql/sql/bare.sql").write_text("SELECT 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    yield "with_sql"
    sql._text.cache_clear()


def test_the_database_gets_the_statement_without_its_header(package: str) -> None:
    assert read_sql(package, "count", what="count(*)") == (
        "SELECT count(*) FROM t -- count(*)\nWHERE a = '{}' AND b = %(b)s\n"
    )


@pytest.mark.parametrize("fragments", [{}, {"what": "1", "other": "2"}], ids=["one is missing", "one too many"])
def test_fragments_that_are_not_just_those_of_the_file_stop_the_start(package: str, fragments: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"with_sql/sql/count\.sql"):
        read_sql(package, "count", **fragments)


def test_a_file_that_does_not_say_what_it_is_stops_the_start(package: str) -> None:
    with pytest.raises(ValueError, match="does not begin with a comment"):
        read_sql(package, "bare")


def test_every_file_says_what_it_returns_and_which_parameters_it_has() -> None:
    wrong = []
    for path in (path for app in APPS for path in (ROOT / app / "sql").glob("*.sql")):
        header = "".join(line for line in path.read_text().splitlines(keepends=True) if line.startswith("--"))
        used = set(re.findall(r"%\((\w+)\)s|\{([a-z_]+)\}", path.read_text()))
        names = {one or other for one, other in used}
        wrong += [f"{path.name}: {name}" for name in sorted(names) if not re.search(rf"\b{name}\b", header)]
        wrong += [f"{path.name}: Returns"] if "\n-- Returns" not in header else []
    assert wrong == []


def test_no_file_is_left_that_no_module_reads() -> None:
    code = "".join(path.read_text() for app in APPS for path in (ROOT / app).glob("**/*.py"))
    files = [path.stem for app in APPS for path in (ROOT / app / "sql").glob("*.sql")]
    assert len(files) > 15
    assert [name for name in files if f'"{name}"' not in code] == []
