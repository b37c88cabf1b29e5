"""Documents name files and modules that are there: a module that moves takes its name in them along."""

import re
from importlib import import_module
from pathlib import Path

from tests.plugin import ROOT
from tests.test_layout import listed, product, short

# Decisions are dated: they name what was there then.
DOCUMENTS = (*(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "findings/README.md")), *ROOT.glob("docs/*.md"))
TOPS = (
    "secretary",
    "subscriptions",
    "notifications",
    "payments",
    "citizens",
    "sandbox",
    "benchmarks",
    "tests",
    "findings",
    "docs",
)
NAMED = re.compile(rf"`((?:{'|'.join(TOPS)})/[\w./-]+\.(?:py|sql|toml|html|js|md|sh|txt))`")
IN_CODE = re.compile(rf"(?<![\w./-])((?:{'|'.join(TOPS)})/[\w./-]+\.(?:py|sql|toml|md))\b")
IMPORTED = re.compile(r"^ *from ((?:secretary|subscriptions|notifications|payments)[\w.]*) import ([\w, ]+)$", re.M)


def found(pattern: re.Pattern[str]) -> list[tuple[str, tuple[str, ...]]]:
    return [
        (str(path.relative_to(ROOT)), match.groups())
        for path in DOCUMENTS
        for match in pattern.finditer(path.read_text(encoding="utf-8"))
    ]


def test_files_that_documents_name_are_there() -> None:
    named = found(NAMED)
    assert len(named) > 20
    assert [(where, name) for where, (name,) in named if not (ROOT / name).is_file() and not is_example(name)] == []


def test_files_that_the_code_names_are_there() -> None:
    """In docstrings and comments, where the path begins at the top."""
    named = [
        (short(path), name)
        for path in (*product(), *listed("*.sql"))
        for name in IN_CODE.findall(path.read_text(encoding="utf-8"))
    ]
    assert len(named) > 20
    assert [(where, name) for where, name in named if not (ROOT / name).is_file()] == []


def test_what_documents_import_is_there() -> None:
    imported = [(where, module, name) for where, (module, names) in found(IMPORTED) for name in names.split(", ")]
    assert imported
    assert [line for line in imported if not is_there(*line[1:])] == []


def is_example(name: str) -> bool:
    """`findings/NAME.sh`"""
    return Path(name).stem.isupper()


def is_there(module: str, name: str) -> bool:
    try:
        return hasattr(import_module(module), name) or bool(import_module(f"{module}.{name}"))
    except ImportError:
        return False
