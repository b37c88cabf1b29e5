"""Find every action that the product can write on the audit trail, by its source."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.plugin import ROOT

PRODUCT = ("secretary", "subscriptions", "notifications", "payments", "citizens")
WRITERS = {"record_audit", "AuditEvent"}
NAMES = ("action", "refused")  # what a function calls the action that it writes
# Made of a model's name or a link's: `secretary.kernel.audit.action_words` has words for the parts.
COMPOSED = "secretary/kernel/audit/changes.py"


@dataclass
class Found:
    codes: set[str] = field(default_factory=set)
    unread: list[str] = field(default_factory=list)  # places whose action is no literal: write one there


def written_actions() -> Found:
    trees = dict(_trees())
    takers = {path: dict(_takers(tree)) for path, tree in trees.items()}
    shared: dict[str, int | None] = {}
    for name, place in (item for each in takers.values() for item in each.items() if not item[0].startswith("_")):
        shared[name] = place if place is not None else shared.get(name)
    found = Found()
    constants = {name: text for tree in trees.values() for name, text in _constants(tree)}
    for path, tree in trees.items():
        if path != COMPOSED:
            for function in _functions(tree):
                _read(path, function, shared | takers[path], constants, found)
    return found


def _trees() -> Iterator[tuple[str, ast.Module]]:
    for app in PRODUCT:
        for path in sorted(Path(ROOT, app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def _takers(tree: ast.Module) -> Iterator[tuple[str, int | None]]:
    """Functions that pass on an action which they are given, and its place among the arguments; None: by name alone."""
    for node in _functions(tree):
        if any(keyword.arg in NAMES for call in _calls(node) for keyword in call.keywords):
            names = [each.arg for each in node.args.args if each.arg != "self"]
            for wanted in NAMES:
                if wanted in names:
                    yield node.name, names.index(wanted)
                elif wanted in [each.arg for each in node.args.kwonlyargs]:
                    yield node.name, None


def _constants(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        pairs: list[tuple[ast.expr, ast.expr]] = []
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                    pairs += zip(target.elts, node.value.elts, strict=False)
                else:
                    pairs.append((target, node.value))
        for target, value in pairs:
            if isinstance(target, ast.Name) and isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield target.id, value.value


def _read(
    path: str, function: ast.FunctionDef, takers: dict[str, int | None], constants: dict[str, str], found: Found
) -> None:
    given = {each.arg for each in (*function.args.args, *function.args.kwonlyargs)}
    local: dict[str, list[ast.expr]] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            local.setdefault(node.targets[0].id, []).append(node.value)
    for call in _calls(function):
        name = _name(call)
        if name not in WRITERS and name not in takers:
            continue
        value = _given(call, takers.get(name))
        if value is None or (isinstance(value, ast.Name) and value.id in given and value.id in NAMES):
            continue
        codes = _texts(value, local, constants)
        found.codes |= codes or set()
        if codes is None:
            found.unread.append(f"{path}:{call.lineno}")


def _texts(value: ast.expr, local: dict[str, list[ast.expr]], constants: dict[str, str]) -> set[str] | None:
    if isinstance(value, ast.Constant):
        return {str(value.value)}
    if isinstance(value, ast.IfExp):
        both = [_texts(each, local, constants) for each in (value.body, value.orelse)]
    elif isinstance(value, ast.Name) and value.id in local:
        both = [_texts(each, local | {value.id: []}, constants) for each in local[value.id]]
    elif isinstance(value, ast.Name) and value.id in constants:
        return {constants[value.id]}
    elif isinstance(value, ast.Subscript) and isinstance(value.value, ast.Dict):
        both = [_texts(each, {}, constants) for each in value.value.values]
    else:
        return None
    return None if None in both else {text for texts in both for text in texts or ()}


def _calls(node: ast.AST) -> Iterator[ast.Call]:
    return (each for each in ast.walk(node) if isinstance(each, ast.Call))


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _given(call: ast.Call, place: int | None) -> ast.expr | None:
    for keyword in call.keywords:
        if keyword.arg in NAMES:
            return keyword.value
    return call.args[place] if place is not None and len(call.args) > place else None
