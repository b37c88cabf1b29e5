"""Korean is complete: every text in use has a translation, with the same placeholders, and the .mo is the .po.

Needs no gettext tools: the texts are found in the sources as `manage.py makemessages` finds them.
"""

import ast
import gettext
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("secretary", "subscriptions", "notifications", "payments", "citizens")
FOLDER = ROOT / "locale" / "ko" / "LC_MESSAGES"
CALLS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy", "pgettext", "npgettext"}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|(?<!%)%[sd]|\{\w+\}")


def texts_of_python(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and node.args and called(node.func) in CALLS:
            first = node.args[1 if called(node.func).startswith("p") else 0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value


def called(function: ast.expr) -> str:
    return str(getattr(function, "id", None) or getattr(function, "attr", ""))


def texts_of_template(source: str) -> Iterator[str]:
    """`templatize` turns tags into calls such as gettext('…'); what is not text becomes XXX."""
    for found in re.finditer(r"gettext\(u?(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|\"\"\".*?\"\"\")", source, re.S):
        yield ast.literal_eval(found.group(1))


@cache
def texts_in_use() -> dict[str, str]:
    """Text → one file that says it."""
    found: dict[str, str] = {}
    for folder in FOLDERS:
        for file in (ROOT / folder).rglob("*.py"):
            found |= dict.fromkeys(texts_of_python(file.read_text(encoding="utf-8")), str(file.relative_to(ROOT)))
    pages = [*(ROOT / "templates").rglob("*.html")]
    pages += [page for folder in FOLDERS for page in (ROOT / folder).rglob("templates/**/*.html")]
    for page in pages:
        source = templatize(page.read_text(encoding="utf-8"))
        found |= dict.fromkeys(texts_of_template(source), str(page.relative_to(ROOT)))
    found.pop("", None)
    return found


def entries_of_po() -> dict[str, str]:
    """msgid → msgstr (of the first plural form), without the header; fuzzy ones count as missing."""
    entries: dict[str, str] = {}
    for block in (FOLDER / "django.po").read_text(encoding="utf-8").split("\n\n"):
        parts = re.findall(r'^(msgid|msgstr(?:\[0\])?) ((?:".*"\n?)+)', block, re.M)
        values = {name[:6]: "".join(map(ast.literal_eval, re.findall(r'".*"', text))) for name, text in parts}
        if values.get("msgid") and "fuzzy" not in block:
            entries[values["msgid"]] = values.get("msgstr", "")
    return entries


@pytest.fixture(scope="module")
def korean() -> dict[str, str]:
    return entries_of_po()


def test_the_sources_are_really_read() -> None:
    found = texts_in_use()
    assert "Sign up" in found  # a template
    assert "Please enter your name." in found  # Python


def test_every_text_in_use_has_a_korean_translation(korean: dict[str, str]) -> None:
    missing = {text: file for text, file in texts_in_use().items() if not korean.get(text)}
    assert not missing, f"translate in locale/ko, then `manage.py compilemessages`: {missing}"


def test_a_translation_keeps_the_placeholders_of_its_text(korean: dict[str, str]) -> None:
    wrong = {
        text: translated
        for text, translated in korean.items()
        if set(PLACEHOLDER.findall(text)) != set(PLACEHOLDER.findall(translated))
    }
    assert not wrong


def test_the_compiled_file_is_up_to_date(korean: dict[str, str]) -> None:
    with (FOLDER / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    flat = {key[0] if isinstance(key, tuple) else key: text for key, text in compiled.items() if key}
    assert flat == korean, "run `manage.py compilemessages`"


def test_no_translation_writes_a_particle_twice(korean: dict[str, str]) -> None:
    twice = re.compile(r"(을\(를\)|\(을\)를|이\(가\)|\(이\)가|은\(는\)|\(은\)는|와\(과\)|\(와\)과)")
    assert not [text for text in korean.values() if twice.search(text)]
