"""The words of docs/glossary.md: those that were retired stand in no identifier, comment, document or page."""

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from tests.test_layout import ROOT, listed, nodes, ours, short

# A retired word → what is said now. As a part of an identifier (`wake_up`, `Due`, `SUSPECTS`), and as a word of prose.
RETIRED = {
    "desk": "biller",
    "till": "provider stub",
    "wording": "message template",
    "wake": "enqueue",
    "woken": "enqueued",
    "tick": "scheduled run",
    "cure": "remedy",
    "house": "environment",
    "suspect": "retry candidate",
    "wish": "option, choice",
}
# Ordinary words of prose, which no identifier uses any more: it would be a word of the old dialect again.
RETIRED_NAMES = {
    **RETIRED,
    "told": "notified, reported",
    "tell": "notify, report, preview",
    "said": "notified, reported",
    "untold": "unnotified",
}
# Of two words or more, and in one app only, because elsewhere the word is ordinary.
RETIRED_PHRASES = ("given_back", "give_back", "gave_back", "gives_back", "asked_back", "behind_our_back", "in_the_line")
OF_MONEY = {"taken": "captured"}
# They leave open which person, senior, server or vendor does what. `nobody` is an account of Unix in these files.
RIDDLES = ("whoever", "whomever", "nobody", "somebody", "everybody", "anybody")
UNIX_ACCOUNT = ("secretary/local/embedded/", "tests/secretary/local/test_servers.py", "tests/test_words.py")
# What the database keeps (docs/glossary.md), the agencies' published API, and others' libraries.
KEPT = {"told_encrypted", "told_digest", "told_only", "TOLD_ONLY", "said_at", "cure", "tick", "TICKS"}
# Files in which they mean something else: a box to tick, at a person's wish, the wording of a law's form.
PROSE_KEPT = {
    "tick": ("subscriptions/web/choice_forms.py", "subscriptions/web/citizens/choices.py"),
    "wish": ("citizens/own_data/erase_pages.py", "docs/privacy.md"),
    "wording": ("docs/security.md",),
    "*": ("docs/glossary.md", "docs/adr/0037-rooms-by-subject.md", "tests/test_words.py"),
}
PART = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")


def candidates(words: Iterable[str]) -> Iterator[Path]:
    """Files that may hold one of the words: only these are read closely."""
    pattern = re.compile("|".join(words), re.I)
    return (path for path in ours() if pattern.search(path.read_text(encoding="utf-8")))


def names(path: Path) -> Iterator[tuple[int, str]]:
    """(line, identifier), of whatever the file defines, takes or uses."""
    for node in nodes(path):
        line = getattr(node, "lineno", 0)
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name) | ast.keyword(arg=str(name)):
                yield line, name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield line, name


@cache  # a few thousand names stand in the code hundreds of thousands of times
def retired(name: str, *, of_money: bool) -> list[str]:
    parts = [part.lower() for part in PART.findall(name)]
    words = RETIRED_NAMES | (OF_MONEY if of_money else {})
    found = [word for part in parts for word in {part, part.removesuffix("s")} & words.keys()]
    return found + [phrase for phrase in RETIRED_PHRASES if phrase in "_".join(parts)]


def test_no_identifier_says_a_retired_word() -> None:
    wrong = {
        f"{short(path)}:{line}: {name}"
        for path in candidates([*RETIRED_NAMES, *RETIRED_PHRASES, *OF_MONEY])
        for line, name in names(path)
        if name not in KEPT and retired(name, of_money="payments" in path.relative_to(ROOT).parts)
    }
    assert sorted(wrong) == []


def test_no_module_is_named_with_one() -> None:
    assert [short(path) for path in ours() if retired(path.stem, of_money=False)] == []


def prose(path: Path) -> str:
    """Comments and docstrings of a module; the whole of any other text."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        return text
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    comments = [token.string for token in tokens if token.type == tokenize.COMMENT]
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return "\n".join([*comments, *(ast.get_docstring(node) or "" for node in nodes(path) if isinstance(node, kinds))])


def test_no_comment_document_or_page_says_one() -> None:
    pattern = re.compile(rf"(?<![\w`-])({'|'.join(RETIRED)})s?(?![\w`-])", re.I)
    others = [*listed("*.md"), *listed("*.html"), *listed("*.sql"), ROOT / ".env.example", ROOT / "run", ROOT / "test"]
    wrong = {
        f"{short(path)}: {found[0]}"
        for path in [*candidates(RETIRED), *others]
        for found in pattern.finditer(prose(path))
        if short(path) not in (*PROSE_KEPT.get(found[1].lower(), ()), *PROSE_KEPT["*"])
    }
    assert sorted(wrong) == []


def test_no_text_leaves_open_who_does_what() -> None:
    """English texts of pages too: they stand as strings in the modules."""
    pattern = re.compile(rf"(?<![a-z])({'|'.join(RIDDLES)})(?![a-z])", re.I)
    others = [
        *listed("*.md"),
        *listed("*.html"),
        *listed("*.sql"),
        *listed("*.js"),
        *listed("*.toml"),
        ROOT / ".env.example",
    ]
    wrong = {
        f"{short(path)}: {found[1]}"
        for path in [*candidates(RIDDLES), *others]
        for found in pattern.finditer(path.read_text(encoding="utf-8"))
        if not short(path).startswith(UNIX_ACCOUNT)
    }
    assert sorted(wrong) == []


def test_a_planted_one_is_found() -> None:
    planted = {
        "wakeUp": ["wake"],
        "given_back": ["given_back"],
        "Desks": ["desk"],
        "TAKEN": ["taken"],
        "housekeeping": [],
    }
    assert {name: retired(name, of_money=True) for name in planted} == planted
    assert retired("taken", of_money=False) == []
