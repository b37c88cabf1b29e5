"""Every place of the product that opens an agency's data about a person, found in the sources.

The tests of moved records compare this with what they walk, so that a new reader cannot be forgotten.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("secretary", "subscriptions", "notifications", "payments", "citizens")
NAMES = {"payload", "open_payload", "payload_encrypted", "told_encrypted"}
IN_SQL = re.compile(r"\b(?:payload_encrypted|told_encrypted)\b")
# Of the citizens' inbox, as the test has them: reader → the test that walks it; and those that do not show it.
OF_THE_INBOX = dict.fromkeys(
    (
        "citizens/sql/inbox.sql",
        "citizens/sql/notice.sql",
        "citizens/inbox/notices.py::_payload",
        "citizens/inbox/notice_view.py::_payload",
    ),
    "tests/citizens/inbox/test_moved_record.py::test_no_page_of_the_inbox_shows_the_other_persons_record",
)
OF_THE_INBOX |= dict.fromkeys(  # and of the year ahead
    ("citizens/sql/days_ahead.sql", "citizens/calendar/days_ahead.py::_payload"),
    "tests/citizens/calendar/test_year.py::test_no_page_and_no_feed_shows_the_other_persons_record",
)
OF_BUNDLES = {
    "notifications/delivery/bundled/details.py::_detail": (
        "tests/notifications/delivery/test_bundle_texts.py::test_a_record_that_moved_has_no_detail"
    )
}
NOT_OF_THE_INBOX = (
    "citizens/calendar/days_ahead.py::Row.payload_encrypted",
    "citizens/calendar/days_ahead.py::Row.told_encrypted",
    "citizens/inbox/notices.py::Row.payload_encrypted",
    "citizens/inbox/notices.py::Row.told_encrypted",
    "citizens/inbox/notice_view.py::Found.payload_encrypted",
    "citizens/inbox/notice_view.py::Found.told_encrypted",
    "citizens/inbox/notice_view.py::_is_undone",  # asks whether a payment has added anything
)
IN_TEMPLATE = re.compile(r"\.payload\b|payload_encrypted|told_encrypted")


def found(app: str = "") -> set[str]:
    """`…/compose.py::_about_record`: the file, and the function or constant that names a payload; of a page
    and of a statement in a file of its own the file alone."""
    folders = [app] if app else PRODUCT
    paths = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    places = {place for path in paths if "migrations" not in path.parts for place in _places(path)}
    pages = [] if app else list((ROOT / "templates").rglob("*.html"))
    places |= {_short(page) for page in pages if IN_TEMPLATE.search(page.read_text(encoding="utf-8"))}
    files = [path for folder in folders for path in (ROOT / folder / "sql").glob("*.sql")]
    return places | {_short(path) for path in files if IN_SQL.search(path.read_text(encoding="utf-8"))}


def _places(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documentation = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for name, node in _named(tree):
        if any(_names_a_payload(item) for item in ast.walk(node) if id(item) not in documentation):
            yield f"{_short(path)}::{name}"


def _named(tree: ast.Module | ast.ClassDef, within: str = "") -> Iterator[tuple[str, ast.AST]]:
    """Functions, methods and statements by the name that they define; classes are taken apart."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            yield from _named(node, f"{within}{node.name}.")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{within}{node.name}", node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            yield f"{within}{ast.unparse(target)}", node
        elif not isinstance(node, ast.Import | ast.ImportFrom):
            yield f"{within}<module>", node


def _names_a_payload(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr in NAMES
    if isinstance(node, ast.Name):
        return node.id in NAMES - {"payload"}
    if isinstance(node, ast.FunctionDef):
        return node.name in NAMES
    if isinstance(node, ast.keyword):
        return node.arg in NAMES - {"payload"}
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(IN_SQL.search(node.value))


def _short(path: Path) -> str:
    return str(path.relative_to(ROOT))
