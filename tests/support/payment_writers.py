"""Find the writers of a payment's state: by reading the source, and by watching the statements of a run."""

import ast
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection

from citizens import models as site
from notifications import models as engine
from payments import models
from subscriptions import models as people

ROOT = Path(__file__).resolve().parents[2]
OWNER = "payments/transitions.py"
# The packages that can import the model at all (pyproject.toml): the payments and the wiring above them.
READERS = ("payments", "citizens", "secretary", "benchmarks")
OTHERS = (
    {name for name in models.__all__ if name != "Payment"}
    | set(site.__all__)
    | set(engine.__all__)
    | set(people.__all__)
)
WRITES = (
    "update",
    "aupdate",
    "create",
    "acreate",
    "get_or_create",
    "update_or_create",
    "save",
    "bulk_update",
    "bulk_create",
)
OPENS = ("create", "acreate", "get_or_create", "update_or_create", "bulk_create")
FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
STATE_IN_SQL = re.compile(
    r"\bINSERT\s+INTO\s+\"?payments_payment\"?\s*\("
    r"|\bUPDATE\s+\"?payments_payment\"?\b(?:(?!\bFROM\b|\bWHERE\b|\bRETURNING\b).)*?(?:\bSET\b|,)\s*\"?state\"?\s*=",
    re.IGNORECASE | re.DOTALL,
)


def writers(source: str) -> list[int]:
    """Lines that write the state of a payment, or open one: of a row, a query, or in SQL. What is not certainly another
    model's counts as a payment's."""
    found: list[int] = []
    tree = ast.parse(source)
    functions = [node for node in ast.walk(tree) if isinstance(node, FUNCTION)]
    gives: dict[str, str] = {}
    for function in functions:
        if function.returns is not None:
            _learn(gives, function.name, function.returns, {})
    for scope in (tree, *functions):
        kinds = _kinds(scope, gives)
        found += [node.lineno for node in _own(scope) if _writes(node, kinds)]
    return sorted(set(found))


def _own(scope: ast.AST) -> Iterator[Any]:
    """Without what is in the functions inside."""
    for child in ast.iter_child_nodes(scope):
        if not isinstance(child, FUNCTION):
            yield child
            yield from _own(child)


def _kinds(scope: Any, gives: dict[str, str]) -> dict[str, str]:
    """Name → the other model that it holds, by its annotation or by the expression that it was given. `gives`: function
    → the other model that it returns."""
    kinds: dict[str, str] = {}
    arguments = getattr(scope, "args", None)
    for each in (*arguments.args, *arguments.kwonlyargs) if arguments else ():
        if each.annotation is not None:
            _learn(kinds, each.arg, each.annotation, gives)
    for node in _own(scope):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.For) else []
        for target in targets:
            names = target.elts if isinstance(target, ast.Tuple) else [target]
            for name in names:
                if isinstance(name, ast.Name):
                    _learn(kinds, name.id, node.value if isinstance(node, ast.Assign) else node.iter, gives)
    return kinds


def _learn(kinds: dict[str, str], name: str, shown_by: ast.AST, gives: dict[str, str]) -> None:
    named = {node.id for node in ast.walk(shown_by) if isinstance(node, ast.Name)}
    models = (named & OTHERS) | {gives[each] for each in named & set(gives)}
    if isinstance(shown_by, ast.Name) and shown_by.id in kinds:  # for each of them
        models = {kinds[shown_by.id]}
    if "Payment" not in named and models:
        kinds[name] = min(models)


def _writes(node: Any, kinds: dict[str, str]) -> bool:
    if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        flat = [each for target in targets for each in (target.elts if isinstance(target, ast.Tuple) else [target])]
        return any(isinstance(each, ast.Attribute) and each.attr == "state" and _may_be(each, kinds) for each in flat)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return bool(STATE_IN_SQL.search(node.value))
    return isinstance(node, ast.Call) and _call_writes(node, kinds)


def _call_writes(call: ast.Call, kinds: dict[str, str]) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name == "setattr":
        return "state" in _words(call.args)
    if name == "Payment" and not isinstance(call.func, ast.Attribute):
        return True
    if name not in WRITES or not isinstance(call.func, ast.Attribute) or not _may_be(call.func, kinds):
        return False
    given = {word.arg for word in call.keywords}
    of_all = name == "save" and "update_fields" not in given and _root(call.func) in ("payment", "Payment")
    names_it = bool(given & {"state", None}) or "state" in _words([*call.args, *(word.value for word in call.keywords)])
    return names_it or of_all or (name in OPENS and "Payment" in _root(call.func))


def _words(nodes: list[Any]) -> set[str]:
    return {each.value for node in nodes for each in ast.walk(node) if isinstance(each, ast.Constant)}  # type: ignore[misc]


def _may_be(attribute: ast.Attribute, kinds: dict[str, str]) -> bool:
    root = _root(attribute)
    return root not in OTHERS and root not in kinds and root != "self"


def _root(node: Any) -> str:
    while isinstance(node, ast.Attribute | ast.Call | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


@contextmanager
def watched() -> Iterator[dict[str, int]]:
    """Module → how many statements it sent that write the state of payments."""
    seen: dict[str, int] = {}

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if STATE_IN_SQL.search(sql):
            place = _place()
            seen[place] = seen.get(place, 0) + 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield seen


def _place() -> str:
    """The innermost module of the product that is at it, without the models."""
    frame: Any = sys._getframe()
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(ROOT / "payments") and "models" not in path.parts:
            return str(path.relative_to(ROOT))
        frame = frame.f_back
    return "outside of the payments"
