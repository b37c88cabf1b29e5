"""Finds what the product defines and never uses: by name, over the syntax trees of all that runs.

A name at the top of a module is used where its module or one that imports the name reads it; an attribute, where any
code of ours reads one of that name. Besides, a name is used where a template or a script has it, and where a text in
our code is it (a field of an admin's list, a path in the settings). No use are: an import alone, a re-export, the
thing's own body, and tests and benchmarks. So what is found is unused; what is not found may be, if something shares
its name. What frameworks call by name is read from them: `called_by_a_framework`.
"""

import ast
import importlib
import re
import subprocess
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.conf import global_settings
from django.db.models import Model
from django.forms import BaseForm
from django.utils.formats import FORMAT_SETTINGS
from gunicorn.config import KNOWN_SETTINGS

PRODUCT = ("secretary", "subscriptions", "notifications", "payments", "citizens", "sandbox")
NOT_RUN = ("tests", "benchmarks", "docs", "findings", ".ci")  # what only these use is not used
TEXTS = (".html", ".txt", ".xml", ".svg", ".js", ".sh", ".sql")
SCRIPTS = ("run", "Dockerfile")
WORD = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")
DOTTED = re.compile(r"[\w.:-]+")  # a name, a dotted path, a field look-up
REGISTERS = {
    "register",
    "connect",
    "receiver",
    "shared_task",
    "get",
    "post",
    "put",
    "filter",
    "simple_tag",
    "tag",
    "display",
}
BY_CONVENTION = {"Command", "ADAPTER", "Config", "TARIFF", "urlpatterns", "app_name", "handler404", "handler500"}
BY_CONVENTION |= {"process_view"}  # of a middleware
BY_CONVENTION |= FORMAT_SETTINGS  # of a module for FORMAT_MODULE_PATH
GUNICORNS = frozenset(setting.name for setting in KNOWN_SETTINGS)
SETTINGS_OF = ("CELERY_", "AXES_", "CRISPY_", "CONTENT_SECURITY_POLICY", "PROMETHEUS_", "OTP_", "ROOT_URLCONF")


@dataclass(frozen=True, slots=True)
class Definition:
    path: Path  # from the root of the tree
    owner: str  # the class around it, "" at the top of its module
    name: str
    node: ast.AST

    def __str__(self) -> str:
        return f"{self.path}: {f'{self.owner}.' if self.owner else ''}{self.name}"


@dataclass(slots=True)
class Uses:
    """What one tree reads, by name."""

    names: Counter[str] = field(default_factory=Counter)
    attributes: Counter[str] = field(default_factory=Counter)  # words of texts as well
    imported: set[str] = field(default_factory=set)


def unused(root: Path, product: tuple[str, ...] = PRODUCT) -> list[str]:
    files = _files(root)
    trees = {path: ast.parse((root / path).read_text(encoding="utf-8")) for path in files if path.suffix == ".py"}
    uses = {path: _uses(tree) for path, tree in trees.items()}
    everywhere = Counter(word for path in files for word in _words(root, path))
    importing: defaultdict[str, list[Path]] = defaultdict(list)
    for path, each in uses.items():
        everywhere.update(each.attributes)
        for name in each.imported:
            importing[name].append(path)

    def is_used(found: Definition) -> bool:
        own = _uses(found.node)
        there = {found.path, *(() if found.owner else importing[found.name])}
        read = everywhere[found.name] + sum(uses[path].names[found.name] for path in there)
        return read > own.attributes[found.name] + own.names[found.name]

    defined = (each for path, tree in trees.items() if path.parts[0] in product for each in _definitions(path, tree))
    return [str(found) for found in defined if not is_used(found) and not called_by_a_framework(found, product)]


def _files(root: Path) -> list[Path]:
    """What runs: all that git knows or would add, without migrations and what only looks at the product."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=root, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    paths = [Path(name) for name in listed if (root / name).is_file()]
    return [path for path in paths if path.parts[0] not in NOT_RUN and "migrations" not in path.parts]


def _words(root: Path, path: Path) -> Iterator[str]:
    if path.suffix in TEXTS or str(path) in SCRIPTS:
        yield from WORD.findall((root / path).read_text(encoding="utf-8", errors="ignore"))


def _uses(tree: ast.AST) -> Uses:
    found = Uses()
    for node in _read(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Load()):
                found.names[name] += 1
            case ast.Attribute(attr=name, ctx=ast.Load()):
                found.attributes[name] += 1
            case ast.arg(arg=name):  # a dataclass may be given as a whole: `price_values(**price)`
                found.attributes[name] += 1
            case ast.MatchClass(kwd_attrs=names):
                found.attributes.update(names)
            case ast.alias(name=name, asname=other):
                found.imported.add(other or name)
                found.attributes[name] += other is not None
            case ast.Constant(value=str(text)) if DOTTED.fullmatch(text):
                found.attributes.update(part for word in WORD.findall(text) for part in {word, *word.split("__")})
    return found


def _read(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node, but for the list of what a module exports, which uses nothing."""
    left = [tree]
    while left:
        for child in ast.iter_child_nodes(left.pop()):
            if not (isinstance(child, ast.Assign) and _targets(child) == ["__all__"]):
                yield child
                left.append(child)


def _definitions(path: Path, tree: ast.AST, owner: str = "") -> Iterator[Definition]:
    """Functions, classes and constants of a module, methods and attributes of its classes; no options (`Meta`)."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names = [node.name]
            if isinstance(node, ast.ClassDef):
                yield from _definitions(path, node, node.name)
        else:
            names = _targets(node)
        if owner != "Meta":
            yield from (Definition(path, owner, name, node) for name in names if not name.startswith("__"))


def _targets(node: ast.AST) -> list[str]:
    if not isinstance(node, ast.Assign | ast.AnnAssign):
        return []
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    flat = [part for target in targets for part in (target.elts if isinstance(target, ast.Tuple) else [target])]
    return [part.id for part in flat if isinstance(part, ast.Name)]


def called_by_a_framework(found: Definition, product: tuple[str, ...]) -> bool:
    if found.name in BY_CONVENTION or _registered(found.node):
        return True
    match str(found.path):
        case "secretary/settings.py" | "secretary/setting_groups/middleware.py":
            return hasattr(global_settings, found.name) or found.name.startswith(SETTINGS_OF)
        case "secretary/web_server.py":
            return found.name in GUNICORNS
    module = ".".join(found.path.with_suffix("").parts).removesuffix(".__init__")
    kind: Any = getattr(importlib.import_module(module), found.owner or found.name, None)
    return isinstance(kind, type) and _of_a_foreign_class(kind, found, product)


def _registered(node: ast.AST) -> bool:
    """Its decorator hands it over: `@admin.register(Feed)`, `@api.post(…)`, `@shared_task`."""
    given = [getattr(each, "func", each) for each in getattr(node, "decorator_list", ())]
    return any(getattr(each, "attr", getattr(each, "id", "")) in REGISTERS for each in given)


def _of_a_foreign_class(kind: type, found: Definition, product: tuple[str, ...]) -> bool:
    """A class that a framework finds by itself, or what one of its classes requires of its heirs."""
    if not found.owner:
        return issubclass(kind, AppConfig)
    if issubclass(kind, BaseForm) and found.name.startswith("clean_"):
        return True
    if issubclass(kind, Model) and found.name in {each.name for each in kind._meta.get_fields()}:
        return True  # a column: SQL reads it, and a release keeps what the one before knows
    foreign = [base for base in kind.__mro__ if base.__module__.partition(".")[0] not in product]
    return found.name == "Meta" or any(hasattr(base, found.name) for base in foreign)
