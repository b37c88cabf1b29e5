"""The code keeps its shape: small files, small functions, honest names, and an answer at every address."""

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from notifications.channels import registry as channels
from notifications.sources import registry as agencies
from payments import billers as billers
from payments.providers import registry as payments
from secretary.kernel.adapters.discovery import adapter_modules
from subscriptions.identity import registry as identity
from tests.architecture.counts import MOST_FLAT, modules_per_folder

ROOT = Path(__file__).resolve().parent.parent
PRODUCT = ("secretary", "subscriptions", "notifications", "payments", "citizens", "sandbox", "benchmarks")
MOST_LINES, MOST_FUNCTION_LINES = 300, 40
VAGUE = re.compile(r"(?:^|_)(?:utils?|helpers?|misc|stuff)(?:_|$)")
UNFINISHED = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|HA" + r"CK|NotImplemented" + r"Error)\b")
ONE_OF_EACH = {
    "<uuid": "00000000-0000-0000-0000-000000000000",
    "<int": "1",
    "<path": "1",
    "<slug": "unknown",
    "<str": "unknown",
    "<": "1",
}


@cache
def listed(pattern: str) -> tuple[Path, ...]:
    """Files that git knows or would add."""
    found = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", pattern],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    return tuple(ROOT / name for name in found if (ROOT / name).is_file())


@cache
def ours() -> tuple[Path, ...]:
    """Python files without what makemigrations wrote."""
    return tuple(path for path in listed("*.py") if "migrations" not in path.parts)


@cache
def product() -> tuple[Path, ...]:
    return tuple(path for path in ours() if path.relative_to(ROOT).parts[0] in PRODUCT)


def short(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in nodes(path):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or 0) - function.lineno + 1


def test_there_is_something_to_look_at() -> None:
    assert len(ours()) > 200 and len(product()) > 150


def test_no_file_is_longer_than_three_hundred_lines() -> None:
    counted = {short(path): len(path.read_text(encoding="utf-8").splitlines()) for path in ours()}
    assert {name: lines for name, lines in counted.items() if lines > MOST_LINES} == {}


def test_no_folder_has_more_modules_than_a_newcomer_takes_in() -> None:
    assert {folder: number for folder, number in modules_per_folder().items() if number > MOST_FLAT} == {}


def test_no_function_is_longer_than_forty_lines() -> None:
    long = {
        f"{short(path)}:{function.name}": length(function)
        for path in product()
        for function in functions(path)
        if length(function) > MOST_FUNCTION_LINES
    }
    assert long == {}


def test_half_of_all_functions_are_shorter_than_ten_lines() -> None:
    lengths = sorted(length(function) for path in product() for function in functions(path))
    assert lengths[len(lengths) // 2] < 10


def test_no_module_is_named_after_nothing() -> None:
    assert [
        short(path) for path in ours() if any(map(VAGUE.search, path.relative_to(ROOT).with_suffix("").parts))
    ] == []


def test_nothing_is_left_unfinished() -> None:
    marked = [short(path) for path in ours() if UNFINISHED.search(path.read_text(encoding="utf-8"))]
    assert marked == []


def test_no_failure_is_swallowed() -> None:
    """`except Exception` with nothing but `pass` or `continue` behind it."""
    silent = [
        f"{short(path)}:{node.lineno}"
        for path in product()
        for node in nodes(path)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException")))
        and all(isinstance(line, ast.Pass | ast.Continue) for line in node.body)
    ]
    assert silent == []


@pytest.mark.parametrize(
    ("registered", "folder"),
    [
        (channels.adapters(), "notifications/channels"),
        (agencies.kinds(), "notifications/sources"),
        (identity.providers(), "subscriptions/identity"),
        ([*payments.providers(), *payments.ports()], "payments/providers"),
        (adapter_modules(billers), "payments/billers"),
    ],
    ids=["channels", "agencies", "identity", "payments", "billers"],
)
def test_every_adapter_has_a_test_file(registered: Any, folder: str) -> None:
    assert registered
    assert [name for name in registered if not (ROOT / "tests" / folder / f"test_{name}.py").is_file()] == []


def addresses(resolver: URLResolver | None = None, before: str = "/") -> Iterator[str]:
    """One address for each route, with a value of the right kind in each gap."""
    for pattern in (resolver or get_resolver()).url_patterns:
        here = before + _filled(str(pattern.pattern))
        if isinstance(pattern, URLPattern):
            yield here
        else:
            yield from addresses(pattern, here)


def _filled(route: str) -> str:
    plain = route.removeprefix("^").removesuffix("$").removesuffix(r"\Z")
    if "(?P<" in plain:  # the one regular expression of the admin: a catch-all or a list of apps
        plain = re.sub(r"\(\?P<\w+>[^()]*\)", "unknown", plain).removesuffix("$")
    return re.sub(
        r"<[^>]*>", lambda gap: next(ONE_OF_EACH[kind] for kind in ONE_OF_EACH if gap[0].startswith(kind)), plain
    )


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post"])
def test_every_door_has_an_answer_for_a_stranger(method: str) -> None:
    client = Client(raise_request_exception=False)
    answers = {address: getattr(client, method)(address).status_code for address in addresses()}
    assert len(answers) > 40
    assert {address: status for address, status in answers.items() if status >= 500} == {}


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stranger_at_any_door_leaves_no_session_behind(method: str) -> None:
    for address in addresses():
        answer = getattr(Client(raise_request_exception=False), method)(address)
        assert settings.SESSION_COOKIE_NAME not in answer.cookies, address
    assert not Session.objects.exists()


@pytest.mark.django_db
def test_no_stranger_sees_a_page_of_the_back_office() -> None:
    client = Client()
    inside = [address for address in addresses() if address.startswith("/admin/")]
    seen = {address for address in inside if client.get(address).status_code == 200}
    assert seen <= {"/admin/login/", "/admin/jsi18n/"}
